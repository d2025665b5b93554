"""The board: the figures as JSON and for Prometheus, and whether they are whole."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from typing import Final

from aiohttp import web
from prometheus_client import CollectorRegistry, Gauge

from schemas.topics import PARTITIONS
from services.runtime.clock import Clock
from services.runtime.probing import served, told
from services.runtime.settings import Listen, Settings
from services.watch.core.entry import seconds
from services.watch.core.figures import figures
from services.watch.core.picture import Picture
from services.watch.drawing import Drawing
from services.watch.reading import due_soon_days


class Board:
    """What is shown now."""

    def __init__(self, settings: Settings, clock: Clock, registry: CollectorRegistry) -> None:
        self.registry: Final = registry
        self._clock = clock
        self._due_soon_days = due_soon_days(settings)
        self._drawing: Drawing | None = None
        held = Gauge("habeas_watch_partitions", "Partitions of the cases that this instance draws.", registry=registry)
        held.set_function(lambda: len(self.partitions()))

    def shows(self, drawing: Drawing | None) -> None:
        """Show another drawing; None while there is none."""
        self._drawing = drawing

    @property
    def picture(self) -> Picture:
        """Return what is drawn; empty while nothing is."""
        return self._drawing.picture if self._drawing and self._drawing.recovered else Picture()

    def partitions(self) -> list[int]:
        """Return the partitions that this instance draws now."""
        return sorted(self._drawing.partitions()) if self._drawing and self._drawing.recovered else []

    async def figures(self, _: web.Request) -> web.Response:
        """Answer with the figures, and say whether they are everybody's or a share."""
        held = self.partitions()
        shown = figures(self.picture, seconds(self._clock.now()), self._due_soon_days)
        share = {"complete": len(held) == PARTITIONS, "partitions": held, "partitions_of": PARTITIONS}
        return told({**shown, **share})

    async def ready(self) -> tuple[bool, Mapping[str, str]]:
        """Return whether the tables are recovered: before, the figures would be too low."""
        ready = self._drawing is not None and self._drawing.recovered
        return ready, {"bus": "ok" if ready else "the figures are being drawn, or the broker is away"}


def serve(board: Board, listen: Listen) -> AbstractAsyncContextManager[None]:
    """Serve the board while the block runs."""
    return served(listen, board.registry, board.ready, web.get("/figures", board.figures))
