"""Events and records for the store's contract."""

from __future__ import annotations

from datetime import UTC, datetime

from schemas.envelope import Envelope, rooted
from schemas.events import CaseJoined
from services.runtime.bus.port import Partition, Record, Slice

WHEN = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
TOPIC = Partition("habeas.cases", 3)
OTHER = Partition("habeas.identity", 3)


def event(key: str, number: int) -> Envelope:
    """An event of the case `key`, told apart by its number."""
    joined = CaseJoined(controller="axigen", occurred=WHEN, case_id=key, message_id=f"m{number}")
    return rooted(f"{key}-{number}", joined, "test")


def record(offset: int, envelope: Envelope, partition: Partition = TOPIC) -> Record:
    """The event as it lies on the bus."""
    return Record(partition, offset, envelope.key, envelope.value(), envelope.headers(), 1_000 + offset)


def slice_of(*records: Record) -> Slice:
    """Consecutive records of one partition."""
    return Slice(records[0].partition, records[0].offset, records[-1].offset + 1, records)


def number_of(envelope: Envelope) -> int:
    """The number that `event` was given."""
    assert isinstance(envelope.event, CaseJoined)
    return int(envelope.event.message_id[1:])
