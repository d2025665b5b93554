"""What an engineer asks about maps: draft one, compare one with its system, show how it is searched."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from services.fulfil.access import access
from services.fulfil.api.engineer import UsageFault, connected, load_maps, request, split_connections
from services.fulfil.connectors.protocol import Connector, ConnectorError, Health, Sampled, Scannable, Suggesting
from services.fulfil.connectors.registry import connector_for
from services.fulfil.core.catalog import Catalog, Kind
from services.fulfil.core.checking import PlannedStep, Remark, check_map, plan_search
from services.fulfil.core.drafting import Outline, draft, outline_of, shape_of
from services.fulfil.core.identities import IdentityFault, read_identities
from services.fulfil.core.maps.model import DataMap, TableName
from services.fulfil.report import Status

SAMPLED_ROWS: Final = 50


@dataclass(frozen=True, slots=True)
class Plan:
    """A search, explained. `counts` are there when they were asked for."""

    steps: tuple[PlannedStep, ...]
    unreached: tuple[TableName, ...]
    counts: dict[TableName, int]


def scan(url: str, system: str, schema: str | None) -> str:
    """Draft a map from a live system; a few values of each text field are looked at and forgotten."""
    try:
        connector = connector_for(system, url, DataMap(system=system, tables=(), schema=schema))
    except ConnectorError as fault:
        raise UsageFault(str(fault)) from None
    if not isinstance(connector, Scannable):
        raise UsageFault(f"{url.partition(':')[0]} systems do not say what they hold; write the map by hand.")
    try:
        settings = connector.suggested() if isinstance(connector, Suggesting) else {}
        catalog = connector.catalog(connector.names())
        if not catalog.tables:
            where = f"schema {schema}" if schema else "this place"
            raise UsageFault(
                f"{system}: there are no tables in {where}; look at the URL, --schema and the user's rights."
            )
        return draft(system, catalog, *_shapes(connector, catalog), settings, schema)
    except ConnectorError as fault:
        raise UsageFault(str(fault)) from None
    finally:
        close = getattr(connector, "close", None)
        if close is not None:
            close()


def _shapes(connector: Scannable, catalog: Catalog) -> tuple[dict[str, dict[str, str]], dict[str, dict[str, Outline]]]:
    """Return what a few values of each field look like, and which keys are nested in them."""
    found: dict[str, dict[str, str]] = {}
    nested: dict[str, dict[str, Outline]] = {}
    with connector.session(write=False) as session:
        for name, live in catalog.tables.items():
            texts = [c.name for c in live.columns.values() if c.kind in (Kind.TEXT, Kind.OTHER, Kind.JSON, Kind.ARRAY)]
            if not texts or not isinstance(session, Sampled):
                continue
            rows = session.sample(name, tuple(texts), SAMPLED_ROWS)
            shapes = {column: shape_of(row[n] for row in rows) for n, column in enumerate(texts)}
            found[name] = {column: shape for column, shape in shapes.items() if shape}
            outlines = {column: outline_of(row[n] for row in rows) for n, column in enumerate(texts)}
            nested[name] = {column: outline for column, outline in outlines.items() if outline}
    return found, nested


def check(files: Iterable[Path], connections: Iterable[str]) -> list[Remark]:
    """Compare maps with their live systems."""
    maps, notes = load_maps(files)
    remarks = [Remark(f"{n.file}:{n.line}", n.said, n.remedy, wrong=n.fatal) for n in notes]
    with connected(maps, split_connections(connections)) as connectors:
        for data_map in maps:
            connector = connectors.get(data_map.system)
            if connector is None:
                said = f"no connection was given, so the map was not compared with {data_map.system} itself."
                remedy = f"Add --connect {data_map.system}=URL."
                remarks.append(Remark(data_map.file or data_map.system, said, remedy, wrong=False))
                continue
            try:
                catalog = connector.catalog([t.name for t in data_map.tables])
                everything = dict(catalog.tables)
                if isinstance(connector, Scannable):
                    everything = dict(connector.catalog(connector.names()).tables)
                remarks += check_map(data_map, catalog, everything)
            except ConnectorError as fault:
                said = str(fault).removeprefix(f"{data_map.system}: ")
                remarks.append(Remark(data_map.system, said, "", wrong=True))
    return remarks


def plan(files: Iterable[Path], connections: Iterable[str], identities: Iterable[str], *, counted: bool) -> Plan:
    """Show how a person would be searched for, and on request how much is found."""
    given = list(connections)
    listed = list(files)
    maps, _ = load_maps(listed)
    try:
        wanted = read_identities(identities)
    except IdentityFault as fault:
        raise UsageFault(str(fault)) from None
    if not counted:
        with connected(maps, split_connections(given)) as connectors:
            catalogs = {}
            for data_map in maps:
                if data_map.system in connectors:
                    try:
                        catalogs[data_map.system] = connectors[data_map.system].catalog(
                            [t.name for t in data_map.tables]
                        )
                    except ConnectorError as fault:
                        raise UsageFault(str(fault)) from None
            steps, unreached = plan_search(maps, catalogs, wanted)
        return Plan(steps, unreached, {})
    with request(listed, given, [f"{n}={v}" for n, values in wanted.items() for v in values]) as (land, who, budget):
        catalogs = {m.system: land.connectors[m.system].catalog([t.name for t in m.tables if not t.skip])
                    for m in maps if m.system in land.connectors and m.system not in land.faults}  # fmt: skip
        steps, unreached = plan_search(maps, catalogs, who)
        report = access(land, who, budget)
        if report.status is Status.REFUSED:
            # No rows are listed then, and none is not how many there are.
            raise UsageFault(" ".join(report.faults))
        return Plan(steps, unreached, {name: sum(1 for _ in t.rows()) for name, t in report.tables.items()})


def test_connections(files: Iterable[Path], connections: Iterable[str]) -> dict[str, Health]:
    """Try every connection without reading anybody's row."""
    maps, _ = load_maps(files)
    found: dict[str, Health] = {}
    with connected(maps, split_connections(connections)) as connectors:
        for data_map in maps:
            connector = connectors.get(data_map.system)
            if connector is None:
                found[data_map.system] = Health(reachable=False, said="no connection was given")
                continue
            try:
                found[data_map.system] = _tried(data_map, connector)
            except ConnectorError as fault:
                found[data_map.system] = Health(reachable=False, said=str(fault).removeprefix(f"{data_map.system}: "))
    return found


def _tried(data_map: DataMap, connector: Connector) -> Health:
    health = connector.check()
    if not health.reachable:
        # A fault names its system, and so does the line that this stands on.
        return Health(reachable=False, said=health.said.removeprefix(f"{data_map.system}: "))
    tables = [t.name for t in data_map.tables if not t.skip]
    there = connector.catalog(tables).tables
    missing = [t for t in tables if t not in there]
    if not missing:
        return health
    said = f"connected; {len(missing)} mapped tables are missing or hidden: {', '.join(missing[:5])}"
    return Health(reachable=False, said=said)


__all__ = ["Plan", "check", "plan", "scan", "test_connections"]
