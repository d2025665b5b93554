"""How an address is looked for in any spelling, and what to say where it cannot be.

People write their email address as they like, and systems keep it as it was written: `Anna@Example.org` is found by
whoever asks as `anna@example.org`, or the answer is not complete (Art. 12(2), 15(1) GDPR). Which way is cheap depends
on what the live schema offers. A table is read whole for it only where it would be read whole all the same, or where
it is small; what is left is asked for by listed spellings, and said.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Final

from services.fulfil.core.catalog import Column, Kind, LiveTable, Order
from services.fulfil.core.identities import FOLDED
from services.fulfil.core.maps.model import Table, TableName

FOLDED_ROWS_MAX: Final = 300_000
READ_WORTH_SAYING_ROWS: Final = 10_000


class Lookup(StrEnum):
    """The ways to look for a text without regard to case; all but the last find every spelling."""

    ITSELF = "itself"
    FOLDED = "folded"
    RANGE = "range"
    WALK = "walk"
    READ = "read"
    LISTED = "listed"


def lookup(live: LiveTable, column: Column, values: Sequence[str] = ()) -> Lookup:
    """Return the cheapest way that finds every spelling, else `LISTED`.

    An index in a dictionary's order holds all spellings of an address in one short range; one in the order of bytes is
    walked letter by letter, each small and capital. Without an index, the table is read whatever is asked.
    """
    if column.order is Order.NO_CASE:
        return Lookup.ITSELF
    if column.name in live.folded_indexes:
        return Lookup.FOLDED
    if column.name in live.ordered:
        if column.order is Order.BYTES:
            return Lookup.WALK
        if column.order is not Order.UNKNOWN and all(map(_plain, values)):
            return Lookup.RANGE
    small = live.rows_estimate is not None and live.rows_estimate <= FOLDED_ROWS_MAX
    leads = any(index and index[0] == column.name for index in (*live.indexed, *live.unique, live.key))
    return Lookup.READ if small or not leads else Lookup.LISTED


def _plain(value: str) -> bool:
    """Whether each letter has one capital and one small form, between which all its spellings are sorted."""
    return all(len(c.upper()) == len(c.lower()) == 1 and c.upper().lower() == c.lower() for c in value)


def folded_columns(table: Table, live: LiveTable | None) -> Iterator[tuple[Column, str]]:
    """Yield the columns of a database's table in which a kind of identity is looked for in any spelling."""
    if live is None or not live.family:
        return
    for path, field in table.identities():
        column = live.columns.get(path[0])
        if field.identity in FOLDED and column is not None and len(path) == 1 and column.kind is Kind.TEXT:
            yield column, field.identity


def listed_only(name: TableName, live: LiveTable, column: Column) -> str:
    """Return what the reader of a report must know of a column that was asked for listed spellings only."""
    return f"{name}.{column.name}: {LISTED_SAID} {remedy(live, column)}"


LISTED_SAID: Final = (
    "the address was looked for as it was given, in small letters, and as other rows of the person spell it; a row "
    "with another mix of capital letters was not found."
)


def remedy(live: LiveTable, column: Column) -> str:
    """Return what makes every spelling findable at the cost of one row."""
    table = live.name
    match live.family:
        case "postgresql":
            quoted = ".".join(f'"{part}"' for part in table.split("."))
            return f'Make it cheap: CREATE INDEX ON {quoted} (lower("{column.name}"));'
        case "sqlite":
            name = f"{table}_{column.name}_nocase"
            return f'Make it cheap: CREATE INDEX "{name}" ON "{table}" ("{column.name}" COLLATE NOCASE);'
        case "mysql" | "mariadb":
            return f"Make it cheap: give {table}.{column.name} a collation whose name ends in _ci, and an index."
        case _:
            return f"Make it cheap: an index on {table} over the column {column.name} that ignores case."


WAYS: Final[Mapping[Lookup, str]] = {
    Lookup.ITSELF: "in any spelling: the column ignores case",
    Lookup.FOLDED: "in any spelling, by an index that ignores case",
    Lookup.RANGE: "in any spelling, by a range of the column's index",
    Lookup.WALK: "in any spelling, letter by letter through the column's index",
    Lookup.READ: "in any spelling; the table is read whole",
    Lookup.LISTED: "as given and in small letters only",
}
