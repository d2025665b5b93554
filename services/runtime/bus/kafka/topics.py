"""Topics on Kafka as the documents say: partitions, retention, compaction."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, TypeVar

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import GroupCoordinatorNotAvailableError, KafkaError, TopicAlreadyExistsError, for_code

from schemas.topics import TopicSpec

DAY_MS: Final = 86_400_000
TOMBSTONE_KEPT_DAYS: Final = 30
FRESH_TOPIC_SECONDS: Final = 10.0
COORDINATOR_WAITS_SECONDS: Final = (0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4)
_READ: Final = ("cleanup.policy", "retention.ms")

_Answer = TypeVar("_Answer")


def settings_of(topic: TopicSpec, replication: int) -> dict[str, str]:
    """Return the topic's settings on Kafka."""
    # Two of three copies must hold a record before it is acknowledged; one lost broker then neither loses nor stops.
    copies = {"min.insync.replicas": "2"} if replication >= 3 else {}
    if topic.compacted:
        return {
            **copies,
            "cleanup.policy": "compact",
            "delete.retention.ms": str(TOMBSTONE_KEPT_DAYS * DAY_MS),
            # A forgotten snapshot must be gone within days, however quiet the topic is (Art. 5(1)(e) GDPR).
            "max.compaction.lag.ms": str(DAY_MS),
            "segment.ms": str(DAY_MS),
            "min.cleanable.dirty.ratio": "0.1",
        }
    retention_ms = -1 if topic.kept_days is None else topic.kept_days * DAY_MS
    return {**copies, "cleanup.policy": "delete", "retention.ms": str(retention_ms), "retention.bytes": "-1"}


async def partition_counts(admin: AIOKafkaAdminClient, names: Sequence[str] | None = None) -> dict[str, int]:
    """Return how many partitions each of the topics that exist has."""
    described = await admin.describe_topics(list(names) if names is not None else None)
    return {topic["topic"]: len(topic["partitions"]) for topic in described if not topic["error_code"]}


async def create(admin: AIOKafkaAdminClient, topics: Sequence[TopicSpec], replication: int) -> None:
    """Create these topics; one that another process created meanwhile is left as it is."""
    new = [
        NewTopic(topic.name, topic.partitions, replication, topic_configs=settings_of(topic, replication))
        for topic in topics
    ]
    response = await admin.create_topics(new)
    for name, code, *said in response.topic_errors:
        fault = for_code(code)
        if code and fault is not TopicAlreadyExistsError:
            raise CreationRefused(f"Kafka did not create {name}: {(said or [''])[0] or fault.__name__}")


async def wait_until_known(admin: AIOKafkaAdminClient, names: Sequence[str]) -> None:
    """Wait for the brokers to hear of topics that the controller has just made."""
    until = time.monotonic() + FRESH_TOPIC_SECONDS
    while time.monotonic() < until:
        if set(names) <= (await partition_counts(admin)).keys():
            return
        await asyncio.sleep(0.1)


class CreationRefused(KafkaError):  # type: ignore[misc]  # aiokafka is untyped
    """The broker refused to create a topic, for a reason that it names."""


async def describe(admin: AIOKafkaAdminClient, names: Sequence[str]) -> dict[str, TopicSpec]:
    """Return those of the topics that exist, as they are on the broker."""
    counts = {name: count for name, count in (await partition_counts(admin)).items() if name in names}
    if not counts:
        return {}
    wanted = [ConfigResource(ConfigResourceType.TOPIC, name, dict.fromkeys(_READ)) for name in counts]
    found: dict[str, TopicSpec] = {}
    for response in await admin.describe_configs(wanted):
        for code, _, _, name, entries in response.resources:
            if code:
                raise for_code(code)(f"settings of {name}")
            found[name] = _spec(name, counts[name], {entry[0]: entry[1] for entry in entries})
    return found


def _spec(name: str, partitions: int, entries: dict[str, Any]) -> TopicSpec:
    compacted = entries.get("cleanup.policy") == "compact"
    retention_ms = int(entries.get("retention.ms") or -1)
    kept_days = None if compacted or retention_ms < 0 else retention_ms // DAY_MS
    return TopicSpec(name, "", partitions, kept_days, compacted)


async def patiently(ask: Callable[[], Awaitable[_Answer]]) -> _Answer:
    """Ask for some seconds: a broker that was just made has not chosen yet who coordinates its groups."""
    for wait_seconds in COORDINATOR_WAITS_SECONDS:
        try:
            return await ask()
        except GroupCoordinatorNotAvailableError:
            await asyncio.sleep(wait_seconds)
    return await ask()
