"""The values a data map is made of, whichever file format it was written in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, NamedTuple

Path = tuple[str, ...]

# Maps and people use several words for one kind of identity; they must find each other.
SAME_IDENTITY: Final[Mapping[str, str]] = {
    "phone": "phone_number",
    "mobile": "phone_number",
    "telephone": "phone_number",
    "mail": "email",
    "e-mail": "email",
    "email_address": "email",
}


def identity_name(word: str) -> str:
    """Return the one word used for a kind of identity, so that `phone` finds a field mapped as `phone_number`."""
    folded = word.strip().lower()
    return SAME_IDENTITY.get(folded, folded)


class TableName(NamedTuple):
    """A table and the system that holds it. A named tuple, because it is looked up hundreds of times a request."""

    system: str
    table: str

    def __str__(self) -> str:
        return f"{self.system}.{self.table}"


class Direction(StrEnum):
    """Which end of a reference is read first: `from` there to here, `to` there from here, or either."""

    FROM = "from"
    TO = "to"
    BOTH = "both"


class Erase(StrEnum):
    """What erasure does to a row of a table."""

    MASK = "mask"
    DELETE = "delete"
    KEEP = "keep"


class Person(StrEnum):
    """Whom a field is about, where the map says so: the one who asks, or somebody else in the same row."""

    SUBJECT = "subject"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Mask:
    """How a field's value is replaced. `strategy` is one of the words in `masking.STRATEGIES`."""

    strategy: str
    value: Any = None
    length: int | None = None
    suffix: str = ""
    algorithm: str = "sha256"
    line: int = 0


@dataclass(frozen=True, slots=True)
class Reference:
    """Fields here that hold the same values as fields there."""

    paths: tuple[Path, ...]
    other: TableName
    their_paths: tuple[Path, ...]
    direction: Direction
    line: int = 0


@dataclass(frozen=True, slots=True)
class Retention:
    """A duty to keep rows: its ground, and for how long from which field, or until when."""

    ground: str
    years: int | None = None
    counted_from: str | None = None
    until: str | None = None
    line: int = 0


@dataclass(frozen=True, slots=True)
class Consent:
    """A field that says whether somebody agreed to a purpose, and the value that says they no longer do."""

    purpose: str
    off: Any = False
    marketing: bool = False
    line: int = 0


@dataclass(frozen=True, slots=True)
class Restriction:
    """A field that marks a row as restricted (Art. 18 GDPR): kept, not used. `on` may be `now`."""

    on: Any = True
    off: Any = False
    line: int = 0


@dataclass(frozen=True, slots=True)
class MailingList:
    """A table whose rows are subscriptions, or receivers. Unsubscribing sets fields; where none are named, rows go.

    `by` names the field that tells one list from another, where a table holds several.
    """

    name: str
    by: str | None = None
    set: Mapping[str, Any] = field(default_factory=dict)
    marketing: bool = True
    line: int = 0


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a table, or of an object nested in one."""

    name: str
    line: int = 0
    categories: tuple[str, ...] = ()
    identity: str | None = None
    data_type: str | None = None
    length: int | None = None
    array: bool = False
    fields: tuple[Field, ...] = ()
    mask: Mask | None = None
    read_only: bool = False
    return_all: bool = False
    primary_key: bool = False
    person: Person | None = None
    provided: bool = True
    purpose: str = ""
    redact_name: bool = False
    consent: Consent | None = None
    restriction: Restriction | None = None
    statement: bool = False
    """Whether the person's own statement has its place here (Art. 16, second sentence GDPR)."""
    passed_on: tuple[str, ...] = ()
    """The delegates that may be told this identity, where a search finds it; `*` is every one."""

    @property
    def personal(self) -> bool:
        """Whether any of its categories is about a person; `system.*` is what the taxonomy calls the rest."""
        return any(category.split(".")[0] != "system" for category in self.categories)

    def leaves(self, above: Path = ()) -> Iterator[tuple[Path, Field]]:
        """Yield every field at or below this one that holds a value, with its path."""
        path = (*above, self.name)
        if not self.fields:
            yield path, self
            return
        for nested in self.fields:
            yield from nested.leaves(path)


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a system, with its fields as mapped."""

    name: str
    line: int = 0
    about: str = ""
    purpose: str = ""
    fields: tuple[Field, ...] = ()
    references: tuple[Reference, ...] = ()
    erase: Erase = Erase.MASK
    erase_after: tuple[TableName, ...] = ()
    read_after: tuple[TableName, ...] = ()
    skip: bool = False
    retention: Retention | None = None
    redact_name: bool = False
    mailing_list: MailingList | None = None
    processed_for: str = ""
    basis: str = ""
    """On which ground of Art. 6(1) GDPR its rows are processed, as its letter."""

    @property
    def key(self) -> tuple[str, ...]:
        """The fields mapped as its primary key."""
        return tuple(f.name for f in self.fields if f.primary_key)

    def leaves(self) -> Iterator[tuple[Path, Field]]:
        """Yield every field that holds a value, with its path."""
        for f in self.fields:
            yield from f.leaves()

    def identities(self) -> Iterator[tuple[Path, Field]]:
        """Yield the fields that can name a person from outside."""
        for path, f in self.leaves():
            if f.identity:
                yield path, f


@dataclass(frozen=True, slots=True)
class DataMap:
    """One system's map, and what Art. 15(1) and 30 ask to be known of it."""

    system: str
    tables: tuple[Table, ...]
    name: str = ""
    about: str = ""
    schema: str | None = None
    source: str = ""
    recipients: tuple[str, ...] = ()
    transfers: tuple[str, ...] = ()
    read_after: tuple[str, ...] = ()
    file: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)
    foreign: bool = False
    redact_name: bool = False
    processed_for: str = ""

    def table(self, name: str) -> Table | None:
        """Return a table by name."""
        return next((t for t in self.tables if t.name == name), None)
