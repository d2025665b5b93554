"""Which cases a list shows: asked of the database as far as its columns go, the rest of the snapshots."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from operator import itemgetter
from typing import Any, Final

from sqlalchemy import Column, Select, select, tuple_

from services.router.core.cases.state import Case
from services.router.desk.filters import NOBODY, Criteria
from services.router.tables import CASES
from services.runtime.store import Transaction

PAGE_ROWS: Final = 500
OPEN: Final = "open"
COMPLETED: Final = "completed"


def cases(transaction: Transaction, wanted: Criteria, now: datetime) -> list[Case]:
    """Return the cases that fit, what is overdue first, then by their due moment; without a running clock last."""
    found: list[Case] = []
    for case in _in_order(transaction, wanted, now):
        if _fits(case, wanted):
            found.append(case)
        if len(found) == wanted.limit:
            break
    return found


def _in_order(transaction: Transaction, wanted: Criteria, now: datetime) -> Iterator[Case]:
    """Yield cases as an index gives them: sorting all of a million open ones would take the database seconds."""
    lists = [_narrowed(wanted, now)]
    if wanted.state == OPEN and not wanted.overdue:
        # Something is left to do for a completed case (Art. 19 GDPR): that is an officer's open work as well.
        lists.append(_narrowed(replace(wanted, state=COMPLETED), now))
    running = [_pages(transaction, each.where(CASES.c.due_ms.is_not(None)), CASES.c.due_ms) for each in lists]
    yield from (case for _, case in heapq.merge(*running, key=itemgetter(0)))
    if not (wanted.overdue or wanted.due_within):
        standing = lists[0].where(CASES.c.due_ms.is_(None))
        yield from (case for _, case in _pages(transaction, standing, CASES.c.opened_ms))


def _pages(transaction: Transaction, query: Select[Any], order: Column[Any]) -> Iterator[tuple[int, Case]]:
    """Yield cases with the moment they are ordered by, a page at a time."""
    last: tuple[int, str] | None = None
    while True:
        page = query if last is None else query.where(tuple_(order, CASES.c.case_id) > tuple_(*last))
        rows = transaction.execute(page.order_by(order, CASES.c.case_id).limit(PAGE_ROWS)).all()
        for row in rows:
            yield row._mapping[order], Case.model_validate_json(row.snapshot)
        if len(rows) < PAGE_ROWS:
            return
        last = (rows[-1]._mapping[order], rows[-1].case_id)


def _narrowed(wanted: Criteria, now: datetime) -> Select[Any]:
    query = select(CASES.c.snapshot, CASES.c.due_ms, CASES.c.opened_ms, CASES.c.case_id)
    if wanted.state != "all":
        query = query.where(CASES.c.state == wanted.state)
    if wanted.controller:
        query = query.where(CASES.c.controller == wanted.controller)
    if wanted.overdue:
        query = query.where(CASES.c.due_ms <= _ms(now))
    within = wanted.within()
    if within is not None:
        query = query.where(CASES.c.due_ms <= _ms(now + within))
    if wanted.assigned == NOBODY:
        query = query.where(CASES.c.officer.is_(None))
    elif wanted.assigned:
        query = query.where(CASES.c.officer == wanted.assigned)
    if wanted.right:
        # A snapshot is compact JSON that we write ourselves: this finds it without reading every case in Python.
        query = query.where(CASES.c.snapshot.contains(f'"right":"{wanted.right}"', autoescape=True))
    return query


def _fits(case: Case, wanted: Criteria) -> bool:
    claims = [claim for claim in case.claims if claim.open or claim.tasks or wanted.state != OPEN]
    if wanted.right and not any(claim.right.value == wanted.right for claim in claims):
        return False
    tasks = [task.reason for claim in case.claims for task in claim.tasks]
    if wanted.task and wanted.task not in tasks:
        return False
    return not wanted.human or bool(tasks)


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
