"""How the topics on a bus differ from the documented ones, in sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from schemas.topics import TopicSpec


def differences(wanted: Sequence[TopicSpec], found: Mapping[str, TopicSpec]) -> list[str]:
    """Return a sentence for each difference, with what to do about it."""
    said: list[str] = []
    for topic in wanted:
        there = found.get(topic.name)
        if there is None:
            said.append(f"{topic.name} is missing; start habeas once with the right to create topics")
            continue
        if there.partitions != topic.partitions:
            said.append(
                f"{topic.name} has {there.partitions} partitions and must have {topic.partitions}: a key's partition "
                "would change and its order be lost; drain the topic and create it anew (docs/operations-kafka.md)"
            )
        if there.compacted != topic.compacted:
            said.append(f"{topic.name} is {_policy(there)} and must be {_policy(topic)}; set cleanup.policy")
        elif there.kept_days != topic.kept_days:
            said.append(f"{topic.name} keeps {_kept(there)} and must keep {_kept(topic)}; set retention.ms")
    return said


def _policy(topic: TopicSpec) -> str:
    return "compacted" if topic.compacted else "kept by time"


def _kept(topic: TopicSpec) -> str:
    return "for ever" if topic.kept_days is None else f"{topic.kept_days} days"
