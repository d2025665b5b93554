"""The search: from identities through all the tables, one query a table and step, until nothing new is found.

Rows pass through and are not kept. What is kept are keys, in ledgers that move to disk when they grow: so the memory
that a request takes does not depend on how much a company knows of a person.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from services.fulfil.codes import standing_code, standing_of
from services.fulfil.connectors.protocol import (
    ConnectorError,
    Find,
    Hit,
    Key,
    Match,
    Pointer,
    References,
    Session,
    said_of,
)
from services.fulfil.core.acts import Link
from services.fulfil.core.catalog import Column
from services.fulfil.core.erasing import TablePlan
from services.fulfil.core.graph import Edge, EdgeKind, Graph, components
from services.fulfil.core.identities import FOLDED, Identities
from services.fulfil.core.lookups import Lookup, listed_only, lookup
from services.fulfil.core.maps.model import Path, TableName
from services.fulfil.core.profile import OWNED, REACHED, Profile, Profiles, Relation
from services.fulfil.core.standing import ABOUT_ANOTHER, TWO_PEOPLE, Standing, Verdict, judge
from services.fulfil.core.values import reach, same
from services.fulfil.ledger import Budget, Ledger
from services.fulfil.parts import spent_rows
from services.fulfil.telling import Apart, may_differ

KEYS_A_QUERY: Final = 10_000
WITHHELD_LISTED_MAX: Final = 1_000
HOME_OF_ANOTHER: Final = "another person's own record points to this row"
KEPT, KEPT_BY_DUTY = 1, 2
"""Why a row is not erased, as a ledger holds it: it is shared or half another's; or a law, or the map's own word."""
AT_HOME_ELSEWHERE: Final = Verdict(Standing.THIRD, reason=HOME_OF_ANOTHER, erasable=False)


Told = Callable[[str, TableName, int, int], None]
"""Hears what is being done to which table, and how many of how many tables are done; for somebody who waits."""


class Sink(Protocol):
    """Takes the rows that may be shown, as they are read."""

    def take(self, table: Profile, row: Sequence[Any], verdict: Verdict) -> None:
        """Take one row."""
        ...


@dataclass(slots=True)
class Withheld:
    """A row, or fields of a row, that are not handed out or not erased, and why."""

    key: Key
    reason: str
    fields: tuple[str, ...] = ()
    until: str = ""


@dataclass(slots=True)
class Found:
    """What the search found in one table. Ledger values are `standing_code`s."""

    profile: Profile
    rows: Ledger
    kept: Ledger
    withheld: list[Withheld] = field(default_factory=list)
    withheld_more: int = 0
    fault: str = ""

    def withhold(self, key: Key, reason: str, fields: tuple[str, ...] = (), until: str = "") -> None:
        """List a row as withheld, or count it where the list is full."""
        if len(self.withheld) < WITHHELD_LISTED_MAX:
            self.withheld.append(Withheld(key, reason, fields, until))
        else:
            self.withheld_more += 1

    def keep(self, key: Key, reason: str, until: str = "", *, duty: bool = False) -> None:
        """Keep a whole row back from erasure."""
        self.kept.add(key, KEPT_BY_DUTY if duty else KEPT)
        self.withhold(key, reason, until=until)


@dataclass(slots=True)
class _Departures:
    """The keys that lead along one edge, and how far they have been followed."""

    known: Ledger
    followed: int = 0
    again: list[Key] = field(default_factory=list)

    def pending(self) -> bool:
        return self.followed < len(self.known) or bool(self.again)

    def take(self, count: int, least: int) -> list[Key]:
        if self.again:
            taken, self.again = self.again[:count], self.again[count:]
            return taken
        slice_ = list(itertools.islice(self.known.items(self.followed), count))
        self.followed += len(slice_)
        return [key for key, value in slice_ if value >= least]


class Search:
    """One search for one person."""

    def __init__(
        self,
        graph: Graph,
        sessions: Mapping[str, Session],
        identities: Identities,
        relations: Mapping[TableName, tuple[Relation, ...]],
        sink: Sink | None = None,
        budget: Budget | None = None,
        order: Sequence[tuple[TableName, ...]] | None = None,
        plans: Mapping[TableName, TablePlan] | None = None,
        profiles: Profiles | None = None,
        told: Told | None = None,
        also: Sink | None = None,
        only: frozenset[str] | None = None,
        links: Sequence[Link] = (),
    ) -> None:
        self._graph = graph
        self._also = also
        self._only = only
        self._sessions = sessions
        self._identities = identities
        self._relations = relations
        self._sink = sink
        self._told = told
        self._order = order if order is not None else components(graph)
        self.budget = budget or Budget()
        self.found: dict[TableName, Found] = {
            name: Found(seen, Ledger(self.budget), Ledger(self.budget))
            for name, seen in (profiles or Profiles(graph)).of(identities).items()
        }
        spent = {n: spent_rows(plan, self.found[n].profile) for n, plan in (plans or {}).items()}
        self._spent = {name: test for name, test in spent.items() if test is not None}
        self._departures = {edge: _Departures(Ledger(self.budget)) for edge in graph.edges}
        self._begin_at(links)
        self._apart = {n: Apart(f.profile) for n, f in self.found.items() if may_differ(f.profile)}
        self._entered: set[TableName] = set()
        self.listed = dict(self._listed())
        self._spelled: dict[str, dict[str, None]] = {}
        # How many of the person's own rows hold each key, by relation: what is left of all holders are other people's.
        self.ours: dict[Relation, Counter[Key]] = {r: Counter() for rs in relations.values() for r in rs}
        self.context: dict[TableName, dict[Key, dict[tuple[Path, ...], tuple[Key, ...]]]] = {}
        self._held_by: dict[TableName, list[Relation]] = {}
        for relation in self.ours:
            self._held_by.setdefault(relation.holder, []).append(relation)
        self._counting = {
            name: [
                (r.paths, self.ours[r]) for r in self._held_by.get(name, ()) if self._readable(found.profile, r.paths)
            ]
            for name, found in self.found.items()
        }

    def _listed(self) -> Iterator[tuple[TableName, tuple[Column, ...]]]:
        """Yield the tables in which only listed spellings of an address can be asked for, and the columns."""
        for name, found in self.found.items():
            live = self._graph.live.get(name)
            ways = [
                column
                for column, kind in found.profile.folded
                if live is not None and lookup(live, column, self._identities[kind]) is Lookup.LISTED
            ]
            if ways:
                yield name, tuple(ways)

    def spellings(self, identity: str) -> tuple[str, ...]:
        """Return the values of an identity as they were given, and as the person's rows spell them."""
        given = self._identities[identity]
        return (*given, *(s for s in self._spelled.get(identity, ()) if s not in given))

    def said(self) -> list[str]:
        """Return what a reader must know of columns in which not every spelling could be looked for."""
        live = self._graph.live
        return [listed_only(name, live[name], column) for name, columns in self.listed.items() for column in columns]

    def _begin_at(self, links: Sequence[Link]) -> None:
        """Start besides from keys that are known to be the person's, in systems that are not asked."""
        for link in links:
            for edge in self._graph.out_of(link.source):
                if (edge.target, edge.target_paths) == (link.target, (link.target_path,)):
                    self._departures[edge].known.update(((value,) for value in link.values), OWNED)

    def run(self) -> dict[TableName, Found]:
        """Search until nothing new is found. Every query has new keys, and keys are finite, so it ends."""
        self._through()
        while self.listed and any(map(self._pending, self.found)):
            # A row spelled an address as no row did before that could be asked for.
            self._through()
        return self.found

    def unsure(self) -> list[str]:
        """Say of which tables the records may be different people's; such a search gives and changes nothing."""
        return [said for each in self._apart.values() if (said := each.said())]

    def _through(self) -> None:
        done = 0
        for group in self._order:
            while waiting := [name for name in group if self._pending(name)]:
                for name in waiting:
                    self._visit(name)
            done += len(group)
            if self._told is not None:
                self._told("searching", group[-1], done, len(self.found))

    def _pending(self, name: TableName) -> bool:
        found = self.found[name]
        if found.fault or (self._only is not None and name.system not in self._only):
            return False
        if name not in self._entered and found.profile.identities:
            return True
        return any(self._departures[edge].pending() for edge in found.profile.incoming)

    def _visit(self, name: TableName) -> None:
        """Ask a table for everything that is pending."""
        found = self.found[name]
        session = self._sessions.get(name.system)
        live = self._graph.live.get(name)
        if session is None or live is None:
            why = "its system cannot be reached" if session is None else "this table does not exist there"
            found.fault = f"{name}: {why}."
            return
        try:
            while self._pending(name):
                for query, edges in self._queries(name, found.profile):
                    self._read(found, session, query, edges)
        except ConnectorError as fault:
            found.fault = said_of(fault)

    def _queries(self, name: TableName, seen: Profile) -> Iterator[tuple[Find, tuple[Edge | Path, ...]]]:
        matches: list[Match] = []
        reasons: list[Edge | Path] = []
        aside: list[tuple[Match, Edge]] = []
        if name not in self._entered:
            self._entered.add(name)
            for path, identity, _ in seen.identities:
                values = [(value,) for value in self.spellings(identity)]
                matches.append(Match((path,), values, fold_case=identity in FOLDED, inside=seen.inside((path,))))
                reasons.append(path)
        for edge in seen.incoming:
            # A reference without a direction is followed down to children from the person's own rows only: from an
            # address it would lead to everybody who lives there.
            least = OWNED if edge.kind is EdgeKind.CHILD and not edge.declared else REACHED
            keys = self._departures[edge].take(KEYS_A_QUERY, least)
            if (edge.kind is EdgeKind.CHILD and edge in seen.owners) or edge.kind is EdgeKind.POINTER:
                owned = keys
            else:
                known = self._departures[edge].known
                owned = [key for key in keys if (known.get(key) or 0) >= OWNED] if name in self._graph.ownable else keys
                strangers = [key for key in keys if key not in set(owned)] if len(owned) < len(keys) else []
                if strangers:
                    aside.append((Match(edge.target_paths, strangers, inside=seen.inside(edge.target_paths)), edge))
            if owned:
                matches.append(Match(edge.target_paths, owned, inside=seen.inside(edge.target_paths)))
                reasons.append(edge)
        if matches:
            yield Find(name.table, seen.fields, tuple(matches)), tuple(reasons)
        for match, edge in aside:
            yield from self._stranger_queries(name, seen, match, edge)

    def _stranger_queries(
        self, name: TableName, seen: Profile, match: Match, edge: Edge
    ) -> Iterator[tuple[Find, tuple[Edge | Path, ...]]]:
        """Below a shared row, rows with an owner are mostly other people's: list them, and do not read them all."""
        owners = tuple(p for e in seen.owners for p in e.target_paths) + tuple(p for p, _, _ in seen.identities)
        flat = tuple(p for p in owners if len(p) == 1)
        if flat:
            yield Find(name.table, seen.fields, (match,), only_if_empty=flat), (edge,)
        yield Find(name.table, seen.fields, (match,), limit=WITHHELD_LISTED_MAX + 1), (edge,)

    def _read(self, found: Found, session: Session, query: Find, reasons: tuple[Edge | Path, ...]) -> None:
        doubtful: list[tuple[Hit, Verdict]] = []
        owned = [self._departures[e].known for e in found.profile.owners]
        guards = self._guards(found.profile)
        verdicts = found.profile.verdicts
        apart = self._apart.get(found.profile.name)
        for hit in session.find(query):
            matched = frozenset(r for n, r in enumerate(reasons) if hit.matched >> n & 1 and isinstance(r, tuple))
            ours = found.profile.named(hit.row, matched, owned)
            verdict = verdicts.get(ours)
            if verdict is None:
                # Rows of a table differ in few ways: a million rows are judged a handful of times.
                verdict = verdicts[ours] = judge(
                    found.profile.namings(ours), person_table=found.profile.person,
                    names_owner=found.profile.names_owner,
                )  # fmt: skip
            if apart is not None:
                first = found.rows.get(tuple(hit.row[place] for place in found.profile.key_places)) is None
                apart.note(hit.row, verdict, ours, first=first)
            if verdict.standing is Standing.CONTEXT and guards and not self._own_home(found.profile, hit.row, guards):
                # At most a query's keys: a pointer leads to one row.
                doubtful.append((hit, verdict))
                continue
            self._settle(found, hit.row, verdict)
        self._settle_homes(found, session, doubtful, guards)

    def _guards(self, seen: Profile) -> list[Relation]:
        """The relations by which another person's own record may claim a row that nobody owns."""
        if not seen.personal or seen.name in self._graph.ownable:
            return []
        return [
            r
            for r in self._relations.get(seen.name, ())
            if r.mapped
            and r.holder.system == seen.name.system
            and any(True for _ in self._graph.tables[r.holder].identities())
            and all(edge.to_itself for edge in self._graph.owners(r.holder))
            and all(len(p) == 1 for p in r.paths + r.their_paths)
            and all(p[0] in seen.place for p in r.their_paths)
        ]

    def _own_home(self, seen: Profile, row: Sequence[Any], guards: Sequence[Relation]) -> bool:
        """Whether the person's own record points to a row; then it is theirs too, whoever else's it is."""
        for guard in guards:
            known = self.ours[guard]
            keys = seen.values(row, guard.their_paths)
            if any(known.get(key) for key in keys) or self._points_there(guard, keys):
                return True
        return False

    def _points_there(self, guard: Relation, keys: Sequence[Key]) -> bool:
        """Whether an own record that is not erased points there all the same."""
        return any(
            (self._departures[edge].known.get(key) or 0) >= OWNED
            for edge in self._graph.into(guard.target)
            if edge.source == guard.holder and edge.source_paths == guard.paths
            for key in keys
        )

    def _settle_homes(
        self, found: Found, session: Session, doubtful: list[tuple[Hit, Verdict]], guards: Sequence[Relation]
    ) -> None:
        """Withhold what only an order of the person points to, and another person's own record calls its home.

        Art. 15(4): the copy shall not adversely affect others. A gift was sent to that address; it is not the giver's.
        """
        if not doubtful:
            return
        by_paths = {g.their_paths for g in guards}
        keys = {k for h, _ in doubtful for paths in by_paths for k in found.profile.values(h.row, paths)}
        pointers = tuple(Pointer(g.holder.table, g.paths) for g in guards)
        claimed = {(c.pointer, c.key) for c in session.references(References(pointers, sorted(keys, key=str)))}
        for hit, verdict in doubtful:
            taken = any(
                (n, key) in claimed
                for n, guard in enumerate(guards)
                for key in found.profile.values(hit.row, guard.their_paths)
            )
            self._settle(found, hit.row, AT_HOME_ELSEWHERE if taken else verdict)

    def _settle(self, found: Found, row: Sequence[Any], verdict: Verdict) -> None:
        """Note a row once, hand it on once, and follow where it leads."""
        seen = found.profile
        key = tuple(row[place] for place in seen.key_places)
        spent = self._spent.get(seen.name)
        done = spent is not None and spent(row)
        code = seen.codes.get((verdict, done))
        if code is None:
            code = seen.codes[verdict, done] = standing_code(verdict, seen, idle=done)
        before = found.rows.add(key, code)
        if before is not None and standing_of(before) >= verdict.standing:
            return
        if verdict.standing is Standing.THIRD:
            found.withhold(key, verdict.reason)
            return
        if before is not None and standing_of(before) is Standing.THIRD:
            found.withheld = [w for w in found.withheld if w.key != key]
        if fields := self._kept_back(seen, row, verdict):
            found.withhold(
                key,
                verdict.reason or (ABOUT_ANOTHER if seen.others else TWO_PEOPLE),
                tuple(".".join(path) for path in fields),
            )
        if self._sink is not None and (before is None or standing_of(before) is Standing.THIRD):
            self._sink.take(seen, row, verdict)
        if self._also is not None:
            self._also.take(seen, row, verdict)
        if self.listed:
            self._spell(seen, row)
        if verdict.guest:
            # Another person's record: what hangs on it is theirs.
            return
        self._count(seen, row, key, verdict)
        self._depart(seen, row, verdict)

    def _spell(self, seen: Profile, row: Sequence[Any]) -> None:
        """Note how a row of the person spells their address, and ask those tables again that can only be asked so."""
        for path, identity, _ in seen.identities:
            if identity not in FOLDED:
                continue
            known = self._spelled.setdefault(identity, {})
            small = {value.lower() for value in self._identities[identity]}
            given = self._identities[identity]
            for value in reach(row[seen.place[path[0]]], path[1:]):
                text = same(value)
                if isinstance(text, str) and text.lower() in small and text not in known and text not in given:
                    known[text] = None
                    self._entered -= self.listed.keys()

    @staticmethod
    def _kept_back(seen: Profile, row: Sequence[Any], verdict: Verdict) -> tuple[Path, ...]:
        """The fields of a row that are not handed out."""
        if verdict.guest:
            return tuple(path for path in seen.leaves if path in verdict.others or path not in seen.guest)
        said = seen.anothers(row) if seen.others and verdict.subject else ()
        return (*verdict.others, *said, *(seen.mixing(row) if seen.mixed else ()))

    def _count(self, seen: Profile, row: Sequence[Any], key: Key, verdict: Verdict) -> None:
        if verdict.standing is not Standing.OWN or verdict.erasable:
            for held_paths, counted in self._counting[seen.name]:
                for value in seen.values(row, held_paths):
                    counted[value] += 1
        if verdict.standing is Standing.CONTEXT:
            paths = {e.source_paths for e in seen.outgoing} | {e.target_paths for e in seen.incoming}
            paths |= {r.their_paths for r in self._relations.get(seen.name, ()) if self._readable(seen, r.their_paths)}
            paths |= {held_paths for held_paths, _ in self._counting[seen.name]}
            held = {p: tuple(seen.values(row, p)) for p in paths}
            self.context.setdefault(seen.name, {})[key] = held

    def give_back(self, seen: Profile, row: Sequence[Any]) -> None:
        """Count a row as somebody else's after all: it is kept, and so must be what it points to."""
        for relation in self._held_by.get(seen.name, ()):
            if self._readable(seen, relation.paths):
                self.ours[relation].subtract(seen.values(row, relation.paths))

    @staticmethod
    def _readable(seen: Profile, paths: tuple[Path, ...]) -> bool:
        return all(path[0] in seen.place for path in paths)

    def _depart(self, seen: Profile, row: Sequence[Any], verdict: Verdict) -> None:
        rank = OWNED if verdict.standing is Standing.OWN else REACHED
        for edge in seen.outgoing:
            leaving = self._departures[edge]
            for value in seen.values(row, edge.source_paths):
                before = leaving.known.add(value, rank)
                if before is not None and before < rank:
                    leaving.again.append(value)


def keys_as_text(key: Key) -> tuple[Any, ...]:
    """Return a key as relations count it."""
    return tuple(same(part) for part in key)
