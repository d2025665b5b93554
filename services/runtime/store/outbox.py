"""The outbox: events that are committed and not yet acknowledged by the bus, in order."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, select

from services.runtime.bus.port import Outgoing
from services.runtime.store.headers import from_text
from services.runtime.store.seen import CHUNK
from services.runtime.store.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Waiting:
    """A row of the outbox."""

    sequence: int
    record: Outgoing


def waiting(transaction: Transaction, shards: Collection[int], rows_max: int) -> Sequence[Waiting]:
    """Return the first rows of these shards, in the order in which they were committed."""
    table = transaction.tables.outbox
    query = select(table.c.sequence, table.c.topic, table.c.key, table.c.value, table.c.headers)
    rows = transaction.execute(
        query.where(table.c.shard.in_(sorted(shards))).order_by(table.c.sequence).limit(rows_max)
    )
    return [Waiting(row.sequence, Outgoing(row.topic, row.key, row.value, from_text(row.headers))) for row in rows]


def forget(transaction: Transaction, rows: Sequence[Waiting]) -> None:
    """Delete the rows that the bus acknowledged."""
    table = transaction.tables.outbox
    for start in range(0, len(rows), CHUNK):
        chunk = [row.sequence for row in rows[start : start + CHUNK]]
        transaction.execute(delete(table).where(table.c.sequence.in_(chunk)))


def depth(transaction: Transaction) -> int:
    """Return how many events wait to be published."""
    return int(transaction.execute(select(func.count()).select_from(transaction.tables.outbox)).scalar_one())
