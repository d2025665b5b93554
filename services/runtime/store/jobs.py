"""The rows of outside effects: ordered by a turn, claimed by one runner at a time, finished with their receipt."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, FromClause, Integer, Row, Table, bindparam, func, or_, select, update

from services.runtime.failures import Failure
from services.runtime.store.errors import LeaseLost
from services.runtime.store.holder import is_dead
from services.runtime.store.prepared import Prepared
from services.runtime.store.transaction import READY, Transaction

RUNNING: Final = "running"
DONE: Final = "done"
PARKED: Final = "parked"
DISCARDED: Final = "discarded"
_UNFINISHED: Final = (READY, RUNNING, PARKED)


@dataclass(frozen=True, slots=True)
class Job:
    """An outside effect to perform. `repeats` counts tries that may have taken effect unknown to us."""

    id: str
    kind: str
    key: str
    reference: Mapping[str, Any]
    tries: int
    repeats: int
    created_ms: int


class _JobRow(NamedTuple):
    sequence: int
    job_id: str
    kind: str
    key: str
    reference: str
    state: str
    tries: int
    repeats: int
    created_ms: int


@dataclass(frozen=True, slots=True)
class ParkedJob:
    """A job that waits for a human."""

    sequence: int
    job: Job
    cause: str
    place: str


def claim(transaction: Transaction, kinds: Collection[str], holder: str, lease_ms: int, jobs_max: int) -> Sequence[Job]:
    """Take jobs that are due, the oldest first; of one key only the first unfinished. Their tries are counted now."""
    rows = _due(transaction, kinds, jobs_max)
    started = _statements(transaction.tables.jobs).start
    for row in rows:
        again = 1 if row.state == RUNNING else 0
        values = {
            "of": row.sequence, "by": holder, "tried": row.tries + 1, "repeated": row.repeats + again,
            "due": transaction.now_ms + lease_ms,
        }  # fmt: skip
        started.changed(transaction, values)
    return [_job(row, tried=1, repeated=1 if row.state == RUNNING else 0) for row in rows]


def _due(transaction: Transaction, kinds: Collection[str], jobs_max: int) -> Sequence[_JobRow]:
    """Return the jobs that may be begun now, locked."""
    table = transaction.tables.jobs
    if transaction.driver is not None:
        found: list[_JobRow] = []
        for kind in sorted(kinds):
            values = {"of_kind": kind, "now": transaction.now_ms, "most": jobs_max}
            found += map(_JobRow._make, _statements(table).due.all(transaction, values))
        return sorted(found)[:jobs_max]
    query = _due_query(table, table.c.kind.in_(sorted(kinds)), transaction.now_ms, jobs_max)
    return [_JobRow._make(row) for row in transaction.execute(query)]


def _is(table: FromClause, *states: str) -> ColumnElement[bool]:
    return or_(*(table.c.state == state for state in states))


def _due_query(table: Table, of_kind: Any, now: Any, most: Any) -> Any:
    earlier = table.alias("earlier")
    blocked = (
        select(earlier.c.sequence)
        .where(
            table.c.key != "",
            earlier.c.key == table.c.key,
            earlier.c.sequence < table.c.sequence,
            _is(earlier, *_UNFINISHED),
        )
        .exists()
    )
    due = _is(table, READY, RUNNING) & (table.c.next_try_ms <= now)
    columns = [table.c[name] for name in _JobRow._fields]
    query = select(*columns).where(due, of_kind, ~blocked).order_by(table.c.sequence)
    return query.limit(most).with_for_update(skip_locked=True)


class _Statements:
    """What is run for every job."""

    def __init__(self, table: Table) -> None:
        of_kind = table.c.kind == bindparam("of_kind")
        self.due: Final = Prepared(_due_query(table, of_kind, bindparam("now"), bindparam("most", type_=Integer)))
        change = update(table).where(table.c.sequence == bindparam("of"))
        self.start: Final = Prepared(
            change.values(
                state=RUNNING,
                claim=bindparam("by"),
                tries=bindparam("tried"),
                repeats=bindparam("repeated"),
                next_try_ms=bindparam("due"),
            )
        )
        mine = (table.c.job_id == bindparam("of")) & (table.c.claim == bindparam("by")) & (table.c.state == RUNNING)
        self.finish: Final = Prepared(
            update(table).where(mine).values(state=DONE, cause="", place="", finished_ms=bindparam("at"))
        )
        open_ = _is(table, READY, RUNNING) & of_kind
        self.next_due: Final = Prepared(select(func.min(table.c.next_try_ms)).where(open_))


@cache
def _statements(table: Table) -> _Statements:
    return _Statements(table)


def renew(transaction: Transaction, holder: str, ids: Collection[str], lease_ms: int) -> None:
    """Say that these jobs are still being performed."""
    table = transaction.tables.jobs
    mine = (table.c.claim == holder) & (table.c.state == RUNNING) & table.c.job_id.in_(sorted(ids))
    transaction.execute(update(table).where(mine).values(next_try_ms=transaction.now_ms + lease_ms))


def dead_claims(transaction: Transaction) -> Sequence[str]:
    """Return the runners of this machine that died with jobs in hand."""
    table = transaction.tables.jobs
    holders = transaction.execute(select(table.c.claim).where(table.c.state == RUNNING).distinct()).scalars()
    return [holder for holder in holders if is_dead(holder)]


def free_the_dead(transaction: Transaction) -> None:
    """Make the jobs claimable at once whose runner died on this machine."""
    table = transaction.tables.jobs
    for holder in dead_claims(transaction):
        mine = update(table).where(table.c.state == RUNNING, table.c.claim == holder)
        transaction.execute(mine.values(next_try_ms=0))
        transaction.rouse("jobs")


def finish(transaction: Transaction, job: Job, holder: str) -> None:
    """Mark the job done; raise LeaseLost where another runner has taken it over."""
    values = {"of": job.id, "by": holder, "at": transaction.now_ms}
    if _statements(transaction.tables.jobs).finish.changed(transaction, values) != 1:
        raise LeaseLost(f"the job {job.id} was taken over by another runner")


def set_again(transaction: Transaction, job: Job, holder: str, failure: Failure, next_try_ms: int) -> None:
    """Leave the job for another try."""
    changes = {"state": READY, "cause": failure.cause, "place": failure.place, "next_try_ms": next_try_ms}
    _change(transaction, job, holder, changes)


def park(transaction: Transaction, job: Job, holder: str, failure: Failure) -> None:
    """Leave the job to a human."""
    _change(transaction, job, holder, {"state": PARKED, "cause": failure.cause, "place": failure.place})


def _change(transaction: Transaction, job: Job, holder: str, values: Mapping[str, Any]) -> None:
    table = transaction.tables.jobs
    mine = (table.c.job_id == job.id) & (table.c.claim == holder) & (table.c.state == RUNNING)
    if transaction.execute(update(table).where(mine).values(**values)).rowcount != 1:
        raise LeaseLost(f"the job {job.id} was taken over by another runner")


def next_due_ms(transaction: Transaction, kinds: Collection[str]) -> int | None:
    """Return when the next job may be tried, or None where there is none."""
    query = _statements(transaction.tables.jobs).next_due
    found = (query.first(transaction, {"of_kind": kind}) for kind in sorted(kinds))
    return min((int(row[0]) for row in found if row is not None and row[0] is not None), default=None)


def parked_count(transaction: Transaction) -> int:
    """Return how many jobs wait for a human."""
    table = transaction.tables.jobs
    return int(transaction.execute(select(func.count()).where(table.c.state == PARKED)).scalar_one())


def parked_jobs(transaction: Transaction, rows_max: int) -> Sequence[ParkedJob]:
    """Return the jobs that wait for a human, the oldest first."""
    table = transaction.tables.jobs
    query = select(table).where(table.c.state == PARKED).order_by(table.c.sequence).limit(rows_max)
    return [ParkedJob(row.sequence, _job(row), row.cause, row.place) for row in transaction.execute(query)]


def replay_job(transaction: Transaction, job_id: str) -> bool:
    """Let a parked job be tried again at once; return whether it was parked."""
    table = transaction.tables.jobs
    change = update(table).where(table.c.job_id == job_id, table.c.state == PARKED)
    transaction.rouse("jobs")
    return transaction.execute(change.values(state=READY, tries=0, next_try_ms=0)).rowcount == 1


def discard_job(transaction: Transaction, job_id: str, reason: str) -> bool:
    """Give a parked job up, keeping the row and the reason; return whether it was parked."""
    table = transaction.tables.jobs
    change = update(table).where(table.c.job_id == job_id, table.c.state == PARKED)
    values = {"state": DISCARDED, "place": reason[:256], "finished_ms": transaction.now_ms}
    transaction.rouse("jobs")
    return transaction.execute(change.values(**values)).rowcount == 1


def _job(row: Row[Any] | _JobRow, tried: int = 0, repeated: int = 0) -> Job:
    return Job(
        id=row.job_id,
        kind=row.kind,
        key=row.key,
        reference=json.loads(row.reference),
        tries=row.tries + tried,
        repeats=row.repeats + repeated,
        created_ms=row.created_ms,
    )
