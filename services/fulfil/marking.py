"""Setting fields in a person's own rows, and removing subscriptions: stop, restrict, correct. Read back before done.

The search is the same as everywhere, so that whose row it is is judged the same; only rows that are the person's own
are touched, and of these only the fields that the map names.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from services.fulfil.connectors.protocol import Change, ConnectorError, Key, Session, SystemDown, is_outage
from services.fulfil.core.acts import Marking
from services.fulfil.core.catalog import Kind
from services.fulfil.core.identities import Identities
from services.fulfil.core.maps.model import TableName
from services.fulfil.core.profile import Profile
from services.fulfil.core.standing import Standing, Verdict
from services.fulfil.core.steps import Action, digest_of, step_id
from services.fulfil.core.undoing import cannot_undo, stays, warning
from services.fulfil.landscape import Landscape, schema_faults
from services.fulfil.ledger import Budget
from services.fulfil.search import Search

ROWS_MAX: Final = 100_000
NOW: Final = "now"
TAKES_ALONG: Final = frozenset({"cascade", "set null", "set default"})


@dataclass(frozen=True, slots=True)
class Marked:
    """What became of one marking."""

    marking: Marking
    found: int
    changed: int
    digest: str
    before: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """What the fields held that were changed, folded."""
    differing: int = 0
    """The person's rows that hold neither the value that was to be changed nor the new one."""


@dataclass(frozen=True, slots=True)
class Marks:
    """What became of all of them; `faults` say why not, and what lasts all the same. Else nothing lasts in the system
    that refused.
    """

    marked: Sequence[Marked] = ()
    faults: Sequence[str] = ()

    @property
    def done(self) -> tuple[Marking, ...]:
        """The markings that were carried out in some row."""
        return tuple(each.marking for each in self.marked if each.found)


class OwnRows:
    """A sink that keeps, of the person's own rows, the fields that are asked for."""

    def __init__(self, wanted: Mapping[TableName, frozenset[str]]) -> None:
        self._wanted = wanted
        self.rows: dict[TableName, dict[Key, dict[str, Any]]] = {name: {} for name in wanted}
        self.keys: dict[TableName, tuple[str, ...]] = {}
        self.unsure: list[str] = []
        """Which of these tables' rows may be different people's; then nothing is done with them."""
        self._count = 0

    def take(self, table: Profile, row: Sequence[Any], verdict: Verdict) -> None:
        """Note one row."""
        if table.name not in self._wanted or verdict.standing is not Standing.OWN or verdict.guest:
            return
        self._count += 1
        if self._count > ROWS_MAX:
            raise ConnectorError(f"{table.name}: more than {ROWS_MAX} rows would change; a human must look at it.")
        key = tuple(row[place] for place in table.key_places)
        self.keys[table.name] = table.key
        wanted = self._wanted[table.name]
        self.rows[table.name][key] = {name: row[table.place[name]] for name in wanted if name in table.place}


def own_rows(
    landscape: Landscape,
    sessions: Mapping[str, Session],
    identities: Identities,
    budget: Budget,
    wanted: Mapping[TableName, frozenset[str]],
) -> tuple[OwnRows, list[str]]:
    """Find the person's own rows of these tables, and say what could not be read; raise where all of that is away."""
    if is_outage(tuple(landscape.own_faults.values())):
        raise SystemDown("; ".join(landscape.own_faults.values()))
    rows = OwnRows(wanted)
    search = Search(
        landscape.graph, sessions, identities, landscape.relations, rows, budget, landscape.order,
        also=landscape.also, only=landscape.only, links=landscape.links,
    )  # fmt: skip
    found = search.run()
    rows.unsure = search.unsure()
    return rows, [one.fault for one in found.values() if one.fault]


def mark(
    landscape: Landscape,
    identities: Identities,
    budget: Budget,
    markings: Sequence[Marking],
    *,
    now: datetime,
    cause: str,
    salt: bytes,
    dry_run: bool = False,
) -> Marks:
    """Do it, and read it back; or say what would be done. A system that is down raises, so that it is tried again."""
    marks = _mark(landscape, identities, budget, markings, now, cause, salt, dry_run=dry_run)
    if marks.faults:
        look_again(landscape)
    if is_outage(marks.faults):
        raise SystemDown("; ".join(marks.faults))
    return marks


def look_again(landscape: Landscape) -> None:
    """Let what is known of these systems be forgotten: somebody mends a map or a table, and then asks again."""
    landscape.faults.setdefault("?", "looked at again")


def _mark(
    landscape: Landscape, identities: Identities, budget: Budget, markings: Sequence[Marking], now: datetime,
    cause: str, salt: bytes, *, dry_run: bool,
) -> Marks:  # fmt: skip
    faults = [*schema_faults(landscape), *_taken_along(landscape, markings)]
    if faults:
        return Marks(faults=faults)
    wanted = _wanted(markings)
    at_once = cannot_undo(landscape.graph.live, wanted)
    # What cannot be undone comes last, when nothing else can fail any more.
    markings = sorted(markings, key=lambda marking: marking.table in at_once)
    marked: list[Marked] = []
    with landscape.sessions(write=not dry_run) as sessions:
        if landscape.own_faults:
            raise SystemDown("; ".join(landscape.own_faults.values()))
        rows, faults = own_rows(landscape, sessions, identities, budget, wanted)
        if faults or rows.unsure:
            return Marks(faults=[*faults, *rows.unsure])
        try:
            # One by one: after a refusal it holds those that went before.
            marked.extend(
                _perform(landscape, sessions, rows, marking, now, cause, salt, dry_run=dry_run) for marking in markings
            )
            if dry_run:
                return Marks(marked)
            for system in dict.fromkeys(marking.table.system for marking in markings):
                sessions[system].commit()
        except SystemDown:
            raise
        except ConnectorError as refused:
            return Marks(faults=[str(refused), *_stay(landscape, at_once, markings, marked)])
    with landscape.sessions(write=False) as sessions:
        rows, faults = own_rows(landscape, sessions, identities, budget, wanted)
    faults += [said for marking in markings if (said := _left(landscape, rows, marking, now))]
    return Marks(marked, faults)


def _stay(
    landscape: Landscape, at_once: Sequence[TableName], markings: Sequence[Marking], marked: Sequence[Marked]
) -> Iterator[str]:
    """Say what no transaction takes back: the changes that were made, and the one that was refused half-way."""
    done = {each.marking.table: True for each in marked if each.changed}
    broken = [markings[len(marked)].table] if len(marked) < len(markings) else []
    for name, whole in (done | dict.fromkeys(broken, False)).items():
        if name in at_once:
            yield stays(name, landscape.graph.live[name], whole=whole)


def warnings_of(landscape: Landscape, tables: Iterable[TableName]) -> list[str]:
    """Return what whoever orders a change in these tables must know before."""
    live = landscape.graph.live
    return [warning(name, live[name]) for name in cannot_undo(live, tables)]


def _wanted(markings: Sequence[Marking]) -> dict[TableName, frozenset[str]]:
    wanted: dict[TableName, frozenset[str]] = {}
    for marking in markings:
        names = {*marking.sets, *([marking.only[0]] if marking.only else [])}
        wanted[marking.table] = wanted.get(marking.table, frozenset()) | names
    return wanted


def _taken_along(landscape: Landscape, markings: Sequence[Marking]) -> list[str]:
    """Say which removals would take other rows with them: those a human must look at."""
    said = []
    for marking in markings:
        if marking.delete:
            catalog = landscape.connectors[marking.table.system].catalog([marking.table.table])
            holders = [
                i.table
                for i in catalog.inbound
                if i.key.table == marking.table.table and i.key.on_delete in TAKES_ALONG
            ]
            if holders:
                said.append(f"{marking.table}: rows of {', '.join(holders)} hang on it; map the list with `set:`.")
    return said


def _perform(
    landscape: Landscape, sessions: Mapping[str, Session], rows: OwnRows, marking: Marking, now: datetime, cause: str,
    salt: bytes, *, dry_run: bool,
) -> Marked:  # fmt: skip
    name = marking.table
    meant = _meant(rows, marking)
    sets = {column: _value(landscape, name, column, value, now) for column, value in marking.sets.items()}
    keys = [
        key
        for key, row in meant.items()
        if marking.delete
        or any(not _is(row.get(column), marking.sets[column], value) for column, value in sets.items())
    ]
    changed = 0
    before = {
        column: frozenset(folded(meant[key].get(column)) for key in keys) for column in sets if not marking.delete
    }
    if keys and dry_run:
        changed = len(keys)
    elif keys:
        action = Action.DELETE if marking.delete else Action.WRITE
        step = step_id(cause, name.system, name.table, action)
        change = Change(
            step, name.table, rows.keys[name], ((key, ()) for key in keys), {} if marking.delete else sets,
            delete=marking.delete,
        )  # fmt: skip
        changed = sessions[name.system].change(change)
        if changed != len(keys):
            raise SystemDown(f"{name}: rows changed while they were written; everything is tried again.")
    return Marked(marking, len(meant), changed, digest_of(keys, salt), before, _differing(rows, marking, sets))


def _differing(rows: OwnRows, marking: Marking, sets: Mapping[str, Any]) -> int:
    if marking.only is None:
        return 0
    column, values = marking.only
    held = [row.get(column) for row in rows.rows.get(marking.table, {}).values()]
    return sum(
        column in sets and folded(value) not in values and not _is(value, marking.sets[column], sets[column])
        for value in held
    )


def _meant(rows: OwnRows, marking: Marking) -> dict[Key, dict[str, Any]]:
    found = rows.rows.get(marking.table, {})
    if marking.only is None:
        return found
    column, values = marking.only
    return {key: row for key, row in found.items() if folded(row.get(column)) in values}


def folded(value: Any) -> str:
    """Return a value as it is compared: as text, without regard to case and blanks."""
    return " ".join(str("" if value is None else value).split()).casefold()


def _value(landscape: Landscape, name: TableName, column: str, value: Any, now: datetime) -> Any:
    """Return a map's value as the column takes it."""
    live = landscape.graph.live[name].columns[column]
    if value == NOW and live.kind in {Kind.MOMENT, Kind.DATE, Kind.TEXT}:
        return {Kind.MOMENT: now, Kind.DATE: now.date()}.get(live.kind, now.isoformat())
    if isinstance(value, bool) and live.kind in {Kind.INTEGER, Kind.NUMBER}:
        return int(value)
    if isinstance(value, bool) and live.kind in {Kind.TEXT, Kind.ENUM}:
        return str(value).lower()
    return value


def _is(held: Any, wanted: Any, written: Any) -> bool:
    """Tell whether a field holds what it should; a moment that was set before is as good as this one."""
    return held is not None if wanted == NOW else held == written or folded(held) == folded(written)


def _left(landscape: Landscape, rows: OwnRows, marking: Marking, now: datetime) -> str:
    """Say what a fresh look finds undone."""
    sets = {column: _value(landscape, marking.table, column, v, now) for column, v in marking.sets.items()}
    changes_what_it_seeks = marking.only is not None and marking.only[0] in sets
    left = [
        key
        for key, row in _meant(rows, marking).items()
        if marking.delete
        or changes_what_it_seeks
        or any(not _is(row.get(column), marking.sets[column], value) for column, value in sets.items())
    ]
    return f"{marking.table}: {len(left)} rows are not as they should be after the change." if left else ""
