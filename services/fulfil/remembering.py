"""Which claims may still be carried out: the later of being routed and being taken back counts.

The two come on different topics, in any order. What cannot be undone looks here once more before it acts.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from schemas.events import ClaimRouted
from services.fulfil.tables import CLAIMS
from services.runtime.store import Transaction
from services.runtime.store.transaction import insert_once


def routed(transaction: Transaction, event: ClaimRouted) -> None:
    """Remember that a claim is to be carried out."""
    _known(transaction, event.case_id, event.claim_id)
    change = CLAIMS.update().where(CLAIMS.c.claim_id == event.claim_id, CLAIMS.c.routed_ms <= _ms(event.occurred))
    transaction.execute(change.values(routed_ms=_ms(event.occurred), attempt=event.attempt))


def stopped(transaction: Transaction, case_id: str, claim_id: str, when: datetime) -> None:
    """Remember that a claim was taken back, or ended by an officer."""
    _known(transaction, case_id, claim_id)
    change = CLAIMS.update().where(CLAIMS.c.claim_id == claim_id, CLAIMS.c.stopped_ms < _ms(when))
    transaction.execute(change.values(stopped_ms=_ms(when)))


def is_stopped(transaction: Transaction, event: ClaimRouted) -> bool:
    """Tell whether this routing of a claim was taken back, or overtaken by a later one."""
    query = select(CLAIMS.c.stopped_ms, CLAIMS.c.attempt).where(CLAIMS.c.claim_id == event.claim_id)
    row = transaction.execute(query).first()
    return row is not None and (row.stopped_ms >= _ms(event.occurred) or row.attempt > event.attempt)


def attempt(transaction: Transaction, claim_id: str) -> int:
    """Return how often a claim was routed anew."""
    found = transaction.execute(select(CLAIMS.c.attempt).where(CLAIMS.c.claim_id == claim_id)).scalar()
    return int(found or 0)


def _known(transaction: Transaction, case_id: str, claim_id: str) -> None:
    fields = {"claim_id": claim_id, "case_id": case_id, "attempt": 0, "routed_ms": 0, "stopped_ms": 0}
    transaction.execute(insert_once(transaction, CLAIMS, ("claim_id",)), fields)


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
