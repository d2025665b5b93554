"""The connector to MongoDB: a collection is a table, a document is a row, and what is nested is reached by its path.

The database is asked by what it can compare, and its answers are compared again here, exactly. A change names the path
of every value that it replaces, under the condition that the value read still stands there; it is sent at the commit,
document by document, so that a failure leaves the earlier ones done, which a repetition finds done.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

from services.fulfil.connectors.matching import answers, held
from services.fulfil.connectors.mongo.catalogs import ID, live_of
from services.fulfil.connectors.mongo.client import Collection, Database, Document, database_at, named
from services.fulfil.connectors.mongo.values import differences, folded, nameable, plain, spellings, stored
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
    SystemDown,
    SystemRefuses,
)
from services.fulfil.core.catalog import Catalog, LiveTable
from services.fulfil.core.maps.model import DataMap
from services.fulfil.core.values import same

VALUES_A_QUERY: Final = 1000
DOCUMENTS_A_BATCH: Final = 500
Fields = dict[str, Any]


class MongoConnector:
    """One database."""

    def __init__(self, system: str, database: Database[Document], data_map: DataMap) -> None:
        self._system = system
        self._database = database
        self._tables = {table.name: table for table in data_map.tables}

    @property
    def system(self) -> str:
        """The name by which data maps know the database."""
        return self._system

    @property
    def abilities(self) -> Abilities:
        """Everything, document by document."""
        return Abilities(transactional=False)

    def check(self) -> Health:
        """Log in, and list the collections without looking into any."""
        try:
            with named(self._system):
                self._database.list_collection_names()
        except ConnectorError as fault:
            return Health(reachable=False, said=str(fault))
        return Health(reachable=True, said="logged in")

    def catalog(self, tables: Sequence[str]) -> Catalog:
        """Describe the collections by their first documents, their validators and their indexes."""
        with named(self._system):
            there = {about["name"]: about for about in self._database.list_collections()}
            return Catalog({name: self._live(name, there[name]) for name in tables if name in there})

    def names(self) -> list[str]:
        """Return the names of all collections."""
        with named(self._system):
            return sorted(n for n in self._database.list_collection_names() if not n.startswith("system."))

    @contextmanager
    def session(self, *, write: bool) -> Iterator[MongoSession]:
        """Open a conversation; the driver keeps the connections."""
        del write
        yield MongoSession(self._system, self._database)

    def close(self) -> None:
        """Let go of the connections."""
        self._database.client.close()

    def _live(self, name: str, about: Mapping[str, Any]) -> LiveTable:
        return live_of(self._database[name], about, self._tables.get(name))


class MongoSession:
    """One conversation; changes are remembered until `commit`."""

    def __init__(self, system: str, database: Database[Document]) -> None:
        self._system = system
        self._database = database
        self._there: frozenset[str] | None = None
        self._pending: dict[str, dict[Any, tuple[Document, Fields | None]]] = {}

    def find(self, query: Find) -> Iterator[Hit]:
        """Ask for candidates, and compare them exactly."""
        names = {*query.fields, *(path[0] for match in query.matches for path in match.paths)}
        names |= {path[0] for path in query.only_if_empty}
        yield from answers(query, (row for _, row in self._rows(query.table, query.matches, names)))

    def sample(self, table: str, fields: tuple[str, ...], rows_max: int) -> list[tuple[Any, ...]]:
        """Return the first documents, for drafting a map."""
        with named(self._system):
            found = list(self._database[table].find({}, dict.fromkeys(fields, 1), limit=rows_max))
        return [tuple(plain(document.get(name)) for name in fields) for document in found]

    def references(self, query: References) -> Iterator[Counted]:
        """Ask for the documents that point to the keys, and count."""
        asked = {tuple(same(part) for part in key) for key in query.keys}
        for n, pointer in enumerate(query.pointers):
            counts: Counter[tuple[Any, ...]] = Counter()
            names = {path[0] for path in pointer.paths}
            for _, row in self._rows(pointer.table, (Match(pointer.paths, query.keys),), names):
                counts.update(set(held(row, pointer.paths)) & asked)
            yield from (Counted(n, key, rows) for key, rows in counts.items())

    def change(self, change: Change) -> int:
        """Remember the changes, and count the documents that are there; two with one key are refused."""
        wanted: dict[tuple[Any, ...], Fields | None] = {}
        keys = []
        for key, values in change.rows:
            keys.append(key)
            new = {**change.constants, **dict(zip(change.per_row, values, strict=True))}
            wanted[tuple(same(part) for part in key)] = None if change.delete else new
        paths = tuple((name,) for name in change.key)
        reached: Counter[tuple[Any, ...]] = Counter()
        pending = self._pending.setdefault(change.table, {})
        names = {*change.key, *change.constants, *change.per_row}
        for document, row in list(self._rows(change.table, (Match(paths, keys),), names)):
            for key in held(row, paths):
                if key in wanted:
                    reached[key] += 1
                    first, before = pending.get(document[ID], (document, {}))
                    new_fields = wanted[key]
                    both = None if new_fields is None or before is None else {**before, **new_fields}
                    pending[document[ID]] = {**document, **first}, both
        if any(count > 1 for count in reached.values()):
            raise SystemRefuses(
                f"{self._system}.{change.table}: several documents have one key ({', '.join(change.key)}). Leave `key` "
                "out of the map, so that documents are told apart by their _id."
            )
        return len(reached)

    def commit(self) -> None:
        """Send every change, each under the condition that what was read still stands there."""
        for table, pending in self._pending.items():
            for document, new in pending.values():
                with named(self._system):
                    if new is None:
                        self._database[table].delete_one({ID: document[ID]})
                    else:
                        self._update(self._database[table], document, new)
        self._pending.clear()

    def _update(self, collection: Collection[Document], document: Document, new: Fields) -> None:
        leaves = [
            leaf
            for name, value in new.items()
            if name in document or value is not None
            for leaf in differences(document.get(name), value, name)
        ]
        if not leaves:
            return
        seen = {leaf.path: leaf.old for leaf in leaves}
        wanted = {leaf.path: stored(leaf.new) for leaf in leaves}
        done = collection.update_one({ID: document[ID], **seen}, {"$set": wanted})
        if not done.matched_count:
            said = f"{self._system}.{collection.name}: a document was changed or removed by another program meanwhile."
            raise SystemDown(f"{said} It was left as it is; try again.")

    def _rows(self, table: str, matches: Sequence[Match], names: set[str]) -> Iterator[tuple[Document, Fields]]:
        """Yield at least every document that matches, each once, as it stands and as this session has changed it."""
        self._refuse_missing(table)
        pending = self._pending.get(table, {})
        asked = list(_queries([match for match in matches if match.values]))
        seen: set[Any] = set()
        for query in asked:
            with named(self._system):
                # A name with a dot or a dollar cannot be asked for alone.
                projection = dict.fromkeys(names | {ID}, 1) if all(nameable((n,)) for n in names) else None
                for document in self._database[table].find(query, projection, batch_size=DOCUMENTS_A_BATCH):
                    if document[ID] in seen:
                        continue
                    if len(asked) > 1:
                        seen.add(document[ID])
                    changed = pending.get(document[ID], (document, {}))[1]
                    if changed is not None:
                        yield document, {**{name: plain(value) for name, value in document.items()}, **changed}

    def _refuse_missing(self, table: str) -> None:
        """A collection that is not there would answer like an empty one."""
        if self._there is None:
            with named(self._system):
                self._there = frozenset(self._database.list_collection_names())
        if table not in self._there:
            raise SystemRefuses(f"{self._system}.{table}: there is no such collection. Mend the map.")


def _queries(matches: Sequence[Match]) -> Iterator[Document]:
    """Yield the queries that together name at least every document that can match."""
    if any(not nameable(path) for match in matches for path in match.paths):
        yield {}
        return
    parts: list[Document] = []
    for match in matches:
        paths = [".".join(path) for path in match.paths]
        for start in range(0, len(match.values), VALUES_A_QUERY):
            some = match.values[start : start + VALUES_A_QUERY]
            if len(paths) == 1:
                parts.append({paths[0]: {"$in": _forms([key[0] for key in some], match)}})
            else:
                each = ({p: {"$in": _forms([v], match)} for p, v in zip(paths, key, strict=True)} for key in some)
                parts.append({"$or": list(each)})
    if sum(len(match.values) for match in matches) <= VALUES_A_QUERY and parts:
        yield {"$or": parts} if len(parts) > 1 else parts[0]
        return
    yield from parts


def _forms(values: Sequence[Any], match: Match) -> list[Any]:
    return [form for value in values for form in (folded(value) if match.fold_case else spellings(value))]


def mongo_connector(system: str, url: str, data_map: DataMap) -> MongoConnector:
    """Make the connector for `mongodb://user:secret@host/database`, or `mongodb+srv:`."""
    return MongoConnector(system, database_at(system, url), data_map)
