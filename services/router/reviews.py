"""Messages that wait for a human: kept until an officer says which rights they use."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select

from schemas.events import MessageHeld, MessageReceived, ReviewRequested
from schemas.rights import Channel
from services.router.tables import REVIEWS
from services.runtime.store import Transaction


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message that waits."""

    review_id: str
    controller: str
    correspondent: str
    message_id: str
    person: str
    body: str
    channel: str
    reason: str
    suggestions: tuple[str, ...]
    received: datetime
    decided: str | None


def add(transaction: Transaction, request: ReviewRequested, message: MessageReceived) -> bool:
    """Keep a message for an officer; tell whether it was not there yet."""
    return _add(transaction, request, message.person, message.channel, message.received)


def add_held(transaction: Transaction, held: MessageHeld, person: str) -> None:
    """Keep a mail that could not be read."""
    request = ReviewRequested(
        controller=held.controller, occurred=held.occurred, correspondent=held.correspondent,
        message_id=held.message_id, review_id=held.message_id, reason=held.reason.value, body=held.body,
    )  # fmt: skip
    _add(transaction, request, person, Channel.EMAIL, held.received)


def _add(transaction: Transaction, request: ReviewRequested, person: str, channel: Channel, received: datetime) -> bool:
    known = transaction.execute(select(REVIEWS.c.number).where(REVIEWS.c.review_id == request.review_id)).first()
    if known is not None:
        return False
    transaction.execute(
        REVIEWS.insert().values(
            review_id=request.review_id, controller=request.controller, correspondent=request.correspondent,
            message_id=request.message_id, person=person, body=request.body, channel=channel.value,
            reason=request.reason, suggestions=",".join(request.suggestions),
            received_ms=int(received.timestamp() * 1000), decided=None,
        )
    )  # fmt: skip
    return True


def find(transaction: Transaction, review_id: str) -> Waiting | None:
    """Return a review by its id."""
    row = transaction.execute(select(REVIEWS).where(REVIEWS.c.review_id == review_id)).first()
    return None if row is None else _waiting(row)


def waiting(transaction: Transaction, limit: int = 200) -> list[Waiting]:
    """Return what waits, the oldest first."""
    query = select(REVIEWS).where(REVIEWS.c.decided.is_(None)).order_by(REVIEWS.c.received_ms).limit(limit)
    return [_waiting(row) for row in transaction.execute(query)]


def decide(transaction: Transaction, review_id: str, decision: str) -> None:
    """Note what was decided."""
    transaction.execute(REVIEWS.update().where(REVIEWS.c.review_id == review_id).values(decided=decision))


def _waiting(row: object) -> Waiting:
    fields = row._mapping  # type: ignore[attr-defined]  # a SQLAlchemy row
    return Waiting(
        review_id=fields["review_id"],
        controller=fields["controller"],
        correspondent=fields["correspondent"],
        message_id=fields["message_id"],
        person=fields["person"],
        body=fields["body"],
        channel=fields["channel"],
        reason=fields["reason"],
        suggestions=tuple(filter(None, fields["suggestions"].split(","))),
        received=datetime.fromtimestamp(fields["received_ms"] / 1000, UTC),
        decided=fields["decided"],
    )
