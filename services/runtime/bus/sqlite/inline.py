"""Appending to the log inside somebody else's transaction on the same file: the work and its events are one commit.

There is no moment between them at which a process could die, so nothing need be copied from an outbox afterwards.
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import time
from collections.abc import Callable, Collection, Sequence

from services.runtime.bus.port import Outgoing
from services.runtime.bus.sqlite import ledger
from services.runtime.bus.sqlite.ledger import Placed


class InlineLog:
    """The log, for a writer that holds the file already."""

    def __init__(self, place: Callable[[Outgoing], Placed], beat: Callable[[Collection[str]], None]) -> None:
        self._place = place
        self._beat = beat
        self._loop = asyncio.get_running_loop()

    def append(self, connection: sqlite3.Connection, records: Sequence[Outgoing]) -> None:
        """Append in the transaction that this connection has begun as a writer."""
        placed = [self._place(record) for record in records]
        ledger.write(connection, placed, time.time_ns() // 1_000_000)

    def announce(self, topics: Collection[str]) -> None:
        """Wake who waits for these topics; call it after the commit, from any thread."""
        # A loop that has closed has nobody left to wake.
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._beat, topics)
