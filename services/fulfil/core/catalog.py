"""A system's tables as they really are, whatever the map says: the values that connectors fill in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    """The families of types that reading, comparing and masking tell apart."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    MOMENT = "moment"
    TIME = "time"
    UUID = "uuid"
    JSON = "json"
    BYTES = "bytes"
    ENUM = "enum"
    ARRAY = "array"
    OTHER = "other"


class Order(StrEnum):
    """How a system compares and sorts the text of a column, as far as it was tried there.

    `NO_CASE` takes `A` for `a`. `SMALL_FIRST` and `CAPITAL_FIRST` sort as a dictionary does, so that the spellings of
    one word in any case lie side by side; `BYTES` sorts all capital letters before the small ones.
    """

    UNKNOWN = "unknown"
    NO_CASE = "no_case"
    SMALL_FIRST = "small_first"
    CAPITAL_FIRST = "capital_first"
    BYTES = "bytes"


@dataclass(frozen=True, slots=True)
class Column:
    """A column as the system declares it. `declared` is the system's own type name, for casts and for people."""

    name: str
    kind: Kind
    declared: str
    nullable: bool
    length: int | None = None
    generated: bool = False
    labels: tuple[str, ...] = ()
    order: Order = Order.UNKNOWN


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """Columns that point to another table of the same system. `on_delete` and `on_update` are the system's words,
    folded.
    """

    columns: tuple[str, ...]
    table: str
    their_columns: tuple[str, ...]
    on_delete: str = "no action"
    on_update: str = "no action"
    deferrable: bool = False


@dataclass(frozen=True, slots=True)
class Check:
    """A condition every row must keep, as the system writes it."""

    name: str
    expression: str


PLACES: Final = frozenset({"ctid", "rowid", "tableoid"})
"""What a database calls the place of a row; no columns of the table."""


@dataclass(frozen=True, slots=True)
class LiveTable:
    """One table as it is now. `address` are the columns that name a row, or the row's own address without a key.

    `indexed` are the columns of its indexes; `ordered` the columns that lead an index over every row, in the column's
    own order; `folded_indexes` says of a column with which expression an index compares it without case: `lower`,
    `upper`, `nocase`. `family` is the kind of database, empty where it is none.
    """

    name: str
    columns: Mapping[str, Column]
    address: tuple[str, ...]
    has_key: bool = True
    unique: tuple[tuple[str, ...], ...] = ()
    indexed: tuple[tuple[str, ...], ...] = ()
    ordered: frozenset[str] = frozenset()
    folded_indexes: Mapping[str, str] = field(default_factory=dict)
    foreign_keys: tuple[ForeignKey, ...] = ()
    checks: tuple[Check, ...] = ()
    rows_estimate: int | None = None
    family: str = ""
    view: bool = False
    """Whether it shows rows of other tables; those are changed where they lie, and here only looked at."""
    alone: bool = False
    """Whether tables that inherit from it are asked for besides, so that their rows are not this one's."""
    lasts_at_once: str = ""
    """The engine that keeps it, where that has no transactions in a database that has them; empty elsewhere."""

    @property
    def key(self) -> tuple[str, ...]:
        """The columns of its primary key, if it has one."""
        return self.address if self.has_key else ()

    @property
    def lies_at(self) -> tuple[str, ...]:
        """By what the system itself tells rows without a key apart: where they lie, else all that they hold."""
        if self.has_key or self.view or not self.address:
            return ()
        known = all(name in PLACES for name in self.address) or self.address == tuple(self.columns)
        return self.address if known else ()


@dataclass(frozen=True, slots=True)
class Inbound:
    """A table, mapped or not, whose columns point to a table that was asked for."""

    table: str
    key: ForeignKey


@dataclass(frozen=True, slots=True)
class Catalog:
    """The tables that were asked for and exist, by the name asked, and every foreign key that points to them."""

    tables: Mapping[str, LiveTable]
    inbound: tuple[Inbound, ...] = ()
