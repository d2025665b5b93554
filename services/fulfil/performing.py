"""Carrying out an erasure that was prepared: changing rows, making it last, and saying what lasts when it fails.

A system's transaction ends only when every step of every system has succeeded. What no transaction can undo is changed
as late as possible, and never before what it leads to lasts: killed anywhere, a repetition finds what is left.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial

from services.fulfil.codes import SHOWN_LEAST, instead
from services.fulfil.connectors.protocol import (
    Change,
    ConnectorError,
    Gathering,
    Key,
    Session,
    SystemRefuses,
    Tally,
    said_of,
)
from services.fulfil.core.erasing import Forbidden, TablePlan, may_let_go
from services.fulfil.core.maps.model import TableName
from services.fulfil.core.nested import Given
from services.fulfil.core.steps import Action, Outcome, Receipt, Step, digest_of, step_id
from services.fulfil.core.undoing import cannot_undo, changed_last, leads_to, stays, warning
from services.fulfil.erasing import TableErasure
from services.fulfil.landscape import Landscape, inbound_of
from services.fulfil.ledger import Ledger
from services.fulfil.parts import Part
from services.fulfil.report import Report, Status, TableReport
from services.fulfil.search import Found, Withheld


class PartlyDone(SystemRefuses):
    """A system without transactions refused after it may have changed something."""


@dataclass(slots=True)
class Begun:
    """One table's changes, sent or about to be."""

    step: Step
    digest: str
    tally: Tally | None = None
    """How many rows it reached; none while it is being sent, or when that failed."""


@dataclass(slots=True)
class Work:
    """One attempt: what was found, what is to be done, what was done, and what of it lasts already."""

    found: dict[TableName, Found]
    plans: dict[TableName, TablePlan]
    order: tuple[TableName, ...]
    changed: dict[TableName, Ledger]
    parts: dict[TableName, dict[int, Part]]
    listed: frozenset[TableName] = frozenset()
    forbidden: list[Forbidden] = field(default_factory=list)
    receipts: list[Receipt] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    at_once: dict[TableName, frozenset[TableName]] = field(default_factory=dict)
    """The tables in which a change cannot be undone, each with those that it leads to and where it could be."""
    begun: dict[TableName, Begun] = field(default_factory=dict)
    lasting: dict[TableName, None] = field(default_factory=dict)
    """The tables in which what was changed stays so, whatever happens next."""


def heed_what_lasts_at_once(landscape: Landscape, work: Work) -> None:
    """Put what cannot be undone where it does least harm."""
    touched = [name for name in work.order if len(work.changed[name])]
    at_once = cannot_undo(landscape.graph.live, touched)
    if not at_once:
        return
    others = frozenset(touched) - frozenset(at_once)
    work.at_once = {name: leads_to(landscape.graph, name, others) for name in at_once}
    work.order = changed_last(work.order, at_once, [name for name, led in work.at_once.items() if led])


def warnings_of(landscape: Landscape, work: Work) -> list[str]:
    """Return what whoever says yes must know before."""
    return [warning(name, landscape.graph.live[name]) for name in work.at_once]


def perform(
    landscape: Landscape, work: Work, sessions: Mapping[str, Session], salt: bytes, cause: str, given: Given
) -> None:
    """Send every change, and note what it reached; nothing lasts yet but what no transaction can undo."""
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
            _let_what_it_leads_to_last(work, name, sessions)
            begun = work.begun[name] = Begun(step, digest_of(ledger.keys(), salt))
            change = changing[name.system]
            if plan.delete:
                _let_go(landscape, work, change, name, step.step_id)
            profile = work.found[name].profile
            erasure = TableErasure(landscape.graph, profile, plan, ledger, salt, given, work.parts[name])
            begun.tally = erasure.perform(sessions[name.system], change, step.step_id)
            if name in work.at_once:
                work.lasting[name] = None
    work.receipts += [_done(begun) for begun in work.begun.values()]


def _done(begun: Begun) -> Receipt:
    step = begun.step
    reached = begun.tally() if begun.tally is not None else 0
    return Receipt(
        step.step_id, step.system, step.table, step.action, Outcome.DONE, step.planned, reached, begun.digest
    )


def _let_what_it_leads_to_last(work: Work, name: TableName, sessions: Mapping[str, Session]) -> None:
    """End the transactions of rows that can only be found by rows which are now changed for good."""
    led = work.at_once.get(name, frozenset()) & work.begun.keys()
    for system in dict.fromkeys(other.system for other in work.begun if other in led and other not in work.lasting):
        _end(work, system, sessions)


def _end(work: Work, system: str, sessions: Mapping[str, Session]) -> None:
    sessions[system].commit()
    work.lasting.update((name, None) for name in work.begun if name.system == system)


@contextmanager
def _changing(session: Session) -> Iterator[Callable[[Change], Tally]]:
    """Give what changes rows: many behind one another where the system can, else one by one."""
    if isinstance(session, Gathering):
        with session.gathering() as change:
            yield change
        return
    yield lambda change: partial(int, session.change(change))


def _let_go(landscape: Landscape, work: Work, change: Callable[[Change], Tally], name: TableName, step: str) -> None:
    """Empty the keys of rows that are deleted after this table's, or with them: tables point in circles."""
    later = set(work.order[work.order.index(name) :])
    for entry in inbound_of(landscape, name):
        holder, key = TableName(name.system, entry.table), entry.key
        if holder not in later or not work.plans[holder].delete or not len(work.changed[holder]):
            continue
        column = may_let_go(landscape.graph, holder, key)
        if column is None or key.deferrable or key.on_delete in ("cascade", "set null"):
            continue
        rows = ((row, ()) for row, code in work.changed[holder].items() if not instead(code))
        change(Change(step, holder.table, work.found[holder].profile.key, rows, {column: None}))


def commit(landscape: Landscape, work: Work, sessions: Mapping[str, Session]) -> None:
    """Make it last, system by system, in the order of the steps: the ones that lead to the others come last."""
    last = {name.system: n for n, name in enumerate(work.order) if len(work.changed[name])}
    for system in sorted(last, key=lambda s: (landscape.connectors[s].abilities.transactional, last[s])):
        try:
            _end(work, system, sessions)
        except SystemRefuses as fault:
            if not landscape.connectors[system].abilities.transactional:
                # Row by row: those before the one that is refused have gone.
                raise PartlyDone(str(fault)) from None
            raise


def stopped(landscape: Landscape, work: Work, fault: ConnectorError) -> Report:
    """Say what is undone, and what had already lasted, in another system or by its table's engine, when one refused."""
    live = landscape.graph.live
    receipts, notes = [], []
    for name, begun in work.begun.items():
        receipt, whole = _receipt(work, name, begun)
        receipts.append(receipt)
        if name in work.at_once and (name in work.lasting or begun.tally is None):
            notes.append(stays(name, live[name], whole=whole))
    if isinstance(fault, PartlyDone):
        notes.append("Some of it may be changed there already; mend the cause and run it again.")
    if ended := _ended(work):
        notes.append(f"Erased in {', '.join(ended)} and undone elsewhere; run it again.")
    if not notes:
        return Report(Status.REFUSED, tables(work, frozenset()), [said_of(fault)], receipts, ["Everything was undone."])
    return Report(Status.INCOMPLETE, tables(work, frozenset(work.lasting)), [said_of(fault)], receipts, notes)


def _ended(work: Work) -> list[str]:
    """Return the systems that were done with, and the tables of others whose transaction had ended."""
    undone = {name.system for name, ledger in work.changed.items() if len(ledger) and name not in work.lasting}
    ended = (name for name in work.lasting if name not in work.at_once)
    return list(dict.fromkeys(str(name) if name.system in undone else name.system for name in ended))


def _receipt(work: Work, name: TableName, begun: Begun) -> tuple[Receipt, bool]:
    """Return what is true of a step after a failure, and whether it was carried out whole."""
    step = begun.step
    undone = Receipt(step.step_id, step.system, step.table, step.action, Outcome.UNDONE, step.planned, 0)
    try:
        if name in work.lasting:
            return _done(begun), True
    except ConnectorError:
        # It reached other rows than were found: what of it was done cannot be said.
        pass
    else:
        if name not in work.at_once:
            return undone, True
    failed = Receipt(step.step_id, step.system, step.table, step.action, Outcome.FAILED, step.planned, 0)
    return failed, False


def tables(work: Work, done: frozenset[TableName] | None = None) -> dict[TableName, TableReport]:
    """Return each table's part of the report; only those that are `done`, all where none is said, name their rows."""
    reported: dict[TableName, TableReport] = {}
    for name, found in work.found.items():
        reported[name] = TableReport(
            key=found.profile.key,
            shown=found.profile.shown,
            rows=work.changed[name].keys if done is None or name in done else _nobody,
            withheld=_merged(found.withheld),
            withheld_more=found.withheld_more,
            counts={"found": sum(1 for _ in found.rows.keys(least=SHOWN_LEAST))},
            listed=name in work.listed,
        )
    return reported


def _nobody() -> Iterator[Key]:
    yield from ()


def _merged(entries: list[Withheld]) -> list[Withheld]:
    """One entry a row: the last one said of it is the one that decided."""
    return list({entry.key: entry for entry in entries}.values())
