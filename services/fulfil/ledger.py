"""What was found so far, in memory while it is small and on disk once it is not.

A request about one person is usually a few hundred keys and sometimes a million. A ledger holds keys and one small
number each; all ledgers of a request share one budget, and past it they move to a temporary file that dies with the
request.
"""

from __future__ import annotations

import marshal
import sqlite3
import uuid
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any, Final

KEYS_IN_MEMORY_MAX: Final = 150_000

Key = tuple[Any, ...]


class Budget:
    """How many keys a request may hold in memory, and the file for the rest."""

    def __init__(self, keys_max: int = KEYS_IN_MEMORY_MAX) -> None:
        self.left = keys_max
        self._file: sqlite3.Connection | None = None
        self._tables = 0

    def table(self) -> tuple[sqlite3.Connection, str]:
        """Return a place on disk for one ledger."""
        if self._file is None:
            # An empty name is SQLite's temporary database: on disk, unlinked, gone when it is closed.
            self._file = sqlite3.connect("", isolation_level=None, check_same_thread=False)
            self._file.execute("PRAGMA journal_mode=OFF")
            self._file.execute("PRAGMA synchronous=OFF")
            self._file.execute("PRAGMA cache_size=-16000")
            self._file.execute("BEGIN")
        self._tables += 1
        name = f"ledger{self._tables}"
        self._file.execute(f"CREATE TABLE {name} (n INTEGER PRIMARY KEY, k BLOB UNIQUE, v INTEGER)")
        return self._file, name

    def close(self) -> None:
        """Drop everything."""
        if self._file is not None:
            self._file.close()
            self._file = None


class Ledger:
    """Keys in the order in which they came, each with the highest number it was given."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._held: dict[Key, int] = {}
        self._disk: tuple[sqlite3.Connection, str] | None = None
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def add(self, key: Key, value: int) -> int | None:
        """Note a key; return what it had before, None where it is new."""
        if self._disk is None:
            before = self._held.get(key)
            if before is None:
                self._held[key] = value
                self._count += 1
                self._budget.left -= 1
                if self._budget.left < 0:
                    self._spill()
            elif value > before:
                self._held[key] = value
            return before
        return self._add_on_disk(key, value)

    def _add_on_disk(self, key: Key, value: int) -> int | None:
        assert self._disk is not None
        file, name = self._disk
        written = _packed(key)
        insert = f"INSERT INTO {name}(k, v) VALUES (?, ?) ON CONFLICT DO NOTHING"  # noqa: S608
        if file.execute(insert, (written, value)).rowcount == 1:
            self._count += 1
            return None
        row = file.execute(f"SELECT v FROM {name} WHERE k = ?", (written,)).fetchone()  # noqa: S608
        if value > row[0]:
            file.execute(f"UPDATE {name} SET v = ? WHERE k = ?", (value, written))  # noqa: S608
        return int(row[0])

    def _spill(self) -> None:
        self._disk = file, name = self._budget.table()
        rows = ((_packed(key), value) for key, value in self._held.items())
        file.executemany(f"INSERT INTO {name}(k, v) VALUES (?, ?)", rows)  # noqa: S608
        self._budget.left += len(self._held)
        self._held = {}

    def get(self, key: Key) -> int | None:
        """Return a key's number."""
        if self._disk is None:
            return self._held.get(key)
        file, name = self._disk
        row = file.execute(f"SELECT v FROM {name} WHERE k = ?", (_packed(key),)).fetchone()  # noqa: S608
        return None if row is None else int(row[0])

    def __contains__(self, key: Key) -> bool:
        return self.get(key) is not None

    def items(self, start: int = 0) -> Iterator[tuple[Key, int]]:
        """Yield keys in order, from the n-th on."""
        if self._disk is None:
            yield from list(self._held.items())[start:]
            return
        file, name = self._disk
        for packed, value in file.execute(f"SELECT k, v FROM {name} WHERE n > ? ORDER BY n", (start,)):  # noqa: S608
            yield _unpacked(packed), value

    def keys(self, least: int = 0) -> Iterator[Key]:
        """Yield the keys whose number is at least this."""
        return (key for key, value in self.items() if value >= least)

    def update(self, keys: Iterable[Key], value: int) -> None:
        """Note several keys."""
        for key in keys:
            self.add(key, value)


_PLAIN: Final = (int, str, bytes, float, type(None))
_MAKERS: Final[dict[str, Any]] = {"uuid": uuid.UUID, "decimal": Decimal}


def _packed(key: Key) -> bytes:
    # Version 2 of marshal writes equal keys as equal bytes; later ones also write which objects are the same object.
    parts = tuple(part if type(part) in _PLAIN else (_kind(part), str(part)) for part in key)
    return marshal.dumps(parts, 2)


def _kind(part: Any) -> str:
    return "uuid" if isinstance(part, uuid.UUID) else "decimal" if isinstance(part, Decimal) else "text"


def _unpacked(packed: bytes) -> Key:
    parts = marshal.loads(packed)  # noqa: S302 - our own bytes, from our own unlinked file
    return tuple(_MAKERS.get(p[0], str)(p[1]) if isinstance(p, tuple) else p for p in parts)
