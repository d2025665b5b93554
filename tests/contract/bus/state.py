"""The state of a test worker: positions and effects in one SQLite file, changed together or not at all.

An effect is a row more, whatever was there before: an event handled twice shows as two rows.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Mapping
from pathlib import Path

from services.runtime.bus.port import Partition, Slice

_TABLES = """
CREATE TABLE IF NOT EXISTS positions (topic TEXT, partition INTEGER, next INTEGER, PRIMARY KEY (topic, partition));
CREATE TABLE IF NOT EXISTS effects (place INTEGER PRIMARY KEY AUTOINCREMENT, event TEXT, key TEXT, worker TEXT);
CREATE TABLE IF NOT EXISTS refusals (worker TEXT);
"""


class State:
    """Positions and effects; also the `Positions` that a consumer asks."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, timeout=30, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode = WAL")
        # Killing a process loses nothing that reached the kernel; only a power cut needs the sync.
        self._connection.execute("PRAGMA synchronous = OFF")
        self._connection.executescript(_TABLES)

    async def load(self, partitions: Collection[Partition]) -> Mapping[Partition, int]:
        """Return the stored positions."""
        rows = self._connection.execute("SELECT topic, partition, next FROM positions")
        stored = {Partition(topic, number): next_ for topic, number, next_ in rows}
        return {partition: stored.get(partition, 0) for partition in partitions}

    def store(self, partition: Partition, position: int) -> None:
        """Set a position by hand, as a restore would."""
        self._connection.execute(
            "REPLACE INTO positions VALUES (?, ?, ?)", (partition.topic, partition.number, position)
        )

    def handle(self, found: Slice, worker: str) -> bool:
        """Move the position and leave the effects in one transaction; False where another moved it first."""
        at = (found.partition.topic, found.partition.number)
        self._connection.execute("BEGIN IMMEDIATE")
        self._connection.execute("INSERT OR IGNORE INTO positions VALUES (?, ?, 0)", at)
        moved = self._connection.execute(
            "UPDATE positions SET next = ? WHERE topic = ? AND partition = ? AND next = ?",
            (found.next, *at, found.seen),
        )
        if moved.rowcount == 0:
            self._connection.execute("ROLLBACK")
            self._connection.execute("INSERT INTO refusals VALUES (?)", (worker,))
            return False
        effects = [(dict(record.headers)["ce_id"].decode(), record.key.decode(), worker) for record in found.records]
        self._connection.executemany("INSERT INTO effects (event, key, worker) VALUES (?, ?, ?)", effects)
        self._connection.execute("COMMIT")
        return True

    def count(self) -> int:
        """Return how many effects there are."""
        return int(self._connection.execute("SELECT count(*) FROM effects").fetchone()[0])

    def distinct(self) -> int:
        """Return how many events left an effect, however often they were published."""
        return int(self._connection.execute("SELECT count(DISTINCT event) FROM effects").fetchone()[0])

    def counts_by_worker(self) -> dict[str, int]:
        """Return how many effects each worker left."""
        return dict(self._connection.execute("SELECT worker, count(*) FROM effects GROUP BY worker").fetchall())

    def refusals(self, worker: str) -> int:
        """Return how often this worker was too late."""
        row = self._connection.execute("SELECT count(*) FROM refusals WHERE worker = ?", (worker,)).fetchone()
        return int(row[0])

    def positions(self) -> dict[tuple[str, int], int]:
        """Return every stored position."""
        rows = self._connection.execute("SELECT topic, partition, next FROM positions")
        return {(topic, number): next_ for topic, number, next_ in rows}

    def effects(self) -> list[tuple[str, str]]:
        """Return (key, event) in the order in which the effects happened."""
        return self._connection.execute("SELECT key, event FROM effects ORDER BY place").fetchall()

    def close(self) -> None:
        """Close the file."""
        self._connection.close()
