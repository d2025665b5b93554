"""Claims that are done here and wait for others: what will be said in the end, and how far each delegate is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final
from uuid import UUID, uuid5

from sqlalchemy import select

from schemas.events import ClaimFulfilled, ClaimRouted
from services.fulfil.tables import CARRIED, DELEGATED, MAILED
from services.runtime.store import JobOrder, Transaction
from services.runtime.store.transaction import insert_once

ASK: Final = "ask"
NAMESPACE: Final = UUID("0d5f2a9e-77c3-5b0e-9b3e-6a1d54c0e8f2")


class State(StrEnum):
    """How far a delegate is with a claim."""

    UNREACHED = "unreached"
    WAITING = "waiting"
    ANSWERED = "answered"
    BOUNCED = "bounced"
    DONE = "done"
    HUMAN = "human"
    BY_HAND = "by_hand"


@dataclass(frozen=True, slots=True)
class Delegated:
    """A delegate's state, and the attempt in which it came about."""

    name: str
    state: State
    attempt: int

    @property
    def ended(self) -> bool:
        """Whether nothing more is to be asked of it."""
        return self.state in {State.DONE, State.BY_HAND}


@dataclass(frozen=True, slots=True)
class Carried:
    """A claim that the controller's own systems have carried out."""

    fulfilled: ClaimFulfilled
    attempt: int
    asked: datetime
    delegated: dict[str, Delegated]


def keep(transaction: Transaction, event: ClaimRouted, fulfilled: ClaimFulfilled) -> None:
    """Remember what was done here, and have the delegates asked."""
    row = {
        "claim_id": event.claim_id, "attempt": event.attempt, "fulfilled": fulfilled.model_dump_json(),
        "asked_ms": int(fulfilled.occurred.timestamp() * 1000),
    }  # fmt: skip
    transaction.execute(insert_once(transaction, CARRIED, ("claim_id",)), row)
    order_look(transaction, event, 0, 0)


def order_look(transaction: Transaction, event: ClaimRouted, look: int, not_before_ms: int) -> None:
    """Have the delegates looked after. The job has no key: what waits for days must hold up nothing of the case."""
    reference = {"event": event.model_dump(mode="json"), "look": look}
    name = f"{event.claim_id}|{event.attempt}|{event.occurred.isoformat()}|{look}"
    transaction.order(
        JobOrder(id=str(uuid5(NAMESPACE, name)), kind=ASK, reference=reference, not_before_ms=not_before_ms)
    )


def waits(transaction: Transaction, claim_id: str) -> bool:
    """Tell whether a claim is done here and only waits for others."""
    return transaction.execute(select(CARRIED.c.claim_id).where(CARRIED.c.claim_id == claim_id)).first() is not None


def find(transaction: Transaction, claim_id: str) -> Carried | None:
    """Return what is known of such a claim."""
    row = transaction.execute(select(CARRIED).where(CARRIED.c.claim_id == claim_id)).first()
    if row is None:
        return None
    rows = transaction.execute(select(DELEGATED).where(DELEGATED.c.claim_id == claim_id))
    return Carried(
        fulfilled=ClaimFulfilled.model_validate_json(row.fulfilled),
        attempt=row.attempt,
        asked=datetime.fromtimestamp(row.asked_ms / 1000, UTC),
        delegated={each.delegate: Delegated(each.delegate, State(each.state), each.attempt) for each in rows},
    )


def note(transaction: Transaction, claim_id: str, delegated: Iterable[Delegated]) -> None:
    """Write down how far the delegates are."""
    for each in delegated:
        row = {"claim_id": claim_id, "delegate": each.name, "state": each.state.value, "attempt": each.attempt}
        transaction.execute(insert_once(transaction, DELEGATED, ("claim_id", "delegate")), row)
        change = DELEGATED.update().where(DELEGATED.c.claim_id == claim_id, DELEGATED.c.delegate == each.name)
        transaction.execute(change.values(state=each.state.value, attempt=each.attempt))


def told(transaction: Transaction, claim_id: str) -> None:
    """Let go of a claim that is told: were it opened again, everything is done again."""
    for table in (DELEGATED, MAILED, CARRIED):
        transaction.execute(table.delete().where(table.c.claim_id == claim_id))


def stopped(transaction: Transaction, claim_id: str, when: datetime) -> None:
    """Let go of a claim that was taken back; what was carried out after that moment was routed anew, and stays."""
    row = transaction.execute(select(CARRIED.c.asked_ms).where(CARRIED.c.claim_id == claim_id)).first()
    if row is not None and row.asked_ms <= int(when.timestamp() * 1000):
        told(transaction, claim_id)
