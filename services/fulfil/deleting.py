"""What a deletion would take with it: rows that stay and point to a row that is to go.

A database deletes, empties or forbids such rows by itself (ON DELETE CASCADE, SET NULL, RESTRICT), mapped or not, and
some of them are other people's or must be kept by law. So they are looked for before anything is done, and one of them
is enough to refuse: nobody's row is lost because somebody else asked to be forgotten.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from services.fulfil.connectors.protocol import Find, Key, Match, Pointer, References, Session
from services.fulfil.core.catalog import ForeignKey, Inbound
from services.fulfil.core.erasing import Forbidden, TablePlan
from services.fulfil.core.maps.model import TableName
from services.fulfil.core.standing import Standing
from services.fulfil.ledger import Budget, Ledger
from services.fulfil.search import Found, erasable, standing_of

ROWS_A_LOOK: Final = 2_000
TAKES: Final = {"cascade": "would be deleted with it", "set null": "would lose it", "set default": "would lose it"}


class Deletions:
    """The rows that one erasure deletes, and those that the database would delete after them."""

    def __init__(
        self,
        found: Mapping[TableName, Found],
        plans: Mapping[TableName, TablePlan],
        changed: Mapping[TableName, Ledger],
        sessions: Mapping[str, Session],
        inbound: Callable[[TableName], Sequence[Inbound]],
        budget: Budget,
    ) -> None:
        self._found = found
        self._plans = plans
        self._changed = changed
        self._sessions = sessions
        self._inbound = inbound
        self._swept = {name: Ledger(budget) for name in found}

    def forbidden(self) -> list[Forbidden]:
        """Say which rows outside the plan a deletion would reach."""
        said: list[Forbidden] = []
        waiting = [(name, 0) for name, plan in self._plans.items() if plan.delete and len(self._changed[name])]
        for name, _ in waiting:
            self._swept[name].update(self._changed[name].keys(), 1)
        while waiting:
            name, start = waiting.pop()
            for entry in self._inbound(name):
                holder = TableName(name.system, entry.table)
                before = len(self._swept[holder]) if holder in self._swept else 0
                stranded = self._stranded(name, start, holder, entry.key)
                if stranded:
                    said.append(Forbidden(name, _sentence(name, holder, entry.key, stranded)))
                elif holder in self._swept and len(self._swept[holder]) > before:
                    waiting.append((holder, before))
        return said

    def _stranded(self, name: TableName, start: int, holder: TableName, key: ForeignKey) -> int:
        """Count the holder's rows that point to a row that goes, and are not the person's to erase."""
        session = self._sessions[name.system]
        count = 0
        for values in self._pointed_to(session, name, start, key):
            paths = tuple((column,) for column in key.columns)
            if holder not in self._found:
                query = References((Pointer(holder.table, paths),), values)
                count += sum(counted.rows for counted in session.references(query))
                continue
            hits = session.find(Find(holder.table, self._found[holder].profile.key, (Match(paths, values),)))
            for row in [hit.row for hit in hits]:
                code = self._changed[holder].get(row)
                if code is None or (standing_of(code) is Standing.OWN and not erasable(code)):
                    count += 1
                elif key.on_delete == "cascade":
                    self._swept[holder].add(row, 1)
        return count

    def _pointed_to(self, session: Session, name: TableName, start: int, key: ForeignKey) -> Iterator[list[Key]]:
        """The values by which rows elsewhere point to the rows that go, batch by batch."""
        seen = self._found[name].profile
        rows = (row for row, _ in self._swept[name].items(start))
        while batch := list(itertools.islice(rows, ROWS_A_LOOK)):
            if set(key.their_columns) <= set(seen.key):
                places = [seen.key.index(column) for column in key.their_columns]
                yield [tuple(row[place] for place in places) for row in batch]
                continue
            match = Match(tuple((column,) for column in seen.key), batch)
            held = [hit.row for hit in session.find(Find(name.table, key.their_columns, (match,)))]
            yield [row for row in held if None not in row]


def _sentence(name: TableName, holder: TableName, key: ForeignKey, rows: int) -> str:
    what = TAKES.get(key.on_delete, "must keep pointing to it")
    return (
        f"{name} is to be deleted, but {rows} rows of {holder} that are not to be erased {what} "
        f"({', '.join(key.columns)}); map `mask` for {name.table}, or map {holder.table} if its rows are the person's."
    )
