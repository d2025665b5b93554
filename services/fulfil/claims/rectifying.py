"""Rectification (Art. 16 GDPR): an old value becomes a new one in the fields that an officer named.

Whether the new value is right is for a human to see (Art. 5(1)(d)), so the officer is shown the person's own rows: the
fields that could be meant, what they hold, and what the message asks for. What the officer orders is written by rule.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from schemas.rights import Outcome
from services.fulfil.claims.outcome import Asked, Did, Done, ForHuman, Result, faults, label
from services.fulfil.core.acts import Marking
from services.fulfil.core.maps.model import DataMap, TableName
from services.fulfil.core.values import plain
from services.fulfil.marking import Marked, folded, mark, own_rows, warnings_of

SHOWN_MAX: Final = 50
_ASKED_AS: Final[Mapping[str, tuple[str, ...]]] = {
    "name": ("name",),
    "address": ("address", "street", "city", "postal", "country"),
    "email": ("email",),
    "phone": ("phone", "telephone", "mobile"),
    "date_of_birth": ("birth",),
}
"""What a message calls a field, and the words by which maps and their categories know it."""


def rectification(asked: Asked) -> Result:
    """Show the officer what could be meant; with orders, write."""
    maps = asked.maps()
    orders = asked.orders.get("set", {})
    statement = str(asked.orders.get("statement", "")).strip()
    if not asked.approved or not (orders or statement):
        return ForHuman("approve_rectification", _preview(asked, maps))
    markings, unknown = _markings(maps, orders, asked.orders.get("old", {}))
    if unknown:
        return ForHuman("approve_rectification", {**_preview(asked, maps), "faults": unknown})
    places = _statement_places(maps)
    if statement and not places and not orders:
        return ForHuman("attach_statement", {"statement": statement})
    markings += [Marking(name, {column: statement}) for name, column in places if statement]
    with asked.landscape() as (landscape, identities, budget):
        marks = mark(
            landscape, identities, budget, markings, now=asked.now, cause=asked.event.claim_id, salt=asked.salt
        )
    if marks.faults:
        return faults("rectification_incomplete", marks.faults)
    if not any(m.found for m in marks.marked):
        return ForHuman("approve_rectification", {**_preview(asked, maps), "faults": ["no row of the person has this"]})
    did = [Did(m.marking.table, "correct", m.changed, digest=m.digest) for m in marks.marked]
    told = [
        f"{label(maps, m.marking.table)}: {column} = {value}"
        for m in marks.marked
        if m.found
        for column, value in m.marking.sets.items()
    ]
    recipients = tuple(r for m in maps for r in m.recipients)
    markings = [again for marked in marks.marked if (again := _again(marked, statement))]
    if statement and not places:
        # The corrections are made; where the person's words are to stand, no map says.
        done = [line for line in told if statement not in line]
        return ForHuman("attach_statement", {"statement": statement, "done": done}, markings)
    return Done(Outcome.FULFILLED, did, {"receipts": told}, recipients=recipients, markings=markings)


def _statement_places(maps: Sequence[DataMap]) -> list[tuple[TableName, str]]:
    """Return the fields in which the person's own statement has its place (Art. 16, second sentence GDPR)."""
    tables = [(TableName(m.system, t.name), t) for m in maps for t in m.tables if not t.skip]
    return [(name, f.name) for name, table in tables for f in table.fields if f.statement]


def _again(marked: Marked, statement: str) -> Marking | None:
    """Return the correction as it may be made again: only where the value that was corrected stands once more.

    What the field holds otherwise is newer, or older than anybody corrected: a human sees which.
    """
    (column,) = marked.marking.sets
    held = marked.before.get(column)
    if statement and marked.marking.sets[column] == statement:
        return marked.marking  # added to the data, it corrects nothing that must stand there first
    only = (column, held) if held else marked.marking.only
    return Marking(marked.marking.table, marked.marking.sets, only=only) if only is not None else None


def _markings(
    maps: Sequence[DataMap], orders: Mapping[str, Any], old: Mapping[str, Any]
) -> tuple[list[Marking], list[str]]:
    """Read `system.table.field` = new value; a field may be named without its system where only one map has it."""
    found: list[Marking] = []
    unknown: list[str] = []
    for path, value in orders.items():
        place = _place(maps, path)
        if place is None:
            unknown.append(f"no map has the field {path}; write system.table.field")
            continue
        name, column = place
        only = (column, frozenset({folded(old[path])})) if path in old else None
        found.append(Marking(name, {column: value}, only=only))
    return found, unknown


def _place(maps: Sequence[DataMap], path: str) -> tuple[TableName, str] | None:
    rest, _, column = path.rpartition(".")
    fitting = [
        (TableName(m.system, t.name), column)
        for m in maps
        for t in m.tables
        for f in t.fields
        if f.name == column and not f.read_only and rest in {f"{m.system}.{t.name}", t.name}
    ]
    return fitting[0] if len(fitting) == 1 else None


def _preview(asked: Asked, maps: Sequence[DataMap]) -> dict[str, Any]:
    """Return the fields that could be meant, the ones that hold the old value or are called so at the top."""
    wish = asked.subject.details.get("rectify") or {}
    wanted: dict[TableName, frozenset[str]] = {
        TableName(m.system, t.name): frozenset(
            f.name for f in t.fields if f.personal and not f.read_only and not f.fields
        )
        for m in maps
        for t in m.tables
        if not t.skip
    }
    with asked.landscape() as (landscape, identities, budget), landscape.sessions(write=False) as sessions:
        rows, _ = own_rows(landscape, sessions, identities, budget, {n: c for n, c in wanted.items() if c})
        notes = warnings_of(landscape, [name for name, held in rows.rows.items() if held])
    if rows.unsure:
        return {"asked": wish, "faults": rows.unsure}
    shown = []
    for name, held in rows.rows.items():
        for row in held.values():
            for column, value in row.items():
                if value is not None:
                    fit = _fit(wish, column, _categories(maps, name, column), value)
                    shown.append((-fit, f"{name}.{column}", plain(value)))
    shown.sort(key=lambda entry: entry[:2])
    fields = [{"field": field, "value": value, "likely": fit < 0} for fit, field, value in shown[:SHOWN_MAX]]
    return {"asked": wish, "fields": fields, "set": "system.table.field", **({"notes": notes} if notes else {})}


def _categories(maps: Sequence[DataMap], name: TableName, column: str) -> tuple[str, ...]:
    table = next((t for m in maps if m.system == name.system for t in m.tables if t.name == name.table), None)
    return next((f.categories for f in table.fields if f.name == column), ()) if table is not None else ()


def _fit(wish: Mapping[str, Any], column: str, categories: Sequence[str], value: Any) -> int:
    """Return how well a field fits what was asked: its value is the old one, or its name is the one that is meant."""
    old = folded(wish.get("old"))
    names = " ".join((column, *categories)).casefold()
    called = any(word in names for word in _ASKED_AS.get(str(wish.get("field")), ()))
    held = bool(old) and re.search(rf"(?<!\w){re.escape(old)}(?!\w)", folded(value)) is not None
    return 2 * held + called
