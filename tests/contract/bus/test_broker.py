"""Kafka's broker is away at the start, dies and comes back, or asks for a password."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator

import pytest
from structlog.testing import capture_logs

from schemas.topics import TopicSpec
from scripts.kafka_server import KafkaServer
from services.runtime.bus.kafka.bus import KafkaBus
from services.runtime.bus.port import BusUnavailable
from services.runtime.settings import BusSettings
from tests.contract.bus.place import Place
from tests.contract.bus.say import assert_in_order_with_repeats, event, opened, publish, run
from tests.contract.bus.state import State
from tests.servers.kafka import broker

pytestmark = pytest.mark.kafka
SPEC_PARTITIONS = 4


@pytest.fixture(scope="module")
def fragile() -> Iterator[KafkaServer]:
    """A broker of our own to stop and kill; not started yet."""
    with broker(started=False) as server:
        yield server


def test_an_absent_broker_is_waited_for_and_named_once(fragile: KafkaServer) -> None:
    async def work() -> None:
        bus = KafkaBus(BusSettings(kind="kafka", bootstrap=fragile.bootstrap))
        with capture_logs() as lines:
            opening = asyncio.ensure_future(bus.open())
            await asyncio.sleep(2.0)
            assert not opening.done()
            await asyncio.to_thread(fragile.start)
            await opening
        (said,) = [line for line in lines if line["event"] == "bus_waits_for_broker"]
        assert fragile.bootstrap in said["reason"]
        assert "check that the broker runs" in said["reason"]
        assert [line for line in lines if line["event"] == "bus_reached_broker"]
        await bus.close()

    run(work)


def test_a_broker_that_is_killed_and_comes_back_loses_and_doubles_nothing(
    fragile: KafkaServer, topic: str, state: State
) -> None:
    place = Place("kafka", fragile.bootstrap)
    again: set[int] = set()

    async def consume(bus: KafkaBus, end: int) -> None:
        async with bus.consumer(f"group-{topic}", [topic], state) as consumer:
            while state.distinct() < end:
                for found in await consumer.fetch(50, 0.5):
                    if not state.handle(found, "worker"):
                        await consumer.rewind(found.partition)

    async def produce(bus: KafkaBus, end: int) -> None:
        for start in range(0, end, 20):
            while True:
                try:
                    await bus.publish([event(topic, number) for number in range(start, start + 20)])
                except BusUnavailable:
                    again.update(range(start, start + 20))
                    await asyncio.sleep(0.2)
                else:
                    break
            await asyncio.sleep(0.01)

    async def work() -> None:
        async with opened(place, TopicSpec(topic, "test", partitions=SPEC_PARTITIONS)) as bus:
            consuming = asyncio.ensure_future(consume(bus, 4000))
            producing = asyncio.ensure_future(produce(bus, 4000))
            while state.count() < 1000:  # noqa: ASYNC110 - what is waited for is in a database
                await asyncio.sleep(0.05)
            await asyncio.to_thread(fragile.kill)
            await asyncio.sleep(1.0)
            await asyncio.to_thread(fragile.start)
            await producing
            await consuming

    run(work)
    assert_in_order_with_repeats(state.effects(), 4000, again)


async def published(bus: KafkaBus, topic: str, first: int, end: int) -> None:
    """Publish, again where the bus's patience was shorter than a busy machine takes."""
    while True:
        try:
            return await publish(bus, topic, first, end)
        except BusUnavailable:
            await asyncio.sleep(0.2)


def test_publishing_while_the_broker_is_away_fails_within_its_patience_and_works_again_after(
    fragile: KafkaServer, topic: str
) -> None:
    async def work() -> None:
        bus = KafkaBus(BusSettings(kind="kafka", bootstrap=fragile.bootstrap), publish_seconds_max=2.0)
        await bus.open()
        await bus.ensure_topics([TopicSpec(topic, "test", partitions=SPEC_PARTITIONS)])
        await published(bus, topic, 0, 10)
        await asyncio.to_thread(fragile.kill)
        with pytest.raises(BusUnavailable, match="does not answer"):
            await publish(bus, topic, 10, 20)
        await asyncio.to_thread(fragile.start)
        await published(bus, topic, 10, 20)
        seen = [record async for record in bus.tail([topic], from_beginning=True, follow=False)]
        firsts = list(dict.fromkeys(int(dict(record.headers)["ce_id"]) for record in seen))
        assert sorted(firsts) == list(range(20))
        await bus.close()

    run(work)


def test_leaving_while_the_broker_is_away_ends_within_seconds(fragile: KafkaServer, topic: str, state: State) -> None:
    place = Place("kafka", fragile.bootstrap)

    async def work() -> None:
        bus = place.bus()
        await bus.open()
        await bus.ensure_topics([TopicSpec(topic, "test", partitions=SPEC_PARTITIONS)])
        async with bus.consumer(f"group-{topic}", [topic], state) as consumer:
            while not consumer.assigned():
                await consumer.fetch(10, 0.2)
            await asyncio.to_thread(fragile.kill)
            await consumer.fetch(10, 1.0)
            leaving_at = time.monotonic()
        await bus.close()
        assert time.monotonic() - leaving_at < 30
        await asyncio.to_thread(fragile.start)

    run(work)
