"""Doing an act again in systems that came back from a backup: the same engine, and only in those systems.

What was erased in one system may have been how another knew whose its rows were; the keys that led there are kept with
the act. A key that has since been given to somebody else is not followed: whose row it is, an officer sees.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from services.fulfil.connectors.protocol import ConnectorError, Find, Match, SystemDown
from services.fulfil.core.acts import Act, Link
from services.fulfil.core.graph import key_of
from services.fulfil.core.identities import Identities
from services.fulfil.core.maps.model import TableName
from services.fulfil.core.nested import given_values, is_given
from services.fulfil.core.strength import may_be_shared
from services.fulfil.core.values import empty, same
from services.fulfil.erasure import erase
from services.fulfil.landscape import Landscape
from services.fulfil.ledger import Budget
from services.fulfil.marking import mark
from services.fulfil.report import Report, Status

ERASED_AT: Final = ".invalid"
"""What a masked address ends in (RFC 2606): such a row names nobody any more."""


@dataclass(slots=True)
class Again:
    """What doing one act again came to: by table how many rows, and what a human must look at."""

    status: Status
    tables: dict[str, dict[str, Any]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    receipts: list[dict[str, Any]] = field(default_factory=list)

    @property
    def changed(self) -> int:
        """How many rows were changed, or would be."""
        return sum(int(table["changed"]) for table in self.tables.values())


def again(
    landscape: Landscape, budget: Budget, act: Act, *, systems: Sequence[str], now: dt.datetime, cause: str,
    salt: bytes, dry_run: bool,
) -> Again:  # fmt: skip
    """Carry an act out again in these systems."""
    identities = dict(act.identities)
    links, notes = _sure_links(landscape, act.links, systems, identities)
    asked = replace(landscape, only=frozenset(systems), links=links)
    if act.erased:
        report = erase(
            asked, identities, budget, today=now.date(), dry_run=dry_run, cause=f"reapply|{cause}", salt=salt
        )
        done = _erased(report)
    else:
        done = _marked(asked, identities, budget, act.among(systems), now, cause, salt, dry_run=dry_run)
    landscape.faults.update(asked.faults)
    done.notes += notes
    if notes and done.status is Status.COMPLETE:
        done.status = Status.INCOMPLETE
    return done


def _erased(report: Report) -> Again:
    tables = {}
    for name, table in report.tables.items():
        changed = sum(1 for _ in table.rows())
        withheld = len(table.withheld) + table.withheld_more
        if changed or withheld:
            reasons = sorted({entry.reason for entry in table.withheld if entry.reason})
            tables[str(name)] = {"changed": changed, "withheld": withheld, "reasons": reasons}
    receipts = [
        {
            "step": r.step_id, "table": f"{r.system}.{r.table}", "action": r.action.value, "count": r.done,
            "digest": r.digest,
        }
        for r in report.receipts
    ]  # fmt: skip
    if report.kept_by_duty:
        # What a duty keeps was kept then too, and is as it was.
        return Again(Status.COMPLETE, tables, [], [*report.notes, *report.faults], receipts)
    return Again(report.status, tables, list(report.faults), list(report.notes), receipts)


def _marked(
    landscape: Landscape, identities: Identities, budget: Budget, act: Act, now: dt.datetime, cause: str, salt: bytes,
    *, dry_run: bool,
) -> Again:  # fmt: skip
    try:
        marks = mark(
            landscape, identities, budget, act.markings, now=now, cause=f"reapply|{cause}", salt=salt, dry_run=dry_run
        )
    except SystemDown as fault:
        return Again(Status.INCOMPLETE, faults=[str(fault)])
    if marks.faults:
        return Again(Status.INCOMPLETE, faults=list(marks.faults))
    done = Again(Status.PLANNED if dry_run else Status.COMPLETE)
    for each in marks.marked:
        name = str(each.marking.table)
        known = done.tables.setdefault(name, {"changed": 0, "withheld": 0})
        known["changed"] += each.changed
        done.receipts.append({"table": name, "action": "mark", "count": each.changed, "digest": each.digest})
        if each.differing:
            known["withheld"] += each.differing
            fields = ", ".join(each.marking.sets)
            done.notes.append(
                f"{name}: {each.differing} rows hold neither the value that was corrected nor the new one ({fields}); "
                "an officer must look whether the correction still holds."
            )
            done.status = Status.INCOMPLETE if done.status is Status.COMPLETE else done.status
    done.tables = {name: table for name, table in done.tables.items() if table["changed"] or table["withheld"]}
    return done


def _sure_links(
    landscape: Landscape, links: Sequence[Link], systems: Sequence[str], identities: Identities
) -> tuple[tuple[Link, ...], list[str]]:
    """Return the links into these systems whose keys are nobody else's by now, and what to say of the others."""
    sure: list[Link] = []
    notes: list[str] = []
    for link in links:
        if link.source.system in systems or link.target.system not in systems:
            continue
        if link.more:
            notes.append(f"{link.target}: more rows led there than are kept; look for the rest by hand.")
        taken = _taken(landscape, link, identities)
        if taken is None:
            notes.append(
                f"{link.target}: {link.source} cannot be read, so it is not known whose its keys are by now; "
                "rows that only they lead to were left."
            )
            continue
        if taken:
            notes.append(f"{link.target}: {len(taken)} keys of {link.source} are somebody else's by now; not followed.")
        values = tuple(value for value in link.values if value not in taken)
        if values:
            sure.append(replace(link, values=values, more=False))
    return tuple(sure), notes


def _taken(landscape: Landscape, link: Link, identities: Identities) -> set[str] | None:
    """Return the keys that name somebody else in their own system; None where it cannot be looked at."""
    name, path = link.source, link.source_path
    connector, live = landscape.connectors.get(name.system), landscape.graph.live.get(name)
    table = landscape.graph.tables.get(name)
    if connector is None or live is None or table is None or name.system in landscape.faults:
        return None
    telling = {kind for kind in identities if not may_be_shared(kind)}
    naming = [(p, f.identity) for p, f in table.identities() if f.identity in telling and len(p) == 1]
    fields = tuple(dict.fromkeys((*_key(landscape, name), path[0], *(p[0] for p, _ in naming))))
    given = given_values(identities)
    taken: set[str] = set()
    try:
        with connector.session(write=False) as session:
            for values in _batches(link.values):
                query = Find(name.table, fields, (Match((path,), [(value,) for value in values]),))
                for hit in session.find(query):
                    row: Mapping[str, Any] = dict(zip(fields, hit.row, strict=True))
                    if any(_anothers(row[p[0]], str(kind), given) for p, kind in naming):
                        taken.add(str(same(row[path[0]])))
    except ConnectorError:
        return None
    return taken


def _anothers(value: Any, kind: str, given: Mapping[str, frozenset[str]]) -> bool:
    """Tell whether a value names somebody who is not the person; what an erasure wrote names nobody."""
    return not empty(value) and not str(value).lower().endswith(ERASED_AT) and not is_given(kind, value, given)


def _key(landscape: Landscape, name: TableName) -> tuple[str, ...]:
    return key_of(name, landscape.graph.tables, landscape.graph.live)


def _batches(values: Sequence[str], size: int = 500) -> Iterator[Sequence[str]]:
    for start in range(0, len(values), size):
        yield values[start : start + size]
