"""Forget what is only kept against repetition, once no topic can repeat it any more."""

from __future__ import annotations

from typing import Final

from sqlalchemy import delete, select

from schemas.topics import EVENTS_KEPT_DAYS
from services.runtime.store.jobs import DONE
from services.runtime.store.seen import purge_seen
from services.runtime.store.transaction import Transaction

DAY_MS: Final = 86_400_000
MARGIN_DAYS: Final = 30
"""Kept longer than the topics, because a topic's own purge may run late."""

ROWS_MAX: Final = 5_000


def purge(transaction: Transaction) -> bool:
    """Delete a bounded number of outlived rows; return whether there may be more."""
    before_ms = transaction.now_ms - (EVENTS_KEPT_DAYS + MARGIN_DAYS) * DAY_MS
    gone = purge_seen(transaction, before_ms, ROWS_MAX)
    jobs, discarded = transaction.tables.jobs, transaction.tables.discarded
    old_jobs = select(jobs.c.sequence).where(jobs.c.state == DONE, jobs.c.finished_ms < before_ms).limit(ROWS_MAX)
    transaction.execute(delete(jobs).where(jobs.c.sequence.in_(old_jobs)))
    transaction.execute(delete(discarded).where(discarded.c.discarded_ms < before_ms))
    return gone >= ROWS_MAX
