"""The one look that every seal and open takes at the key store, by the shortest way the driver has.

SQLAlchemy's way costs some 200 µs of CPU a look, the driver's own 10 µs (`bench/vault.py`, ADR 0060). A mail takes five
looks, so on SQLite it is worth a small pool of connections that only read. PostgreSQL's round trip outweighs it.
"""

from __future__ import annotations

import queue
import sqlite3
from typing import Any, Final

from services.runtime.vault.errors import KeyStoreFault

_IDLE_MAX: Final = 16


class SqliteLooks:
    """Reads single rows; each look sees what was committed before it."""

    def __init__(self, path: str, busy_seconds: float) -> None:
        self._path = path
        self._busy_seconds = busy_seconds
        self._idle: queue.LifoQueue[sqlite3.Connection] = queue.LifoQueue(_IDLE_MAX)

    def row(self, statement: str, value: str) -> tuple[Any, ...] | None:
        """Return the first row of a statement with one `?`."""
        try:
            connection = self._idle.get_nowait()
        except queue.Empty:
            connection = self._connect()
        try:
            found: tuple[Any, ...] | None = connection.execute(statement, (value,)).fetchone()
        except sqlite3.Error as fault:
            connection.close()
            raise KeyStoreFault(f"the key store {self._path} cannot be read: {fault}; nothing was changed") from None
        try:
            self._idle.put_nowait(connection)
        except queue.Full:
            connection.close()
        return found

    def close(self) -> None:
        """Close the connections that nobody uses."""
        while not self._idle.empty():
            self._idle.get_nowait().close()

    def _connect(self) -> sqlite3.Connection:
        # Without a transaction of its own, each statement sees the newest committed state.
        return sqlite3.connect(
            self._path, timeout=self._busy_seconds, isolation_level=None, check_same_thread=False
        )  # fmt: skip
