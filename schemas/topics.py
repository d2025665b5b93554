"""The topics of the bus: names, partitions and how long each keeps what.

Partition counts are part of the contract: a key's partition is murmur2(key) modulo the count, so changing a count
breaks the order of a key's events. `habeas doctor` refuses a mismatch; a change means a drain.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from schemas.rights import Right

EVENTS_KEPT_DAYS: Final = 400
PARTITIONS: Final = 8


class Topic(StrEnum):
    """A topic by what flows through it. `CLAIMS` is a family: one topic a right."""

    MESSAGES = "habeas.messages"
    ANSWERS = "habeas.answers"
    REVIEWS = "habeas.reviews"
    CASES = "habeas.cases"
    IDENTITY = "habeas.identity"
    CLAIMS = "habeas.claims"
    OUTCOMES = "habeas.outcomes"
    TASKS = "habeas.tasks"
    LETTERS = "habeas.letters"
    DELIVERIES = "habeas.deliveries"
    DEADLINES = "habeas.deadlines"
    COMPLETIONS = "habeas.completions"
    SNAPSHOTS = "habeas.case-snapshots"


@dataclass(frozen=True, slots=True)
class TopicSpec:
    """What a topic must look like on any bus."""

    name: str
    purpose: str
    partitions: int = PARTITIONS
    kept_days: int | None = EVENTS_KEPT_DAYS
    compacted: bool = False


def claims_topic(right: Right) -> str:
    """Return the topic that carries the claims of one right."""
    return f"{Topic.CLAIMS.value}.{right.value}"


_PURPOSE: Final = {
    Topic.MESSAGES: "what people wrote, as references; keyed by correspondent",
    Topic.ANSWERS: "questions answered from a policy, or left to a human; keyed by correspondent",
    Topic.REVIEWS: "messages that a human must read, and what was decided",
    Topic.CASES: "cases opened, joined, routed and closed; keyed by case",
    Topic.IDENTITY: "identity asked, answered, confirmed, failed or expired",
    Topic.OUTCOMES: "what fulfil did with a claim, with receipts",
    Topic.TASKS: "what only a human can do, opened and done",
    Topic.LETTERS: "letters to send: a template and a vault reference",
    Topic.DELIVERIES: "letters the relay accepted, and bounces",
    Topic.DEADLINES: "deadlines set, moved, approaching, missed and met",
    Topic.COMPLETIONS: "claims and cases completed, with due moment, completion moment and margin",
}


def all_topics() -> tuple[TopicSpec, ...]:
    """Return every topic, in the order of a message's way."""
    single = [TopicSpec(topic.value, purpose) for topic, purpose in _PURPOSE.items()]
    claims = [TopicSpec(claims_topic(right), f"claims of {right.value} on their way to fulfil") for right in Right]
    snapshots = TopicSpec(
        Topic.SNAPSHOTS.value, "the latest state of each case; a null value forgets it", kept_days=None, compacted=True
    )
    return (*single[:5], *claims, *single[5:], snapshots)
