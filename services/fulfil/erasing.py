"""Carrying out one table's part of an erasure, in batches, with the values that differ from row to row."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, Final

from services.fulfil.codes import SHOWN_LEAST
from services.fulfil.connectors.protocol import Change, Find, Key, Match, Row, Session, SystemDown, Tally
from services.fulfil.core.erasing import TablePlan
from services.fulfil.core.graph import Graph
from services.fulfil.core.maps.model import Path
from services.fulfil.core.masking import Replacement, masked_inside, varied
from services.fulfil.core.nested import Given
from services.fulfil.core.profile import Profile
from services.fulfil.core.values import same
from services.fulfil.ledger import Ledger
from services.fulfil.parts import Part, part_of
from services.fulfil.search import Found, Search

ROWS_A_BATCH: Final = 2_000


class TableErasure:
    """One table's changes."""

    def __init__(
        self, graph: Graph, seen: Profile, plan: TablePlan, rows: Ledger, salt: bytes, given: Given,
        parts: dict[int, Part],
    ) -> None:  # fmt: skip
        self._seen = seen
        self._plan = plan
        self._rows = rows
        self._salt = salt
        self._given = given
        self._parts = parts
        self._live = graph.live[plan.name]
        self._fields = {f.name: f for f in graph.tables[plan.name].fields}

    def perform(self, session: Session, change: Callable[[Change], Tally], step: str) -> Tally:
        """Change every row, or raise; a row that another transaction took away meanwhile is a reason to start again."""
        done: list[Tally] = []
        gone = 0
        groups: dict[Part, list[Key]] = {}
        for key, code in self._rows.items():
            part = self._parts.get(code)
            if part is None:
                part = self._parts[code] = part_of(self._plan, self._seen, code)
            gone += part.delete
            groups.setdefault(part, []).append(key)
            if len(groups[part]) >= ROWS_A_BATCH * 5:
                done.append(self._change(session, change, step, part, groups.pop(part)))
        for part, keys in groups.items():
            done.append(self._change(session, change, step, part, keys))

        def tally() -> int:
            reached = sum(each() for each in done)
            # Rows that are alike in everything are named once and change together.
            alike = self._live.lies_at == tuple(self._live.columns) and reached > len(self._rows)
            if reached != len(self._rows) and not gone and not alike:
                raise SystemDown(f"{self._plan.name}: rows changed while they were erased; everything is tried again.")
            return reached

        return tally

    def _change(
        self, session: Session, change: Callable[[Change], Tally], step: str, part: Part, keys: list[Key]
    ) -> Tally:
        name, key = self._plan.name.table, self._seen.key
        if part.delete:
            return change(Change(step, name, key, ((k, ()) for k in keys), delete=True))
        constants = {r.column: r.constant for r in part.replaced if not r.pseudonym}
        per_row = tuple(r for r in part.replaced if r.pseudonym)
        columns = (*(r.column for r in per_row), *(column for column, _ in part.nested))
        if not columns:
            if not constants:
                return partial(len, keys)
            return change(Change(step, name, key, ((k, ()) for k in keys), constants))
        rows = self._varied(session, keys, per_row, part.nested)
        return change(Change(step, name, key, rows, constants, columns))

    def _varied(
        self,
        session: Session,
        keys: list[Key],
        per_row: Sequence[Replacement],
        nested: Sequence[tuple[str, frozenset[Path]]],
    ) -> Iterator[tuple[Key, Row]]:
        """Read the old values and yield the new ones; they never leave this loop."""
        columns = (*(r.column for r in per_row), *(column for column, _ in nested))
        fields = tuple(dict.fromkeys((*self._seen.key, *columns)))
        places = {name: n for n, name in enumerate(fields)}
        for start in range(0, len(keys), ROWS_A_BATCH):
            batch = keys[start : start + ROWS_A_BATCH]
            match = Match(tuple((name,) for name in self._seen.key), batch)
            # Read whole before the first change: a driver streams one answer at a time.
            hits = list(session.find(Find(self._plan.name.table, fields, (match,))))
            for hit in hits:
                key = tuple(hit.row[places[name]] for name in self._seen.key)
                values = [self._pseudonym(r, hit.row[places[r.column]]) for r in per_row]
                values += [
                    masked_inside(hit.row[places[column]], self._fields[column], paths, self._given)
                    for column, paths in nested
                ]
                yield key, tuple(values)

    def _pseudonym(self, chosen: Replacement, value: Any) -> Any:
        column = self._live.columns[chosen.column]
        return varied(self._fields[chosen.column], column, chosen.mask, value, self._salt, chosen.span)


def retained_rows(graph: Graph, found: Found, session: Session, search: Search, today: dt.date) -> None:
    """Keep back the rows that a duty still covers, with its ground and end (Art. 17(3)(b))."""
    duty = graph.tables[found.profile.name].retention
    if duty is None or not len(found.rows):
        return
    seen = found.profile
    keys = found.rows.keys(least=SHOWN_LEAST)
    while batch := list(itertools.islice(keys, ROWS_A_BATCH)):
        match = Match(tuple((name,) for name in seen.key), batch)
        for hit in list(session.find(Find(seen.name.table, seen.fields, (match,)))):
            end = _end(duty.until, duty.years, hit.row[seen.place[duty.counted_from]] if duty.counted_from else None)
            if end is None or end >= today:
                key = tuple(hit.row[place] for place in seen.key_places)
                found.keep(key, f"kept: {duty.ground}", end.isoformat() if end else "", duty=True)
                search.give_back(seen, hit.row)


def _end(until: str | None, years: int | None, start: Any) -> dt.date | None:
    """Return the last day of a duty; None where the row does not say from when it counts, and then it is kept."""
    if until is not None:
        return dt.date.fromisoformat(until)
    if isinstance(start, dt.datetime):
        start = start.date()
    try:
        begun = start if isinstance(start, dt.date) else dt.date.fromisoformat(str(same(start))[:10])
    except ValueError:
        return None
    year = begun.year + (years or 0)
    try:
        return dt.date(year, begun.month, begun.day)
    except ValueError:
        return dt.date(year, begun.month, 28)
