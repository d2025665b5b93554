"""What a deletion would take with it: rows that stay and point to a row that is to go.

A database deletes, empties or forbids such rows by itself (ON DELETE CASCADE, SET NULL, RESTRICT), mapped or not. Other
people's rows, and rows outside the maps, are enough to refuse: nobody's row is lost because somebody else asked to be
forgotten. The person's own rows that must be kept (by law, because they are shared, because they are half another's)
keep what they point to: it is masked instead, and the rest is deleted.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Final

from services.fulfil.codes import erasable, instead, standing_of, with_instead
from services.fulfil.connectors.protocol import Find, Key, Match, Pointer, References, Session
from services.fulfil.core.catalog import ForeignKey, Inbound
from services.fulfil.core.erasing import Forbidden, TablePlan, must_hold
from services.fulfil.core.graph import Graph
from services.fulfil.core.maps.model import TableName
from services.fulfil.core.standing import Standing
from services.fulfil.core.values import same
from services.fulfil.ledger import Budget, Ledger
from services.fulfil.search import Found
from services.fulfil.sharing import hold

ROWS_A_LOOK: Final = 2_000
ROUNDS_MAX: Final = 50
TAKES: Final = {"cascade": "would be deleted with it", "set null": "would lose it", "set default": "would lose it"}


class Fate(Enum):
    """What becomes of a row that points to a row which is to go."""

    STRANGER = auto()
    STAYS = auto()
    HOLDS = auto()
    GOES = auto()
    LETS_GO = auto()


@dataclass(slots=True)
class _Look:
    """What one look at everything that would be deleted has shown."""

    forbidden: list[Forbidden] = field(default_factory=list)
    staying: dict[TableName, set[Key]] = field(default_factory=dict)


class Deletions:
    """The rows that one erasure deletes, and those that the database would delete after them."""

    def __init__(
        self,
        graph: Graph,
        found: Mapping[TableName, Found],
        plans: Mapping[TableName, TablePlan],
        changed: Mapping[TableName, Ledger],
        sessions: Mapping[str, Session],
        inbound: Callable[[TableName], Sequence[Inbound]],
        budget: Budget,
    ) -> None:
        self._graph = graph
        self._found = found
        self._plans = plans
        self._changed = changed
        self._sessions = sessions
        self._inbound = inbound
        self._budget = budget
        self._swept: dict[TableName, Ledger] = {}
        self.notes: list[str] = []

    def settle(self) -> list[Forbidden]:
        """Mask what rows that stay point to, until nothing that goes is needed; or say what forbids it."""
        for name, plan in self._plans.items():
            if plan.delete and len(self._changed[name]) and self._inbound(name):
                hold(self._sessions[name.system], self._found[name].profile, self._changed[name].keys())
        masked: dict[TableName, int] = {}
        for _ in range(ROUNDS_MAX):
            look = self._look()
            if look.forbidden or not look.staying:
                self.notes = [
                    f"{name}: {rows} rows are masked, not deleted: rows that must be kept point to them."
                    for name, rows in masked.items()
                ]
                return look.forbidden
            for name, keys in look.staying.items():
                plan = self._plans[name]
                if plan.faults:
                    return list(plan.faults)
                if not plan.touches_by_masking:
                    said = f"{name} is to be deleted, rows that must be kept point to it, and no field of it is mapped "
                    return [Forbidden(name, said + "as personal, so that it cannot be masked instead; map its fields.")]
                for key in keys:
                    code = self._changed[name].get(key) or self._found[name].rows.get(key) or 0
                    self._changed[name].add(key, with_instead(code))
                masked[name] = masked.get(name, 0) + len(keys)
        raise AssertionError("each round keeps at least one more row, and a table's rows are counted in its notes")

    def _look(self) -> _Look:
        """Follow everything that would be deleted, as the database would."""
        look = _Look()
        self._swept = {name: Ledger(self._budget) for name in self._found}
        waiting = [(name, 0) for name, plan in self._plans.items() if plan.delete and len(self._changed[name])]
        for name, _ in waiting:
            self._swept[name].update((k for k, code in self._changed[name].items() if not instead(code)), 1)
        while waiting:
            name, start = waiting.pop()
            for entry in self._inbound(name):
                holder = TableName(name.system, entry.table)
                before = len(self._swept[holder]) if holder in self._swept else 0
                self._pointing(look, name, start, holder, entry.key)
                if holder in self._swept and len(self._swept[holder]) > before:
                    waiting.append((holder, before))
        return look

    def _pointing(self, look: _Look, name: TableName, start: int, holder: TableName, key: ForeignKey) -> None:
        """Look at the holder's rows that point to a row that goes."""
        session = self._sessions[name.system]
        strangers = holding = 0
        paths = tuple((column,) for column in key.columns)
        for values in self._pointed_to(session, name, start, key):
            if holder not in self._found:
                query = References((Pointer(holder.table, paths),), list(values))
                strangers += sum(counted.rows for counted in session.references(query))
                continue
            seen = self._found[holder].profile
            fields = (*seen.key, *(c for c in key.columns if c not in seen.key))
            for hit in session.find(Find(holder.table, fields, (Match(paths, list(values)),))):
                row = hit.row[: len(seen.key)]
                fate = self._fate(holder, row, key)
                if fate is Fate.STAYS:
                    pointed = tuple(same(hit.row[fields.index(column)]) for column in key.columns)
                    look.staying.setdefault(name, set()).update(_pointed(values, pointed))
                elif fate is Fate.GOES:
                    self._swept[holder].add(row, 1)
                strangers += fate is Fate.STRANGER
                holding += fate is Fate.HOLDS
        if strangers:
            look.forbidden.append(Forbidden(name, _sentence(name, holder, key, strangers)))
        if holding:
            said = f"{name} is to be deleted, but {holder}.{', '.join(key.columns)} must point to it; "
            look.forbidden.append(Forbidden(name, said + f"map `delete` for {holder} too, or mask {name}."))

    def _fate(self, holder: TableName, row: Key, key: ForeignKey) -> Fate:
        found = self._found[holder]
        code = found.rows.get(row)
        if code is None or standing_of(code) is Standing.THIRD:
            return Fate.STRANGER
        if row in found.kept or (standing_of(code) is Standing.OWN and not erasable(code)):
            return Fate.STAYS
        planned = self._changed[holder].get(row)
        if planned is not None and instead(planned):
            holds = key.on_delete == "cascade" or self._holds(holder, key)
            return Fate.STAYS if holds else Fate.LETS_GO
        if self._plans[holder].delete or key.on_delete == "cascade":
            return Fate.GOES
        return Fate.HOLDS if self._holds(holder, key) else Fate.LETS_GO

    def _holds(self, holder: TableName, key: ForeignKey) -> bool:
        return key.on_delete not in ("set null", "set default") and must_hold(self._graph, holder, key)

    def _pointed_to(self, session: Session, name: TableName, start: int, key: ForeignKey) -> Iterator[dict[Key, Key]]:
        """The values by which rows elsewhere point to the rows that go, with these rows' keys, batch by batch."""
        seen = self._found[name].profile
        rows = (row for row, _ in self._swept[name].items(start))
        while batch := list(itertools.islice(rows, ROWS_A_LOOK)):
            if set(key.their_columns) <= set(seen.key):
                places = [seen.key.index(column) for column in key.their_columns]
                yield {tuple(row[place] for place in places): row for row in batch}
                continue
            match = Match(tuple((column,) for column in seen.key), batch)
            fields = (*seen.key, *key.their_columns)
            width = len(seen.key)
            hits = [hit.row for hit in session.find(Find(name.table, fields, (match,)))]
            yield {row[width:]: row[:width] for row in hits if None not in row[width:]}


def _pointed(values: Mapping[Key, Key], wanted: Key) -> set[Key]:
    return {row for value, row in values.items() if tuple(same(part) for part in value) == wanted}


def _sentence(name: TableName, holder: TableName, key: ForeignKey, rows: int) -> str:
    what = TAKES.get(key.on_delete, "must keep pointing to it")
    return (
        f"{name} is to be deleted, but {rows} rows of {holder} that are not to be erased {what} "
        f"({', '.join(key.columns)}); map `mask` for {name.table}, or map {holder.table} if its rows are the person's."
    )
