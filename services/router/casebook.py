"""Cases in the store: the only place that writes one, by version, with its events chained by hash."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, insert, literal_column, select

from services.router.core.cases.commands import Command
from services.router.core.cases.events import CaseEvent, to_json
from services.router.core.cases.evolve import evolve
from services.router.core.cases.state import Case
from services.router.core.cases.terms import Terms
from services.router.core.cases.wakeups import next_wakeups
from services.router.tables import CASE_EVENTS, CASES
from services.runtime.audit.chain import Head, Link, empty, extend
from services.runtime.store import Transaction
from services.runtime.store.prepared import Prepared


_OPEN: Final = Prepared(
    select(CASES.c.snapshot)
    .where(CASES.c.correspondent == bindparam("of"), CASES.c.state == "open")
    .order_by(CASES.c.opened_ms.desc())
    .limit(literal_column("1"))
)


def load(transaction: Transaction, case_id: str) -> tuple[Case | None, int]:
    """Return the case and the version of its row; None and 0 where there is none."""
    row = transaction.execute(select(CASES.c.snapshot, CASES.c.version).where(CASES.c.case_id == case_id)).first()
    return (None, 0) if row is None else (Case.model_validate_json(row.snapshot), row.version)


def open_case_of(transaction: Transaction, correspondent: str) -> Case | None:
    """Return the open case of whoever wrote, the latest one where there are several."""
    row = _OPEN.first(transaction, {"of": correspondent})
    return None if row is None else Case.model_validate_json(row[0])


def known(transaction: Transaction, command: Command) -> bool:
    """Tell whether this command was carried out: a replay from times whose seen ids are purged meets it here."""
    query = select(CASE_EVENTS.c.sequence).where(
        CASE_EVENTS.c.case_id == command.case_id, CASE_EVENTS.c.cause == _cause(command, 0)
    )
    return transaction.execute(query).first() is not None


def save(
    transaction: Transaction, case: Case | None, seen: int, command: Command, events: Sequence[CaseEvent], terms: Terms
) -> Case:
    """Append the events and set the snapshot where its version is still the one that was decided on.

    Raises Conflict where somebody else wrote meanwhile; the caller loads the case and decides again.
    """
    after = case
    for event in events:
        after = evolve(after, event)
    assert after is not None
    bodies = [to_json(event) for event in events]
    links = list(extend(after.controller, _head(transaction, after.case_id), bodies))
    fields = _fields(after, links[-1], terms)
    if seen == 0:
        transaction.execute(insert(CASES).values(case_id=after.case_id, version=1, **fields))
    else:
        transaction.compare_and_set(CASES, {"case_id": after.case_id}, seen, fields)
    rows = [
        {
            "case_id": after.case_id,
            "sequence": link.sequence,
            "controller": after.controller,
            "cause": _cause(command, number),
            "body": link.body,
            "digest": link.digest,
        }
        for number, link in enumerate(links)
    ]
    transaction.execute(insert(CASE_EVENTS), rows)
    return after


def _cause(command: Command, number: int) -> str:
    return f"{command.name()}|{command.cause}#{number}"


def _head(transaction: Transaction, case_id: str) -> Head:
    row = transaction.execute(select(CASES.c.events, CASES.c.head).where(CASES.c.case_id == case_id)).first()
    return empty(case_id) if row is None else Head(case_id, row.events, row.head)


def _fields(case: Case, last: Link, terms: Terms) -> dict[str, object]:
    # A clock that stands is due at no moment: it waits at the end of the list until it runs again.
    running = [claim.due for claim in case.claims if claim.open and claim.due and not claim.due.paused_since]
    dues = [due.due for due in running]
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
        "events": last.sequence,
        "head": last.digest,
        "snapshot": json.dumps(case.model_dump(mode="json"), separators=(",", ":"), ensure_ascii=False),
    }


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
