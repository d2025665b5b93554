"""The bus on Kafka: the port over aiokafka's producer, consumers and admin client."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any, TypeVar

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from schemas.topics import TopicSpec
from services.runtime.bus.differences import differences
from services.runtime.bus.kafka import topics as on_kafka
from services.runtime.bus.kafka import watch
from services.runtime.bus.kafka.connection import REFUSALS, client_options, reach, refused, release, unavailable
from services.runtime.bus.kafka.consumer import SESSION_SECONDS, KafkaConsumer
from services.runtime.bus.kafka.producer import PUBLISH_SECONDS_MAX, Producer
from services.runtime.bus.port import BusUnusable, Lag, Outgoing, Partition, Positions, Record, TopicMismatch
from services.runtime.settings import BusSettings

_Answer = TypeVar("_Answer")


class KafkaBus:
    """Topics, a producer, consumers in groups and a live tail, on a Kafka cluster."""

    def __init__(
        self,
        settings: BusSettings,
        *,
        session_seconds: float = SESSION_SECONDS,
        publish_seconds_max: float = PUBLISH_SECONDS_MAX,
    ) -> None:
        self._settings = settings
        self._session_seconds = session_seconds
        self._publish_seconds_max = publish_seconds_max

    async def open(self) -> None:
        self._producer = Producer(self._settings, self._publish_seconds_max)
        await self._producer.open()

    async def close(self) -> None:
        await self._producer.close()

    async def ensure_topics(self, topics: Sequence[TopicSpec]) -> None:
        async def create(admin: AIOKafkaAdminClient) -> None:
            there = await on_kafka.partition_counts(admin)
            missing = [topic for topic in topics if topic.name not in there]
            if missing:
                await on_kafka.create(admin, missing, self._settings.replication)
                await on_kafka.wait_until_known(admin, [topic.name for topic in missing])

        await self._ask(create)
        found = await self.compare_topics(topics)
        if found:
            raise TopicMismatch("\n".join(found))

    async def compare_topics(self, topics: Sequence[TopicSpec]) -> Sequence[str]:
        names = [topic.name for topic in topics]
        return differences(topics, await self._ask(lambda admin: on_kafka.describe(admin, names)))

    async def publish(self, records: Sequence[Outgoing]) -> None:
        if records:
            await self._producer.publish(records)

    def consumer(self, group: str, topics: Sequence[str], positions: Positions) -> KafkaConsumer:
        return KafkaConsumer(self._settings, group, topics, positions, self._session_seconds)

    async def tail(self, topics: Sequence[str], *, from_beginning: bool, follow: bool = True) -> AsyncIterator[Record]:
        counts = await self._counts(topics)
        async for record in watch.tail(self._settings, counts, from_beginning=from_beginning, follow=follow):
            yield record

    async def lag(self, group: str, topics: Sequence[str]) -> Sequence[Lag]:
        counts = await self._counts(topics)
        places = [TopicPartition(topic, number) for topic in sorted(counts) for number in range(counts[topic])]
        stored = await self._ask(lambda admin: admin.list_consumer_group_offsets(group))
        ends = await self._ends(places)
        return [
            Lag(group, Partition(place.topic, place.partition), _position(stored, place), ends[place])
            for place in places
        ]

    async def members(self, group: str) -> int:
        async def ask(admin: AIOKafkaAdminClient) -> int:
            answers = await on_kafka.patiently(lambda: admin.describe_consumer_groups([group]))
            # Each group: error, name, state, protocol type, protocol, members (Kafka's DescribeGroups response).
            return sum(len(described[5]) for answer in answers for described in answer.groups)

        return int(await self._ask(ask))

    async def _counts(self, topics: Sequence[str]) -> dict[str, int]:
        there = await self._ask(on_kafka.partition_counts)
        return {topic: there[topic] for topic in topics if topic in there}

    async def _ends(self, places: Sequence[TopicPartition]) -> dict[TopicPartition, int]:
        def make() -> Any:
            return AIOKafkaConsumer(**client_options(self._settings), group_id=None)

        consumer = await reach(self._settings, make, lambda made: made.start())
        try:
            consumer.assign(list(places))
            ends: dict[TopicPartition, int] = await asyncio.wait_for(consumer.end_offsets(list(places)), 15.0)
        except (KafkaError, TimeoutError) as fault:
            raise unavailable(self._settings, fault) from fault
        finally:
            await release(consumer)
        return ends

    async def _ask(self, question: Callable[[AIOKafkaAdminClient], Awaitable[_Answer]]) -> _Answer:
        """Ask the cluster something, with a client that lives only for the question."""

        def make() -> Any:
            return AIOKafkaAdminClient(**client_options(self._settings))

        admin = await reach(self._settings, make, lambda made: made.start())
        try:
            return await question(admin)
        except on_kafka.CreationRefused as fault:
            raise BusUnusable(str(fault)) from fault
        except REFUSALS as fault:
            raise refused(self._settings, fault) from fault
        except (KafkaError, TimeoutError) as fault:
            raise unavailable(self._settings, fault) from fault
        finally:
            await release(admin)


def _position(stored: Any, place: TopicPartition) -> int:
    return max(0, stored[place].offset) if place in stored else 0
