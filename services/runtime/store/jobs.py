"""The rows of outside effects: ordered by a turn, claimed by one runner at a time, finished with their receipt."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Row, func, select, update

from services.runtime.failures import Failure
from services.runtime.store.errors import LeaseLost
from services.runtime.store.holder import is_dead
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


@dataclass(frozen=True, slots=True)
class ParkedJob:
    """A job that waits for a human."""

    sequence: int
    job: Job
    cause: str
    place: str


def claim(transaction: Transaction, kinds: Collection[str], holder: str, lease_ms: int, jobs_max: int) -> Sequence[Job]:
    """Take jobs that are due, the oldest first; of one key only the first unfinished. Their tries are counted now."""
    table = transaction.tables.jobs
    earlier = table.alias("earlier")
    blocked = (
        select(earlier.c.sequence)
        .where(
            table.c.key != "",
            earlier.c.key == table.c.key,
            earlier.c.sequence < table.c.sequence,
            earlier.c.state.in_(_UNFINISHED),
        )
        .exists()
    )
    due = table.c.state.in_((READY, RUNNING)) & (table.c.next_try_ms <= transaction.now_ms)
    query = select(table).where(due, table.c.kind.in_(sorted(kinds)), ~blocked).order_by(table.c.sequence)
    rows = transaction.execute(query.limit(jobs_max).with_for_update(skip_locked=True)).all()
    for row in rows:
        again = 1 if row.state == RUNNING else 0
        change = update(table).where(table.c.sequence == row.sequence)
        transaction.execute(
            change.values(
                state=RUNNING,
                claim=holder,
                tries=row.tries + 1,
                repeats=row.repeats + again,
                next_try_ms=transaction.now_ms + lease_ms,
            )
        )
    return [_job(row, tried=1, repeated=1 if row.state == RUNNING else 0) for row in rows]


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
    _change(transaction, job, holder, {"state": DONE, "cause": "", "place": "", "finished_ms": transaction.now_ms})


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
    table = transaction.tables.jobs
    open_ = table.c.state.in_((READY, RUNNING)) & table.c.kind.in_(sorted(kinds))
    due = transaction.execute(select(func.min(table.c.next_try_ms)).where(open_)).scalar_one()
    return None if due is None else int(due)


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


def _job(row: Row[Any], tried: int = 0, repeated: int = 0) -> Job:
    return Job(
        id=row.job_id,
        kind=row.kind,
        key=row.key,
        reference=json.loads(row.reference),
        tries=row.tries + tried,
        repeats=row.repeats + repeated,
        created_ms=row.created_ms,
    )
