"""The plan of an erasure: which columns of which tables are replaced by what, which rows go, and in which order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from services.fulfil.core.catalog import Column, ForeignKey, Inbound, Kind, LiveTable
from services.fulfil.core.graph import Graph, components
from services.fulfil.core.identities import Identities
from services.fulfil.core.maps.model import Erase, Field, Path, Table, TableName
from services.fulfil.core.masking import Allowed, CannotMask, Replacement, anything, is_unique, replacement

NUMBERS: Final = frozenset({"user.unique_id", "user"})
"""The categories of what only names a row."""


@dataclass(frozen=True, slots=True)
class Nested:
    """A column with nested data, and the paths inside it that are replaced."""

    column: str
    leaves: tuple[tuple[Path, Field], ...]


@dataclass(frozen=True, slots=True)
class Forbidden:
    """Why a table cannot be erased as mapped."""

    name: TableName
    said: str


@dataclass(frozen=True, slots=True)
class TablePlan:
    """What erasure does to one table's rows."""

    name: TableName
    delete: bool
    keep: bool
    replacements: tuple[Replacement, ...]
    nested: tuple[Nested, ...]
    identities: frozenset[Path]
    faults: tuple[Forbidden, ...] = ()
    """Why rows could not be masked; of a table whose rows are deleted, it matters for those that must stay."""
    stays: tuple[str, ...] = ()
    """Columns that say more than a number and keep it, because they are a key by which rows find each other."""

    @property
    def touches_by_masking(self) -> bool:
        """Whether masking would replace anything in a row."""
        return bool(self.replacements) or bool(self.nested)

    @property
    def touches(self) -> bool:
        """Whether there is anything to erase in a row."""
        return self.delete or self.touches_by_masking


def plan_table(
    graph: Graph, name: TableName, identities: Identities, inbound: Sequence[Inbound], allowed: Allowed = anything
) -> TablePlan:
    """Decide what happens to the rows of a table, and what forbids it."""
    table, live = graph.tables[name], graph.live[name]
    named = frozenset(path for path, f in table.identities() if f.identity in identities)
    if table.erase is Erase.KEEP or live.view:
        return TablePlan(name, delete=False, keep=not live.view, replacements=(), nested=(), identities=named)
    forbidden: list[Forbidden] = []
    chosen: list[Replacement] = []
    nested: list[Nested] = []
    stays: list[str] = []
    for f in table.fields:
        if f.name not in live.columns:
            continue
        inside = tuple((path[1:], leaf) for path, leaf in f.leaves() if _erased(leaf, path, live, named))
        if not inside:
            continue
        if (
            f.fields
            or (live.columns[f.name].kind is Kind.JSON and inside[0][0])
            or (f.array and f.identity in identities)
        ):
            nested.append(Nested(f.name, inside))
            continue
        try:
            found = _column(graph, name, f, live, inbound, named, allowed)
        except CannotMask as fault:
            forbidden.append(Forbidden(name, str(fault)))
            continue
        if found is None and _says_more(graph, name, live, f):
            stays.append(f.name)
        if found is not None and found.constant is not ...:
            chosen.append(found)
    chosen += _unlinked(graph, name, live, {c.column for c in chosen})
    delete = table.erase is Erase.DELETE
    return TablePlan(name, delete, False, tuple(chosen), tuple(nested), named, tuple(forbidden), tuple(stays))


def _erased(field: Field, path: Path, live: LiveTable, named: frozenset[Path]) -> bool:
    if path in named:
        return True
    if path[0] in live.key and set(field.categories) <= NUMBERS:
        # A number that only names the row stays: other tables count on it, and it no longer leads to anybody.
        return False
    return field.personal or field.mask is not None


def _column(
    graph: Graph,
    name: TableName,
    field: Field,
    live: LiveTable,
    inbound: Sequence[Inbound],
    named: frozenset[Path],
    allowed: Allowed,
) -> Replacement | None:
    masked = (field.name,) in named
    column = live.columns[field.name]
    key = _foreign_key(live, field.name)
    if field.mask is None and _refers(graph, name, live, field.name) and not (masked and key is None):
        if column.nullable and field.name not in live.key:
            return Replacement(field.name)
        if not masked and not _target_changes(graph, name, key, field.name, named):
            # The row it points to is masked itself; a made-up key could be somebody else's.
            return None
    repeated = [entry for entry in inbound if field.name in entry.key.their_columns]
    if field.name in live.key and not masked and repeated:
        return None
    mapped = any(edge.kind == "child" and ((field.name,),) == edge.source_paths for edge in graph.out_of(name))
    if field.name in live.key and (repeated or mapped) and column.kind is not Kind.TEXT:
        # An account number that other rows point to: the row is emptied of everything else, and the number stays.
        return None
    if key is not None and not key.deferrable and key.on_update != "cascade":
        said = f"{name}.{field.name} must hold a key of `{key.table}` and may not be NULL; "
        raise CannotMask(said + "make the column nullable, or map `delete` for the table.")
    if key is not None and key.on_update == "cascade":
        return None
    must_vary = bool(repeated) or key is not None or field.name in live.key
    return replacement(field, live, must_vary=must_vary, allowed=allowed)


def _says_more(graph: Graph, name: TableName, live: LiveTable, field: Field) -> bool:
    """Whether a key that stays tells of somebody: a login by which rows point to each other, not a mere number."""
    key = _foreign_key(live, field.name)
    follows = (
        key is not None and key.on_update == "cascade" and _target_changes(graph, name, key, field.name, frozenset())
    )
    return field.personal and not set(field.categories) <= NUMBERS and not follows


def _foreign_key(live: LiveTable, column: str) -> ForeignKey | None:
    return next((key for key in live.foreign_keys if column in key.columns), None)


def _target_changes(graph: Graph, name: TableName, key: ForeignKey | None, column: str, named: frozenset[Path]) -> bool:
    """Whether the column that a foreign key points to is replaced too, so that this one must follow it."""
    if key is None or len(key.columns) != len(key.their_columns):
        return False
    other = TableName(name.system, key.table)
    if other not in graph.tables or other not in graph.live:
        return False
    theirs = key.their_columns[key.columns.index(column)]
    table = graph.tables[other]
    if table.erase is not Erase.MASK:
        return False
    return any(f.name == theirs and _erased(f, (theirs,), graph.live[other], named) for f in table.fields)


def _refers(graph: Graph, name: TableName, live: LiveTable, column: str) -> bool:
    if _foreign_key(live, column) is not None:
        return True
    return any(path[0] == column for edge in graph.owners(name) for path in edge.target_paths) or any(
        path[0] == column for edge in graph.out_of(name) if edge.kind == "pointer" for path in edge.source_paths
    )


def _unlinked(graph: Graph, name: TableName, live: LiveTable, chosen: set[str]) -> list[Replacement]:
    """Let go of rows that are to be deleted, where the column may be NULL."""
    found = []
    for key in live.foreign_keys:
        other = graph.tables.get(TableName(name.system, key.table))
        if other is None or other.erase is not Erase.DELETE or key.on_delete in ("cascade", "set null"):
            continue
        for column in key.columns:
            if live.columns[column].nullable and column not in live.key and column not in chosen:
                found.append(Replacement(column))
                break
    return found


def erase_order(graph: Graph) -> tuple[TableName, ...]:
    """Return the tables in the order in which they are erased.

    What the map says comes first; then a table before the tables it points to; then the reverse of the search, so that
    the rows by which a person is found go last and an interrupted erasure can still find the rest.
    """
    search = [name for group in components(graph) for name in group]
    backwards = {name: n for n, name in enumerate(reversed(search))}
    after: dict[TableName, set[TableName]] = {name: set() for name in graph.tables}
    for name, table in graph.tables.items():
        after[name] |= {other for other in table.erase_after if other in graph.tables and other != name}
    mapped = {name: frozenset(earlier) for name, earlier in after.items()}
    for name, live in graph.live.items():
        for key in live.foreign_keys:
            other = TableName(name.system, key.table)
            if other in after and other != name and not _comes_after(name, other, mapped):
                after[other].add(name)
    done: list[TableName] = []
    left = sorted(graph.tables, key=lambda name: backwards[name])
    while left:
        ready = next((n for n in left if after[n] <= set(done)), None)
        if ready is None:
            # Foreign keys in a circle: only the map's own order can be kept; masking needs no more.
            ready = next((n for n in left if mapped[n] <= set(done)), left[0])
        done.append(ready)
        left.remove(ready)
    return tuple(done)


def _comes_after(name: TableName, other: TableName, after: Mapping[TableName, frozenset[TableName]]) -> bool:
    """Whether the map puts one table after another, directly or through further ones."""
    seen: set[TableName] = set()
    waiting = [name]
    while waiting:
        for earlier in after.get(waiting.pop(), ()):
            if earlier == other:
                return True
            if earlier not in seen:
                seen.add(earlier)
                waiting.append(earlier)
    return False


def must_hold(graph: Graph, holder: TableName, key: ForeignKey) -> bool:
    """Whether a row that stays cannot let go of the row that its foreign key points to."""
    return may_let_go(graph, holder, key) is None


def may_let_go(graph: Graph, holder: TableName, key: ForeignKey) -> str | None:
    """Return a column of a foreign key that may be emptied, so that the row points to nothing any more."""
    live = graph.live.get(holder)
    return next((column for column in key.columns if live is not None and _nullable(live, column)), None)


def _nullable(live: LiveTable, column: str) -> bool:
    found: Column | None = live.columns.get(column)
    return found is not None and found.nullable and column not in live.key


def masks_uniquely(live: LiveTable, column: str) -> bool:
    """Whether a column's replacement must differ from row to row."""
    return is_unique(live, column)


def retained(table: Table) -> bool:
    """Whether rows of a table may be kept back by a duty."""
    return table.retention is not None
