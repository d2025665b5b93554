"""What the port promises, one promise a test, on both buses."""

from __future__ import annotations

import asyncio
import time

import pytest
from aiokafka.partitioner import murmur2 as kafkas_murmur2

from schemas.topics import TopicSpec, all_topics
from services.runtime.bus.port import BusUnusable, Outgoing, Partition, Record, TopicMismatch
from tests.contract.bus.place import Place
from tests.contract.bus.say import SECONDS_MAX, event, number_of, numbers_of, opened, publish, run
from tests.contract.bus.state import State

TRIES = 5
"""How often a delay is measured: a busy machine makes any of them longer, and none shorter."""


async def fetched(consumer: object, count: int) -> list[Record]:
    found: list[Record] = []
    while len(found) < count:
        for one in await consumer.fetch(500, 2.0):  # type: ignore[attr-defined]
            found.extend(one.records)
    return found


def test_every_documented_topic_can_be_made_and_is_then_as_documented(place: Place) -> None:
    async def work() -> None:
        async with opened(place, *all_topics()) as bus:
            assert list(await bus.compare_topics(all_topics())) == []
            # A second start finds everything there.
            await bus.ensure_topics(all_topics())

    run(work)


def test_a_topic_with_other_partitions_or_retention_is_refused_with_every_difference(place: Place, topic: str) -> None:
    async def work() -> None:
        async with opened(place, TopicSpec(topic, "as it is", partitions=4, kept_days=30)) as bus:
            with pytest.raises(TopicMismatch) as refused:
                await bus.ensure_topics([TopicSpec(topic, "as documented", partitions=8, kept_days=400)])
            said = str(refused.value)
            assert f"{topic} has 4 partitions and must have 8" in said
            assert f"{topic} keeps 30 days and must keep 400 days" in said
            missing = await bus.compare_topics([TopicSpec(f"{topic}-other", "missing")])
            assert missing == [f"{topic}-other is missing; start habeas once with the right to create topics"]
            changed = await bus.compare_topics([TopicSpec(topic, "", partitions=4, kept_days=None, compacted=True)])
            assert changed == [f"{topic} is kept by time and must be compacted; set cleanup.policy"]

    run(work)


def test_publishing_to_a_topic_that_is_not_there_says_so(place: Place, topic: str) -> None:
    async def work() -> None:
        async with opened(place) as bus:
            with pytest.raises(TopicMismatch, match=f"there is no topic {topic}"):
                await bus.publish([event(topic, 1)])

    run(work)


def test_a_record_comes_back_as_it_was_published(place: Place, topic: str, state: State) -> None:
    headers = (("ce_id", b"1"), ("ce_subject", "Zoë".encode()), ("raw", bytes(range(256))), ("empty", b""))

    async def work() -> None:
        async with opened(place, TopicSpec(topic, "test")) as bus:
            before = int(time.time() * 1000)
            await bus.publish(
                [Outgoing(topic, b"key\x00", b"\xff\x00value", headers), Outgoing(topic, b"key\x00", None)]
            )
            async with bus.consumer(f"group-{topic}", [topic], state) as consumer:
                first, second = await fetched(consumer, 2)
            assert (first.key, first.value, first.headers) == (b"key\x00", b"\xff\x00value", headers)
            assert second.value is None
            assert before - 1000 <= first.timestamp_ms <= int(time.time() * 1000) + 1000

    run(work)


def test_a_key_lies_where_kafkas_own_partitioner_puts_it(place: Place, topic: str) -> None:
    async def work() -> None:
        async with opened(place, TopicSpec(topic, "test", partitions=8)) as bus:
            await publish(bus, topic, 0, 200)
            records = [record async for record in bus.tail([topic], from_beginning=True, follow=False)]
        assert len(records) == 200
        for record in records:
            assert record.partition.number == (kafkas_murmur2(record.key) & 0x7FFFFFFF) % 8

    run(work)


def test_a_keys_events_stay_in_order_while_many_publish_at_once(place: Place, topic: str, state: State) -> None:
    async def work() -> None:
        async with opened(place, TopicSpec(topic, "test")) as bus:

            async def one(key: int) -> None:
                for number in range(40):
                    await bus.publish([event(topic, key * 1000 + number, key=f"case-{key}")])

            await asyncio.gather(*(one(key) for key in range(20)))
            async with bus.consumer(f"group-{topic}", [topic], state) as consumer:
                records = await fetched(consumer, 800)
        by_key: dict[bytes, list[int]] = {}
        for record in records:
            by_key.setdefault(record.key, []).append(number_of(record))
        assert len(by_key) == 20
        assert all(numbers == sorted(numbers) for numbers in by_key.values())

    run(work)


def test_slices_follow_each_other_from_the_stored_position(place: Place, topic: str, state: State) -> None:
    async def work() -> None:
        async with opened(place, TopicSpec(topic, "test", partitions=1)) as bus:
            await publish(bus, topic, 0, 100)
            async with bus.consumer(f"group-{topic}", [topic], state) as consumer:
                (first,) = await _some(consumer, 10)
                (second,) = await _some(consumer, 10)
            assert (first.seen, second.seen) == (0, first.next)
            assert numbers_of(first.records + second.records) == list(range(second.next))
            state.store(Partition(topic, 0), first.next)
            # Only what was stored counts: the second slice comes again, to whoever reads next.
            async with bus.consumer(f"group-{topic}", [topic], state) as consumer:
                (again,) = await _some(consumer, 10)
            assert again.seen == first.next
            assert number_of(again.records[0]) == first.next

    run(work)


async def _some(consumer: object, records_max: int) -> list[object]:
    while True:
        if found := await consumer.fetch(records_max, 2.0):  # type: ignore[attr-defined]
            return list(found)


def test_a_rewound_partition_is_read_again_and_the_others_go_on(place: Place, topic: str, state: State) -> None:
    async def work() -> None:
        async with opened(place, TopicSpec(topic, "test", partitions=2)) as bus:
            await publish(bus, topic, 0, 60)
            async with bus.consumer(f"group-{topic}", [topic], state) as consumer:
                found: list[object] = []
                while sum(len(one.records) for one in found) < 60:
                    found += await _some(consumer, 100)
                zero, one = Partition(topic, 0), Partition(topic, 1)
                expected = [number_of(r) for s in found for r in s.records if s.partition == zero]
                await consumer.rewind(zero)
                again: list[object] = []
                while sum(len(one.records) for one in again) < len(expected):
                    again += await _some(consumer, 100)
            assert {s.partition for s in again} == {zero}
            assert again[0].seen == 0
            assert [number_of(r) for s in again for r in s.records] == expected
            assert one != zero

    run(work)


def test_lag_is_what_was_published_and_not_yet_acknowledged(place: Place, topic: str, state: State) -> None:
    async def work() -> None:
        async with opened(place, TopicSpec(topic, "test", partitions=1)) as bus:
            await publish(bus, topic, 0, 50)
            async with bus.consumer(f"lag-{topic}", [topic], state) as consumer:
                (found,) = await _some(consumer, 30)
                await consumer.acknowledge(found.partition, found.next)
                # For operators a lag may be a second old, and its member has more to do than to tell it.
                while (lag := (await bus.lag(f"lag-{topic}", [topic]))[0]).position != found.next:  # noqa: ASYNC110
                    await asyncio.sleep(0.1)
            assert lag.end == 50
            (left,) = await bus.lag(f"lag-{topic}", [topic])
            assert (left.position, left.end) == (found.next, 50)

    run(work)


def test_the_tail_shows_what_was_and_then_what_comes(place: Place, topic: str) -> None:
    async def work() -> None:
        async with opened(place, TopicSpec(topic, "test")) as bus:
            await publish(bus, topic, 0, 300, at_once=100)
            shown: list[Record] = []
            tail = bus.tail([topic], from_beginning=True)
            async for record in tail:
                shown.append(record)
                if len(shown) == 300:
                    await bus.publish([event(topic, 300)])
                if len(shown) == 301:
                    break
            await tail.aclose()  # type: ignore[attr-defined]
            assert sorted(numbers_of(shown)) == list(range(301))
            moments = [record.timestamp_ms for record in shown[:300]]
            assert moments == sorted(moments), "the past is not shown in the order of time"
            assert number_of(shown[300]) == 300

    run(work)


def test_the_tail_of_now_leaves_out_the_past(place: Place, topic: str) -> None:
    async def work() -> None:
        async with opened(place, TopicSpec(topic, "test")) as bus, opened(place) as other:
            await publish(bus, topic, 0, 100)
            assert [r async for r in bus.tail([topic], from_beginning=False, follow=False)] == []
            tail = bus.tail([topic], from_beginning=False)
            following = asyncio.ensure_future(anext(tail))
            # Published through another connection, as another process would; again until the tail has begun to look.
            at = 100
            while not (await asyncio.wait([following], timeout=1.0))[0]:
                await other.publish([event(topic, at, "now")])
                at += 1
            first = number_of(await following)
            assert 100 <= first < at
            for number in range(first + 1, at):
                assert number_of(await anext(tail)) == number
            took: list[float] = []
            for number in range(at, at + TRIES):
                following = asyncio.ensure_future(anext(tail))
                await asyncio.sleep(0.3)
                sent = time.monotonic()
                await other.publish([event(topic, number, "now")])
                assert number_of(await following) == number
                took.append(time.monotonic() - sent)
            assert min(took) < 1.0
            await tail.aclose()  # type: ignore[attr-defined]

    run(work)


def test_an_idle_fetch_is_woken_by_a_publish_of_another_connection(place: Place, topic: str, state: State) -> None:
    async def work() -> None:
        async with (
            opened(place, TopicSpec(topic, "test")) as bus,
            opened(place) as other,
            bus.consumer(f"group-{topic}", [topic], state) as consumer,
        ):
            while not consumer.assigned():
                await consumer.fetch(10, 0.2)
            await consumer.fetch(10, 0.5)
            took: list[float] = []
            for number in range(TRIES):
                waiting = asyncio.ensure_future(consumer.fetch(10, 2 * SECONDS_MAX))
                await asyncio.sleep(0.5)
                sent = time.monotonic()
                await other.publish([event(topic, number)])
                assert numbers_of((await waiting)[0].records) == [number]
                took.append(time.monotonic() - sent)
            assert min(took) < 1.0

    run(work)


def test_a_stored_position_beyond_the_log_is_refused_because_events_would_be_skipped(
    place: Place, topic: str, state: State
) -> None:
    async def work() -> None:
        async with opened(place, TopicSpec(topic, "test", partitions=1)) as bus:
            await publish(bus, topic, 0, 10)
            state.store(Partition(topic, 0), 500)
            async with bus.consumer(f"group-{topic}", [topic], state) as consumer:
                with pytest.raises(BusUnusable, match=f"stands at 500 of {topic}/0, but that log ends at 10"):
                    await fetched(consumer, 1)

    run(work)


def test_two_groups_each_read_everything(place: Place, topic: str, state: State) -> None:
    async def work() -> None:
        async with opened(place, TopicSpec(topic, "test")) as bus:
            await publish(bus, topic, 0, 100)
            for group in ("one", "two"):
                async with bus.consumer(f"{group}-{topic}", [topic], state) as consumer:
                    assert sorted(numbers_of(await fetched(consumer, 100))) == list(range(100))

    run(work)


def test_no_record_may_be_larger_than_both_buses_carry(place: Place, topic: str) -> None:
    async def work() -> None:
        async with opened(place, TopicSpec(topic, "test")) as bus:
            await bus.publish([Outgoing(topic, b"key", b"x" * 1_000_000)])
            with pytest.raises(ValueError, match="1000000 is most"):
                await bus.publish([Outgoing(topic, b"key", b"x" * 1_000_001)])
            records = [record async for record in bus.tail([topic], from_beginning=True, follow=False)]
            assert [len(record.value or b"") for record in records] == [1_000_000]

    run(work)


def test_a_group_tells_how_many_hold_it_and_none_once_they_left(place: Place, topic: str, state: State) -> None:
    group = f"held-{topic}"

    async def work() -> None:
        async with opened(place, TopicSpec(topic, "test", partitions=1)) as bus:
            assert await bus.members(group) == 0
            async with bus.consumer(group, [topic], state) as consumer:
                await publish(bus, topic, 0, 3)
                await fetched(consumer, 3)
                assert await bus.members(group) == 1
            assert await bus.members(group) == 0

    run(work)
