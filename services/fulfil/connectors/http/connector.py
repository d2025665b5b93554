"""The connector to a service with an HTTP API.

A service is asked by what it can be asked by, and otherwise for everything; whatever it answers is compared again
here, exactly, because services search loosely and some lie. Changes are sent at the commit, and sending one twice does
no harm; a service has no transaction, so a failure leaves the earlier ones done, which a repetition finds done.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

from services.fulfil.connectors.http.client import Client, dig
from services.fulfil.connectors.http.description import CHANGED, WHOLE, Api, Call, TableCalls, described
from services.fulfil.connectors.matching import answers, held
from services.fulfil.connectors.protocol import (
    Abilities,
    Change,
    ConnectorError,
    Counted,
    Find,
    Health,
    Hit,
    Match,
    References,
    SystemRefuses,
)
from services.fulfil.core.catalog import Catalog, Column, Kind, LiveTable
from services.fulfil.core.maps.model import DataMap, Field, Table
from services.fulfil.core.values import same

FAULTS: Final = frozenset({"error", "errors", "detail", "message", "fault"})
KINDS: Final = {
    "integer": Kind.INTEGER, "int": Kind.INTEGER, "number": Kind.NUMBER, "float": Kind.NUMBER, "boolean": Kind.BOOLEAN,
    "bool": Kind.BOOLEAN, "object": Kind.JSON, "string[]": Kind.JSON, "date": Kind.TEXT, "datetime": Kind.TEXT,
}  # fmt: skip
ASKED_ONE_BY_ONE_MAX: Final = 200
Fields = dict[str, Any]
Pending = dict[tuple[str, ...], tuple[Fields, Fields | None]]


class HttpConnector:
    """One service."""

    def __init__(self, system: str, api: Api, client: Client, data_map: DataMap) -> None:
        self._system = system
        self.api = api
        self.client = client
        self.tables = {table.name: table for table in data_map.tables}

    @property
    def system(self) -> str:
        """The name by which data maps know the service."""
        return self._system

    @property
    def abilities(self) -> Abilities:
        """What the map describes."""
        calls = self.api.tables.values()
        return Abilities(
            changes=all(table.change for table in calls),
            deletes=all(table.delete for table in calls),
            counts_references=all(table.listed for table in calls),
        )

    def check(self) -> Health:
        """Ask each table that can be listed for its first page, and look at nothing in it."""
        try:
            for table in self.api.tables.values():
                if table.listed is not None:
                    next(self.client.pages(table.listed, {}), None)
        except ConnectorError as fault:
            return Health(reachable=False, said=str(fault))
        return Health(reachable=True, said="the service answers")

    def catalog(self, tables: Sequence[str]) -> Catalog:
        """Describe the tables as the map does; a service does not say what it holds."""
        return Catalog(
            {name: _live(self.tables[name]) for name in tables if name in self.api.tables and name in self.tables}
        )

    def names(self) -> list[str]:
        """Return the names of all tables."""
        return sorted(self.api.tables)

    @contextmanager
    def session(self, *, write: bool) -> Iterator[HttpSession]:
        """Open a conversation; what it changes is sent at its commit."""
        del write
        yield HttpSession(self)


class HttpSession:
    """One conversation with a service."""

    def __init__(self, connector: HttpConnector) -> None:
        self._connector = connector
        self._pending: dict[str, Pending] = {}

    def find(self, query: Find) -> Iterator[Hit]:
        """Ask for candidates, and compare them exactly."""
        yield from answers(query, self._candidates(query.table, query.matches))

    def references(self, query: References) -> Iterator[Counted]:
        """List each pointing table and count."""
        asked = {tuple(same(part) for part in key) for key in query.keys}
        for n, pointer in enumerate(query.pointers):
            counts: Counter[tuple[Any, ...]] = Counter()
            matches = (Match(pointer.paths, query.keys),)
            for row in self._candidates(pointer.table, matches):
                counts.update(set(held(row, pointer.paths)) & asked)
            yield from (Counted(n, key, rows) for key, rows in counts.items())

    def change(self, change: Change) -> int:
        """Note what to send, and count the rows that are there."""
        calls = self._calls(change.table)
        if (calls.delete if change.delete else calls.change) is None:
            verb = "delete" if change.delete else "change"
            where = f"connector.tables.{change.table}.{verb}"
            raise SystemRefuses(f"{self._connector.system}: the map does not say how rows are {verb}d; add {where}.")
        wanted = {}
        for key, values in change.rows:
            per_row = dict(zip(change.per_row, values, strict=True))
            wanted[tuple(same(part) for part in key)] = (
                key,
                None if change.delete else {**change.constants, **per_row},
            )
        reached = 0
        keys = [key for key, _ in wanted.values()]
        pending = self._pending.setdefault(change.table, {})
        rows = list(self._candidates(change.table, (Match(tuple((name,) for name in change.key), keys),)))
        for row in rows:
            name = tuple(same(row.get(part)) for part in change.key)
            if name in wanted:
                reached += 1
                pending[name] = (row, wanted[name][1])
        return reached

    def commit(self) -> None:
        """Send every change."""
        for table, pending in self._pending.items():
            calls = self._calls(table)
            for row, new in pending.values():
                if new is None and calls.delete is not None:
                    self._connector.client.once(calls.delete, row)
                elif new is not None and calls.change is not None:
                    body = _body(calls.change, row, new)
                    self._connector.client.once(calls.change, {**row, **new, **_names(calls.change, row)}, body)
        self._pending.clear()

    def _calls(self, table: str) -> TableCalls:
        calls = self._connector.api.tables.get(table)
        if calls is None:
            raise SystemRefuses(
                f"{self._connector.system}.{table}: the map does not say how it is asked. Mend the map."
            )
        return calls

    def _candidates(self, table: str, matches: Sequence[Match]) -> Iterator[Fields]:
        """Yield at least every row that matches, each once, as this session has changed it."""
        calls = self._calls(table)
        key = self._connector.tables[table].key if table in self._connector.tables else ()
        seen: set[tuple[Any, ...]] = set()
        for call, values in self._asking(calls, key, matches):
            for row in self._rows(call, values, key, seen):
                name = tuple(same(row.get(part)) for part in key)
                changed = self._pending.get(table, {}).get(name)
                if changed is None:
                    yield row
                elif changed[1] is not None:
                    yield {**row, **changed[1]}

    def _asking(
        self, calls: TableCalls, key: tuple[str, ...], matches: Sequence[Match]
    ) -> Iterator[tuple[Call, Mapping[str, Any]]]:
        """Yield the calls that together bring every row that can match."""
        unasked = [match for match in matches if match.values and _direct(calls, key, match) is None]
        if unasked and calls.listed is None:
            by = ".".join(unasked[0].paths[0])
            where = f"connector.tables.{calls.name}"
            said = f"{self._connector.system}: nothing says how {calls.name} are found by {by}"
            raise SystemRefuses(f"{said}; add {where}.find.{by} or {where}.list.")
        if calls.listed is not None and (unasked or sum(len(m.values) for m in matches) > ASKED_ONE_BY_ONE_MAX):
            yield calls.listed, {}
            return
        for match in matches:
            call = _direct(calls, key, match)
            for each in match.values if call is not None else ():
                assert call is not None
                yield call, dict(zip((".".join(path) for path in match.paths), each, strict=True))

    def _listed(self, call: Call, answer: Any) -> list[Fields]:
        """Return the rows of an answer. One of another shape is no answer: nobody would be found in it (Art. 12(2))."""
        rows = dig(answer, call.rows)
        if isinstance(rows, dict):
            rows = [rows] if rows else []
        if rows is None and not _holds_more(answer):
            return []
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            where = ".".join(call.rows)
            raise SystemRefuses(
                self._unlike(call, f"`{where}` is no list of rows" if where else "it is no list of rows")
            )
        return rows

    def _unlike(self, call: Call, what: str) -> str:
        answer = f"{self._connector.system}: the answer to {call.method} {call.path}"
        return f"{answer} is unlike the map: {what}; mend the map."

    def _rows(
        self, call: Call, values: Mapping[str, Any], key: tuple[str, ...], seen: set[tuple[Any, ...]]
    ) -> Iterator[Fields]:
        """Yield the rows of every page that were not seen yet; a page without new rows is the last."""
        for answer in self._connector.client.pages(call, values):
            rows = self._listed(call, answer)
            fresh = 0
            for row in rows:
                if any(row.get(part) is None for part in key):
                    raise SystemRefuses(self._unlike(call, f"a row has no `{', '.join(key)}`"))
                name = tuple(same(row.get(part)) for part in key)
                if name in seen:
                    continue
                seen.add(name)
                fresh += 1
                yield row
            if call.paging and call.paging.kind in ("page", "offset") and (not fresh or len(rows) < call.paging.size):
                return


def _holds_more(answer: Any) -> bool:
    """Whether an answer without its rows holds others, or says that something went wrong."""
    if not isinstance(answer, dict):
        return answer is not None
    return any(isinstance(value, (list, dict)) and value for value in answer.values()) or not FAULTS.isdisjoint(answer)


def _direct(calls: TableCalls, key: tuple[str, ...], match: Match) -> Call | None:
    """Return the call that asks for just these rows, where there is one."""
    names = tuple(".".join(path) for path in match.paths)
    if names == key and calls.one is not None:
        return calls.one
    return calls.found.get(names[0]) if len(names) == 1 else None


def _body(call: Call, row: Fields, new: Fields) -> Any:
    """Return what a change sends: what changed, the whole row, or what the map spells out."""
    if call.body == CHANGED:
        return new
    return {**row, **new} if call.body == WHOLE else None


def _names(call: Call, row: Fields) -> Fields:
    """The path names a row by what it was before the change."""
    return {name: value for name, value in row.items() if f"{{{name}}}" in call.path}


def _live(table: Table) -> LiveTable:
    columns = {f.name: Column(f.name, _kind(f), "", nullable=True) for f in table.fields}
    return LiveTable(table.name, columns, table.key, has_key=bool(table.key))


def _kind(field: Field) -> Kind:
    if field.fields or field.array:
        return Kind.JSON
    return KINDS.get((field.data_type or "").lower(), Kind.TEXT)


def http_connector(system: str, url: str, data_map: DataMap) -> HttpConnector:
    """Make the connector for `https://user:secret@host/path` and the map's `connector:` section."""
    api = described(system, data_map.settings)
    for name in api.tables:
        table = data_map.table(name)
        if table is None or not table.key:
            raise SystemRefuses(
                f"{system}: table `{name}` is described under `connector:` and needs `tables.{name}.key` too."
            )
    return HttpConnector(system, api, Client(system, url, api), data_map)
