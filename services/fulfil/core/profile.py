"""What a search must read of a table, and where in a row each thing stands; worked out once a plan, not once a row."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from services.fulfil.core.catalog import Column
from services.fulfil.core.graph import Edge, EdgeKind, Graph, key_of
from services.fulfil.core.identities import Identities
from services.fulfil.core.lookups import folded_columns
from services.fulfil.core.maps.model import Field, Path, Person, Table, TableName
from services.fulfil.core.nested import Given, given_values, holds_others, in_elements, is_given, mixes
from services.fulfil.core.standing import Naming, Role, Verdict, is_bare, is_spare, lists_means, role_of
from services.fulfil.core.strength import tells_apart
from services.fulfil.core.values import empty, reach, same

KINDS_MAX: Final = 200


@dataclass(frozen=True, slots=True, eq=False)
class Relation:
    """Columns of a table that point to rows of another; mapped or only known to the live schema."""

    holder: TableName
    paths: tuple[Path, ...]
    target: TableName
    their_paths: tuple[Path, ...]
    mapped: bool
    owning: bool = False


@dataclass(frozen=True, slots=True)
class Profile:
    """A table as the search sees it."""

    name: TableName
    fields: tuple[str, ...]
    place: dict[str, int]
    key: tuple[str, ...]
    key_places: tuple[int, ...]
    shown: tuple[str, ...]
    identities: tuple[tuple[Path, str, frozenset[str]], ...]
    owners: tuple[Edge, ...]
    outgoing: tuple[Edge, ...]
    incoming: tuple[Edge, ...]
    person: bool
    names_owner: bool
    personal: bool
    missing: tuple[str, ...]
    mapped: tuple[Field, ...]
    said: dict[Path, Person]
    others: tuple[Path, ...]
    naming_paths: tuple[Path, ...]
    owning: frozenset[Path]
    telling: tuple[tuple[Path, str], ...]
    """The fields, given or not, by which records of different people are told apart."""
    listed: frozenset[Path]
    """The fields that name one of several people each, in a list of objects inside the row."""
    leaves: tuple[Path, ...]
    mixed: tuple[Field, ...]
    given: Given
    guest: frozenset[Path]
    folded: tuple[tuple[Column, str], ...]
    """The columns in which an identity is looked for in any spelling, where a database must be asked how."""
    arrays: frozenset[Path]
    verdicts: dict[tuple[bool | None, ...], Verdict]
    """What was decided of rows that name the same people in the same columns; there are few such ways."""
    codes: dict[tuple[Verdict, bool], int]

    def for_person(self, given: Given) -> Profile:
        """Return the profile of the same table for another person of whom as much is known."""
        named = tuple((path, kind, given[kind]) for path, kind, _ in self.identities)
        return replace(self, identities=named, given=given)

    def values(self, row: Sequence[Any], paths: tuple[Path, ...]) -> list[tuple[Any, ...]]:
        """Return the keys that a row holds at these paths: one, or several where an array lies on the way."""
        if len(paths) == 1 and len(paths[0]) == 1:
            value = row[self.place[paths[0][0]]]
            if not isinstance(value, (list, str, dict)):
                return [] if value is None else [(same(value),)]
        held = [[v for v in reach(row[self.place[p[0]]], p[1:]) if not empty(v)] for p in paths]
        return [tuple(same(v) for v in combined) for combined in itertools.product(*held)]

    def named(self, row: Sequence[Any], matched: frozenset[Path], owned: Sequence[Any]) -> tuple[bool | None, ...]:
        """Return, for each field that names somebody, whether it names the person; None where it is empty."""
        found: list[bool | None] = []
        for path, identity, given in self.identities:
            whole = row[self.place[path[0]]]
            values = [v for v in reach(whole, path[1:]) if not empty(v)]
            ours: bool | None = None
            if values:
                ours = path in matched or any(is_given(identity, v, {identity: given}) for v in values)
            if ours is False and len(path) > 1 and in_elements(self.mapped, path, whole, {identity: given}):
                # The elements are told apart one by one; that there are other people's says nothing about the row.
                ours = None
            found.append(ours)
        for edge, known in zip(self.owners, owned, strict=True):
            ranks = [known.get(key) or 0 for key in self.values(row, edge.target_paths)]
            # A key of a row that nobody owns says nothing about who owns this one.
            found.append(None if not ranks or set(ranks) == {REACHED} else OWNED in ranks)
        return tuple(found)

    def namings(self, ours: Sequence[bool | None]) -> list[Naming]:
        """Return who is named, for judging."""
        people: list[tuple[Path, str | None, bool, bool]] = [
            (path, kind, False, False) for path, kind, _ in self.identities
        ]
        ways = {(edge.source_paths, edge.target) for edge in self.outgoing}
        for edge in self.owners:
            linked = (edge.target_paths, edge.source) in ways
            people.append((naming_path(edge, self.owners), None, edge.to_itself, linked))
        return [
            Naming(
                path, identity, one, to_itself, linked, self.said.get(path), path in self.owning, path in self.listed
            )
            for (path, identity, to_itself, linked), one in zip(people, ours, strict=True)
        ]

    def anothers(self, row: Sequence[Any]) -> tuple[Path, ...]:
        """Return the fields of a row that the map says are about somebody else, where they hold something."""
        return tuple(p for p in self.others if any(not empty(v) for v in reach(row[self.place[p[0]]], p[1:])))

    def mixing(self, row: Sequence[Any]) -> tuple[Path, ...]:
        """Return the fields of a row that hold other people's elements beside the person's."""
        return tuple((f.name,) for f in self.mixed if holds_others(row[self.place[f.name]], f, self.given))

    def inside(self, paths: Sequence[Path]) -> bool:
        """Whether the map says that a column holds a list, however the system declares it."""
        return any(p in self.arrays for p in paths)


REACHED = 1
OWNED = 2


class Profiles:
    """The profiles of one graph: worked out once for each set of kinds of identities, not once a request."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._known: dict[frozenset[str], dict[TableName, Profile]] = {}

    def of(self, identities: Identities) -> dict[TableName, Profile]:
        """Return every table's profile for one person."""
        kinds = frozenset(identities)
        known = self._known.get(kinds)
        if known is None:
            known = {name: profile(self._graph, name, identities) for name in self._graph.tables}
            if len(self._known) < KINDS_MAX:
                self._known[kinds] = known
        given = given_values(identities)
        return {name: seen.for_person(given) if seen.identities else seen for name, seen in known.items()}


def profile(graph: Graph, name: TableName, identities: Identities) -> Profile:
    """Work out how to read a table."""
    table = graph.tables[name]
    live = graph.live.get(name)
    key = key_of(name, graph.tables, graph.live)
    incoming, outgoing = graph.into(name), graph.out_of(name)
    wanted = [*key, *(f.name for f in table.fields)]
    wanted += [p[0] for e in incoming for p in e.target_paths] + [p[0] for e in outgoing for p in e.source_paths]
    unique = tuple(dict.fromkeys(wanted))
    there = unique if live is None else tuple(n for n in unique if n in live.columns or n in key)
    if not key:
        key = there
    place = {n: i for i, n in enumerate(there)}
    edges = [e for e in incoming if all(p[0] in place for p in e.target_paths)]
    given = given_values(identities)
    named = [
        (path, f.identity, given[f.identity])
        for path, f in table.identities()
        if f.identity is not None and f.identity in given and path[0] in place
    ]
    owners = tuple(e for e in graph.owners(name) if e in edges)
    said = {path: f.person for path, f in table.leaves() if f.person is not None and path[0] in place}
    naming_paths = (*(path for path, _, _ in named), *(naming_path(e, owners) for e in owners))
    others = tuple(p for p, who in said.items() if who is Person.OTHER and p not in naming_paths)
    in_lists = {path: _list_around(table, path) for path, _, _ in named}
    # An element of a list that names somebody is about them, with all that it says.
    of_named = {leaf for path, above in in_lists.items() for leaf in (path, *_below(table, above))}
    return Profile(
        name=name,
        fields=there,
        place=place,
        key=key,
        key_places=tuple(place[n] for n in key),
        shown=table.key if live is not None and live.lies_at and set(table.key) <= set(key) and table.key else key,
        identities=tuple(named),
        telling=tuple((path, kind) for path, kind in _telling(table, person=name in graph.persons) if path[0] in place),
        owners=owners,
        outgoing=tuple(e for e in outgoing if all(p[0] in place for p in e.source_paths)),
        incoming=tuple(edges),
        person=name in graph.persons,
        names_owner=lists_names(table),
        personal=any(f.personal for _, f in table.leaves()),
        missing=tuple(n for n in unique if n not in place),
        mapped=table.fields,
        said=said,
        others=others,
        naming_paths=naming_paths,
        # A row whose whole key is somebody's key is a further page of their record.
        mixed=tuple(f for f in table.fields if f.name in place and mixes(f, given)),
        given=given,
        verdicts={},
        codes={},
        folded=tuple((column, kind) for column, kind in folded_columns(table, live) if kind in given),
        arrays=frozenset((f.name,) for f in table.fields if f.array and not f.fields),
        leaves=tuple(p for p, _ in table.leaves() if p[0] in place and p[0] not in key),
        # What somebody else's own record may say of the person: where it names them, and what the map says is theirs.
        guest=frozenset((*of_named, *(p for p, who in said.items() if who is Person.OTHER))),
        listed=frozenset(path for path, above in in_lists.items() if above and not lists_means(above[-1])),
        owning=frozenset(naming_path(e, owners) for e in owners if {p[0] for p in e.target_paths} == set(key)),
    )


def _telling(table: Table, *, person: bool) -> Iterator[tuple[Path, str]]:
    """Yield the identities of whoever a row is about; what names a clerk or a friend does not say whose it is."""
    for path, field in table.identities():
        kind, above = field.identity, _list_around(table, path)
        if (
            kind is None
            or not tells_apart(kind)
            or field.person is Person.OTHER
            or (above and not lists_means(above[-1]))
        ):
            continue
        role = role_of(path)
        plain = role is Role.UNKNOWN and (person or is_bare(path, kind)) and not is_spare(path)
        if plain or role is Role.FIRST or field.person is Person.SUBJECT:
            yield path, kind


def _list_around(table: Table, path: Path) -> Path:
    """Return the innermost list of objects that a field stands in; nothing where it stands in none."""
    found: Path = ()
    fields = table.fields
    for depth, name in enumerate(path, start=1):
        field = next(f for f in fields if f.name == name)
        if field.array and field.fields:
            found = path[:depth]
        fields = field.fields
    return found


def _below(table: Table, above: Path) -> tuple[Path, ...]:
    """Return the fields inside a list."""
    return tuple(path for path, _ in table.leaves() if above and path[: len(above)] == above)


def naming_path(edge: Edge, owners: Sequence[Edge]) -> Path:
    """Return the field that tells a reference from the table's others: the sender's number, not the tenant's."""
    own = [p for p in edge.target_paths if all(p not in e.target_paths for e in owners if e is not edge)]
    return (own or edge.target_paths)[-1]


_NAMES_OF_ONE: Final = frozenset(
    """email emails alias aliases phone phones telephone telephones login logins identity identities username usernames
    handle handles nickname nicknames""".split()  # noqa: SIM905 - a list of words
)


def lists_names(table: Table) -> bool:
    """Tell whether a table lists further names of whoever owns its rows, and nothing that they say to others."""
    words = set(re.split(r"[^\w]+|_", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", table.name).lower()))
    kinds = [f.identity for _, f in table.identities()]
    content = any(c.startswith("user.content") for _, f in table.leaves() for c in f.categories)
    return not words.isdisjoint(_NAMES_OF_ONE) and len(kinds) == len(set(kinds)) and not content


def relations(graph: Graph, inbound: Sequence[tuple[str, Any]]) -> dict[TableName, tuple[Relation, ...]]:
    """Return, for each table, everything that points to its rows, in the maps or only in the live schema."""
    found: dict[TableName, dict[tuple[TableName, tuple[Path, ...]], Relation]] = {}
    for edge in graph.edges:
        if edge.kind is EdgeKind.POINTER:
            relation = Relation(edge.source, edge.source_paths, edge.target, edge.target_paths, mapped=True)
        else:
            paths, theirs = edge.target_paths, edge.source_paths
            relation = Relation(edge.target, paths, edge.source, theirs, mapped=True, owning=True)
        known = found.setdefault(relation.target, {})
        if relation.owning or (relation.holder, relation.paths) not in known:
            known[relation.holder, relation.paths] = relation
    for system, entry in inbound:
        target = TableName(system, entry.key.table)
        holder = TableName(system, entry.table)
        paths = tuple((c,) for c in entry.key.columns)
        if target in graph.tables and holder.table:
            theirs = tuple((c,) for c in entry.key.their_columns)
            pointing = found.setdefault(target, {})
            if (holder, paths) not in pointing:
                pointing[holder, paths] = Relation(holder, paths, target, theirs, mapped=holder in graph.tables)
    return {name: tuple(listed.values()) for name, listed in found.items()}
