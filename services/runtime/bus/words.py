"""What both buses say, in the same words, when a stored position and the log do not fit together."""

from __future__ import annotations

from typing import Any

from services.runtime.bus.port import Partition


def beyond_the_end(group: str, partition: Partition, stored: int, end: int) -> str:
    """Explain a stored position that the log never reached."""
    return (
        f"group {group} stands at {stored} of {partition.topic}/{partition.number}, but that log ends at {end}: "
        "the topic was made anew or restored from an older backup than the database. Going on would skip what comes "
        "next. Restore both from the same moment, or see 'A position beyond the log' in docs/operations-kafka.md"
    )


def removed_by_retention(log: Any, group: str, partition: Partition, stored: int, first: int) -> None:
    """Say that records were removed before this group read them; a group that begins late has lost nothing."""
    where = {"group": group, "topic": partition.topic, "partition": partition.number, "stored": stored, "first": first}
    if stored == 0:
        log.info("bus_reading_from_earliest_kept", **where)
    else:
        log.error(
            "bus_records_removed_before_they_were_read",
            **where,
            remedy="retention removed what this group had not handled; it goes on at the first kept record; compare "
            "the database with its last backup and lengthen the topic's retention",
        )


def no_such_topic(topic: str) -> str:
    """Say that a topic is not on the bus."""
    return f"there is no topic {topic} on this bus; `habeas doctor` says what is missing"
