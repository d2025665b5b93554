"""Access (Art. 15): find everything, hand out what is the person's, name what is withheld."""

from __future__ import annotations

from pathlib import Path

from services.fulfil.codes import SHOWN_LEAST
from services.fulfil.core.identities import Identities
from services.fulfil.core.nested import given_values
from services.fulfil.landscape import Landscape, schema_faults
from services.fulfil.ledger import Budget
from services.fulfil.package import Files
from services.fulfil.report import Report, Status, TableReport
from services.fulfil.search import Found, Search, Sink


def access(
    landscape: Landscape, identities: Identities, budget: Budget, out: Path | None = None, sink: Sink | None = None
) -> Report:
    """Perform an access request, writing rows into `out` as they are read."""
    files = None
    if out is not None:
        files = Files(out, given_values(identities), landscape.graph.tables)
    faults = schema_faults(landscape)
    try:
        with landscape.sessions(write=False) as sessions:
            search = Search(
                landscape.graph,
                sessions,
                identities,
                landscape.relations,
                files or sink,
                budget,
                landscape.order,
                profiles=landscape.profiles,
                told=landscape.told,
                also=landscape.also,
            )
            found = search.run()
            unsure = search.unsure()
            if unsure and files is not None:
                files.discard()
    finally:
        if files is not None:
            files.close()
    if unsure:
        return Report(Status.REFUSED, faults=unsure, notes=["Nothing was handed out."])
    faults += [fault for fault in landscape.faults.values() if fault not in faults]
    faults += [f.fault for f in found.values() if f.fault and f.profile.name.system not in landscape.faults]
    status = Status.INCOMPLETE if faults else Status.COMPLETE
    tables = {name: _reported(f, listed=name in search.listed) for name, f in found.items()}
    return Report(status, tables, _distinct(faults), notes=search.said())


def _distinct(said: list[str]) -> list[str]:
    return list(dict.fromkeys(said))


def _reported(found: Found, *, listed: bool) -> TableReport:
    return TableReport(
        key=found.profile.key,
        shown=found.profile.shown,
        rows=lambda: found.rows.keys(least=SHOWN_LEAST),
        withheld=found.withheld,
        withheld_more=found.withheld_more,
        fault=found.fault,
        listed=listed,
    )
