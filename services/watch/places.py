"""Faust's consumer, reading on from where the tables stand and not from where its group has committed.

Faust 0.15 keeps the place in the topics (a committed offset) apart from the state (a table's changelog), and the two
part when shares move: what is fetched while partitions are being paused is thrown away although the position has passed
it, and a partition without a committed offset is not sought again; an offset is committed after a flush of the
changelog that gives up after a tenth of a second. Here the place is written with the state, in each entry of a table,
and it is sought after each recovery. So whatever a member threw away, or a dead one committed, is read again; what is
committed is for lag tools only. (ADR 0074)
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import structlog
from faust.transport.drivers.aiokafka import Consumer
from faust.types import TP

SEEK_SECONDS_MAX: Final = 60.0

_LOG = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Places:
    """Where the tables stand: the next offset by partition, and from when on a topic counts where none is known."""

    next: Mapping[TP, int]
    since_ms: Mapping[str, int]


class PlacedConsumer(Consumer):
    """Reads on from the tables' places."""

    logger = logging.getLogger("faust")

    def __init__(self, *args: Any, places: Callable[[], Places], **named: Any) -> None:
        super().__init__(*args, **named)
        self._places = places
        self._round = asyncio.Lock()
        self._reader: asyncio.Task[Any] | None = None

    async def getmany(self, timeout: float) -> AsyncIterator[Any]:  # noqa: ASYNC109 - Faust's own signature
        """Fetch records and hand them on, as one round that no seek comes into the middle of."""
        if not self.flow_active:
            await self.wait(self.can_resume_flow.wait())
        async with self._round:
            self._reader = asyncio.current_task()
            if self.flow_active:
                async for one in super().getmany(timeout):
                    yield one

    async def perform_seek(self) -> None:
        """Seek every partition of the topics, once the present round has ended; the caller lets the flow begin again.

        Otherwise what is left of a round would be handed on after the seek, and Faust would take the records between
        for ones it has had.
        """
        if asyncio.current_task() is self._reader:
            return  # the round itself found that shares move: the recovery that follows seeks
        self.stop_flow()
        # A seek that cannot be ends the app, which begins again, rather than going on from anywhere.
        async with asyncio.timeout(SEEK_SECONDS_MAX), self._round:
            await super().perform_seek()

    async def seek_to_committed(self) -> Mapping[TP, int]:
        """Seek to the places kept with the tables, and return them."""
        topics = [place for place in self.assignment() if not self._is_changelog_tp(place)]
        if not topics:
            return {}
        known = self._places()
        first, end = await self.earliest_offsets(*topics), await self.highwaters(*topics)
        begin = await self._since(known, topics, first, end)
        found = {place: _place(known.next.get(place), begin[place], end[place]) for place in topics}
        if beyond := [place for place in topics if known.next.get(place, 0) > end[place]]:
            _LOG.warning("watch_reads_from_the_start", reason="the log ends before what was read of it", places=beyond)
        await self.seek_wait(found)
        return found

    async def _since(
        self, known: Places, topics: list[TP], first: Mapping[TP, int], end: Mapping[TP, int]
    ) -> dict[TP, int]:
        """Return where each partition begins to count."""
        begin = {place: first[place] for place in topics}
        asked = {place: known.since_ms[place[0]] for place in topics if place[0] in known.since_ms}
        if asked:
            # Faust has no word for this question, the client in its thread has.
            thread = self._thread
            answered = await thread.call_thread(thread._ensure_consumer().offsets_for_times, asked)
            begin |= {place: end[place] if answer is None else answer.offset for place, answer in answered.items()}
        return begin


def _place(kept: int | None, begin: int, end: int) -> int:
    """Return where to read on; a topic that ends before what was kept is another one, made anew."""
    return begin if kept is None or kept > end else max(kept, begin)
