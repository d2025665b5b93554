"""The tables of all maps as one graph: where a search enters, where it goes on, and what a step along an edge means.

An edge goes from a table whose rows are known to a table whose rows they lead to. It is of one of two kinds. Along a
*child* edge the far rows hold a key of ours (the orders of a customer): they belong to whom our row belongs. Along a
*pointer* edge our row holds the key (an order's address): the far row may serve many people, so reaching it makes it
nobody's own. Everything that keeps third persons safe (Art. 15(4), 17(3)) rests on that difference.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from services.fulfil.core.catalog import Catalog, LiveTable
from services.fulfil.core.maps.model import DataMap, Direction, Path, Reference, Table, TableName


class EdgeKind(StrEnum):
    """What the far end of an edge is to the near end."""

    CHILD = "child"
    POINTER = "pointer"


@dataclass(frozen=True, slots=True, eq=False)
class Edge:
    """A way from known rows to further rows. `declared` is false where the map leaves the direction open.

    An edge is itself and no other: comparing by value would hash its names a thousand times a request.
    """

    source: TableName
    source_paths: tuple[Path, ...]
    target: TableName
    target_paths: tuple[Path, ...]
    kind: EdgeKind
    declared: bool

    @property
    def to_itself(self) -> bool:
        """Whether it stays in one table, as a comment's replies do."""
        return self.source == self.target


@dataclass(frozen=True, slots=True)
class Graph:
    """Every mapped table, and the edges between them."""

    tables: Mapping[TableName, Table]
    live: Mapping[TableName, LiveTable]
    edges: tuple[Edge, ...]
    ownable: frozenset[TableName]
    persons: frozenset[TableName]

    incoming: Mapping[TableName, tuple[Edge, ...]]
    outgoing: Mapping[TableName, tuple[Edge, ...]]

    def into(self, name: TableName) -> tuple[Edge, ...]:
        """The edges that end in a table."""
        return self.incoming.get(name, ())

    def out_of(self, name: TableName) -> tuple[Edge, ...]:
        """The edges that start in a table."""
        return self.outgoing.get(name, ())

    def owners(self, name: TableName) -> tuple[Edge, ...]:
        """The edges along which a row of this table has an owner."""
        return tuple(e for e in self.into(name) if e.kind is EdgeKind.CHILD and e.source in self.ownable)


def build_graph(maps: Sequence[DataMap], catalogs: Mapping[str, Catalog]) -> Graph:
    """Join the maps into one graph, letting the live schema say which end of a reference holds the key."""
    tables = {TableName(m.system, t.name): t for m in maps for t in m.tables if not t.skip}
    live = {
        TableName(system, name): table
        for system, catalog in catalogs.items()
        for name, table in catalog.tables.items()
        if TableName(system, name) in tables
    }
    edges: dict[tuple[TableName, tuple[Path, ...], TableName, tuple[Path, ...]], Edge] = {}
    for name, table in tables.items():
        for reference in _composites(table, tables, live):
            if reference.other in tables:
                for edge in _edges_of(name, reference, tables, live):
                    signature = (edge.source, edge.source_paths, edge.target, edge.target_paths)
                    known = edges.get(signature)
                    if known is None or (edge.declared and not known.declared):
                        edges[signature] = edge
    found = tuple(edges.values())
    ownable = _ownable(tables, found)
    owned_through = {e.source for e in found if e.kind is EdgeKind.CHILD and not e.to_itself}
    below = {e.target for e in found if e.kind is EdgeKind.CHILD and not e.to_itself}
    persons = frozenset(
        name
        for name, table in tables.items()
        if any(True for _ in table.identities())
        # What a table of people is known by: rows of others hang on it, or each of its rows has an identity to itself.
        and (name in owned_through or (name not in below and _one_row_each(table, live.get(name))))
    )
    incoming: dict[TableName, tuple[Edge, ...]] = {}
    outgoing: dict[TableName, tuple[Edge, ...]] = {}
    for edge in found:
        incoming[edge.target] = (*incoming.get(edge.target, ()), edge)
        outgoing[edge.source] = (*outgoing.get(edge.source, ()), edge)
    return Graph(tables, live, found, ownable, persons, incoming, outgoing)


def key_of(name: TableName, tables: Mapping[TableName, Table], live: Mapping[TableName, LiveTable]) -> tuple[str, ...]:
    """Return a table's key: the live one, which is the truth, or the mapped one where it names one row."""
    mapped, seen = tables[name].key, live.get(name)
    if seen is None:
        return mapped
    if seen.has_key or not mapped:
        return seen.address
    if not seen.lies_at or names_one_row(mapped, seen):
        return mapped
    # Nothing makes the mapped key one row's: a line of my order and one of somebody else's may share it.
    return (*mapped, *(name for name in seen.lies_at if name not in mapped))


def names_one_row(columns: tuple[str, ...], live: LiveTable) -> bool:
    """Whether the live schema itself says that no two rows agree in these columns."""
    filled = all(c in live.columns and not live.columns[c].nullable for c in columns)
    return filled and any(set(unique) <= set(columns) for unique in live.unique)


def _composites(
    table: Table, tables: Mapping[TableName, Table], live: Mapping[TableName, LiveTable]
) -> Iterable[Reference]:
    """Join single references that together hold a composite key.

    Fides has no word for composite keys: two fields that refer to the two halves of one key are followed there one by
    one, and line 1 of my order finds line 1 of everybody's. Here they are one reference.
    """
    groups: dict[tuple[TableName, Direction], list[Reference]] = {}
    for reference in table.references:
        groups.setdefault((reference.other, reference.direction), []).append(reference)
    for (other, _), group in groups.items():
        if len(group) > 1 and other in tables and _one_key(table, other, group, tables, live):
            paths = tuple(p for r in group for p in r.paths)
            theirs = tuple(p for r in group for p in r.their_paths)
            yield Reference(paths, other, theirs, group[0].direction, group[0].line)
        else:
            yield from group


def _one_key(
    table: Table,
    other: TableName,
    group: Sequence[Reference],
    tables: Mapping[TableName, Table],
    live: Mapping[TableName, LiveTable],
) -> bool:
    ours = [r.paths[0] for r in group]
    theirs = [r.their_paths[0] for r in group]
    if any(len(r.paths) > 1 for r in group) or len(set(ours)) < len(group) or len(set(theirs)) < len(group):
        return False
    for key, paths in ((key_of(other, tables, live), theirs), (table.key, ours)):
        if len(key) > 1 and {p[0] for p in paths} <= set(key) and all(len(p) == 1 for p in paths):
            return True
    return False


def _edges_of(
    here: TableName, reference: Reference, tables: Mapping[TableName, Table], live: Mapping[TableName, LiveTable]
) -> Iterable[Edge]:
    there = reference.other
    ours_is_child = _holds_key(here, reference, tables, live)
    declared = reference.direction is not Direction.BOTH
    if reference.direction in (Direction.FROM, Direction.BOTH):
        kind = EdgeKind.CHILD if ours_is_child else EdgeKind.POINTER
        yield Edge(there, reference.their_paths, here, reference.paths, kind, declared)
    if reference.direction in (Direction.TO, Direction.BOTH):
        kind = EdgeKind.POINTER if ours_is_child else EdgeKind.CHILD
        yield Edge(here, reference.paths, there, reference.their_paths, kind, declared)


def _holds_key(
    here: TableName, reference: Reference, tables: Mapping[TableName, Table], live: Mapping[TableName, LiveTable]
) -> bool:
    """Whether the table that declares a reference is the one that holds the other's key."""
    ours = tuple(p[0] for p in reference.paths)
    theirs = tuple(p[0] for p in reference.their_paths)
    if here.system == reference.other.system:
        if _foreign(live.get(here), ours, reference.other.table, theirs):
            return True
        if _foreign(live.get(reference.other), theirs, here.table, ours):
            return False
    ours_key = _names_one(here, reference.paths, tables, live)
    theirs_key = _names_one(reference.other, reference.their_paths, tables, live)
    return not (ours_key and not theirs_key)


def _one_row_each(table: Table, live: LiveTable | None) -> bool:
    """Whether no two rows share an identity, as the live schema itself says."""
    named = {path[0] for path, _ in table.identities() if len(path) == 1}
    return live is not None and any(set(unique) <= named for unique in live.unique if unique)


def _foreign(table: LiveTable | None, columns: tuple[str, ...], other: str, their_columns: tuple[str, ...]) -> bool:
    pairs = set(zip(columns, their_columns, strict=True))
    return table is not None and any(
        key.table == other and pairs <= set(zip(key.columns, key.their_columns, strict=True))
        for key in table.foreign_keys
    )


def _names_one(
    name: TableName, paths: tuple[Path, ...], tables: Mapping[TableName, Table], live: Mapping[TableName, LiveTable]
) -> bool:
    if any(len(path) > 1 for path in paths):
        return False
    columns = {path[0] for path in paths}
    key = set(key_of(name, tables, live))
    if key and key <= columns:
        return True
    return name in live and any(set(unique) <= columns for unique in live[name].unique)


def _ownable(tables: Mapping[TableName, Table], edges: Sequence[Edge]) -> frozenset[TableName]:
    """The tables whose rows have an owner: those that name a person, and whatever hangs below them."""
    found = {name for name, table in tables.items() if any(True for _ in table.identities())}
    while True:
        more = {e.target for e in edges if e.kind is EdgeKind.CHILD and e.source in found} - found
        if not more:
            return frozenset(found)
        found |= more


def components(graph: Graph) -> tuple[tuple[TableName, ...], ...]:
    """Return the tables in the order in which they are read: what leads to a table before it, circles together."""
    out: dict[TableName, list[TableName]] = {name: [] for name in graph.tables}
    for edge in graph.edges:
        out[edge.source].append(edge.target)
    number: dict[TableName, int] = {}
    low: dict[TableName, int] = {}
    waiting: list[TableName] = []
    found: list[tuple[TableName, ...]] = []
    for root in graph.tables:
        if root in number:
            continue
        # Tarjan's strongly connected components, with a list for a stack: a long chain of tables must not end it.
        work: list[tuple[TableName, int]] = [(root, 0)]
        while work:
            name, position = work.pop()
            if position == 0:
                number[name] = low[name] = len(number)
                waiting.append(name)
            descended = False
            for index in range(position, len(out[name])):
                follower = out[name][index]
                if follower not in number:
                    work += [(name, index + 1), (follower, 0)]
                    descended = True
                    break
                if follower in waiting:
                    low[name] = min(low[name], number[follower])
            if descended:
                continue
            if low[name] == number[name]:
                start = waiting.index(name)
                found.append(tuple(waiting[start:]))
                del waiting[start:]
            if work:
                parent = work[-1][0]
                low[parent] = min(low[parent], low[name])
    return tuple(reversed(found))
