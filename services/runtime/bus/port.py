"""The bus as the services see it: one port, kept by two buses (SQLite and Kafka), told apart by nobody outside here.

What a bus promises, and the contract suite proves on both:

- **Durable**: `publish` returns when every record is acknowledged by the log; what it raised for may be there or not.
- **Ordered within a key**: a key's partition is murmur2(key) modulo the topic's count; a partition is read in order.
- **At least once to a live owner**: a group's partition has one owner at a time. A worker that lost a partition without
  knowing (a zombie) may still hold a slice of it; the worker's compare-and-set on the stored position stops it.
- **The position is the worker's**: it is read through `Positions` at assignment and advanced by the worker in the
  transaction of the work. The bus never decides where a group stands; `acknowledge` only makes lag visible.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from schemas.topics import TopicSpec

RECORD_BYTES_MAX: Final = 1_000_000
"""The largest value that `publish` takes; it stays below a Kafka broker's own default limit."""


class BusUnavailable(Exception):
    """The bus cannot be reached now; the caller waits and tries again. The message says what to check."""


class BusUnusable(Exception):
    """The bus will not work until a human acts: waiting does not help. The message says what to do."""


class TopicMismatch(Exception):
    """A topic on the bus is not as documented; the message lists every difference and what to do."""


@dataclass(frozen=True, slots=True, order=True)
class Partition:
    """One ordered log of a topic."""

    topic: str
    number: int


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A record to publish. The value None is a tombstone on a compacted topic."""

    topic: str
    key: bytes
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...] = ()


@dataclass(frozen=True, slots=True)
class Record:
    """A record as read, with its place in the log. Offsets only grow; on Kafka they may have gaps."""

    partition: Partition
    offset: int
    key: bytes
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]
    timestamp_ms: int


@dataclass(frozen=True, slots=True)
class Slice:
    """Consecutive records of one partition; their worker moves the stored position from `seen` to `next`."""

    partition: Partition
    seen: int
    next: int
    records: tuple[Record, ...]


@dataclass(frozen=True, slots=True)
class Lag:
    """How far a group is behind on a partition: the log's end minus the acknowledged position."""

    group: str
    partition: Partition
    position: int
    end: int


class Positions(Protocol):
    """Where a group stands, as stored with its work."""

    async def load(self, partitions: Collection[Partition]) -> Mapping[Partition, int]:
        """Return the next offset to read of each partition; one that was never advanced is 0."""
        ...


class Consumer(Protocol):
    """One member of a group. Use as an async context manager: leaving hands its partitions to the others at once."""

    async def __aenter__(self) -> Consumer: ...
    async def __aexit__(self, *failure: object) -> None: ...

    async def fetch(self, records_max: int, wait_seconds: float) -> Sequence[Slice]:
        """Return slices of partitions this member owns now, or nothing after the wait. Survives an absent broker.

        A slice of a partition follows the one before it, as if that one had been committed: `rewind` when it was not.
        Raises BusUnusable where a stored position lies beyond the log's end: waiting there would skip events.
        """
        ...

    async def acknowledge(self, partition: Partition, position: int) -> None:
        """Make progress visible to operators; best effort, never what correctness rests on."""
        ...

    async def rewind(self, partition: Partition) -> None:
        """Read the partition again from its stored position, after a transaction was rolled back."""
        ...

    def assigned(self) -> frozenset[Partition]:
        """Return what this member owns now."""
        ...


class Bus(Protocol):
    """Topics, a producer, consumers in groups, a live tail."""

    async def open(self) -> None:
        """Connect, waiting with backoff for a bus that is not up yet, and say so in the log."""
        ...

    async def close(self) -> None: ...

    async def ensure_topics(self, topics: Sequence[TopicSpec]) -> None:
        """Create what is missing; raise TopicMismatch where partitions, retention or compaction differ."""
        ...

    async def compare_topics(self, topics: Sequence[TopicSpec]) -> Sequence[str]:
        """Return every difference between the bus and the documents, in sentences; empty when all is as documented."""
        ...

    async def publish(self, records: Sequence[Outgoing]) -> None:
        """Append the records, each key's in order, and return when all are durable.

        Raises BusUnavailable when the caller should try again later: the same records, in the same order.
        """
        ...

    def consumer(self, group: str, topics: Sequence[str], positions: Positions) -> Consumer: ...

    def tail(self, topics: Sequence[str], *, from_beginning: bool, follow: bool = True) -> AsyncIterator[Record]:
        """Yield records as they pass, without joining any group; not following ends at the present end."""
        ...

    async def lag(self, group: str, topics: Sequence[str]) -> Sequence[Lag]: ...

    async def members(self, group: str) -> int:
        """Return how many consumers hold this group now."""
        ...
