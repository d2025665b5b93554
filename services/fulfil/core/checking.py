"""Comparing a map with the system as it is: what the map misses, and what it says of things that are not there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from services.fulfil.core.catalog import Catalog, Kind, LiveTable
from services.fulfil.core.drafting import guess
from services.fulfil.core.graph import build_graph, components
from services.fulfil.core.identities import Identities
from services.fulfil.core.lookups import (
    READ_WORTH_SAYING_ROWS,
    WAYS,
    Lookup,
    folded_columns,
    lookup,
    remedy,
)
from services.fulfil.core.maps.model import DataMap, Table, TableName
from services.fulfil.core.undoing import remedy as undoable_by


@dataclass(frozen=True, slots=True)
class Remark:
    """One difference. `wrong` ones stop an erasure; the others are for a person to judge."""

    place: str
    said: str
    remedy: str
    wrong: bool

    def __str__(self) -> str:
        return f"{'error' if self.wrong else 'note'}: {self.place}: {self.said} {self.remedy}"


def check_map(data_map: DataMap, catalog: Catalog, everything: Mapping[str, LiveTable]) -> Iterator[Remark]:
    """Yield what differs. `everything` are all the system's tables, mapped or not."""
    for table in data_map.tables:
        if table.skip:
            continue
        live = catalog.tables.get(table.name)
        place = f"{data_map.file}:{table.line}"
        if live is None:
            yield Remark(place, f"table `{table.name}` does not exist.", "Mend its name or remove it.", wrong=True)
            continue
        yield from _columns(data_map, table, live)
        yield from _keys(place, table, live)
        yield from _costs(place, table, live)
        if live.lasts_at_once:
            said = f"`{table.name}`: {live.lasts_at_once} has no transactions; a change there cannot be undone."
            yield Remark(place, said, undoable_by(live), wrong=False)
    mapped = {table.name for table in data_map.tables}
    for name, live in everything.items():
        if name not in mapped:
            personal = [c for c in live.columns if guess(live, c, {})]
            if personal:
                said = f"table `{name}` is not mapped and seems to hold personal data ({', '.join(personal[:5])})."
                yield Remark(data_map.system, said, "Map it, or map it with `skip: true`.", wrong=False)
        for key in live.foreign_keys:
            if key.table in mapped and name not in mapped:
                said = f"table `{name}` points to `{key.table}` and is not mapped."
                yield Remark(data_map.system, said, "Map it if its rows are about people.", wrong=False)


def _columns(data_map: DataMap, table: Table, live: LiveTable) -> Iterator[Remark]:
    for f in table.fields:
        if f.name not in live.columns:
            said = f"`{table.name}` has no column `{f.name}`."
            yield Remark(f"{data_map.file}:{f.line}", said, "Mend its name or remove it.", wrong=True)
        elif f.length and (real := live.columns[f.name].length) and f.length > real:
            said = f"`{table.name}.{f.name}` is {real} long, not {f.length}."
            yield Remark(f"{data_map.file}:{f.line}", said, "Lower `length`.", wrong=False)
    mapped = {f.name for f in table.fields}
    for column in live.columns:
        found = guess(live, column, {})
        if column not in mapped and found is not None:
            said = f"`{table.name}.{column}` is not mapped and seems to be {found.category}."
            yield Remark(f"{data_map.file}:{table.line}", said, "Map it.", wrong=False)


def _keys(place: str, table: Table, live: LiveTable) -> Iterator[Remark]:
    if not live.has_key:
        yield Remark(place, f"`{table.name}` has no primary key; rows are named by their address.", "", wrong=False)
    elif table.key and set(table.key) != set(live.address):
        said = f"`{table.name}` is keyed by {', '.join(live.address)}, not {', '.join(table.key)}."
        yield Remark(place, said, "The live key is used; mend the map.", wrong=False)
    referred = {path[0] for r in table.references for path in r.paths}
    for key in live.foreign_keys:
        if key.table and not set(key.columns) & referred:
            said = f"`{table.name}.{', '.join(key.columns)}` points to `{key.table}` and the map does not say so."
            yield Remark(place, said, "Add the reference, if it should be followed.", wrong=False)


def _costs(place: str, table: Table, live: LiveTable) -> Iterator[Remark]:
    """Say where a request would read a whole table, or find an address in some spellings only."""
    rows = live.rows_estimate or 0
    if not live.family or live.view:
        return
    said = set()
    for column, _ in folded_columns(table, live):
        way = lookup(live, column)
        if way is Lookup.LISTED:
            what = "an address is found as given and in small letters only."
        elif way is Lookup.READ and rows >= READ_WORTH_SAYING_ROWS:
            what = f"each request reads all {rows:,} rows or so."
        else:
            continue
        said.add(column.name)
        yield Remark(place, f"`{table.name}.{column.name}`: {what}", remedy(live, column), wrong=False)
    led = {index[0] for index in (*live.indexed, *live.unique, live.address) if index} | set(live.folded_indexes)
    asked = {path[0] for path, _ in table.identities()} | {r.paths[0][0] for r in table.references if r.paths}
    for name in sorted(asked & live.columns.keys() - led - said):
        if rows >= READ_WORTH_SAYING_ROWS and live.columns[name].kind not in (Kind.JSON, Kind.ARRAY):
            unled = f"`{table.name}.{name}` leads no index: each request that asks by it reads all {rows:,} rows or so."
            yield Remark(place, unled, f"CREATE INDEX ON {table.name} ({name});", wrong=False)


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """One table of a search, in its order."""

    number: int
    table: TableName
    by: tuple[str, ...]
    circle: bool


def plan_search(
    maps: Sequence[DataMap], catalogs: Mapping[str, Catalog], identities: Identities
) -> tuple[tuple[PlannedStep, ...], tuple[TableName, ...]]:
    """Return the steps of a search, and the tables that these identities cannot lead to."""
    graph = build_graph(maps, catalogs)
    reached: set[TableName] = set()
    for name, table in graph.tables.items():
        if any(f.identity in identities for _, f in table.identities()):
            reached.add(name)
    while more := {e.target for e in graph.edges if e.source in reached} - reached:
        reached |= more
    steps: list[PlannedStep] = []
    for group in components(graph):
        for name in group:
            if name not in reached:
                continue
            live = graph.live.get(name)
            ways = {
                column.name: f", {WAYS[lookup(live, column, identities.get(kind, ()))]}"
                for column, kind in folded_columns(graph.tables[name], live)
                if live is not None
            }
            by = [
                f"identity {f.identity}{ways.get(path[0], '') if len(path) == 1 else ''}"
                for path, f in graph.tables[name].identities()
                if f.identity in identities
            ]
            for edge in graph.into(name):
                if edge.source in reached:
                    ours = ", ".join(".".join(path) for path in edge.target_paths)
                    theirs = ", ".join(".".join(path) for path in edge.source_paths)
                    by.append(f"{ours} = {edge.source}.{theirs} ({edge.kind})")
            circle = len(group) > 1 or any(e.to_itself for e in graph.into(name))
            steps.append(PlannedStep(len(steps) + 1, name, tuple(by), circle))
    return tuple(steps), tuple(name for name in graph.tables if name not in reached)
