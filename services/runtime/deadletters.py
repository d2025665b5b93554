"""Dead letters: events and jobs that wait for a human, of every service, with what may be done about them.

An id is `service:number` for an event and `service:job:id` for a job. Replaying tries at once, with the tries counted
anew; discarding gives it up for good, keeps a row that says who was given up and why, and frees what waited behind it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import insert

from services.runtime.store.database import Database
from services.runtime.store.held import (
    PARKED,
    HeldEvent,
    behind_count,
    by_sequence,
    let_go,
    parked,
    release_parked,
)
from services.runtime.store.jobs import ParkedJob, discard_job, parked_jobs, replay_job
from services.runtime.store.tables import SERVICES
from services.runtime.store.transaction import Transaction

LIST_MAX: Final = 10_000
REASON_CHARACTERS_MAX: Final = 500
SHOWN_BYTES_MAX: Final = 64 * 1024


class NoSuchLetter(Exception):
    """There is no dead letter of this id (any more); the message says how to see those there are."""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One event or job that waits for a human."""

    id: str
    service: str
    what: str
    name: str
    key: str
    topic: str
    partition: int | None
    offset: int | None
    event_id: str
    cause: str
    place: str
    tries: int
    since: datetime
    behind: int


def listed(database: Database) -> Sequence[DeadLetter]:
    """Return every dead letter, a service after the other, the oldest first."""
    found: list[DeadLetter] = []
    for service in SERVICES:
        with database.look(service) as reading:
            found += [_of_event(service, held, behind_count(reading, held)) for held in parked(reading, LIST_MAX)]
            found += [_of_job(service, job) for job in parked_jobs(reading, LIST_MAX)]
    return found


def shown(database: Database, id_: str) -> tuple[DeadLetter, dict[str, str], str | None]:
    """Return one dead letter with its headers and its content as text, cut where it is long."""
    service, rest = _parts(id_)
    with database.look(service) as reading:
        if rest.startswith("job:"):
            job = _job(reading, rest.removeprefix("job:"), id_)
            return _of_job(service, job), {}, json.dumps(dict(job.job.reference), ensure_ascii=False)
        held = _held(reading, rest, id_)
        letter = _of_event(service, held, behind_count(reading, held))
    headers = {name: value.decode("utf-8", "backslashreplace") for name, value in held.record.headers}
    value = held.record.value
    text = None if value is None else value[:SHOWN_BYTES_MAX].decode("utf-8", "backslashreplace")
    return letter, headers, text


def replay(database: Database, id_: str) -> DeadLetter:
    """Have it tried again at once."""
    service, rest = _parts(id_)
    with database.begin(service) as transaction:
        if rest.startswith("job:"):
            job = _job(transaction, rest.removeprefix("job:"), id_)
            _require(replay_job(transaction, job.job.id), id_)
            return _of_job(service, job)
        held = _held(transaction, rest, id_)
        behind = behind_count(transaction, held)
        _require(release_parked(transaction, held), id_)
    return _of_event(service, held, behind)


def discard(database: Database, id_: str, reason: str) -> DeadLetter:
    """Give it up, and let what waited behind it go on, in order."""
    service, rest = _parts(id_)
    reason = reason[:REASON_CHARACTERS_MAX]
    with database.begin(service) as transaction:
        if rest.startswith("job:"):
            job = _job(transaction, rest.removeprefix("job:"), id_)
            _require(discard_job(transaction, job.job.id, reason), id_)
            return _of_job(service, job)
        held = _held(transaction, rest, id_)
        behind = behind_count(transaction, held)
        _record_discarded(transaction, held, reason)
        let_go(transaction, held)
        transaction.rouse("held")
    return _of_event(service, held, behind)


def _record_discarded(transaction: Transaction, held: HeldEvent, reason: str) -> None:
    row = {
        "sequence": held.sequence,
        "group_name": held.group,
        "event_id": held.event_id,
        "event_name": held.event_name,
        "topic": held.record.partition.topic,
        "cause": held.cause,
        "reason": reason,
        "discarded_ms": transaction.now_ms,
    }
    transaction.execute(insert(transaction.tables.discarded), row)


def _parts(id_: str) -> tuple[str, str]:
    service, _, rest = id_.partition(":")
    if service not in SERVICES or not rest:
        raise _none(id_)
    return service, rest


def _held(transaction: Transaction, number: str, id_: str) -> HeldEvent:
    # Eighteen digits is the most a 64-bit number holds whatever its digits.
    held = by_sequence(transaction, int(number)) if number.isascii() and number.isdigit() and len(number) < 19 else None
    if held is None or held.state != PARKED:
        raise _none(id_)
    return held


def _job(transaction: Transaction, job_id: str, id_: str) -> ParkedJob:
    for job in parked_jobs(transaction, LIST_MAX):
        if job.job.id == job_id:
            return job
    raise _none(id_)


def _require(done: bool, id_: str) -> None:
    if not done:
        raise _none(id_)


def _none(id_: str) -> NoSuchLetter:
    shown_ = "".join(character if character.isprintable() else "?" for character in id_[:80])
    return NoSuchLetter(f"there is no dead letter {shown_}; `habeas dead-letters list` shows those that wait")


def _moment(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def _of_event(service: str, held: HeldEvent, behind: int) -> DeadLetter:
    return DeadLetter(
        id=f"{service}:{held.sequence}",
        service=service,
        what="event",
        name=held.event_name or "unknown",
        key=held.record.key.decode("utf-8", "backslashreplace"),
        topic=held.record.partition.topic,
        partition=held.record.partition.number,
        offset=held.record.offset,
        event_id=held.event_id,
        cause=held.cause,
        place=held.place,
        tries=held.tries,
        since=_moment(held.held_ms),
        behind=behind,
    )


def _of_job(service: str, parked_job: ParkedJob) -> DeadLetter:
    job = parked_job.job
    return DeadLetter(
        id=f"{service}:job:{job.id}",
        service=service,
        what="job",
        name=job.kind,
        key=job.key,
        topic="",
        partition=None,
        offset=None,
        event_id=job.id,
        cause=parked_job.cause,
        place=parked_job.place,
        tries=job.tries,
        since=_moment(job.created_ms),
        behind=0,
    )
