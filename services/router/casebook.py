"""Cases in the store: the only place that writes one, by version, with its events chained by hash."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import insert, select

from services.router.core.cases.events import CaseEvent, to_json
from services.router.core.cases.evolve import evolve
from services.router.core.cases.state import Case
from services.router.core.cases.terms import Terms
from services.router.core.cases.wakeups import next_wakeups
from services.router.tables import CASE_EVENTS, CASES
from services.runtime.store import Transaction

GENESIS: Final = "0" * 64


def load(transaction: Transaction, case_id: str) -> tuple[Case | None, int]:
    """Return the case and the version of its row; None and 0 where there is none."""
    row = transaction.execute(select(CASES.c.snapshot, CASES.c.version).where(CASES.c.case_id == case_id)).first()
    return (None, 0) if row is None else (Case.model_validate_json(row.snapshot), row.version)


def open_case_of(transaction: Transaction, correspondent: str) -> Case | None:
    """Return the open case of whoever wrote, the latest one where there are several."""
    query = (
        select(CASES.c.snapshot)
        .where(CASES.c.correspondent == correspondent, CASES.c.state == "open")
        .order_by(CASES.c.opened_ms.desc())
        .limit(1)
    )
    row = transaction.execute(query).first()
    return None if row is None else Case.model_validate_json(row.snapshot)


def save(transaction: Transaction, case: Case | None, seen: int, events: Sequence[CaseEvent], terms: Terms) -> Case:
    """Append the events and set the snapshot where its version is still the one that was decided on.

    Raises Conflict where somebody else wrote meanwhile; the caller loads the case and decides again.
    """
    number, head = _end(transaction, case)
    rows = []
    for event in events:
        case = evolve(case, event)
        number += 1
        text = to_json(event)
        head = chained(head, text)
        rows.append({"case_id": case.case_id, "number": number, "cause": event.cause, "event": text, "hash": head})
    assert case is not None
    fields = _fields(case, number, head, terms)
    if seen == 0:
        transaction.execute(insert(CASES).values(case_id=case.case_id, version=1, **fields))
    else:
        transaction.compare_and_set(CASES, {"case_id": case.case_id}, seen, fields)
    if rows:
        transaction.execute(insert(CASE_EVENTS), rows)
    return case


def chained(head: str, event: str) -> str:
    """Return the hash that follows: over the one before and the event's canonical bytes."""
    return hashlib.sha256(bytes.fromhex(head) + event.encode()).hexdigest()


def _end(transaction: Transaction, case: Case | None) -> tuple[int, str]:
    if case is None:
        return 0, GENESIS
    query = select(CASES.c.events, CASES.c.head).where(CASES.c.case_id == case.case_id)
    row = transaction.execute(query).one()
    return row.events, row.head


def _fields(case: Case, number: int, head: str, terms: Terms) -> dict[str, object]:
    dues = [claim.due.due for claim in case.claims if claim.open and claim.due is not None]
    wakes = next_wakeups(case, terms)
    return {
        "controller": case.controller,
        "correspondent": case.correspondent,
        "person": case.person,
        "state": case.state,
        "opened_ms": _ms(case.opened),
        "due_ms": _ms(min(dues)) if dues else None,
        "wake_ms": _ms(wakes[0]) if wakes else None,
        "officer": case.officer,
        "language": case.language,
        "events": number,
        "head": head,
        "snapshot": json.dumps(case.model_dump(mode="json"), separators=(",", ":"), ensure_ascii=False),
    }


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
