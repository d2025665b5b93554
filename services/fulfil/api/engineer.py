"""What an engineer asks of fulfil outside any case: a handler on real systems, a map's plan, a connection's health."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from services.fulfil.access import access
from services.fulfil.connectors.protocol import Connector, ConnectorError
from services.fulfil.connectors.registry import connector_for
from services.fulfil.core.identities import Identities, IdentityFault, known_to, read_identities, unknown_to
from services.fulfil.core.maps.model import DataMap
from services.fulfil.core.maps.reading import read_maps
from services.fulfil.core.maps.tree import MapFault, Problem
from services.fulfil.erasure import erase
from services.fulfil.kept import KeptSystems
from services.fulfil.landscape import Landscape, survey
from services.fulfil.ledger import Budget
from services.fulfil.report import Exit, Report
from services.fulfil.search import Told

MAP_BYTES_MAX: Final = 8_000_000


class UsageFault(Exception):
    """What was asked cannot be asked; the message says what to write instead."""


def load_maps(files: Iterable[Path]) -> tuple[tuple[DataMap, ...], tuple[Problem, ...]]:
    """Read map files; folders are read for all their YAML files."""
    texts = []
    for file in files:
        for place in sorted(file.glob("*.y*ml")) if file.is_dir() else [file]:
            try:
                if place.stat().st_size > MAP_BYTES_MAX:
                    raise UsageFault(f"{place} is larger than {MAP_BYTES_MAX} bytes; split it into several maps.")
                texts.append((str(place), place.read_text(encoding="utf-8")))
            except OSError as fault:
                raise UsageFault(f"{place} cannot be read: {fault.strerror or 'unreadable'}.") from None
            except UnicodeDecodeError:
                raise UsageFault(f"{place} is not UTF-8 text; save it as UTF-8.") from None
    if not texts:
        raise UsageFault("Give at least one map: --map FILE.")
    try:
        return read_maps(texts)
    except MapFault as fault:
        raise UsageFault(str(fault)) from None


def split_connections(given: Iterable[str]) -> dict[str, str]:
    """Read `NAME=URL` pairs."""
    found: dict[str, str] = {}
    for pair in given:
        name, equals, url = pair.partition("=")
        if not equals or not name.strip() or not url.strip():
            raise UsageFault("A connection is written NAME=URL, for example shop=postgresql://user@host/shop.")
        if name.strip() in found:
            raise UsageFault(f"System {name.strip()} was given two connections; keep one.")
        found[name.strip()] = url.strip()
    return found


@contextmanager
def connected(maps: Iterable[DataMap], urls: Mapping[str, str]) -> Iterator[dict[str, Connector]]:
    """Open the connectors of these maps' systems, and close them afterwards."""
    opened = open_connectors(maps, urls)
    try:
        yield opened
    finally:
        _close(opened)


def open_connectors(maps: Iterable[DataMap], urls: Mapping[str, str]) -> dict[str, Connector]:
    """Open the connectors of these maps' systems."""
    by_system = {m.system: m for m in maps}
    unknown = [name for name in urls if name not in by_system]
    if unknown:
        systems = ", ".join(by_system)
        raise UsageFault(f"No map describes system {', '.join(unknown)}; the maps describe: {systems}.")
    opened: dict[str, Connector] = {}
    for name, url in urls.items():
        try:
            opened[name] = connector_for(name, url, by_system[name])
        except ConnectorError as fault:
            _close(opened)
            raise UsageFault(str(fault) if str(fault).startswith(f"{name}:") else f"{name}: {fault}") from None
    return opened


def _close(opened: Mapping[str, Connector]) -> None:
    for connector in opened.values():
        close = getattr(connector, "close", None)
        if close is not None:
            close()


@contextmanager
def request(
    files: Iterable[Path], connections: Iterable[str], identities: Iterable[str], kept: KeptSystems | None = None
) -> Iterator[tuple[Landscape, Identities, Budget]]:
    """Read what a handler needs, and close it all afterwards; or borrow it from what a long-lived process keeps."""
    try:
        wanted = read_identities(identities)
    except IdentityFault as fault:
        raise UsageFault(str(fault)) from None
    listed, urls = list(files), split_connections(connections)
    lender = kept or KeptSystems()

    def make() -> Landscape:
        maps, remarks = lender.maps(listed, load_maps)
        _refuse_unknown(wanted, maps)
        landscape = survey(maps, open_connectors(maps, urls))
        landscape.remarks += [str(remark) for remark in remarks]
        return landscape

    budget = Budget()
    try:
        with lender.landscape(listed, urls, make) as landscape:
            if said := _refuse_unknown(wanted, landscape.maps):
                landscape.remarks.append(said)
            yield landscape, wanted, budget
    finally:
        budget.close()
        if kept is None:
            lender.close()


def _refuse_unknown(wanted: Identities, maps: Sequence[DataMap]) -> str:
    """Refuse where no identity leads anywhere; return what to say where only some do."""
    said = unknown_to(wanted, maps)
    if said and not known_to(wanted, maps):
        raise UsageFault(said)
    return said


@contextmanager
def perform_access(
    files: Iterable[Path],
    connections: Iterable[str],
    identities: Iterable[str],
    out: Path | None,
    told: Told | None = None,
) -> Iterator[Report]:
    """Perform access on real systems; the report may be read inside the `with` only."""
    with request(files, connections, identities) as (landscape, wanted, budget):
        landscape.told = told
        with _writing(out):
            report = access(landscape, wanted, budget, out)
        report.notes += landscape.remarks
        yield report


@contextmanager
def _writing(out: Path | None) -> Iterator[None]:
    """Say that a folder cannot be written to; nothing else that an access does leaves a file."""
    try:
        yield
    except OSError as fault:
        if out is None:
            raise
        raise UsageFault(f"{out} cannot be written to: {fault.strerror or 'no access'}. Name another --out.") from None


@contextmanager
def perform_erasure(
    files: Iterable[Path],
    connections: Iterable[str],
    identities: Iterable[str],
    *,
    dry_run: bool,
    told: Told | None = None,
) -> Iterator[Report]:
    """Perform erasure on real systems, or show what it would do."""
    with request(files, connections, identities) as (landscape, wanted, budget):
        landscape.told = told
        report = erase(landscape, wanted, budget, today=dt.datetime.now(dt.UTC).date(), dry_run=dry_run)
        report.notes += landscape.remarks
        yield report


__all__ = [
    "Exit",
    "Report",
    "UsageFault",
    "connected",
    "load_maps",
    "perform_access",
    "perform_erasure",
    "request",
    "split_connections",
]
