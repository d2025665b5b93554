"""The end of a retention: a person is forgotten, unless another case or an open question still needs them.

Storage limitation (Art. 5(1)(e) GDPR): once nobody can bring a claim over a case any more, what names its person goes;
so does, sooner, what names somebody who only asked a question.
Forgetting comes first and the rows after: whoever dies in between finds the same cases due again, and forgetting twice
changes nothing. The case events stay, since they name nobody, and so their chains stay provable.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from sqlalchemy import delete, select, tuple_

from schemas.envelope import Tombstone
from schemas.events import CaseSnapshot
from schemas.topics import Topic
from services.router import heard
from services.router.core.cases.state import Case
from services.router.tables import CASES, RECIPIENTS, REVIEWS, SERVICE
from services.runtime.settings import CASE_RETENTION_DAYS, QUESTION_RETENTION_DAYS, Settings
from services.runtime.store import Store, Transaction
from services.runtime.vault import Vault

FORGOTTEN: Final = "forgotten"
OPEN: Final = "open"
PAGE_ROWS: Final = 200
SOURCE: Final = f"/habeas/{SERVICE}"

SETTLE: Final = timedelta(days=7)
"""Longer than a message waits between the door and the router: what was sealed within it may not be read yet."""

_Page = Callable[..., tuple[Sequence[str], heard.Place] | None]


@dataclass(frozen=True, slots=True)
class Keeping:
    """How long each controller keeps a case after it was completed, and a person without one after their last word."""

    days: Mapping[str, int]
    question_days: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, settings: Settings) -> Keeping:
        """Return what the settings say."""
        each = settings.controllers.items()
        return cls(
            {name: controller.case_retention_days for name, controller in each},
            {name: controller.question_retention_days for name, controller in each},
        )

    def over(self, case: Case, now: datetime) -> bool:
        """Tell whether nothing needs the case any more; one that was joined into another lives on there."""
        if case.joined_into is not None:
            return True
        if case.completed is None:
            return False
        return case.completed + timedelta(days=self.days.get(case.controller, CASE_RETENTION_DAYS)) <= now

    @property
    def shortest(self) -> timedelta:
        """Return the shortest time that any case is kept: a younger one need not be looked at."""
        return timedelta(days=min(self.days.values(), default=CASE_RETENTION_DAYS))

    def silent_since(self, controller: str, now: datetime) -> datetime:
        """Return since when a person without a case must have been silent to be forgotten."""
        return now - timedelta(days=self.question_days.get(controller, QUESTION_RETENTION_DAYS))


async def forget_due(store: Store, vault: Vault, keeping: Keeping, now: datetime) -> int:
    """Forget every person whose cases' retention, or whose question's, has ended; return how many they were."""
    by_cases = await _forget(store, vault, keeping, now, partial(_page, keeping=keeping, now=now))
    by_silence = 0
    for controller in await store.read(heard.controllers):
        since = keeping.silent_since(controller, now)
        page = partial(heard.silent, controller=controller, before=since, rows_max=PAGE_ROWS)
        by_silence += await _forget(store, vault, keeping, now, page)
    return by_cases + by_silence


async def _forget(store: Store, vault: Vault, keeping: Keeping, now: datetime, page_of: _Page) -> int:
    """Forget the persons of each page that nothing needs any more; return how many."""
    forgotten, place = 0, heard.START
    while True:
        page = await store.read(partial(page_of, after=place))
        if page is None:
            return forgotten
        persons, place = page
        for person in persons:
            if await store.read(partial(_needed, vault=vault, keeping=keeping, now=now, person=person)):
                continue
            await asyncio.to_thread(vault.forget, person)
            await store.run(partial(_let_go, person=person))
            forgotten += 1


def _page(
    reading: Transaction, keeping: Keeping, now: datetime, after: heard.Place
) -> tuple[list[str], heard.Place] | None:
    """Return the persons of the next cases whose time is over, and where the page ends; None after the last."""
    opened_before = int((now - keeping.shortest).timestamp() * 1000)
    query = (
        select(CASES.c.case_id, CASES.c.opened_ms, CASES.c.person, CASES.c.snapshot)
        .where(CASES.c.state.not_in((OPEN, FORGOTTEN)), CASES.c.opened_ms <= opened_before)
        .where(tuple_(CASES.c.opened_ms, CASES.c.case_id) > after)
        .order_by(CASES.c.opened_ms, CASES.c.case_id)
        .limit(PAGE_ROWS)
    )
    rows = reading.execute(query).all()
    if not rows:
        return None
    over = [row.person for row in rows if keeping.over(Case.model_validate_json(row.snapshot), now)]
    return list(dict.fromkeys(over)), (rows[-1].opened_ms, rows[-1].case_id)


def _needed(reading: Transaction, vault: Vault, keeping: Keeping, now: datetime, person: str) -> bool:
    """Tell whether another case of this person is kept, an officer has to read them, or they have just written."""
    waiting = select(REVIEWS.c.number).where(REVIEWS.c.person == person, REVIEWS.c.decided.is_(None))
    if reading.execute(waiting).first() is not None:
        return True
    sealed = vault.last_sealed(reading, person)
    if sealed is not None and now - sealed < SETTLE:
        return True
    return not all(keeping.over(Case.model_validate_json(row.snapshot), now) for row in _rows(reading, person))


def _let_go(transaction: Transaction, person: str) -> None:
    """Mark the person's cases, drop where their letters went, and take their snapshots from the topic."""
    for row in _rows(transaction, person):
        transaction.compare_and_set(
            CASES, {"case_id": row.case_id}, row.version, {"state": FORGOTTEN, "due_ms": None, "wake_ms": None}
        )
        transaction.execute(delete(RECIPIENTS).where(RECIPIENTS.c.case_id == row.case_id))
        transaction.enqueue(Tombstone(Topic.SNAPSHOTS.value, row.case_id, SOURCE, CaseSnapshot))
    heard.unhear(transaction, person)


def _rows(reading: Transaction, person: str) -> Sequence[Any]:
    query = select(CASES.c.case_id, CASES.c.version, CASES.c.snapshot)
    return reading.execute(query.where(CASES.c.person == person, CASES.c.state != FORGOTTEN)).all()
