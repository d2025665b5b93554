"""What a system must be able to do, so that habeas can carry out a right in it.

Two shapes exist. A `Connector` speaks to a system that holds rows: it finds them by what they hold, changes them and
deletes them. A `Delegate` speaks to a system that is asked as a whole and answers later: a processor's OpenDSR
endpoint, a webhook. The contract suites in `tests/fulfil/connectors/` (`contract.py`, `test_delegates.py`) say when
either is right; `docs/fulfilment.md` shows how to write one.

Rows travel as tuples in the order in which the query names its fields. Values are what JSON knows, plus `datetime`,
`date`, `time`, `Decimal`, `UUID` and `bytes`. A nested field is a path: `("profile", "phones", "number")`; arrays on
the way are searched element by element.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol, runtime_checkable

from services.fulfil.core.catalog import Catalog, LiveTable

Path = tuple[str, ...]
Key = tuple[Any, ...]
Row = tuple[Any, ...]


class ConnectorError(Exception):
    """A system could not do what it was asked; the message says what to do and names nobody."""


class SystemDown(ConnectorError):
    """The system does not answer, or answers too slowly; asking again later may help."""


class SystemRefuses(ConnectorError):
    """The system answered and will not: a constraint, a permission, a missing table. Asking again will not help."""


class Away(str):
    """What is said of a system that does not answer: mended by nothing that an officer could do, and over by itself."""

    __slots__ = ()


def said_of(fault: ConnectorError, more: str = "") -> str:
    """Return what a report says of a fault; of a system that is away, so that it can be told from one that refuses."""
    return Away(f"{fault}{more}") if isinstance(fault, SystemDown) else f"{fault}{more}"


def is_outage(said: Sequence[str]) -> bool:
    """Tell whether nothing but the absence of systems is in the way: no refusal, and nothing for a human to mend."""
    return bool(said) and all(isinstance(each, Away) for each in said)


@dataclass(frozen=True, slots=True)
class Match:
    """Rows whose fields hold one of these values; several fields are compared together, as one composite key.

    `fold_case` compares text without regard to case where the system can do so without reading everything. `inside`
    says that a field holds a list although the system may declare it as text.
    """

    paths: tuple[Path, ...]
    values: Sequence[Key]
    fold_case: bool = False
    inside: bool = False


@dataclass(frozen=True, slots=True)
class Find:
    """Read the rows of a table that satisfy any of the matches, with the fields named, in that order.

    `only_if_empty` keeps to rows in which all of these fields are empty, and `limit` bounds the answer; both are used
    where a reference leads into rows of other people. `hold` keeps the rows from changing, and from being pointed to
    anew, until the session ends, where the system can and the session writes.
    """

    table: str
    fields: tuple[str, ...]
    matches: tuple[Match, ...]
    only_if_empty: tuple[Path, ...] = ()
    limit: int | None = None
    hold: bool = False


@dataclass(frozen=True, slots=True)
class Hit:
    """One row that was found, and which matches found it: bit n is set for the n-th match."""

    row: Row
    matched: int


@dataclass(frozen=True, slots=True)
class Pointer:
    """Fields of a table that hold another table's key."""

    table: str
    paths: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class References:
    """Count, for each key, the rows that point to it, pointer by pointer."""

    pointers: tuple[Pointer, ...]
    keys: Sequence[Key]


@dataclass(frozen=True, slots=True)
class Counted:
    """How many rows of the n-th pointer hold a key."""

    pointer: int
    key: Key
    rows: int


@dataclass(frozen=True, slots=True)
class Change:
    """Set fields of the rows named by key, or delete them.

    `constants` are set alike in every row; `rows` carries each key and, in the order of `per_row`, the values that
    differ from row to row. `key` names the fields that make up a key, `delete` removes the rows.
    """

    step_id: str
    table: str
    key: tuple[str, ...]
    rows: Iterable[tuple[Key, Row]]
    constants: Mapping[str, Any] = field(default_factory=dict)
    per_row: tuple[str, ...] = ()
    delete: bool = False


@dataclass(frozen=True, slots=True)
class Abilities:
    """What a connector can do; the planner asks nothing else of a system."""

    changes: bool = True
    deletes: bool = True
    counts_references: bool = True
    transactional: bool = False


@dataclass(frozen=True, slots=True)
class Health:
    """Whether a system can be reached with the rights that its map needs, in a sentence for an operator."""

    reachable: bool
    said: str


@runtime_checkable
class Session(Protocol):
    """One conversation with a system. Where it is transactional, nothing lasts until `commit`."""

    def find(self, query: Find) -> Iterator[Hit]:
        """Yield the rows as they are read; each row once a query, however many matches it satisfies."""
        ...

    def references(self, query: References) -> Iterator[Counted]:
        """Yield the counts above zero."""
        ...

    def change(self, change: Change) -> int:
        """Perform a change and return how many rows it reached; doing it twice leaves what doing it once leaves."""
        ...

    def commit(self) -> None:
        """Make the changes of this session last."""
        ...


Tally = Callable[[], int]
"""How many rows a change reached; to be asked when the block in which it was sent has ended."""


@runtime_checkable
class Gathering(Protocol):
    """A session that can send changes without waiting for each; it may offer it besides."""

    def gathering(self) -> AbstractContextManager[Callable[[Change], Tally]]:
        """Send the changes of a block as they come; a fault may be raised as late as its end."""
        ...


@runtime_checkable
class Conditions(Protocol):
    """A system that can say which values its own conditions on a column allow; a connector may offer it besides."""

    def allowed(self, table: LiveTable, column: str, values: Sequence[Any]) -> Sequence[bool]:
        """Try each value against the conditions that speak of this column alone, touching no row."""
        ...


@runtime_checkable
class Connector(Protocol):
    """A system that holds rows."""

    @property
    def system(self) -> str:
        """The name by which data maps know the system."""
        ...

    @property
    def abilities(self) -> Abilities:
        """What it can do."""
        ...

    def check(self) -> Health:
        """Try the connection without reading anybody's row."""
        ...

    def catalog(self, tables: Sequence[str]) -> Catalog:
        """Describe these tables as they are now: fields, types, keys, references, uniqueness. Missing ones are left
        out.
        """
        ...

    def session(self, *, write: bool) -> AbstractContextManager[Session]:
        """Open a conversation; leaving it without `commit` undoes what a transactional system can undo."""
        ...


@runtime_checkable
class Scannable(Connector, Protocol):
    """A system that says what tables it has, so that a map can be drafted from it and compared with it."""

    def names(self) -> list[str]:
        """Return the names of all tables."""
        ...


@runtime_checkable
class Suggesting(Protocol):
    """A system whose draft needs settings of its own (`connector:`) before its tables can be found."""

    def suggested(self) -> Mapping[str, Any]:
        """Return them; asked before the names of the tables are."""
        ...


@runtime_checkable
class Sampled(Protocol):
    """A session that can show a few rows, whoever's; only drafting a map asks for them, and keeps none."""

    def sample(self, table: str, fields: tuple[str, ...], rows_max: int) -> list[Any]:
        """Return a few rows."""
        ...


@dataclass(frozen=True, slots=True)
class Order:
    """What a system is asked as a whole: a right, for these identities, by a step that may be repeated.

    `place` is where an earlier reply said that the answer will be found; `asked` is when it was first asked.
    """

    step_id: str
    right: str
    identities: Mapping[str, tuple[str, ...]]
    asked: datetime
    particulars: Mapping[str, Any] = field(default_factory=dict)
    place: str = ""


class Standing(StrEnum):
    """How far a delegate is with an order."""

    WAITING = "waiting"
    DONE = "done"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Reply:
    """What a delegate said. `place` is where to look for the answer, `results` where what it found can be fetched."""

    standing: Standing
    place: str = ""
    results: str = ""


@runtime_checkable
class Delegate(Protocol):
    """A system that is asked as a whole, and answers later."""

    @property
    def system(self) -> str:
        """The name by which the settings know the delegate."""
        ...

    def check(self) -> Health:
        """Try the connection without asking for anything."""
        ...

    def ask(self, order: Order) -> Reply:
        """Send the order, with one effect however often it is called with one step id; the reply may say `waiting`."""
        ...

    def answer(self, order: Order) -> Reply:
        """Look whether an order has been answered."""
        ...
