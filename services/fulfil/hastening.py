"""A case's jobs that wait for their time: found, and let be tried now."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

from sqlalchemy import select, update

from schemas.events import ClaimRouted
from services.fulfil.carried import ASK
from services.runtime.store import Transaction
from services.runtime.store.jobs import PARKED, RUNNING, replay_job
from services.runtime.store.transaction import READY

CLAIM: Final = "claim"
UNAVAILABLE: Final = "SystemUnavailable"
"""The cause of a job that waits for a system to answer again; the systems' names follow it."""


def jobs_of(transaction: Transaction, case_id: str) -> Iterator[tuple[Any, ClaimRouted]]:
    """Yield the unfinished jobs about a case's claims, with what they were ordered by."""
    table = transaction.tables.jobs
    query = (
        select(table)
        .where(
            table.c.kind.in_((CLAIM, ASK)), table.c.state.in_((READY, RUNNING, PARKED)),
            table.c.reference.contains(case_id, autoescape=True),
        )
        .order_by(table.c.sequence)
    )  # fmt: skip
    for row in transaction.execute(query).all():
        event = ClaimRouted.model_validate(json.loads(row.reference)["event"])
        if event.case_id == case_id:
            yield row, event


def at_once(transaction: Transaction, row: Any) -> int:
    """Let a job that waits, or is parked, be tried now; return 1 where it did wait."""
    if row.state == PARKED:
        return int(replay_job(transaction, row.job_id))
    table = transaction.tables.jobs
    change = update(table).where(table.c.sequence == row.sequence, table.c.state == READY)
    transaction.rouse("jobs")
    return transaction.execute(change.values(next_try_ms=transaction.now_ms)).rowcount


def overtake(transaction: Transaction, event: ClaimRouted) -> None:
    """Let earlier attempts at a claim end now: they see that they were overtaken, and the new one need not wait."""
    if event.attempt == 1:
        return
    for row, earlier in jobs_of(transaction, event.case_id):
        if earlier.claim_id == event.claim_id and earlier.attempt < event.attempt:
            at_once(transaction, row)
