"""Events that a group could not handle yet, in order of arrival within their key.

The first event of a key is `waiting` for its next try or `parked` for a human; all later ones are `behind` it. A key is
free again when its last row has gone.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import Any, Final

from sqlalchemy import Row, Table, bindparam, delete, distinct, func, insert, literal_column, select, update

from services.runtime.bus.port import Partition, Record
from services.runtime.failures import Failure
from services.runtime.store.headers import from_text, to_text
from services.runtime.store.prepared import Prepared
from services.runtime.store.seen import CHUNK
from services.runtime.store.transaction import Transaction

WAITING: Final = "waiting"
BEHIND: Final = "behind"
PARKED: Final = "parked"

NO_FAILURE: Final = Failure("")


@dataclass(frozen=True, slots=True)
class HeldEvent:
    """A row of `held`, with the record as it came."""

    sequence: int
    group: str
    record: Record
    event_id: str
    event_name: str
    state: str
    cause: str
    place: str
    tries: int
    held_ms: int
    next_try_ms: int


def hold(
    transaction: Transaction,
    group: str,
    record: Record,
    names: tuple[str, str],
    state: str,
    failure: Failure = NO_FAILURE,
    next_try_ms: int = 0,
) -> None:
    """Keep the record with why it could not be handled; `names` are the event's id and name where known."""
    row = {
        "group_name": group,
        "key": record.key,
        "topic": record.partition.topic,
        "partition": record.partition.number,
        "position": record.offset,
        "event_id": names[0][:128],
        "event_name": names[1][:64],
        "value": record.value,
        "headers": to_text(record.headers),
        "state": state,
        "cause": failure.cause,
        "place": failure.place,
        "tries": 0 if state == BEHIND else 1,
        "held_ms": transaction.now_ms,
        "next_try_ms": next_try_ms,
    }
    transaction.execute(insert(transaction.tables.held), row)
    transaction.rouse("held")


def held_among(transaction: Transaction, group: str, keys: Collection[bytes]) -> frozenset[bytes]:
    """Return those of the keys that have held events."""
    table = transaction.tables.held
    if transaction.driver is not None:
        if _any_held(table).first(transaction, {"of_group": group}) is None:
            return frozenset()
        one = _one_held(table)
        return frozenset(key for key in keys if one.first(transaction, {"of_group": group, "of_key": key}))
    found: set[bytes] = set()
    waiting = iter(keys)
    while chunk := list(islice(waiting, CHUNK)):
        query = select(table.c.key).distinct().where(table.c.group_name == group, table.c.key.in_(chunk))
        found.update(bytes(key) for key in transaction.execute(query).scalars())
    return frozenset(found)


@cache
def _any_held(table: Table) -> Prepared:
    mine = table.c.group_name == bindparam("of_group")
    return Prepared(select(table.c.sequence).where(mine).limit(literal_column("1")))


@cache
def _one_held(table: Table) -> Prepared:
    mine = (table.c.group_name == bindparam("of_group")) & (table.c.key == bindparam("of_key"))
    return Prepared(select(table.c.sequence).where(mine).limit(literal_column("1")))


def due_heads(transaction: Transaction, group: str, rows_max: int) -> Sequence[HeldEvent]:
    """Return the first event of each key that may be tried now; another process's are passed over."""
    table = transaction.tables.held
    earlier = table.alias("earlier")
    first = ~(
        select(earlier.c.sequence)
        .where(
            earlier.c.group_name == table.c.group_name,
            earlier.c.key == table.c.key,
            earlier.c.sequence < table.c.sequence,
        )
        .exists()
    )
    query = (
        select(table)
        .where(table.c.group_name == group, table.c.state != PARKED, table.c.next_try_ms <= transaction.now_ms, first)
        .order_by(table.c.sequence)
        .limit(rows_max)
        .with_for_update(skip_locked=True)
    )
    return [_event(row) for row in transaction.execute(query)]


def followers(transaction: Transaction, head: HeldEvent, rows_max: int) -> Sequence[HeldEvent]:
    """Return the events behind this one, in order."""
    table = transaction.tables.held
    query = (
        select(table)
        .where(
            table.c.group_name == head.group,
            table.c.key == head.record.key,
            table.c.sequence > head.sequence,
        )
        .order_by(table.c.sequence)
        .limit(rows_max)
    )
    return [_event(row) for row in transaction.execute(query)]


def let_go(transaction: Transaction, held: HeldEvent) -> None:
    """Delete the row: its event was handled, or discarded."""
    table = transaction.tables.held
    transaction.execute(delete(table).where(table.c.sequence == held.sequence))


def set_again(transaction: Transaction, held: HeldEvent, state: str, failure: Failure, next_try_ms: int) -> None:
    """Record another failed try."""
    table = transaction.tables.held
    change = update(table).where(table.c.sequence == held.sequence)
    transaction.execute(
        change.values(
            state=state,
            cause=failure.cause,
            place=failure.place,
            tries=table.c.tries + 1,
            next_try_ms=next_try_ms,
        )
    )


def release_parked(transaction: Transaction, held: HeldEvent) -> bool:
    """Let a parked event be tried again at once, with its tries counted anew; return whether it was still parked."""
    table = transaction.tables.held
    change = update(table).where(table.c.sequence == held.sequence, table.c.state == PARKED)
    transaction.rouse("held")
    return transaction.execute(change.values(state=WAITING, tries=0, next_try_ms=0)).rowcount == 1


def parked(transaction: Transaction, rows_max: int, after: int = 0) -> Sequence[HeldEvent]:
    """Return the parked events in order of arrival."""
    table = transaction.tables.held
    query = select(table).where(table.c.state == PARKED, table.c.sequence > after)
    return [_event(row) for row in transaction.execute(query.order_by(table.c.sequence).limit(rows_max))]


def by_sequence(transaction: Transaction, sequence: int) -> HeldEvent | None:
    """Return one held event."""
    table = transaction.tables.held
    row = transaction.execute(select(table).where(table.c.sequence == sequence)).one_or_none()
    return None if row is None else _event(row)


def behind_count(transaction: Transaction, held: HeldEvent) -> int:
    """Return how many events wait behind this one."""
    table = transaction.tables.held
    query = select(func.count()).where(
        table.c.group_name == held.group, table.c.key == held.record.key, table.c.sequence > held.sequence
    )
    return int(transaction.execute(query).scalar_one())


def counts(transaction: Transaction, group: str) -> tuple[int, int, int | None]:
    """Return how many keys are held, how many events are parked, and when the next try is due."""
    table = transaction.tables.held
    mine = table.c.group_name == group
    keys = transaction.execute(select(func.count(distinct(table.c.key))).where(mine)).scalar_one()
    if not keys:
        return 0, 0, None
    parked_ = transaction.execute(select(func.count()).where(mine, table.c.state == PARKED)).scalar_one()
    due = transaction.execute(select(func.min(table.c.next_try_ms)).where(mine, table.c.state == WAITING)).scalar_one()
    return int(keys), int(parked_), None if due is None else int(due)


def _event(row: Row[Any]) -> HeldEvent:
    partition = Partition(row.topic, row.partition)
    value = None if row.value is None else bytes(row.value)
    return HeldEvent(
        sequence=row.sequence,
        group=row.group_name,
        record=Record(partition, row.position, bytes(row.key), value, from_text(row.headers), row.held_ms),
        event_id=row.event_id,
        event_name=row.event_name,
        state=row.state,
        cause=row.cause,
        place=row.place,
        tries=row.tries,
        held_ms=row.held_ms,
        next_try_ms=row.next_try_ms,
    )
