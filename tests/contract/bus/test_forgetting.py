"""Retention and compaction: what goes, what stays, and what a reader that was away is told."""

from __future__ import annotations

import asyncio
import time

from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.structs import TopicPartition
from structlog.testing import capture_logs

from schemas.topics import TopicSpec
from services.runtime.bus.port import Bus, Outgoing, Partition
from services.runtime.bus.sqlite.bus import SqliteBus
from tests.contract.bus.place import Place
from tests.contract.bus.say import SECONDS_MAX, numbers_of, opened, publish, run
from tests.contract.bus.state import State

SNAPSHOTS = {"partitions": 1, "kept_days": None, "compacted": True}


async def latest(bus: Bus, topic: str) -> dict[bytes, list[bytes | None]]:
    """Return every value that each key still has, oldest first."""
    found: dict[bytes, list[bytes | None]] = {}
    async for record in bus.tail([topic], from_beginning=True, follow=False):
        found.setdefault(record.key, []).append(record.value)
    return found


async def compact_soon(place: Place, topic: str) -> None:
    """Have Kafka's cleaner look at this topic within a second or so, instead of a day."""
    soon = {"cleanup.policy": "compact", "segment.ms": "100", "min.cleanable.dirty.ratio": "0.01"}
    admin = AIOKafkaAdminClient(bootstrap_servers=place.where)
    await admin.start()
    try:
        await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, soon)])
    finally:
        await admin.close()


def test_compaction_keeps_the_latest_of_each_key_and_a_tombstone_ends_it(place: Place, topic: str) -> None:
    async def work() -> None:
        async with opened(place, TopicSpec(topic, "test", **SNAPSHOTS)) as bus:
            if place.kind == "kafka":
                await compact_soon(place, topic)
            for number in range(5):
                value = b"%d" % number
                await bus.publish([Outgoing(topic, b"kept", value), Outgoing(topic, b"forgotten", value)])
            await bus.publish([Outgoing(topic, b"forgotten", None)])
            until = time.monotonic() + SECONDS_MAX / 2
            while True:
                # Kafka never compacts the segment it writes to: something newer must push the others out of it.
                await asyncio.sleep(0.3 if place.kind == "kafka" else 0)
                await bus.publish([Outgoing(topic, b"newer", b"x")])
                found = await latest(bus, topic)
                if found[b"kept"] == [b"4"] and found.get(b"forgotten") == [None]:
                    break
                assert time.monotonic() < until, f"not compacted: {found[b'kept']}, {found.get(b'forgotten')}"

    run(work)


async def remove_first(place: Place, bus: Bus, topic: str, count: int) -> None:
    """Remove the first records of the one partition, as retention would."""
    if isinstance(bus, SqliteBus):
        in_401_days = int(time.time() * 1000) + 401 * 86_400_000
        assert await bus.purge(count, in_401_days) == count
        return
    admin = AIOKafkaAdminClient(bootstrap_servers=place.where)
    await admin.start()
    try:
        await admin.delete_records({TopicPartition(topic, 0): RecordsToDelete(before_offset=count)})
    finally:
        await admin.close()


def test_a_group_that_retention_overtook_is_told_loudly_and_goes_on(place: Place, topic: str, state: State) -> None:
    async def work() -> None:
        async with opened(place, TopicSpec(topic, "test", partitions=1)) as bus:
            await publish(bus, topic, 0, 100)
            await remove_first(place, bus, topic, 60)
            state.store(Partition(topic, 0), 20)
            with capture_logs() as lines:
                async with bus.consumer(f"group-{topic}", [topic], state) as consumer:
                    found: list[object] = []
                    while not found:
                        found += await consumer.fetch(500, 1.0)
            (first, *_) = found
            assert first.seen == 20, "the worker moves the position it stored"
            assert numbers_of(first.records)[0] == 60
            (told,) = [line for line in lines if line["event"] == "bus_records_removed_before_they_were_read"]
            assert (told["log_level"], told["stored"], told["first"]) == ("error", 20, 60)

    run(work)


def test_a_new_group_begins_at_the_earliest_kept_record_without_alarm(place: Place, topic: str, state: State) -> None:
    async def work() -> None:
        async with opened(place, TopicSpec(topic, "test", partitions=1)) as bus:
            await publish(bus, topic, 0, 50)
            await remove_first(place, bus, topic, 30)
            with capture_logs() as lines:
                async with bus.consumer(f"group-{topic}", [topic], state) as consumer:
                    found: list[object] = []
                    while not found:
                        found += await consumer.fetch(500, 1.0)
            assert numbers_of(found[0].records) == list(range(30, 50))
            assert found[0].seen == 0
            assert not [line for line in lines if line["log_level"] == "error"]

    run(work)
