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
from typing import Final

from services.fulfil.codes import idle, standing_of
from services.fulfil.connectors.protocol import (
    Conditions,
    ConnectorError,
    Session,
    SystemDown,
    said_of,
)
from services.fulfil.core.erasing import TablePlan, erase_order, plan_table
from services.fulfil.core.identities import Identities
from services.fulfil.core.maps.model import TableName
from services.fulfil.core.masking import Allowed, anything
from services.fulfil.core.nested import given_values
from services.fulfil.core.profile import KINDS_MAX
from services.fulfil.core.standing import Standing
from services.fulfil.deleting import Deletions
from services.fulfil.erasing import retained_rows
from services.fulfil.landscape import Landscape, inbound_of, schema_faults
from services.fulfil.ledger import Budget, Ledger
from services.fulfil.parts import Part, part_of
from services.fulfil.performing import Work, commit, heed_what_lasts_at_once, perform, stopped, tables, warnings_of
from services.fulfil.report import Report, Status, joined
from services.fulfil.search import Found, Search
from services.fulfil.sharing import Shared, held_up_by, hold_shareable, shared_rows
from services.fulfil.verifying import Left, still_found

ATTEMPTS_MAX: Final = 4
PAUSE_SECONDS: Final = 0.2
DRY_RUN: Final = "Dry run: nothing was changed."


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
            report, left = _attempt(landscape, identities, budget, today, dry_run=dry_run, cause=cause, salt=salt)
            if not left.appeared:
                return report
            return _what_appeared(report, landscape, identities, budget, today, cause=cause, salt=salt)
        except SystemDown as fault:
            if attempt == ATTEMPTS_MAX:
                return Report(Status.INCOMPLETE, faults=[said_of(fault)], notes=[_later(landscape)])
            pause(PAUSE_SECONDS * 2**attempt * random.uniform(0.5, 1.0))  # noqa: S311 - jitter, no secret
    raise AssertionError("the last attempt returns")


def _what_appeared(
    report: Report, landscape: Landscape, identities: Identities, budget: Budget, today: dt.date, *, cause: str,
    salt: bytes,
) -> Report:  # fmt: skip
    """Erase what the erasure itself has brought forth: a trigger that writes down what a row was before."""
    try:
        second, _ = _attempt(landscape, identities, budget, today, dry_run=False, cause=cause, salt=salt)
    except SystemDown:
        return report
    return joined(report, second)


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
) -> tuple[Report, Left]:
    nothing = Left()
    with landscape.sessions(write=not dry_run) as sessions:
        if landscape.own_faults:
            return Report(Status.INCOMPLETE, faults=list(landscape.own_faults.values())), nothing
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
        said = [landscape.faults.get(one.profile.name.system, one.fault) for one in found.values() if one.fault]
        if said:
            faults = list(dict.fromkeys(said))
            return Report(Status.INCOMPLETE, faults=faults, notes=["Nothing was changed."]), nothing
        if unsure := search.unsure():
            return Report(Status.REFUSED, faults=unsure, notes=["Nothing was changed."]), nothing
        work = _prepare(landscape, plans, search, sessions, found, budget, today)
        if work.forbidden:
            return Report(Status.REFUSED, tables(work, frozenset()), [f.said for f in work.forbidden]), nothing
        if dry_run:
            notes = [*work.notes, *warnings_of(landscape, work), DRY_RUN]
            return Report(Status.PLANNED, tables(work), notes=notes), nothing
        try:
            perform(landscape, work, sessions, salt, cause, given_values(identities))
            commit(landscape, work, sessions)
        except ConnectorError as fault:
            if isinstance(fault, SystemDown) and not (work.lasting or work.at_once.keys() & work.begun.keys()):
                raise
            return stopped(landscape, work, fault), nothing
    left = still_found(landscape, {kind: search.spellings(kind) for kind in identities}, found, work.changed)
    status = Status.INCOMPLETE if left.said else Status.COMPLETE
    return Report(status, tables(work), left.said, work.receipts, work.notes, left.kept_by_duty), left


def _prepare(
    landscape: Landscape,
    plans: dict[TableName, TablePlan],
    search: Search,
    sessions: Mapping[str, Session],
    found: dict[TableName, Found],
    budget: Budget,
    today: dt.date,
) -> Work:
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
    deletions = Deletions(graph, found, plans, changed, sessions, lambda name: inbound_of(landscape, name), budget)
    if not forbidden:
        forbidden += deletions.settle()
    landscape.erase_order = landscape.erase_order or erase_order(graph)
    notes = [*search.said(), *deletions.notes, *_stays(plans, changed)]
    listed = frozenset(search.listed)
    work = Work(found, plans, landscape.erase_order, changed, parts, listed, forbidden, notes=notes)
    heed_what_lasts_at_once(landscape, work)
    return work


def _stays(plans: Mapping[TableName, TablePlan], changed: Mapping[TableName, Ledger]) -> Iterator[str]:
    """Say which of a person's fields an erasure leaves as they are."""
    for name, plan in plans.items():
        if plan.stays and not plan.delete and len(changed[name]):
            yield (
                f"{name}: {', '.join(plan.stays)} stays as it is: rows find each other by it. "
                "Where it tells who somebody is, map `erase: delete` for these tables."
            )


def _plans(landscape: Landscape, identities: Identities) -> dict[TableName, TablePlan]:
    """Plan every table, once for each set of kinds of identities: a plan knows columns and no values."""
    kinds = frozenset(identities)
    known = landscape.plans.get(kinds) if landscape.only is None else None
    if known is None:
        known = {
            name: plan_table(landscape.graph, name, identities, inbound_of(landscape, name), _allowed(landscape, name))
            for name in landscape.graph.tables
            if landscape.has(name.system)
        }
        if len(landscape.plans) < KINDS_MAX and landscape.only is None:
            landscape.plans[kinds] = known
    return known


def _allowed(landscape: Landscape, name: TableName) -> Allowed:
    connector = landscape.connectors[name.system]
    return connector.allowed if isinstance(connector, Conditions) else anything


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
            found.keep(key, "kept: the map keeps this table", duty=True)
        elif plan.touches and not idle(code):
            part = parts.get(code)
            if part is None:
                part = parts[code] = part_of(plan, found.profile, code)
            if not part.nothing:
                changed.add(key, code)
