"""Watch topics on Kafka without joining a group."""

from __future__ import annotations

import asyncio
import heapq
from collections import deque
from collections.abc import AsyncIterator, Mapping
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from services.runtime.bus.kafka.connection import client_options, reach, release
from services.runtime.bus.kafka.consumer import record_of
from services.runtime.bus.port import Partition, Record
from services.runtime.settings import BusSettings

POLL_SECONDS: Final = 1.0
POLL_RECORDS: Final = 500
BUFFERED_MAX: Final = 2000
QUIET_POLLS_MAX: Final = 5
"""A history whose last records compaction removed is taken as read when this many polls bring nothing."""


async def tail(
    settings: BusSettings, counts: Mapping[str, int], *, from_beginning: bool, follow: bool
) -> AsyncIterator[Record]:
    """Yield records; what the log held at the start comes in one order of time."""
    places = [TopicPartition(topic, number) for topic in sorted(counts) for number in range(counts[topic])]
    consumer = await reach(settings, lambda: _make(settings), lambda made: made.start())
    try:
        consumer.assign(places)
        ends = await consumer.end_offsets(places)
        starts = await consumer.beginning_offsets(places) if from_beginning else ends
        for place in places:
            consumer.seek(place, starts[place])
        if from_beginning:
            history = {place: end for place, end in ends.items() if starts[place] < end}
            async for record in _history(consumer, history):
                yield record
            # Followed or not, nothing after the end was handed out: it is read again from there.
            for place in places:
                consumer.seek(place, ends[place])
        while follow:
            for record in sorted(await _poll(consumer), key=lambda one: one.timestamp_ms):
                yield record
    finally:
        await release(consumer)


def _make(settings: BusSettings) -> Any:
    return AIOKafkaConsumer(
        **client_options(settings),
        group_id=None,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
    )


async def _poll(consumer: Any) -> list[Record]:
    try:
        found = await consumer.getmany(timeout_ms=int(POLL_SECONDS * 1000), max_records=POLL_RECORDS)
    except KafkaError:
        await asyncio.sleep(POLL_SECONDS)
        return []
    return [
        record_of(Partition(place.topic, place.partition), one) for place, records in found.items() for one in records
    ]


async def _history(consumer: Any, ends: Mapping[TopicPartition, int]) -> AsyncIterator[Record]:
    """Merge the partitions by time: a record is handed out when no partition can still bring an older one."""
    waiting: dict[TopicPartition, deque[Record]] = {place: deque() for place in ends}
    open_places = set(ends)
    quiet = 0
    while open_places and quiet < QUIET_POLLS_MAX:
        records = await _poll(consumer)
        quiet = 0 if records else quiet + 1
        for record in records:
            place = TopicPartition(record.partition.topic, record.partition.number)
            if place in ends and record.offset < ends[place]:
                waiting[place].append(record)
        for place in tuple(open_places):
            if await consumer.position(place) >= ends[place]:
                open_places.discard(place)
            elif len(waiting[place]) > BUFFERED_MAX:
                consumer.pause(place)
        for record in _ripe(waiting, open_places):
            yield record
        for place in consumer.paused():
            if len(waiting[place]) <= BUFFERED_MAX:
                consumer.resume(place)
    for record in _ripe(waiting, set()):
        yield record


def _ripe(waiting: Mapping[TopicPartition, deque[Record]], open_places: set[TopicPartition]) -> list[Record]:
    """Take out, oldest first, until a partition that is still being read has nothing to compare with."""
    heads = [(records[0].timestamp_ms, place) for place, records in waiting.items() if records]
    heapq.heapify(heads)
    ripe: list[Record] = []
    while heads and all(waiting[place] for place in open_places):
        _, place = heapq.heappop(heads)
        ripe.append(waiting[place].popleft())
        if waiting[place]:
            heapq.heappush(heads, (waiting[place][0].timestamp_ms, place))
    return ripe
