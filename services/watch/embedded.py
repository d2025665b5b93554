"""The figures inside `habeas up`: the same projection, fed from the bus of the process, with nothing stored.

At a start the snapshots, of which the bus keeps the latest of each case, and the last hour's messages are read again;
so there is no position that could disagree with the counts.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from typing import Any, Final

import structlog
from prometheus_client import CollectorRegistry, Counter

from schemas.envelope import UnreadableEvent
from services.runtime.bus.port import Bus, BusUnavailable, Record
from services.runtime.clock import Clock
from services.runtime.settings import Settings
from services.runtime.waiting import either
from services.watch.core.arrivals import MINUTE_SECONDS, WINDOW_MINUTES
from services.watch.core.entry import seconds
from services.watch.core.figures import figures
from services.watch.core.picture import Picture
from services.watch.metrics import PictureCollector
from services.watch.reading import CASES, MESSAGES, case_of, due_soon_days, message_of

WAIT_SECONDS_FIRST: Final = 0.5
WAIT_SECONDS_MAX: Final = 30.0
GATHER_SECONDS: Final = 0.25
"""A picture may be this old: what arrives meanwhile is read in one go instead of one by one."""
YIELD_RECORDS: Final = 100

_LOG = structlog.get_logger()


class EmbeddedWatch:
    """Follows the bus of this process and shows the figures."""

    def __init__(self, bus: Bus, clock: Clock, registry: CollectorRegistry, settings: Settings) -> None:
        self._bus = bus
        self._clock = clock
        self._due_soon_days = due_soon_days(settings)
        self._picture = Picture()
        self._unreadable = Counter("habeas_watch_left_out", "Events the figures leave out.", registry=registry)
        registry.register(PictureCollector(lambda: self._picture, clock.now, self._due_soon_days))

    async def figures(self) -> Mapping[str, Any]:
        """Return the figures of this moment."""
        return figures(self._picture, seconds(self._clock.now()), self._due_soon_days)

    async def run(self, stopping: asyncio.Event) -> None:
        """Follow until told to stop; a bus that is away is waited for, and read again from the beginning."""
        following = asyncio.ensure_future(self._follow_on(stopping))
        stop = asyncio.ensure_future(stopping.wait())
        try:
            await asyncio.wait([following, stop], return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (following, stop):
                task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await following

    async def _follow_on(self, stopping: asyncio.Event) -> None:
        wait_seconds = WAIT_SECONDS_FIRST
        while not stopping.is_set():
            try:
                await self._follow()
            except BusUnavailable as fault:
                _LOG.warning("watch_waits_for_bus", reason=str(fault), seconds=wait_seconds)
                await either(wait_seconds, stopping)
                wait_seconds = min(wait_seconds * 2, WAIT_SECONDS_MAX)

    async def _follow(self) -> None:
        records = self._bus.tail([CASES, MESSAGES], from_beginning=True)
        handled, looked_at = 0, self._clock.monotonic()
        try:
            async for record in records:
                waited = self._clock.monotonic() - looked_at > GATHER_SECONDS
                self._take(record)
                handled += 1
                if waited or handled % YIELD_RECORDS == 0:
                    # The people's messages go first; the picture follows at its ease.
                    await asyncio.sleep(GATHER_SECONDS if waited else 0)
                    looked_at = self._clock.monotonic()
        finally:
            close = getattr(records, "aclose", None)
            if close is not None:
                await close()

    def _take(self, record: Record) -> None:
        try:
            if record.partition.topic == CASES:
                self._take_case(record)
            else:
                self._take_message(record)
        except UnreadableEvent as fault:
            self._unreadable.inc()
            _LOG.warning("watch_left_out_an_event", reason=str(fault), offset=record.offset)

    def _take_case(self, record: Record) -> None:
        case_id = record.key.decode("ascii", "replace")
        if record.value is None:
            self._picture.forget(case_id)
        elif (entry := case_of(record.headers, record.value)) is not None:
            self._picture.put(case_id, entry)

    def _take_message(self, record: Record) -> None:
        now = seconds(self._clock.now())
        # Read before it is parsed: the topic keeps more than a year, the window one hour.
        if record.timestamp_ms // 1000 < now - 2 * WINDOW_MINUTES * MINUTE_SECONDS:
            return
        message = message_of(record.headers, record.value)
        if message is not None:
            self._picture.arrivals.put(message.message_id, message.controller, seconds(message.received), now)
