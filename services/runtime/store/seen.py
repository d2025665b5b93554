"""Ids of the events that a group has taken: a repetition on the bus changes nothing."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cache
from itertools import islice
from typing import Final

from sqlalchemy import Table, bindparam, delete, select

from services.runtime.store.prepared import Prepared
from services.runtime.store.transaction import Transaction, prepared_once

CHUNK: Final = 500
"""How many values one statement names; SQLite's limit was 999 for long."""

PURGE_ROWS_MAX: Final = 5_000


def seen_among(transaction: Transaction, group: str, ids: Collection[str]) -> frozenset[str]:
    """Return those of the ids that the group has taken before."""
    table = transaction.tables.seen
    if transaction.driver is not None:
        one = _one_seen(table)
        return frozenset(id_ for id_ in ids if one.first(transaction, {"of_group": group, "id": id_}))
    found: set[str] = set()
    waiting = iter(ids)
    while chunk := list(islice(waiting, CHUNK)):
        found.update(
            transaction.execute(
                select(table.c.event_id).where(table.c.group_name == group, table.c.event_id.in_(chunk))
            ).scalars()
        )
    return frozenset(found)


def mark_seen(transaction: Transaction, group: str, ids: Sequence[str]) -> None:
    """Record that the group has taken these events."""
    if ids:
        rows = [{"group_name": group, "event_id": id_, "seen_ms": transaction.now_ms} for id_ in ids]
        _mark(transaction.tables.seen, transaction.is_sqlite).each(transaction, rows)


@cache
def _one_seen(table: Table) -> Prepared:
    mine = (table.c.group_name == bindparam("of_group")) & (table.c.event_id == bindparam("id"))
    return Prepared(select(table.c.event_id).where(mine))


@cache
def _mark(table: Table, sqlite: bool) -> Prepared:
    return prepared_once(sqlite, table, ("group_name", "event_id"))


def purge_seen(transaction: Transaction, before_ms: int, rows_max: int = PURGE_ROWS_MAX) -> int:
    """Forget ids older than the topics' retention, a bounded number at a time; return how many went."""
    table = transaction.tables.seen
    oldest = (
        select(table.c.group_name, table.c.event_id)
        .where(table.c.seen_ms < before_ms)
        .order_by(table.c.seen_ms)
        .limit(rows_max)
    )
    rows = transaction.execute(oldest).all()
    for group in {row.group_name for row in rows}:
        ids = [row.event_id for row in rows if row.group_name == group]
        for start in range(0, len(ids), CHUNK):
            chunk = ids[start : start + CHUNK]
            transaction.execute(delete(table).where(table.c.group_name == group, table.c.event_id.in_(chunk)))
    return len(rows)
