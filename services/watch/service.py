"""`habeas run watch`: the figures of a product on Kafka, drawn by Faust and served as JSON and to Prometheus."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import sys
import tempfile
from pathlib import Path
from typing import Final

import structlog
from prometheus_client import CollectorRegistry

from schemas.topics import all_topics
from services.runtime.bus.factory import bus_for
from services.runtime.clock import Clock
from services.runtime.settings import Settings, SettingsFault
from services.runtime.telemetry import new_registry
from services.runtime.waiting import either
from services.watch.drawing import Drawing
from services.watch.metrics import PictureCollector
from services.watch.reading import due_soon_days
from services.watch.standstill import Standstill
from services.watch.web import Board, serve

STOP_SECONDS_MAX: Final = 8.0
LOOK_SECONDS: Final = 1.0
AGAIN_SECONDS_FIRST: Final = 1.0
AGAIN_SECONDS_MAX: Final = 60.0
STEADY_SECONDS: Final = 120.0

_LOG = structlog.get_logger()


def run_watch(settings: Settings) -> None:
    """Draw and serve until told to stop."""
    if settings.bus.kind != "kafka":
        raise SettingsFault(
            "watch draws the figures of a Kafka bus; say --bus kafka --bootstrap HOST:PORT. On the embedded bus "
            "`habeas up` shows the same figures itself, at /figures"
        )
    if sys.platform == "win32":
        raise SettingsFault("watch needs a system with POSIX signals")
    asyncio.run(_run(settings))


async def _run(settings: Settings) -> None:
    for name in ("faust", "mode"):
        logging.getLogger(name).setLevel(logging.WARNING)
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    clock, registry = Clock(), new_registry()
    board = Board(settings, clock, registry)
    registry.register(PictureCollector(lambda: board.picture, clock.now, due_soon_days(settings)))
    async with serve(board, settings.http):
        working = asyncio.ensure_future(_draw(settings, board, clock, registry, stopping))
        stop = asyncio.ensure_future(stopping.wait())
        await asyncio.wait([working, stop], return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            stop.cancel()
            working.result()
            return
        await asyncio.wait([working], timeout=STOP_SECONDS_MAX)
    if not working.done():
        # Faust waits for a broker that is away for as long as it is. Nothing is kept here that the topics do not hold.
        _LOG.warning("watch_left_without_the_broker", seconds=STOP_SECONDS_MAX)
        sys.stderr.flush()
        os._exit(0)


async def _draw(
    settings: Settings, board: Board, clock: Clock, registry: CollectorRegistry, stopping: asyncio.Event
) -> None:
    """Draw until told to stop; where Faust gives up, begin again with a new app after a wait."""
    await _reach(settings, stopping)
    wait_seconds = AGAIN_SECONDS_FIRST
    counts = Drawing.counter(registry)
    while not stopping.is_set():
        began = clock.monotonic()
        with tempfile.TemporaryDirectory(prefix="habeas-watch-") as folder:
            drawing = Drawing(settings.bus, clock, counts, Path(folder))
            fault = await _draw_once(drawing, board, clock, stopping)
        if stopping.is_set():
            return
        if clock.monotonic() - began > STEADY_SECONDS:
            wait_seconds = AGAIN_SECONDS_FIRST
        _LOG.warning("watch_begins_again", fault=fault, seconds=wait_seconds)
        await either(wait_seconds, stopping)
        wait_seconds = min(wait_seconds * 2, AGAIN_SECONDS_MAX)


async def _reach(settings: Settings, stopping: asyncio.Event) -> None:
    """Wait for the broker, saying so, and see that the topics are as documented."""
    bus = bus_for(settings.bus, settings.home)
    reaching = asyncio.ensure_future(bus.open())
    stop = asyncio.ensure_future(stopping.wait())
    await asyncio.wait([reaching, stop], return_when=asyncio.FIRST_COMPLETED)
    stop.cancel()
    if not reaching.done():
        reaching.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await reaching
        return
    reaching.result()
    try:
        await bus.ensure_topics(all_topics())
    finally:
        await bus.close()


async def _draw_once(drawing: Drawing, board: Board, clock: Clock, stopping: asyncio.Event) -> str:
    """Run one Faust app until it ends or we are told to; return what ended it."""
    app = drawing.app
    board.shows(drawing)
    standstill = Standstill()
    # A start lasts as long as the first recovery, which may stand still.
    starting = asyncio.ensure_future(app.start())
    try:
        while not stopping.is_set() and not app.crashed and not app.should_stop:
            if starting.done():
                starting.result()
            if standstill.seen(drawing.recovering(), clock.monotonic()):
                return "its recovery stands still"
            await either(LOOK_SECONDS, stopping)
    except Exception as fault:  # noqa: BLE001 - whatever Faust raises, the figures are drawn again from the topics
        _LOG.warning("watch_faust_failed", exc_info=fault)
        return type(fault).__name__
    finally:
        board.shows(None)
        starting.cancel()
        with contextlib.suppress(Exception):
            await app.stop()
        with contextlib.suppress(Exception, asyncio.CancelledError):
            await starting
    return type(app.crash_reason).__name__ if app.crash_reason else "stopped"
