"""From a record on the bus to the picture: the two topics that the figures are made of."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from schemas.envelope import read
from schemas.events import CaseSnapshot, MessageHeld, MessageReceived
from schemas.topics import Topic
from services.runtime.settings import Settings
from services.watch.core.entry import CaseEntry, entry_of

CASES: Final = Topic.SNAPSHOTS.value
MESSAGES: Final = Topic.MESSAGES.value
WORKING_DAYS_A_WEEK: Final = 5

Headers = Iterable[tuple[str, bytes]]


def case_of(headers: Headers, value: bytes) -> CaseEntry | None:
    """Return the case that a record of the snapshots tells of; None for an event that is not a snapshot."""
    event = read(headers, value).event
    return entry_of(event) if isinstance(event, CaseSnapshot) else None


def message_of(headers: Headers, value: bytes | None) -> MessageReceived | MessageHeld | None:
    """Return the message that arrived; None for an event that is not an arrival."""
    event = read(headers, value).event
    return event if isinstance(event, MessageReceived | MessageHeld) else None


def due_soon_days(settings: Settings) -> int:
    """Return from when on a claim counts as due soon: as many days as the first warning to an officer comes ahead."""
    ahead = max(settings.clock.approaching_working_days, default=WORKING_DAYS_A_WEEK)
    return -(-ahead * 7 // WORKING_DAYS_A_WEEK)
