"""The embedded bus's own tables, made and moved forward by the bus itself (ADR 0050).

A record's id is its partition's number times 2^40 plus its offset, so that one clustered table holds every partition in
reading order and needs no other index. Offsets start at 0 and have no gaps until retention or compaction makes some.
"""

from __future__ import annotations

import sqlite3
from typing import Final

OFFSET_BITS: Final = 40
OFFSET_END: Final = 1 << OFFSET_BITS

_MIGRATIONS: Final[tuple[tuple[str, ...], ...]] = (
    (
        """CREATE TABLE bus_topics (
            name TEXT PRIMARY KEY, partitions INTEGER NOT NULL, kept_days INTEGER, compacted INTEGER NOT NULL
        ) STRICT""",
        # `next` is the offset that the next record gets; `first` the earliest that retention has left.
        """CREATE TABLE bus_partitions (
            id INTEGER PRIMARY KEY, topic TEXT NOT NULL REFERENCES bus_topics (name), number INTEGER NOT NULL,
            first INTEGER NOT NULL DEFAULT 0, next INTEGER NOT NULL DEFAULT 0, UNIQUE (topic, number)
        ) STRICT""",
        """CREATE TABLE bus_records (
            id INTEGER PRIMARY KEY, timestamp_ms INTEGER NOT NULL, key BLOB NOT NULL, value BLOB, headers TEXT NOT NULL
        ) STRICT""",
        # Where each key of a compacted topic was written last; what stood there before goes in the same transaction.
        """CREATE TABLE bus_latest (
            partition_id INTEGER NOT NULL, key BLOB NOT NULL, offset INTEGER NOT NULL, PRIMARY KEY (partition_id, key)
        ) STRICT, WITHOUT ROWID""",
        # `changes` grows whenever members or their partitions do; every member looks at nothing else to know.
        "CREATE TABLE bus_groups (name TEXT PRIMARY KEY, changes INTEGER NOT NULL) STRICT",
        """CREATE TABLE bus_members (
            grp TEXT NOT NULL, member TEXT NOT NULL, seat TEXT NOT NULL, topics TEXT NOT NULL,
            lease_until_ms INTEGER NOT NULL, PRIMARY KEY (grp, member)
        ) STRICT, WITHOUT ROWID""",
        """CREATE TABLE bus_owners (
            grp TEXT NOT NULL, partition_id INTEGER NOT NULL, member TEXT NOT NULL, PRIMARY KEY (grp, partition_id)
        ) STRICT, WITHOUT ROWID""",
        """CREATE TABLE bus_acknowledged (
            grp TEXT NOT NULL, partition_id INTEGER NOT NULL, position INTEGER NOT NULL, PRIMARY KEY (grp, partition_id)
        ) STRICT, WITHOUT ROWID""",
    ),
)
VERSION: Final = len(_MIGRATIONS)


class SchemaTooNew(Exception):
    """The file was written by a later release of habeas."""


def migrate(connection: sqlite3.Connection) -> None:
    """Bring the bus's tables to this release's version; a later release's file is refused, not touched."""
    if _version(connection) == VERSION:
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        connection.execute("CREATE TABLE IF NOT EXISTS bus_schema (version INTEGER NOT NULL) STRICT")
        # Read again: another process may have migrated while this one waited for the lock.
        found = _version(connection)
        _refuse_newer(found)
        for statements in _MIGRATIONS[found:]:
            for statement in statements:
                connection.execute(statement)
        connection.execute("DELETE FROM bus_schema")
        connection.execute("INSERT INTO bus_schema VALUES (?)", (VERSION,))
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def present(connection: sqlite3.Connection) -> bool:
    """Tell whether the bus's tables are there; a later release's are refused. An older release's can be looked at."""
    found = _version(connection)
    _refuse_newer(found)
    return found > 0


def _refuse_newer(found: int) -> None:
    if found > VERSION:
        raise SchemaTooNew(f"the bus's tables are of version {found}, this release knows {VERSION}; upgrade habeas")


def _version(connection: sqlite3.Connection) -> int:
    known = connection.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'bus_schema'").fetchone()
    row = connection.execute("SELECT version FROM bus_schema").fetchone() if known else None
    return int(row[0]) if row else 0


def record_id(partition_id: int, offset: int) -> int:
    """Return where the record of this partition and offset is kept."""
    return (partition_id << OFFSET_BITS) | offset


def offset_of(record: int) -> int:
    """Return the offset that a record's id holds."""
    return record & (OFFSET_END - 1)
