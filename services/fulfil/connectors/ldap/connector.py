"""The connector to a directory: the entries of a class are a table, and so are the members of groups.

The directory is asked by what it knows to compare, and its answers are compared again here, exactly. Changes are sent
at the commit, entry by entry; a directory has no transaction, so a failure leaves the earlier ones done, which a
repetition finds done.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any, Final

from services.fulfil.connectors.ldap.client import Address, Directory, Entry, address_of, normal_dn
from services.fulfil.connectors.ldap.schema import Attribute, Schema
from services.fulfil.connectors.ldap.tables import (
    DN,
    Entries,
    asked_of,
    entries_of,
    live_of,
    names_of,
    normalised,
    row_of,
    spelled,
)
from services.fulfil.connectors.ldap.writing import remove_value, write
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
from services.fulfil.core.catalog import Catalog
from services.fulfil.core.maps.model import DataMap
from services.fulfil.core.values import same

SAMPLED: Final = 1000
Fields = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Row:
    """An entry, or one value of one, with what the directory holds of it."""

    entry: Entry
    fields: Fields
    value: bytes = b""


class LdapConnector:
    """One directory, below one base."""

    def __init__(self, system: str, address: Address, data_map: DataMap) -> None:
        self._system = system
        self._address = address
        self._settings = data_map.settings
        self.tables = {table.name: table for table in data_map.tables}

    @property
    def system(self) -> str:
        """The name by which data maps know the directory."""
        return self._system

    @property
    def abilities(self) -> Abilities:
        """Everything, entry by entry."""
        return Abilities(transactional=False)

    def check(self) -> Health:
        """Log in, and see that the base is there and the schema can be read."""
        try:
            with self._connected() as directory:
                next(directory.search(directory.base, "(objectClass=*)", ["1.1"]), None)
                if directory.schema is None:
                    return Health(reachable=False, said="the directory does not show its schema to this account")
        except ConnectorError as fault:
            return Health(reachable=False, said=str(fault))
        return Health(reachable=True, said="logged in")

    def catalog(self, tables: Sequence[str]) -> Catalog:
        """Describe the tables by what the schema says of their classes."""
        with self._connected() as directory:
            schema = Schema(directory.schema)
            wanted = {name: self.entries(name) for name in tables}
            return Catalog(
                {
                    name: live_of(one, schema, self.tables.get(name), self._seen(directory, one))
                    for name, one in wanted.items()
                    if schema.knows(one.kind)
                }
            )

    def names(self) -> list[str]:
        """Return the tables of the map, and the classes of the first entries that there are."""
        with self._connected() as directory:
            schema = Schema(directory.schema)
            found = directory.search(directory.base, "(objectClass=*)", ["objectClass"])
            classes = {
                schema.narrowest([raw.decode() for raw in entry.attributes.get("objectclass", ())])
                for entry, _ in zip(found, range(SAMPLED), strict=False)
            }
        mapped = {self.entries(name).kind.lower() for name in self.tables}
        return sorted({*self.tables, *(c for c in classes if c is not None and c.lower() not in mapped)})

    @contextmanager
    def session(self, *, write: bool) -> Iterator[LdapSession]:
        """Log in for one conversation."""
        del write
        with self._connected() as directory:
            yield LdapSession(self, directory)

    def entries(self, table: str) -> Entries:
        """Return which entries make up a table."""
        return entries_of(self._system, table, self._settings, self._address.base)

    @contextmanager
    def _connected(self) -> Iterator[Directory]:
        with closing(Directory(self._system, self._address)) as directory:
            yield directory

    def _seen(self, directory: Directory, entries: Entries) -> list[str] | None:
        """Return the attributes that the first entries hold, for a table that no map describes yet."""
        if entries.name in self.tables:
            return None
        found = directory.search(entries.base, f"(objectClass={entries.kind})", ["*"])
        return sorted({name for entry, _ in zip(found, range(SAMPLED), strict=False) for name in entry.attributes})


class LdapSession:
    """One conversation; changes are remembered until `commit`."""

    def __init__(self, connector: LdapConnector, directory: Directory) -> None:
        self._connector = connector
        self._directory = directory
        self._schema = Schema(directory.schema)
        self._pending: dict[str, dict[tuple[str, bytes], tuple[Row, Fields | None]]] = {}

    def find(self, query: Find) -> Iterator[Hit]:
        """Ask for candidates, and compare them exactly."""
        names = {*query.fields, *(path[0] for match in query.matches for path in match.paths)}
        names |= {path[0] for path in query.only_if_empty}
        matches = normalised(query.matches, self._known(query.table, names))
        asked = Find(query.table, query.fields, matches, query.only_if_empty, query.limit)
        yield from answers(asked, (row.fields for row in self._rows(query.table, matches, names)))

    def sample(self, table: str, fields: tuple[str, ...], rows_max: int) -> list[tuple[Any, ...]]:
        """Return the first rows, for drafting a map."""
        entries, known = self._connector.entries(table), self._known(table, set(fields))
        found = self._directory.search(entries.base, f"(objectClass={entries.kind})", [*known, "objectClass"])
        rows = (row_of(entry.dn, entry.attributes, known) for entry, _ in zip(found, range(rows_max), strict=False))
        return [tuple(row.get(name) for name in fields) for row in rows]

    def references(self, query: References) -> Iterator[Counted]:
        """Ask for the entries that point to the keys, and count."""
        for n, pointer in enumerate(query.pointers):
            names = {path[0] for path in pointer.paths}
            matches = normalised((Match(pointer.paths, query.keys),), self._known(pointer.table, names))
            asked = {tuple(same(part) for part in key): key for key in matches[0].values}
            counts: Counter[tuple[Any, ...]] = Counter()
            for row in self._rows(pointer.table, matches, names):
                counts.update(set(held(row.fields, pointer.paths)) & set(asked))
            yield from (Counted(n, key, rows) for key, rows in counts.items())

    def change(self, change: Change) -> int:
        """Remember the changes, and count the entries that are there; two with one key are refused."""
        names = {*change.key, *change.constants, *change.per_row}
        known = self._known(change.table, names)
        unknown = sorted(names - set(known) - {DN})
        if unknown or DN in (*change.constants, *change.per_row):
            raise SystemRefuses(
                f"{self._connector.system}.{change.table}: `{(unknown or [DN])[0]}` cannot be set. Mend the map."
            )
        return self._remember(change, known)

    def _remember(self, change: Change, known: Mapping[str, Attribute]) -> int:
        given = list(change.rows)
        paths = tuple((name,) for name in change.key)
        match = normalised((Match(paths, [key for key, _ in given]),), known)[0]
        wanted: dict[tuple[Any, ...], Fields | None] = {}
        for key, (_, values) in zip(match.values, given, strict=True):
            new = None if change.delete else {**change.constants, **dict(zip(change.per_row, values, strict=True))}
            wanted[tuple(same(part) for part in key)] = new
        pending = self._pending.setdefault(change.table, {})
        reached: Counter[tuple[Any, ...]] = Counter()
        names = {*change.key, *change.constants, *change.per_row}
        for row in list(self._rows(change.table, (match,), names, whole=True)):
            for key in held(row.fields, paths):
                if key in wanted:
                    reached[key] += 1
                    place = (normal_dn(row.entry.dn), row.value)
                    before, new = pending.get(place, (row, {})), wanted[key]
                    merged = None if new is None or before[1] is None else {**before[1], **new}
                    pending[place] = before[0], merged
        if any(count > 1 for count in reached.values()):
            raise SystemRefuses(
                f"{self._connector.system}.{change.table}: several entries have one key ({', '.join(change.key)}). "
                "Leave `key` out of the map, so that entries are told apart by their name."
            )
        return len(reached)

    def commit(self) -> None:
        """Send every change, in the order in which they were made."""
        renamed: dict[str, str] = {}
        for table, pending in self._pending.items():
            entries = self._connector.entries(table)
            for row, new in pending.values():
                dn = renamed.get(normal_dn(row.entry.dn), row.entry.dn)
                entry = Entry(dn, row.entry.attributes)
                if entries.each:
                    known = self._known(table, {entries.each})
                    instead = known[entries.each].written(new[entries.each]) if new else ()
                    remove_value(self._directory, entry, entries.each, row.value, instead)
                elif new is None:
                    self._directory.delete(dn)
                else:
                    after = write(self._directory, entry, new, self._known(table, set(new)))
                    renamed[normal_dn(row.entry.dn)] = after
        self._pending.clear()

    def _rows(self, table: str, matches: Sequence[Match], names: set[str], *, whole: bool = False) -> Iterator[Row]:
        """Yield at least every row that matches, each once, as this session has changed it."""
        entries = self._connector.entries(table)
        known = self._known(table, names)
        pending = self._pending.get(table, {})
        for entry in self._entries(entries, matches, known, whole=whole):
            for row in _rows_of(entries, entry, known):
                place = (normal_dn(entry.dn), row.value)
                changed = pending.get(place, (row, {}))[1]
                if changed is not None:
                    yield Row(entry, {**row.fields, **changed}, row.value) if changed else row

    def _entries(
        self, entries: Entries, matches: Sequence[Match], known: Mapping[str, Attribute], *, whole: bool
    ) -> Iterator[Entry]:
        matches = [match for match in matches if match.values]
        if not matches:
            return
        attributes = ["*"] if whole else [*known] or ["1.1"]
        seen: set[str] = set()
        names = names_of(matches)
        for base, asked, below in (
            [(name, f"(objectClass={entries.kind})", False) for name in names]
            if names is not None
            else [(entries.base, one, True) for one in asked_of(entries, matches, known)]
        ):
            for entry in self._directory.search(base, asked, attributes, below=below):
                if entry.dn not in seen:
                    seen.add(entry.dn)
                    yield entry

    def _known(self, table: str, names: set[str]) -> dict[str, Attribute]:
        """Return the attributes of these names that the directory knows."""
        entries = self._connector.entries(table)
        if not self._schema.knows(entries.kind):
            raise SystemRefuses(
                f"{self._connector.system}.{table}: the directory knows no class `{entries.kind}`. Mend the map."
            )
        wanted = names | ({entries.each} if entries.each else set())
        return {name: found for name in wanted if (found := self._schema.attribute(name)) is not None}


def _rows_of(entries: Entries, entry: Entry, known: Mapping[str, Attribute]) -> Iterator[Row]:
    fields = row_of(entry.dn, entry.attributes, known)
    if not entries.each:
        yield Row(entry, fields)
        return
    for _, values in spelled(entry.attributes, entries.each):
        for raw in values:
            yield Row(entry, {**fields, entries.each: known[entries.each].read([raw])}, raw)


def ldap_connector(system: str, url: str, data_map: DataMap) -> LdapConnector:
    """Make the connector for `ldaps://BIND-DN:password@host/BASE-DN`."""
    connector = LdapConnector(system, address_of(system, url), data_map)
    for table in data_map.tables:
        connector.entries(table.name)
    return connector
