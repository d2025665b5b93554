"""Which rows that nobody owns do other people need? Those are not erased, for anybody.

Two people live at one address. Erasing one of them must leave the address to the other (Art. 17(3), recital 4). A row
is shared if more rows point to it than the person's own; counted in one statement a table, mapped or not.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence

from services.fulfil.codes import erasable, standing_of
from services.fulfil.connectors.protocol import Find, Key, Match, Pointer, References, Session
from services.fulfil.core.graph import EdgeKind, Graph
from services.fulfil.core.maps.model import TableName
from services.fulfil.core.profile import Profile, Relation
from services.fulfil.core.standing import Standing
from services.fulfil.core.values import same
from services.fulfil.search import Found, Search

SHARED: str = "shared: rows of other people point to this row"
KEYS_A_COUNT = 5_000
CONTENT = ("user.content", "user.provided.content")
MENTIONED = ("user.behavior", "user.social", "user.sensor", "user.telemetry", "user.device", "user.authorization",
             "user.unique_id")  # fmt: skip
PLACES = ("user.contact.address", "user.location", "user.provided.identifiable.contact")
Shared = dict[TableName, dict[Key, str]]


def shared_rows(
    graph: Graph,
    search: Search,
    sessions: Mapping[str, Session],
    relations: Mapping[TableName, tuple[Relation, ...]],
    touched: frozenset[TableName],
) -> Shared:
    """Return the rows that must stay because others need them, and let what hangs on them stay too."""
    shared: Shared = {}
    for name in touched:
        found = search.found[name]
        for relation in relations.get(name, ()):
            if relation.holder.system not in sessions:
                continue
            for key in _needed_by_others(graph, search, sessions, found, relation):
                shared.setdefault(name, {})[key] = SHARED
    _spread(graph, search, shared, relations)
    return shared


def held_up_by(graph: Graph, search: Search, touched: frozenset[TableName]) -> frozenset[TableName]:
    """Return the tables of which nothing is erased, but on whose rows hangs what is: a joint account's entries.

    That they are shared keeps what hangs on them.
    """
    found: set[TableName] = set()
    waiting = list(touched)
    while waiting:
        for edge in graph.into(waiting.pop()):
            if edge.kind is EdgeKind.CHILD and edge.source not in found | touched and edge.source in search.context:
                found.add(edge.source)
                waiting.append(edge.source)
    return frozenset(found)


def hold_shareable(search: Search, sessions: Mapping[str, Session], touched: frozenset[TableName]) -> None:
    """Hold the rows that may be shared until the transaction ends, before others' rows are counted.

    Otherwise somebody could move into an address between the count and the change. A database that keeps the foreign
    key makes them wait, and then finds their row or refuses it.
    """
    for name in sorted(touched & search.context.keys()):
        seen = search.found[name].profile
        hold(sessions[name.system], seen, iter(search.context[name]))


def hold(session: Session, seen: Profile, keys: Iterator[Key]) -> None:
    """Keep rows from changing, and from being pointed to anew, until the transaction ends."""
    while batch := list(itertools.islice(keys, KEYS_A_COUNT)):
        match = Match(tuple((column,) for column in seen.key), batch)
        for _ in session.find(Find(seen.name.table, seen.key, (match,), hold=True)):
            pass


def _needed_by_others(
    graph: Graph, search: Search, sessions: Mapping[str, Session], found: Found, relation: Relation
) -> Iterator[Key]:
    session = sessions[relation.holder.system]
    for rows in _candidates(graph, search, found, relation):
        values = sorted({value for _, held in rows for value in held}, key=str)
        if not values:
            continue
        ours = search.ours[relation]
        if all(len(path) == 1 for path in relation.paths):
            query = References((Pointer(relation.holder.table, relation.paths),), values)
            taken = {c.key for c in session.references(query) if c.rows > ours.get(c.key, 0)}
        else:
            taken = _taken_inside(search, session, relation, values)
        yield from (key for key, held in rows if any(value in taken for value in held))


def _candidates(
    graph: Graph, search: Search, found: Found, relation: Relation
) -> Iterator[list[tuple[Key, tuple[Key, ...]]]]:
    """The rows of a table that may be shared, with the values by which others would point to them."""
    name = found.profile.name
    held = search.context.get(name, {})
    batch = [(key, values.get(relation.their_paths, ())) for key, values in held.items()]
    if name in graph.ownable and not relation.owning and relation.mapped and _lent(graph, found, relation):
        # An address that is entered as mine, to which a friend's order points all the same.
        places = [found.profile.key.index(p[0]) for p in relation.their_paths if p[0] in found.profile.key]
        if len(places) == len(relation.their_paths):
            for key, code in found.rows.items():
                if standing_of(code) is Standing.OWN and erasable(code):
                    batch.append((key, (tuple(same(key[place]) for place in places),)))
                if len(batch) >= KEYS_A_COUNT:
                    yield batch
                    batch = []
    for start in range(0, len(batch), KEYS_A_COUNT):
        yield batch[start : start + KEYS_A_COUNT]


def _lent(graph: Graph, found: Found, relation: Relation) -> bool:
    """Whether others use what a row of the person's own holds, so that erasing it would take it from them too.

    An order is sent to an address; a post that quotes or likes another, or a row pointed to in its own table, only
    mentions it: what somebody wrote is theirs, with the device they wrote it on and the name they put below.
    """
    if found.profile.identities or relation.holder == relation.target:
        return False
    categories = [c for _, f in graph.tables[relation.target].leaves() if f.personal for c in f.categories]
    if any(c.startswith(CONTENT) for c in categories):
        return any(c.startswith(PLACES) for c in categories)
    return any(not c.startswith(MENTIONED) for c in categories if c.split(".")[0] != "system")


def _taken_inside(search: Search, session: Session, relation: Relation, values: Sequence[Key]) -> set[Key]:
    """References from inside nested data cannot be counted; the rows are read and compared with the person's own."""
    holder = search.found[relation.holder]
    query = Find(relation.holder.table, holder.profile.fields, (Match(relation.paths, values),))
    taken: set[Key] = set()
    for hit in session.find(query):
        key = tuple(hit.row[place] for place in holder.profile.key_places)
        code = holder.rows.get(key)
        if code is None or standing_of(code) is Standing.THIRD or not erasable(code):
            taken.update(holder.profile.values(hit.row, relation.paths))
    return taken


def _spread(graph: Graph, search: Search, shared: Shared, relations: Mapping[TableName, tuple[Relation, ...]]) -> None:
    """A household is shared, so its address is; an account is, so its entries are."""
    waiting = [(name, key) for name, keys in shared.items() for key in keys]
    ways: dict[TableName, list[tuple[tuple[tuple[str, ...], ...], TableName, tuple[tuple[str, ...], ...]]]] = {}
    for edge in graph.edges:
        ways.setdefault(edge.source, []).append((edge.source_paths, edge.target, edge.target_paths))
    for target, listed in relations.items():
        for relation in listed:
            ways.setdefault(relation.holder, []).append((relation.paths, target, relation.their_paths))
    while waiting:
        name, key = waiting.pop()
        held = search.context.get(name, {}).get(key)
        if held is None:
            continue
        for paths, target, their_paths in ways.get(name, ()):
            values = set(held.get(paths, ()))
            for other, theirs in search.context.get(target, {}).items():
                if other not in shared.get(target, {}) and values & set(theirs.get(their_paths, ())):
                    shared.setdefault(target, {})[other] = SHARED
                    waiting.append((target, other))
