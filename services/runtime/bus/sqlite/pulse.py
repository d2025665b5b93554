"""Wake those who wait, when the log grew: at once within this process, within a fifth of a second across processes.

Across processes SQLite has no signal, only `PRAGMA data_version`: a number in shared memory that changes when another
connection commits. Reading it costs microseconds and touches no disk, so an idle bus costs next to nothing. One look
serves all waiters of a process.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Collection
from pathlib import Path
from typing import Final

from services.runtime.bus.port import BusUnavailable, BusUnusable
from services.runtime.bus.sqlite.session import connect, faults
from services.runtime.logs import Log

LOOK_SECONDS: Final = 0.05
QUIET_LOOK_SECONDS: Final = 0.2
QUIET_AFTER_SECONDS: Final = 5.0
_LOG = Log()


class Pulse:
    """Events that are set whenever records or group members may have changed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._waiters: dict[asyncio.Event, frozenset[str]] = {}
        self._task: asyncio.Task[None] | None = None

    def join(self, topics: Collection[str]) -> asyncio.Event:
        """Return an event of one's own; clear it before looking, wait for it after having found nothing."""
        waiter = asyncio.Event()
        self._waiters[waiter] = frozenset(topics)
        if self._task is None:
            self._task = asyncio.create_task(self._look(), name="bus pulse")
        return waiter

    def leave(self, waiter: asyncio.Event) -> None:
        """Stop waking this one."""
        self._waiters.pop(waiter, None)

    def beat(self, grown: Collection[str] | None = None) -> None:
        """Wake those in this process who wait for these topics; everyone, where it is not known which ones grew."""
        for waiter, topics in self._waiters.items():
            if grown is None or not topics.isdisjoint(grown):
                waiter.set()

    async def close(self) -> None:
        """Stop looking."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
            self._task = None

    async def _look(self) -> None:
        with faults(self._path):
            connection = connect(self._path, "NORMAL")
        try:
            await self._look_on(connection)
        finally:
            connection.close()

    async def _look_on(self, connection: sqlite3.Connection) -> None:
        version = -1
        height = (-1, -1)
        grew_at = time.monotonic()
        while True:
            try:
                with faults(self._path):
                    seen = connection.execute("PRAGMA data_version").fetchone()[0]
                    # The services' own tables are in the same file: their commits change the version, not the height.
                    if seen != version:
                        version = seen
                        before, height = height, _height(connection)
                        if height != before:
                            self.beat()
                            grew_at = time.monotonic()
            except BusUnavailable as fault:
                _LOG.warning("bus_pulse_missed", reason=str(fault))
            except BusUnusable:
                # The consumers meet the same fault in their own reads, where it reaches the worker.
                self.beat()
            quiet = time.monotonic() - grew_at > QUIET_AFTER_SECONDS
            await asyncio.sleep(QUIET_LOOK_SECONDS if quiet else LOOK_SECONDS)


def _height(connection: sqlite3.Connection) -> tuple[int, int]:
    row = connection.execute(
        "SELECT (SELECT total(next) FROM bus_partitions), (SELECT total(changes) FROM bus_groups)"
    ).fetchone()
    return int(row[0]), int(row[1])
