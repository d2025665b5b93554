"""Ids of the events that a group has taken: a repetition on the bus changes nothing."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cache
from itertools import islice
from typing import Final

from sqlalchemy import Table, delete, select

from services.runtime.store.prepared import Prepared
from services.runtime.store.transaction import Transaction, prepared_once

CHUNK: Final = 500
"""How many values one statement names; SQLite's limit was 999 for long."""

PURGE_ROWS_MAX: Final = 5_000


def mark_seen(transaction: Transaction, group: str, ids: Sequence[str]) -> list[bool]:
    """Record that the group takes these events; tell of each whether it is the first time, also among themselves."""
    mark = _mark(transaction.tables.seen, transaction.is_sqlite)
    rows = [{"group_name": group, "event_id": id_, "seen_ms": transaction.now_ms} for id_ in ids]
    if transaction.driver is not None:
        return [mark.changed(transaction, row) == 1 for row in rows]
    known = _seen_among(transaction, group, ids)
    first = {id_: at for at, id_ in reversed(list(enumerate(ids))) if id_ not in known}
    new = [first.get(id_) == at for at, id_ in enumerate(ids)]
    if marked := [row for row, is_new in zip(rows, new, strict=True) if is_new]:
        mark.each(transaction, marked)
    return new


def _seen_among(transaction: Transaction, group: str, ids: Collection[str]) -> frozenset[str]:
    table = transaction.tables.seen
    found: set[str] = set()
    waiting = iter(ids)
    while chunk := list(islice(waiting, CHUNK)):
        query = select(table.c.event_id).where(table.c.group_name == group, table.c.event_id.in_(chunk))
        found.update(transaction.execute(query).scalars())
    return frozenset(found)


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
