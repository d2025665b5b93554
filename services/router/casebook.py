"""Cases in the store: the only place that writes one, by version, with its events chained by hash."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, insert, literal_column, select, update

from services.router.core.cases.commands import Command
from services.router.core.cases.events import CaseEvent, to_json
from services.router.core.cases.evolve import evolve
from services.router.core.cases.state import Case
from services.router.core.cases.terms import Terms
from services.router.core.cases.values import OWN
from services.router.core.cases.wakeups import next_wakeups
from services.router.tables import CASE_EVENTS, CASES
from services.runtime.audit.chain import Head, Link, empty, extend
from services.runtime.store import Conflict, Transaction
from services.runtime.store.prepared import Prepared

_LOAD: Final = Prepared(select(CASES.c.snapshot, CASES.c.version).where(CASES.c.case_id == bindparam("of")))
_HEAD: Final = Prepared(select(CASES.c.events, CASES.c.head).where(CASES.c.case_id == bindparam("of")))
_KNOWN: Final = Prepared(
    select(CASE_EVENTS.c.sequence).where(
        CASE_EVENTS.c.case_id == bindparam("of"), CASE_EVENTS.c.cause == bindparam("by")
    )
)
_OPEN: Final = Prepared(
    select(CASES.c.snapshot)
    .where(CASES.c.correspondent == bindparam("of"), CASES.c.state == "open")
    .order_by(CASES.c.opened_ms.desc())
    .limit(literal_column("20"))
)
_ENDED: Final = Prepared(
    select(CASES.c.snapshot)
    .where(CASES.c.correspondent == bindparam("of"), CASES.c.state == "completed")
    .order_by(CASES.c.opened_ms.desc())
    .limit(literal_column("1"))
)
_ADD: Final = Prepared(insert(CASES))
_APPEND: Final = Prepared(insert(CASE_EVENTS))
_CHANGED: Final = tuple(column.name for column in CASES.columns if column.name not in {"case_id", "version"})
_SET: Final = Prepared(
    update(CASES)
    .where(CASES.c.case_id == bindparam("of"), CASES.c.version == bindparam("seen"))
    .values({"version": bindparam("next"), **{name: bindparam(f"new_{name}") for name in _CHANGED}})
)
_PUT_OFF: Final = Prepared(
    update(CASES)
    .where(CASES.c.case_id == bindparam("of"), CASES.c.wake_ms == bindparam("was"))
    .values({"wake_ms": bindparam("then")})
)


def load(transaction: Transaction, case_id: str) -> tuple[Case | None, int]:
    """Return the case and the version of its row; None and 0 where there is none."""
    row = _LOAD.first(transaction, {"of": case_id})
    return (None, 0) if row is None else (Case.model_validate_json(row[0]), row[1])


def open_cases_of(transaction: Transaction, correspondent: str) -> list[Case]:
    """Return the open cases of whoever wrote, the latest first."""
    return [Case.model_validate_json(row[0]) for row in _OPEN.all(transaction, {"of": correspondent})]


def latest_of(transaction: Transaction, correspondent: str) -> list[Case]:
    """Return the open cases of whoever wrote, the latest first; where none is open, the last one that has ended."""
    ended = _ENDED.all(transaction, {"of": correspondent})
    return open_cases_of(transaction, correspondent) or [Case.model_validate_json(row[0]) for row in ended]


def open_case_of(transaction: Transaction, correspondent: str) -> Case | None:
    """Return the open case that a further message of theirs belongs to: their own before one for somebody else."""
    return own_or_latest(open_cases_of(transaction, correspondent))


def own_or_latest(cases: Sequence[Case]) -> Case | None:
    """Return the latest of these cases in which somebody asks for themselves, else the latest of all."""
    return next((case for case in cases if case.asker in OWN), cases[0] if cases else None)


def known(transaction: Transaction, command: Command) -> bool:
    """Tell whether this command was carried out: a replay from times whose seen ids are purged meets it here."""
    return _KNOWN.first(transaction, {"of": command.case_id, "by": _cause(command, 0)}) is not None


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
        _ADD.changed(transaction, {"case_id": after.case_id, "version": 1, **fields})
    else:
        _set(transaction, after.case_id, seen, fields)
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
    _APPEND.each(transaction, rows)
    return after


def put_off(transaction: Transaction, case_id: str, waked_ms: int, until: datetime | None) -> None:
    """Set when a case is looked at again, where it still says the moment at which it was woken."""
    until_ms = None if until is None else _ms(until)
    if until_ms != waked_ms:
        _PUT_OFF.changed(transaction, {"of": case_id, "was": waked_ms, "then": until_ms})


def _cause(command: Command, number: int) -> str:
    return f"{command.name()}|{command.cause}#{number}"


def _head(transaction: Transaction, case_id: str) -> Head:
    row = _HEAD.first(transaction, {"of": case_id})
    return empty(case_id) if row is None else Head(case_id, row[0], row[1])


def _set(transaction: Transaction, case_id: str, seen: int, fields: Mapping[str, object]) -> None:
    new = {f"new_{name}": fields[name] for name in _CHANGED}
    if _SET.changed(transaction, {"of": case_id, "seen": seen, "next": seen + 1, **new}) != 1:
        raise Conflict(f"the case is not at version {seen} of its row any more")


def _fields(case: Case, last: Link, terms: Terms) -> dict[str, object]:
    # A clock that stands is due at no moment: it waits at the end of the list until it runs again.
    running = [claim.due for claim in case.claims if claim.open and claim.due and not claim.due.paused_since]
    # A completed case is due no more, but what an officer still has to do for it is (telling recipients, Art. 19 GDPR).
    dues = [due.due for due in running] or [task.due for claim in case.claims for task in claim.tasks if not claim.open]
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
