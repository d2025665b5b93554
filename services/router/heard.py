"""Who wrote when: a person without a case is forgotten so many days after their last message.

A question that was answered needs nobody's address any more (Art. 5(1)(e) GDPR). Whoever has a case stays as long as
the case does (`services.router.retention`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Final

from sqlalchemy import bindparam, delete, exists, select, update

from services.router.tables import CASES, HEARD
from services.runtime.store import Transaction
from services.runtime.store.prepared import Prepared
from services.runtime.store.transaction import prepared_once

EXACT_TO: Final = timedelta(days=1)
"""A person who writes often is written down once a day."""

Place = tuple[int, str]
START: Final[Place] = (-1, "")

_FOUND: Final = Prepared(select(HEARD.c.heard_ms).where(HEARD.c.person == bindparam("of")))


def hear(transaction: Transaction, controller: str, person: str, received: datetime) -> None:
    """Remember that this person wrote."""
    heard_ms = _ms(received)
    found = _FOUND.first(transaction, {"of": person})
    if found is None:
        values = {"person": person, "controller": controller, "heard_ms": heard_ms}
        _once(transaction.is_sqlite).changed(transaction, values)
    elif heard_ms - found[0] >= _ms_of(EXACT_TO):
        transaction.execute(update(HEARD).where(HEARD.c.person == person).values(heard_ms=heard_ms))


def unhear(transaction: Transaction, person: str) -> None:
    """Let go of what is known of when a forgotten person wrote."""
    transaction.execute(delete(HEARD).where(HEARD.c.person == person))


def silent(
    reading: Transaction, controller: str, before: datetime, after: Place, rows_max: int
) -> tuple[Sequence[str], Place] | None:
    """Return the next persons without a case who last wrote before a moment, and where the page ends."""
    kept = exists().where(CASES.c.person == HEARD.c.person, CASES.c.state != "forgotten")
    heard_ms, person = after
    query = (
        select(HEARD.c.heard_ms, HEARD.c.person)
        .where(HEARD.c.controller == controller, HEARD.c.heard_ms <= _ms(before - EXACT_TO))
        .where((HEARD.c.heard_ms > heard_ms) | ((HEARD.c.heard_ms == heard_ms) & (HEARD.c.person > person)))
        .where(~kept)
        .order_by(HEARD.c.heard_ms, HEARD.c.person)
        .limit(rows_max)
    )
    rows = reading.execute(query).all()
    return ([row.person for row in rows], (rows[-1].heard_ms, rows[-1].person)) if rows else None


def controllers(reading: Transaction) -> Sequence[str]:
    """Return the controllers that anybody wrote to."""
    return reading.execute(select(HEARD.c.controller).distinct()).scalars().all()


@cache
def _once(sqlite: bool) -> Prepared:
    return prepared_once(sqlite, HEARD, ("person",))


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def _ms_of(time: timedelta) -> int:
    return int(time.total_seconds() * 1000)
