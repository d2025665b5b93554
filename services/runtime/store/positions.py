"""Where each group stands, moved with its work by compare-and-set."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cache

from sqlalchemy import Table, bindparam, select, update

from services.runtime.bus.port import Partition
from services.runtime.store.database import Store
from services.runtime.store.errors import Zombie
from services.runtime.store.prepared import Prepared
from services.runtime.store.transaction import Transaction, insert_once


def advance(transaction: Transaction, group: str, partition: Partition, seen: int, next_: int) -> None:
    """Move the group's position from `seen` to `next_`; raise Zombie where another member has moved it."""
    table = transaction.tables.positions
    values = {"of_group": group, "of_topic": partition.topic, "of_number": partition.number, "seen": seen, "to": next_}
    moved = _advance(table).changed(transaction, values)
    if not moved and seen == 0:
        # The first turn of this partition: the row is made here, by one member only.
        insert = insert_once(transaction, table, ("group_name", "topic", "partition"))
        row = {"group_name": group, "topic": partition.topic, "partition": partition.number, "next": next_}
        moved = transaction.execute(insert, row).rowcount
    if moved != 1:
        raise Zombie(f"{group} is not at {seen} of {partition.topic}/{partition.number} any more")


@cache
def _advance(table: Table) -> Prepared:
    mine = (table.c.group_name == bindparam("of_group")) & (table.c.topic == bindparam("of_topic"))
    here = mine & (table.c.partition == bindparam("of_number")) & (table.c.next == bindparam("seen"))
    return Prepared(update(table).where(here).values(next=bindparam("to")))


def load(transaction: Transaction, group: str, partitions: Collection[Partition]) -> Mapping[Partition, int]:
    """Return the next offset of each partition; one that was never advanced is 0."""
    table = transaction.tables.positions
    rows = transaction.execute(
        select(table.c.topic, table.c.partition, table.c.next).where(table.c.group_name == group)
    )
    stored = {Partition(row.topic, row.partition): int(row.next) for row in rows}
    return {partition: stored.get(partition, 0) for partition in partitions}


def all_of(transaction: Transaction, group: str) -> dict[Partition, int]:
    """Return every position that this group has stored."""
    table = transaction.tables.positions
    query = select(table.c.topic, table.c.partition, table.c.next).where(table.c.group_name == group)
    return {Partition(row.topic, row.partition): int(row.next) for row in transaction.execute(query)}


class StoredPositions:
    """The positions of one group, as the bus asks for them at assignment."""

    def __init__(self, store: Store, group: str) -> None:
        self._store = store
        self._group = group

    async def load(self, partitions: Collection[Partition]) -> Mapping[Partition, int]:
        """Return the next offset to read of each partition."""
        # Read behind the writers: a position that is being committed must be seen, or the turn would be a zombie's.
        return await self._store.read(lambda reading: load(reading, self._group, partitions))
