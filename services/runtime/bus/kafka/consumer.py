"""One member of a group on Kafka: the group assigns partitions, the worker's database says where to read on.

aiokafka rebalances in a task of its own, also while `getmany` runs. So each revocation begins a new *term*; what was
polled in an earlier term is dropped, and in a new term nothing is polled before every partition was sought to its
stored position. Offsets committed to Kafka are read by operators only.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor
from aiokafka.errors import KafkaError, OffsetOutOfRangeError

from services.runtime.bus.kafka.connection import REFUSALS, client_options, reach, refused, release
from services.runtime.bus.port import BusUnusable, Partition, Positions, Record, Slice
from services.runtime.bus.words import beyond_the_end, removed_by_retention
from services.runtime.logs import Log
from services.runtime.settings import BusSettings

SESSION_SECONDS: Final = 6.0
HEARTBEAT_SECONDS_MAX: Final = 1.2
"""A member hears at a heartbeat that the group shares anew: however patient the session, the others wait no longer."""
IDLE_SECONDS_MAX: Final = 300
PARTITION_FETCH_BYTES: Final = 2 * 1024 * 1024
FETCH_BYTES_MAX: Final = 16 * 1024 * 1024
ACKNOWLEDGE_SECONDS: Final = 1.0
HIGH_WATER_SECONDS: Final = 5.0
"""After a change of leader a log's end may be told too low for a while; a stored position is judged only after it."""

_LOG = Log()


@dataclass(slots=True)
class Cursor:
    """Where reading stands: `stored` is what the next slice starts from, `reading` skips what is no longer kept."""

    stored: int
    reading: int


class KafkaConsumer(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka is untyped
    """The port's consumer over one AIOKafkaConsumer, which is made anew where it cannot go on."""

    def __init__(
        self,
        settings: BusSettings,
        group: str,
        topics: Sequence[str],
        positions: Positions,
        session_seconds: float = SESSION_SECONDS,
    ) -> None:
        self._settings = settings
        self._group = group
        self._topics = tuple(topics)
        self._positions = positions
        self._session_seconds = session_seconds
        self._consumer: Any = None
        self._term = 0
        self._owned: frozenset[Partition] = frozenset()
        self._cursors: dict[Partition, Cursor] = {}
        self._changed = asyncio.Event()
        self._acknowledged: dict[TopicPartition, int] = {}
        self._reporter: asyncio.Task[None] | None = None

    async def __aenter__(self) -> KafkaConsumer:
        await self._connect()
        self._reporter = asyncio.create_task(self._report(), name="bus lag")
        return self

    async def __aexit__(self, *failure: object) -> None:
        if self._reporter is not None:
            self._reporter.cancel()
            await asyncio.wait([self._reporter])
        if self._consumer is not None:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._commit(), 2.0)
            await release(self._consumer, seconds_max=5.0)
            self._consumer = None
        self._owned = frozenset()

    async def on_partitions_revoked(self, revoked: Collection[TopicPartition]) -> None:
        """Begin a new term: nothing polled before counts any more."""
        self._term += 1
        self._owned = frozenset()
        self._cursors = {}
        self._acknowledged = {}
        self._changed.set()

    async def on_partitions_assigned(self, assigned: Collection[TopicPartition]) -> None:
        """Take what the group gave; `fetch` seeks each partition before it polls."""
        self._owned = frozenset(Partition(one.topic, one.partition) for one in assigned)
        self._changed.set()
        _LOG.info("bus_partitions_changed", group=self._group, partitions=len(self._owned))

    def assigned(self) -> frozenset[Partition]:
        return self._owned

    async def fetch(self, records_max: int, wait_seconds: float) -> Sequence[Slice]:
        until = time.monotonic() + wait_seconds
        while True:
            remaining = max(0.0, until - time.monotonic())
            slices = await self._attempt(records_max, remaining)
            if slices or time.monotonic() >= until:
                return slices

    async def rewind(self, partition: Partition) -> None:
        self._cursors.pop(partition, None)

    async def acknowledge(self, partition: Partition, position: int) -> None:
        if partition in self._owned:
            self._acknowledged[TopicPartition(partition.topic, partition.number)] = position

    async def _connect(self) -> None:
        self._consumer = await reach(self._settings, self._make, self._join)

    def _make(self) -> Any:
        return AIOKafkaConsumer(
            **client_options(self._settings),
            group_id=self._group,
            enable_auto_commit=False,
            # Never lets Kafka choose a position: without one of ours, reading is an error, not a guess.
            auto_offset_reset="none",
            isolation_level="read_committed",
            partition_assignment_strategy=(RoundRobinPartitionAssignor,),
            session_timeout_ms=int(self._session_seconds * 1000),
            heartbeat_interval_ms=int(min(self._session_seconds / 5, HEARTBEAT_SECONDS_MAX) * 1000),
            max_poll_interval_ms=IDLE_SECONDS_MAX * 1000,
            max_partition_fetch_bytes=PARTITION_FETCH_BYTES,
            fetch_max_bytes=FETCH_BYTES_MAX,
        )

    async def _join(self, consumer: Any) -> None:
        await consumer.start()
        # Subscribing after the start does not wait for the group, which may first have to give up a dead member.
        consumer.subscribe(list(self._topics), listener=self)

    async def _attempt(self, records_max: int, remaining: float) -> Sequence[Slice]:
        """Try once; a fault of the broker is waited out, one that a human must mend is raised."""
        started = time.monotonic()
        try:
            return await self._poll(records_max, remaining)
        except OffsetOutOfRangeError as fault:
            # Retention overtook us, or the log is shorter than our position: seeking again tells which.
            for topic, number in fault.args[0]:
                self._cursors.pop(Partition(topic, number), None)
            return ()
        except REFUSALS as fault:
            raise refused(self._settings, fault) from fault
        except (KafkaError, TimeoutError) as fault:
            if not getattr(fault, "retriable", True):
                await self._begin_anew(fault)
            else:
                await asyncio.sleep(min(0.2, max(0.0, remaining - (time.monotonic() - started))))
            return ()

    async def _begin_anew(self, fault: Exception) -> None:
        """Replace a consumer that cannot go on: its coordinator's task has ended, or a batch cannot be read."""
        _LOG.warning("bus_consumer_begins_anew", group=self._group, fault=type(fault).__name__)
        await self.on_partitions_revoked(())
        await release(self._consumer)
        self._consumer = None
        await asyncio.sleep(1.0)
        await self._connect()

    async def _poll(self, records_max: int, remaining: float) -> Sequence[Slice]:
        term = self._term
        self._changed.clear()
        fresh = [partition for partition in self._owned if partition not in self._cursors]
        if fresh:
            await self._seek(fresh, term)
            return ()
        if not self._cursors:
            await self._wait_for_change(remaining)
            self._raise_what_the_group_met()
            return ()
        found = await self._getmany(remaining, records_max)
        if term != self._term:
            return ()
        return [self._advance(one, records) for one, records in found.items()]

    async def _wait_for_change(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._changed.wait(), seconds)

    def _raise_what_the_group_met(self) -> None:
        """Raise what ended the coordinator's work, a refused group for one; `getmany` would, but waits first."""
        self._consumer._coordinator.check_errors()

    async def _getmany(self, seconds: float, records_max: int) -> Mapping[TopicPartition, Sequence[Any]]:
        """Poll, but let go as soon as the group rebalances: aiokafka would wait for the next assignment."""
        polling = asyncio.ensure_future(self._consumer.getmany(timeout_ms=int(seconds * 1000), max_records=records_max))
        changed = asyncio.ensure_future(self._changed.wait())
        try:
            await asyncio.wait((polling, changed), timeout=seconds + 1.0, return_when=asyncio.FIRST_COMPLETED)
        finally:
            changed.cancel()
            if not polling.done():
                polling.cancel()
                await asyncio.wait([polling])
        return {} if polling.cancelled() else polling.result()

    async def _seek(self, fresh: Sequence[Partition], term: int) -> None:
        """Set each partition to its stored position, and refuse one that the log does not reach."""
        stored = await self._positions.load(fresh)
        places = {TopicPartition(p.topic, p.number): stored.get(p, 0) for p in fresh}
        first = await asyncio.wait_for(self._consumer.beginning_offsets(list(places)), 5.0)
        await self._check_the_end(places, term)
        if term != self._term:
            return
        for place, position in places.items():
            partition = Partition(place.topic, place.partition)
            if position < first[place]:
                removed_by_retention(_LOG, self._group, partition, position, first[place])
            self._cursors[partition] = Cursor(position, max(position, first[place]))
            self._consumer.seek(place, max(position, first[place]))

    async def _check_the_end(self, places: Mapping[TopicPartition, int], term: int) -> None:
        until = time.monotonic() + HIGH_WATER_SECONDS
        while term == self._term:
            ends = await asyncio.wait_for(self._consumer.end_offsets(list(places)), 5.0)
            beyond = {place: position for place, position in places.items() if position > ends[place]}
            if not beyond:
                return
            if time.monotonic() > until:
                place, position = min(beyond.items())
                partition = Partition(place.topic, place.partition)
                raise BusUnusable(beyond_the_end(self._group, partition, position, ends[place]))
            await asyncio.sleep(0.5)

    def _advance(self, place: TopicPartition, records: Sequence[Any]) -> Slice:
        partition = Partition(place.topic, place.partition)
        cursor = self._cursors[partition]
        following = records[-1].offset + 1
        read = tuple(record_of(partition, one) for one in records)
        self._cursors[partition] = Cursor(following, following)
        return Slice(partition, cursor.stored, following, read)

    async def _report(self) -> None:
        """Commit to Kafka what was acknowledged, once a second: lag is for operators and may be a second old."""
        while True:
            await asyncio.sleep(ACKNOWLEDGE_SECONDS)
            await self._commit()

    async def _commit(self) -> None:
        noted, self._acknowledged = self._acknowledged, {}
        if noted and self._consumer is not None:
            # Best effort: a rebalance or a broker on its way down refuses it, and the next second brings a newer one.
            with contextlib.suppress(KafkaError):
                await self._consumer.commit(noted)


def record_of(partition: Partition, one: Any) -> Record:
    """Return aiokafka's record as the port's."""
    return Record(partition, one.offset, one.key or b"", one.value, one.headers, one.timestamp)
