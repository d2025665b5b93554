"""Watch records pass, without joining any group."""

from __future__ import annotations

import heapq
import sqlite3
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from services.runtime.bus.port import Partition, Record
from services.runtime.bus.sqlite import ledger
from services.runtime.bus.sqlite.ledger import Extent
from services.runtime.bus.sqlite.session import Session

if TYPE_CHECKING:
    from services.runtime.bus.sqlite.pulse import Pulse

CHUNK_RECORDS: Final = 200
Row = tuple[str, int, int, int, int]


async def tail(
    session: Session, pulse: Pulse, topics: Sequence[str], *, from_beginning: bool, follow: bool
) -> AsyncIterator[Record]:
    """Yield records by the moment they were published; what the log held at the start comes in one order of time."""
    wanted = frozenset(topics)
    wake = pulse.join(wanted)
    try:
        start = await session.run(_extents, wanted)
        at = {p: extent.first if from_beginning else extent.next for p, extent in start.items()}
        async for record in _merged(session, start, at):
            yield record
        known: frozenset[Row] = frozenset()
        while follow:
            wake.clear()
            rows = await session.run(_rows)
            extents = {p: extent for p, extent in map(_extent, rows - known) if p.topic in wanted}
            known = rows
            grown = {p: extent for p, extent in extents.items() if at.setdefault(p, extent.first) < extent.next}
            if not grown:
                await wake.wait()
                continue
            async for record in _merged(session, grown, at):
                yield record
    finally:
        pulse.leave(wake)
        await session.close()


def _extents(connection: sqlite3.Connection, topics: frozenset[str]) -> dict[Partition, Extent]:
    return {p: extent for p, extent in ledger.extents(connection).items() if p.topic in topics}


def _rows(connection: sqlite3.Connection) -> frozenset[Row]:
    # Which rows are new is known far sooner than what all of them say.
    return frozenset(connection.execute("SELECT topic, number, id, first, next FROM bus_partitions"))


def _extent(row: Row) -> tuple[Partition, Extent]:
    topic, number, id_, first, next_ = row
    return Partition(topic, number), Extent(id_, first, next_)


async def _merged(
    session: Session, extents: Mapping[Partition, Extent], at: dict[Partition, int]
) -> AsyncIterator[Record]:
    """Yield what lies between `at` and each extent's end, merged by time, and move `at` along."""
    chunks: dict[Partition, list[Record]] = {}
    heads: list[tuple[int, Partition]] = []

    async def refill(partition: Partition) -> None:
        extent = extents[partition]
        if at[partition] >= extent.next:
            return
        records = await session.run(ledger.read, partition, extent.id, at[partition], CHUNK_RECORDS)
        records = [record for record in records if record.offset < extent.next]
        if records:
            chunks[partition] = records[::-1]
            heapq.heappush(heads, (records[0].timestamp_ms, partition))
        else:
            at[partition] = extent.next

    for partition in sorted(extents):
        await refill(partition)
    while heads:
        _, partition = heapq.heappop(heads)
        record = chunks[partition].pop()
        at[partition] = record.offset + 1
        yield record
        if chunks[partition]:
            heapq.heappush(heads, (chunks[partition][-1].timestamp_ms, partition))
        else:
            await refill(partition)
