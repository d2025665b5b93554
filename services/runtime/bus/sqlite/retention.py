"""Forget what is older than its topic keeps, a bounded number of records at a time."""

from __future__ import annotations

import sqlite3
from typing import Final

from services.runtime.bus.sqlite.schema import OFFSET_END, offset_of, record_id
from services.runtime.bus.sqlite.session import transaction

DAY_MS: Final = 86_400_000
TOMBSTONE_KEPT_DAYS: Final = 30
"""How long a deletion stays readable on a compacted topic, for readers that were away; then the key is gone."""


def purge(connection: sqlite3.Connection, now_ms: int, records_max: int) -> int:
    """Remove at most so many records that have outlived their topic's retention; return how many went."""
    gone = 0
    rows = connection.execute(
        "SELECT p.id, t.kept_days, t.compacted FROM bus_partitions p JOIN bus_topics t ON t.name = p.topic"
    ).fetchall()
    for partition_id, kept_days, compacted in rows:
        if gone >= records_max:
            break
        if compacted:
            gone += _tombstones(connection, partition_id, now_ms - TOMBSTONE_KEPT_DAYS * DAY_MS, records_max - gone)
        elif kept_days is not None:
            gone += _outlived(connection, partition_id, now_ms - kept_days * DAY_MS, records_max - gone)
    return gone


def _outlived(connection: sqlite3.Connection, partition_id: int, before_ms: int, records_max: int) -> int:
    rows = connection.execute(
        "SELECT id, timestamp_ms FROM bus_records WHERE id BETWEEN ? AND ? ORDER BY id LIMIT ?",
        (record_id(partition_id, 0), record_id(partition_id, OFFSET_END - 1), records_max),
    )
    last = None
    count = 0
    # From the oldest on, stopping at the first that is young enough, so that no gap is torn into a partition's middle.
    for id_, timestamp_ms in rows:
        if timestamp_ms >= before_ms:
            break
        last = id_
        count += 1
    if last is None:
        return 0
    with transaction(connection):
        connection.execute("DELETE FROM bus_records WHERE id BETWEEN ? AND ?", (record_id(partition_id, 0), last))
        connection.execute("UPDATE bus_partitions SET first = ? WHERE id = ?", (offset_of(last) + 1, partition_id))
    return count


def _tombstones(connection: sqlite3.Connection, partition_id: int, before_ms: int, records_max: int) -> int:
    rows = connection.execute(
        "SELECT id, key FROM bus_records WHERE id BETWEEN ? AND ? AND value IS NULL AND timestamp_ms < ? LIMIT ?",
        (record_id(partition_id, 0), record_id(partition_id, OFFSET_END - 1), before_ms, records_max),
    ).fetchall()
    if not rows:
        return 0
    with transaction(connection):
        connection.executemany(
            "DELETE FROM bus_latest WHERE partition_id = ? AND key = ? AND offset = ?",
            [(partition_id, key, offset_of(id_)) for id_, key in rows],
        )
        # A value written since has replaced the tombstone already, so its id is no longer there to delete.
        connection.executemany("DELETE FROM bus_records WHERE id = ?", [(id_,) for id_, _ in rows])
    return len(rows)
