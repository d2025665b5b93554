"""The systems of one request: their maps, their connectors, and the graph that the live schemas make of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from services.fulfil.connectors.protocol import Connector, ConnectorError, Session, said_of
from services.fulfil.core.acts import Link
from services.fulfil.core.catalog import Catalog, Inbound
from services.fulfil.core.erasing import TablePlan
from services.fulfil.core.graph import Graph, build_graph, components
from services.fulfil.core.maps.model import DataMap, TableName
from services.fulfil.core.profile import Profiles, Relation, relations
from services.fulfil.search import Sink


@dataclass(slots=True)
class Landscape:
    """Maps and connectors, joined. `faults` names the systems that cannot be reached, and why."""

    maps: Sequence[DataMap]
    connectors: Mapping[str, Connector]
    graph: Graph
    relations: Mapping[TableName, tuple[Relation, ...]]
    order: tuple[tuple[TableName, ...], ...] = ()
    faults: dict[str, str] = field(default_factory=dict)
    profiles: Profiles | None = None
    remarks: list[str] = field(default_factory=list)
    plans: dict[frozenset[str], dict[TableName, TablePlan]] = field(default_factory=dict)
    erase_order: tuple[TableName, ...] = ()
    told: Callable[[str, TableName, int, int], None] | None = None
    also: Sink | None = None
    """Takes note of the rows that a request finds, beside what is done with them."""
    only: frozenset[str] | None = None
    """The systems that are looked into and changed, where that is not all of them."""
    links: Sequence[Link] = ()
    """What is known of keys that lead from a system that is not looked into to one that is."""

    @property
    def own_faults(self) -> dict[str, str]:
        """The faults of the systems that are looked into."""
        return {system: said for system, said in self.faults.items() if self.has(system)}

    def has(self, system: str) -> bool:
        """Tell whether this system is looked into."""
        return self.only is None or system in self.only

    @contextmanager
    def sessions(self, *, write: bool) -> Iterator[dict[str, Session]]:
        """Open one session with every system that can be reached."""
        with ExitStack() as stack:
            opened: dict[str, Session] = {}
            for system, connector in self.connectors.items():
                if system in self.faults or not self.has(system):
                    continue
                try:
                    opened[system] = stack.enter_context(connector.session(write=write))
                except ConnectorError as fault:
                    self.faults[system] = said_of(fault)
            yield opened


def survey(maps: Sequence[DataMap], connectors: Mapping[str, Connector]) -> Landscape:
    """Look at every system's schema and join the maps."""
    catalogs: dict[str, Catalog] = {}
    faults: dict[str, str] = {}
    inbound: list[tuple[str, Inbound]] = []
    for data_map in maps:
        connector = connectors.get(data_map.system)
        if connector is None:
            faults[data_map.system] = (
                f"{data_map.system}: no connection was given; add --connect {data_map.system}=URL."
            )
            continue
        try:
            catalogs[data_map.system] = connector.catalog([t.name for t in data_map.tables if not t.skip])
        except ConnectorError as fault:
            faults[data_map.system] = said_of(fault)
            continue
        inbound += [(data_map.system, entry) for entry in catalogs[data_map.system].inbound]
    graph = build_graph(maps, catalogs)
    return Landscape(maps, connectors, graph, relations(graph, inbound), components(graph), faults, Profiles(graph))


def schema_faults(landscape: Landscape) -> list[str]:
    """Say what the maps name and the systems do not have; a person's data may lie under another name."""
    said = list(landscape.own_faults.values())
    for name, table in landscape.graph.tables.items():
        if name.system in landscape.faults or not landscape.has(name.system):
            continue
        live = landscape.graph.live.get(name)
        where = next((m.file for m in landscape.maps if m.system == name.system), "")
        if live is None:
            said.append(f"{where}:{table.line}: table {name} does not exist in the system; mend the map.")
            continue
        missing = [(f.name, f.line) for f in table.fields if f.name not in live.columns and f.name not in live.address]
        said += [f"{where}:{line}: {name} has no column `{column}`; mend the map." for column, line in missing]
    return said


def inbound_of(landscape: Landscape, name: TableName) -> list[Inbound]:
    """Return the foreign keys, mapped or not, that point to a table."""
    connector = landscape.connectors[name.system]
    asked = next([t.name for t in m.tables if not t.skip] for m in landscape.maps if m.system == name.system)
    return [entry for entry in connector.catalog(asked).inbound if entry.key.table == name.table]
