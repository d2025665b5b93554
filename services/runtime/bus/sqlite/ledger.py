"""Append records and read them again: the log itself, as plain functions over a connection."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from schemas.topics import TopicSpec
from services.runtime.bus.port import Outgoing, Partition, Record
from services.runtime.bus.sqlite.schema import OFFSET_END, offset_of, record_id
from services.runtime.bus.sqlite.session import transaction

READ_BYTES_MAX: Final = 8 * 1024 * 1024
_WRITTEN: Final = json.JSONEncoder(ensure_ascii=False).encode


@dataclass(frozen=True, slots=True)
class Extent:
    """What a partition holds: records from `first` up to, not including, `next`."""

    id: int
    first: int
    next: int


@dataclass(frozen=True, slots=True)
class Placed:
    """A record to append, with the partition its key belongs to."""

    partition_id: int
    compacted: bool
    record: Outgoing


def specs(connection: sqlite3.Connection) -> dict[str, TopicSpec]:
    """Return the topics as they are on this bus."""
    rows = connection.execute("SELECT name, partitions, kept_days, compacted FROM bus_topics")
    return {name: TopicSpec(name, "", count, days, bool(compacted)) for name, count, days, compacted in rows}


def extents(connection: sqlite3.Connection) -> dict[Partition, Extent]:
    """Return every partition with what it holds."""
    rows = connection.execute("SELECT topic, number, id, first, next FROM bus_partitions")
    return {Partition(topic, number): Extent(id_, first, next_) for topic, number, id_, first, next_ in rows}


def create(connection: sqlite3.Connection, topics: Sequence[TopicSpec]) -> None:
    """Create the topics that are missing; one that exists is left as it is."""
    with transaction(connection):
        for topic in topics:
            made = connection.execute(
                "INSERT OR IGNORE INTO bus_topics VALUES (?, ?, ?, ?)",
                (topic.name, topic.partitions, topic.kept_days, int(topic.compacted)),
            )
            if made.rowcount:
                numbers = [(topic.name, number) for number in range(topic.partitions)]
                connection.executemany("INSERT INTO bus_partitions (topic, number) VALUES (?, ?)", numbers)


def append(connection: sqlite3.Connection, placed: Sequence[Placed], now_ms: int) -> None:
    """Append all records in one transaction: a reader sees all of them or none."""
    with transaction(connection):
        write(connection, placed, now_ms)


def write(connection: sqlite3.Connection, placed: Sequence[Placed], now_ms: int) -> None:
    """Append the records in the transaction that the caller has begun as a writer."""
    by_partition: defaultdict[int, list[Placed]] = defaultdict(list)
    for one in placed:
        by_partition[one.partition_id].append(one)
    for partition_id, ones in by_partition.items():
        row = connection.execute(
            "UPDATE bus_partitions SET next = next + ? WHERE id = ? RETURNING next", (len(ones), partition_id)
        ).fetchone()
        offset = int(row[0]) - len(ones)
        connection.executemany(
            "INSERT INTO bus_records VALUES (?, ?, ?, ?, ?)",
            [
                (record_id(partition_id, offset + index), now_ms, one.record.key, one.record.value, _packed(one.record))
                for index, one in enumerate(ones)
            ],
        )
        if ones[0].compacted:
            _supersede(connection, partition_id, offset, [one.record.key for one in ones])


def _supersede(connection: sqlite3.Connection, partition_id: int, offset: int, keys: Sequence[bytes]) -> None:
    """Remove what each key held before: on a compacted topic only the latest value of a key is kept."""
    for index, key in enumerate(keys):
        before = connection.execute(
            "SELECT offset FROM bus_latest WHERE partition_id = ? AND key = ?", (partition_id, key)
        ).fetchone()
        if before:
            connection.execute("DELETE FROM bus_records WHERE id = ?", (record_id(partition_id, before[0]),))
        connection.execute(
            "INSERT INTO bus_latest VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET offset = excluded.offset",
            (partition_id, key, offset + index),
        )


def read(
    connection: sqlite3.Connection, partition: Partition, partition_id: int, offset: int, records_max: int
) -> list[Record]:
    """Return the next records from an offset on, at most so many and not many more than READ_BYTES_MAX."""
    rows = connection.execute(
        "SELECT id, timestamp_ms, key, value, headers FROM bus_records WHERE id BETWEEN ? AND ? ORDER BY id LIMIT ?",
        (record_id(partition_id, offset), record_id(partition_id, OFFSET_END - 1), records_max),
    )
    found: list[Record] = []
    size_bytes = 0
    for id_, timestamp_ms, key, value, headers in rows:
        found.append(Record(partition, offset_of(id_), key, value, _unpacked(headers), timestamp_ms))
        size_bytes += len(value or b"")
        if size_bytes > READ_BYTES_MAX:
            break
    return found


def acknowledge(connection: sqlite3.Connection, group: str, positions: Mapping[int, int]) -> None:
    """Note how far a group has come, for operators."""
    with transaction(connection):
        connection.executemany(
            "INSERT INTO bus_acknowledged VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET position = excluded.position",
            [(group, partition_id, position) for partition_id, position in positions.items()],
        )


def acknowledged(connection: sqlite3.Connection, group: str) -> dict[int, int]:
    """Return how far a group has come, by partition id."""
    rows = connection.execute("SELECT partition_id, position FROM bus_acknowledged WHERE grp = ?", (group,))
    return dict(rows.fetchall())


def _packed(record: Outgoing) -> str:
    """Keep headers as JSON, readable in any SQLite browser; each byte is one character, so nothing is lost."""
    return _WRITTEN([(name, value.decode("latin-1")) for name, value in record.headers])


def _unpacked(headers: str) -> tuple[tuple[str, bytes], ...]:
    return tuple((name, value.encode("latin-1")) for name, value in json.loads(headers))
