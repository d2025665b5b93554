"""Erasure (Art. 17): find, keep back what must stay, change the rest in one transaction a system, and read back.

Everything is found, checked and changed before anything lasts. A system's transaction ends only when every step of
every system has succeeded, the systems by which a person is found last; killed anywhere, a repetition finds what is
left.
"""

from __future__ import annotations

import datetime as dt
import os
import random
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from services.fulfil.codes import SHOWN_LEAST, idle, instead, standing_of
from services.fulfil.connectors.protocol import (
    Change,
    Conditions,
    ConnectorError,
    Gathering,
    Key,
    Session,
    SystemDown,
    SystemRefuses,
    Tally,
)
from services.fulfil.core.catalog import Inbound
from services.fulfil.core.erasing import Forbidden, TablePlan, erase_order, may_let_go, plan_table
from services.fulfil.core.identities import Identities
from services.fulfil.core.maps.model import TableName
from services.fulfil.core.masking import Allowed, anything
from services.fulfil.core.nested import Given, given_values
from services.fulfil.core.profile import KINDS_MAX
from services.fulfil.core.standing import Standing
from services.fulfil.core.steps import Action, Outcome, Receipt, Step, digest_of, step_id
from services.fulfil.deleting import Deletions
from services.fulfil.erasing import TableErasure, retained_rows
from services.fulfil.landscape import Landscape, schema_faults
from services.fulfil.ledger import Budget, Ledger
from services.fulfil.parts import Part, part_of
from services.fulfil.report import Report, Status, TableReport
from services.fulfil.search import Found, Search, Withheld
from services.fulfil.sharing import Shared, held_up_by, hold_shareable, shared_rows
from services.fulfil.verifying import still_found

ATTEMPTS_MAX: Final = 4
PAUSE_SECONDS: Final = 0.2


class PartlyDone(SystemRefuses):
    """A system without transactions refused after it may have changed something."""


@dataclass(slots=True)
class _Work:
    """One attempt: what was found, what is to be done, and what was done."""

    found: dict[TableName, Found]
    plans: dict[TableName, TablePlan]
    order: tuple[TableName, ...]
    changed: dict[TableName, Ledger]
    parts: dict[TableName, dict[int, Part]]
    listed: frozenset[TableName] = frozenset()
    forbidden: list[Forbidden] = field(default_factory=list)
    receipts: list[Receipt] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def erase(
    landscape: Landscape,
    identities: Identities,
    budget: Budget,
    *,
    today: dt.date,
    dry_run: bool = False,
    cause: str = "",
    salt: bytes = b"",
    pause: Callable[[float], None] = time.sleep,
) -> Report:
    """Erase a person, or say why not; never `complete` before a fresh look finds nobody."""
    faults = schema_faults(landscape)
    if faults:
        # A table that cannot be read may hold the person: changing the others would be half an erasure (Art. 17(1)).
        return Report(Status.REFUSED, faults=faults)
    salt = salt or os.urandom(32)
    for attempt in range(1, ATTEMPTS_MAX + 1):
        try:
            return _attempt(landscape, identities, budget, today, dry_run=dry_run, cause=cause, salt=salt)
        except SystemDown as fault:
            if attempt == ATTEMPTS_MAX:
                return Report(Status.INCOMPLETE, faults=[str(fault)], notes=[_later(landscape)])
            pause(PAUSE_SECONDS * 2**attempt * random.uniform(0.5, 1.0))  # noqa: S311 - jitter, no secret
    raise AssertionError("the last attempt returns")


def _later(landscape: Landscape) -> str:
    if all(connector.abilities.transactional for connector in landscape.connectors.values()):
        return "Nothing was changed; run it again later."
    return "Run it again later: what is changed already stays changed, and the rest is found."


def _attempt(
    landscape: Landscape,
    identities: Identities,
    budget: Budget,
    today: dt.date,
    *,
    dry_run: bool,
    cause: str,
    salt: bytes,
) -> Report:
    with landscape.sessions(write=not dry_run) as sessions:
        if landscape.own_faults:
            return Report(Status.INCOMPLETE, faults=list(landscape.own_faults.values()))
        plans = _plans(landscape, identities)
        search = Search(
            landscape.graph,
            sessions,
            identities,
            landscape.relations,
            None,
            budget,
            landscape.order,
            plans=plans,
            profiles=landscape.profiles,
            told=landscape.told,
            also=landscape.also,
            only=landscape.only,
            links=landscape.links,
        )
        found = search.run()
        faults = [f.fault for f in found.values() if f.fault]
        if faults:
            return Report(Status.INCOMPLETE, faults=faults, notes=["Nothing was changed."])
        work = _prepare(landscape, plans, search, sessions, found, budget, today)
        if work.forbidden:
            return Report(Status.REFUSED, _tables(work, done=False), [f.said for f in work.forbidden])
        if dry_run:
            return Report(
                Status.PLANNED, _tables(work, done=True), notes=[*work.notes, "Dry run: nothing was changed."]
            )
        lasting: list[str] = []
        try:
            _perform(landscape, work, sessions, salt, cause, given_values(identities))
            _commit(landscape, work, sessions, lasting)
        except ConnectorError as fault:
            if isinstance(fault, SystemDown) and not lasting:
                raise
            return _stopped(work, fault, lasting)
    left = still_found(landscape, {kind: search.spellings(kind) for kind in identities}, found, work.changed)
    status = Status.INCOMPLETE if left else Status.COMPLETE
    return Report(status, _tables(work, done=True), left, work.receipts, work.notes)


def _prepare(
    landscape: Landscape,
    plans: dict[TableName, TablePlan],
    search: Search,
    sessions: Mapping[str, Session],
    found: dict[TableName, Found],
    budget: Budget,
    today: dt.date,
) -> _Work:
    graph = landscape.graph
    for name, one in found.items():
        if name.system in sessions:
            retained_rows(graph, one, sessions[name.system], search, today)
    touched = frozenset(n for n, p in plans.items() if p.touches and len(found[n].rows) and not p.keep)
    shareable = touched | held_up_by(graph, search, touched)
    hold_shareable(search, sessions, shareable)
    shared = shared_rows(graph, search, sessions, landscape.relations, shareable)
    changed = {name: Ledger(budget) for name in found}
    parts: dict[TableName, dict[int, Part]] = {name: {} for name in plans}
    for name, plan in plans.items():
        _sort_rows(plan, found[name], shared, changed[name], parts[name])
    forbidden = [f for name, plan in plans.items() if not plan.delete and len(changed[name]) for f in plan.faults]
    deletions = Deletions(graph, found, plans, changed, sessions, lambda name: _inbound(landscape, name), budget)
    if not forbidden:
        forbidden += deletions.settle()
    landscape.erase_order = landscape.erase_order or erase_order(graph)
    notes = [*search.said(), *deletions.notes]
    listed = frozenset(search.listed)
    return _Work(found, plans, landscape.erase_order, changed, parts, listed, forbidden, notes=notes)


def _plans(landscape: Landscape, identities: Identities) -> dict[TableName, TablePlan]:
    """Plan every table, once for each set of kinds of identities: a plan knows columns and no values."""
    kinds = frozenset(identities)
    known = landscape.plans.get(kinds) if landscape.only is None else None
    if known is None:
        known = {
            name: plan_table(landscape.graph, name, identities, _inbound(landscape, name), _allowed(landscape, name))
            for name in landscape.graph.tables
            if landscape.has(name.system)
        }
        if len(landscape.plans) < KINDS_MAX and landscape.only is None:
            landscape.plans[kinds] = known
    return known


def _allowed(landscape: Landscape, name: TableName) -> Allowed:
    connector = landscape.connectors[name.system]
    return connector.allowed if isinstance(connector, Conditions) else anything


def _inbound(landscape: Landscape, name: TableName) -> list[Inbound]:
    connector = landscape.connectors[name.system]
    asked = next([t.name for t in m.tables if not t.skip] for m in landscape.maps if m.system == name.system)
    return [entry for entry in connector.catalog(asked).inbound if entry.key.table == name.table]


def _sort_rows(plan: TablePlan, found: Found, shared: Shared, changed: Ledger, parts: dict[int, Part]) -> None:
    """Sort rows into those that change and those that are kept back, each of these with its reason."""
    for key, code in found.rows.items():
        standing = standing_of(code)
        if standing is Standing.THIRD or key in found.kept:
            continue
        if key in shared.get(plan.name, {}):
            if not plan.touches:
                continue
            found.keep(key, shared[plan.name][key])
        elif plan.keep:
            found.keep(key, "kept: the map keeps this table")
        elif plan.touches and not idle(code):
            part = parts.get(code)
            if part is None:
                part = parts[code] = part_of(plan, found.profile, code)
            if not part.nothing:
                changed.add(key, code)


def _perform(
    landscape: Landscape, work: _Work, sessions: Mapping[str, Session], salt: bytes, cause: str, given: Given
) -> None:
    begun: list[tuple[Step, Tally, str]] = []
    with ExitStack() as blocks:
        changing = {system: blocks.enter_context(_changing(session)) for system, session in sessions.items()}
        for place, name in enumerate(work.order):
            if landscape.told is not None:
                landscape.told("erasing", name, place + 1, len(work.order))
            ledger = work.changed[name]
            if not len(ledger):
                continue
            plan = work.plans[name]
            action = Action.DELETE if plan.delete else Action.MASK
            step = Step(step_id(cause, name.system, name.table, action), name.system, name.table, action, len(ledger))
            change = changing[name.system]
            if plan.delete:
                _let_go(landscape, work, change, name, step.step_id)
            profile = work.found[name].profile
            erasure = TableErasure(landscape.graph, profile, plan, ledger, salt, given, work.parts[name])
            tally = erasure.perform(sessions[name.system], change, step.step_id)
            begun.append((step, tally, digest_of(ledger.keys(), salt)))
    work.receipts += [
        Receipt(s.step_id, s.system, s.table, s.action, Outcome.DONE, s.planned, tally(), digest)
        for s, tally, digest in begun
    ]


@contextmanager
def _changing(session: Session) -> Iterator[Callable[[Change], Tally]]:
    """Give what changes rows: many behind one another where the system can, else one by one."""
    if isinstance(session, Gathering):
        with session.gathering() as change:
            yield change
        return
    yield lambda change: partial(int, session.change(change))


def _let_go(landscape: Landscape, work: _Work, change: Callable[[Change], Tally], name: TableName, step: str) -> None:
    """Empty the keys of rows that are deleted after this table's, or with them: tables point in circles."""
    later = set(work.order[work.order.index(name) :])
    for entry in _inbound(landscape, name):
        holder, key = TableName(name.system, entry.table), entry.key
        if holder not in later or not work.plans[holder].delete or not len(work.changed[holder]):
            continue
        column = may_let_go(landscape.graph, holder, key)
        if column is None or key.deferrable or key.on_delete in ("cascade", "set null"):
            continue
        rows = ((row, ()) for row, code in work.changed[holder].items() if not instead(code))
        change(Change(step, holder.table, work.found[holder].profile.key, rows, {column: None}))


def _commit(landscape: Landscape, work: _Work, sessions: Mapping[str, Session], lasting: list[str]) -> None:
    """Make it last, system by system, in the order of the steps: the ones that lead to the others come last."""
    last = {name.system: n for n, name in enumerate(work.order) if len(work.changed[name])}
    for system in sorted(last, key=lambda s: (landscape.connectors[s].abilities.transactional, last[s])):
        try:
            sessions[system].commit()
        except SystemRefuses as fault:
            if not landscape.connectors[system].abilities.transactional:
                # Row by row: those before the one that is refused have gone.
                raise PartlyDone(str(fault)) from None
            raise
        lasting.append(system)


def _stopped(work: _Work, fault: ConnectorError, lasting: list[str]) -> Report:
    """Say what is undone, and what had already lasted in another system when one refused."""
    receipts = [receipt if receipt.system in lasting else _undone(receipt) for receipt in work.receipts]
    if isinstance(fault, PartlyDone):
        note = "Some of it may be changed there already; mend the cause and run it again."
        return Report(Status.INCOMPLETE, _tables(work, done=False), [str(fault)], receipts, [note])
    if not lasting:
        return Report(Status.REFUSED, _tables(work, done=False), [str(fault)], receipts, ["Everything was undone."])
    note = f"Erased in {', '.join(lasting)} and undone elsewhere; run it again."
    return Report(Status.INCOMPLETE, _tables(work, done=False), [str(fault)], receipts, [note])


def _undone(receipt: Receipt) -> Receipt:
    return Receipt(receipt.step_id, receipt.system, receipt.table, receipt.action, Outcome.UNDONE, receipt.planned, 0)


def _tables(work: _Work, *, done: bool) -> dict[TableName, TableReport]:
    tables: dict[TableName, TableReport] = {}
    for name, found in work.found.items():
        rows = work.changed[name].keys if done else _nobody
        tables[name] = TableReport(
            key=found.profile.key,
            shown=found.profile.shown,
            rows=rows,
            withheld=_merged(found.withheld),
            withheld_more=found.withheld_more,
            counts={"found": sum(1 for _ in found.rows.keys(least=SHOWN_LEAST))},
            listed=name in work.listed,
        )
    return tables


def _nobody() -> Iterator[Key]:
    yield from ()


def _merged(entries: list[Withheld]) -> list[Withheld]:
    """One entry a row: the last one said of it is the one that decided."""
    return list({entry.key: entry for entry in entries}.values())
