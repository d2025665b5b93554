"""Tables that no transaction can undo: what is written there lasts at once, whatever fails afterwards.

MySQL and MariaDB keep them beside others in one database (MyISAM, Aria, MEMORY, CSV, ARCHIVE), and say nothing of it.
Such a table is changed as late as it can be. One by which rows of others are found is changed only when those last:
killed in between, a repetition still finds what is left.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from services.fulfil.core.catalog import LiveTable
from services.fulfil.core.graph import Graph
from services.fulfil.core.maps.model import TableName


def cannot_undo(live: Mapping[TableName, LiveTable], names: Iterable[TableName]) -> tuple[TableName, ...]:
    """Return those of these tables in which a change lasts at once."""
    return tuple(name for name in names if name in live and live[name].lasts_at_once)


def warning(name: TableName, live: LiveTable) -> str:
    """Say before a change that it cannot be undone there, and what helps."""
    return (
        f"{name}: {live.lasts_at_once} has no transactions. What is changed there stays changed, also where a later "
        f"step fails; running it again finds the rest. `{remedy(live)}` gives it transactions."
    )


def stays(name: TableName, live: LiveTable, *, whole: bool) -> str:
    """Say after a failure what was not undone."""
    what = "what was changed there stays changed" if whole else "some of its rows may be changed and stay so"
    return f"{name}: {live.lasts_at_once} has no transactions, so {what}. Mend the cause and run it again."


def remedy(live: LiveTable) -> str:
    """Return the statement that makes a table one with transactions."""
    return f"ALTER TABLE {live.name} ENGINE=InnoDB;"


def leads_to(graph: Graph, name: TableName, among: Collection[TableName]) -> frozenset[TableName]:
    """Return those of some tables whose rows are found, directly or over others, by this table's."""
    seen = {name}
    waiting = [name]
    while waiting:
        for edge in graph.out_of(waiting.pop()):
            if edge.target not in seen:
                seen.add(edge.target)
                waiting.append(edge.target)
    return frozenset(seen - {name}) & frozenset(among)


def changed_last(
    order: Sequence[TableName], lasting: Collection[TableName], finders: Collection[TableName]
) -> tuple[TableName, ...]:
    """Return the order with what lasts at once behind what can fail and be undone.

    A finder keeps its place, because what it leads to goes before it; nothing is put behind one that stood before it.
    """
    ordered: list[TableName] = []
    put_off: list[TableName] = []
    for name in order:
        if name in finders:
            ordered += [*put_off, name]
            put_off = []
        elif name in lasting:
            put_off.append(name)
        else:
            ordered.append(name)
    return (*ordered, *put_off)
