"""Which entries of a directory make up a table, and how they are asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from services.fulfil.connectors.ldap.client import escaped, normal_dn
from services.fulfil.connectors.ldap.schema import Attribute, Schema
from services.fulfil.connectors.protocol import Match, SystemRefuses
from services.fulfil.core.catalog import Column, Kind, LiveTable
from services.fulfil.core.maps.model import Table
from services.fulfil.core.values import same

DN: Final = "dn"
VALUES_A_FILTER: Final = 100
NAMES_ASKED_MAX: Final = 200
KNOWN: Final = frozenset({"class", "base", "filter", "each"})


@dataclass(frozen=True, slots=True)
class Entries:
    """One table: the entries of a class below a base, or each value of one attribute of theirs."""

    name: str
    kind: str
    base: str
    filter: str
    each: str


def entries_of(system: str, name: str, settings: Mapping[str, Any], root: str) -> Entries:
    """Read `connector.tables.NAME` of a map; what it leaves out is the class of the table's name, anywhere."""
    listed = settings.get("tables") or {}
    said = listed.get(name) or {} if isinstance(listed, Mapping) else None
    if not isinstance(said, Mapping) or set(said) - KNOWN or not all(isinstance(v, str) for v in said.values()):
        raise SystemRefuses(f"{system}: `connector.tables.{name}` knows class, base, filter and each, all text.")
    given, asked = said.get("base", ""), said.get("filter", "")
    if asked and not (asked.startswith("(") and asked.endswith(")")):
        raise SystemRefuses(f"{system}: `connector.tables.{name}.filter` stands in brackets: (employeeType=staff).")
    inside = normal_dn(given).endswith(normal_dn(root))
    base = root if not given else given if inside else f"{given},{root}"
    return Entries(name, said.get("class", name), base, asked, said.get("each", ""))


def live_of(entries: Entries, schema: Schema, table: Table | None, seen: Sequence[str] | None) -> LiveTable:
    """Describe a table; `seen` bounds the attributes to those that entries hold, where no map names any."""
    must = schema.required(entries.kind)
    names = {n.lower(): n for n in schema.allowed(entries.kind) if seen is None or n.lower() in seen}
    if entries.each:
        names = {entries.each.lower(): entries.each}
    # Auxiliary classes add attributes to single entries; the map's own spelling is the one that rows use.
    names |= {f.name.lower(): f.name for f in table.fields if f.name != DN} if table else {}
    columns = {DN: Column(DN, Kind.TEXT, "dn", nullable=False, generated=True)}
    for lower, name in names.items():
        found = schema.attribute(name)
        if found is not None:
            columns[name] = Column(
                name, found.kind, "", nullable=lower not in must and not entries.each, generated=found.fixed
            )
    key = table.key if table else ()
    whole = bool(key) and all(name in columns for name in key)
    address = (DN, entries.each) if entries.each else key if whole else (DN,)
    return LiveTable(entries.name, columns, address, unique=(address,))


def asked_of(entries: Entries, matches: Sequence[Match], known: Mapping[str, Attribute]) -> list[str]:
    """Return the filters that together name at least every entry that can match."""
    within = f"(objectClass={escaped(entries.kind)}){entries.filter}"
    parts: list[str] = []
    for match in matches:
        places = [n for n, path in enumerate(match.paths) if len(path) == 1 and path[0] in known]
        if not places:
            # Nothing of it can be asked; whoever holds the first part of the path is looked at.
            return [f"(&{within})"]
        for value in match.values:
            each = [f"({match.paths[n][0]}={escaped(str(same(value[n])))})" for n in places]
            parts.append(each[0] if len(each) == 1 else f"(&{''.join(each)})")
    groups = (parts[start : start + VALUES_A_FILTER] for start in range(0, len(parts), VALUES_A_FILTER))
    return [f"(&{within}(|{''.join(group)}))" for group in groups]


def names_of(matches: Sequence[Match]) -> list[str] | None:
    """Return the DNs that are asked for, where nothing else is and they are few."""
    if any(match.paths != ((DN,),) for match in matches):
        return None
    names = list(dict.fromkeys(str(value[0]) for match in matches for value in match.values))
    return names if len(names) <= NAMES_ASKED_MAX else None


def normalised(matches: Sequence[Match], known: Mapping[str, Attribute]) -> tuple[Match, ...]:
    """Return the matches with names of entries in the form in which equal ones are equal."""
    return tuple(_normalised(match, known) for match in matches)


def _normalised(match: Match, known: Mapping[str, Attribute]) -> Match:
    named = [path == (DN,) or (path[0] in known and known[path[0]].names_entries) for path in match.paths]
    if not any(named):
        return match
    values = [
        tuple(normal_dn(str(part)) if dn else part for part, dn in zip(key, named, strict=True)) for key in match.values
    ]
    return Match(match.paths, values, match.fold_case, match.inside)


def row_of(entry_dn: str, attributes: Mapping[str, Sequence[bytes]], known: Mapping[str, Attribute]) -> dict[str, Any]:
    """Return an entry as a row."""
    row: dict[str, Any] = {DN: normal_dn(entry_dn)}
    for name, attribute in known.items():
        row[name] = attribute.read([raw for _, values in spelled(attributes, name) for raw in values])
    return row


def spelled(attributes: Mapping[str, Sequence[bytes]], name: str) -> Iterator[tuple[str, Sequence[bytes]]]:
    """Yield an attribute under each of its spellings: `cn`, `cn;lang-de`."""
    lower = name.lower()
    for found, values in attributes.items():
        if found == lower or found.startswith(f"{lower};"):
            yield found, values
