"""Publish on Kafka: idempotent, acknowledged by all in-sync copies, a key's records in order whatever fails.

aiokafka's idempotent producer retries a batch until it succeeds and never lets a later one overtake it; the broker
drops what it has already (sequence numbers). So a publish that fails here failed by our own patience or by the
broker's word. The producer is then thrown away with all that it had not sent: what it may still deliver is a beginning
of what the caller will publish again, so no record can first appear behind one that came after it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from services.runtime.bus.kafka.connection import REFUSALS, client_options, reach, refused, release, unavailable
from services.runtime.bus.murmur2 import partition_of
from services.runtime.bus.port import RECORD_BYTES_MAX, Outgoing, TopicMismatch
from services.runtime.bus.words import no_such_topic
from services.runtime.settings import BusSettings

PUBLISH_SECONDS_MAX: Final = 30.0
BATCH_BYTES: Final = 128 * 1024
FRESH_TOPIC_SECONDS: Final = 2.0
"""A topic made a moment ago is not known to every broker yet."""


@dataclass(slots=True)
class _Line:
    """A started producer, with what ends the waits of all who use it when it is thrown away."""

    producer: Any
    lost: asyncio.Future[None] = field(default_factory=lambda: asyncio.get_running_loop().create_future())
    counts: dict[str, int] = field(default_factory=dict)


class Producer:
    """One idempotent producer, made anew after a failure."""

    def __init__(self, settings: BusSettings, publish_seconds_max: float = PUBLISH_SECONDS_MAX) -> None:
        self._settings = settings
        self._publish_seconds_max = publish_seconds_max
        self._line: _Line | None = None
        self._making = asyncio.Lock()

    async def open(self) -> None:
        """Connect, however long that takes."""
        await self._ready()

    async def close(self) -> None:
        """Send what is still under way, within seconds."""
        if self._line is not None:
            line, self._line = self._line, None
            await release(line.producer)
            self._end(line)

    async def publish(self, records: Sequence[Outgoing]) -> None:
        """Return when every record is acknowledged, or raise BusUnavailable."""
        line: _Line | None = None
        try:
            async with asyncio.timeout(self._publish_seconds_max):
                line = await self._ready()
                await self._send(line, records)
        except REFUSALS as fault:
            await self._throw_away(line)
            raise refused(self._settings, fault) from fault
        except (KafkaError, OSError, TimeoutError) as fault:
            await self._throw_away(line)
            raise unavailable(self._settings, fault) from fault

    async def _ready(self) -> _Line:
        async with self._making:
            if self._line is None:
                producer = await reach(self._settings, self._make, lambda made: made.start())
                self._line = _Line(producer)
            return self._line

    def _make(self) -> Any:
        return AIOKafkaProducer(
            **client_options(self._settings), enable_idempotence=True, acks="all", max_batch_size=BATCH_BYTES
        )

    async def _send(self, line: _Line, records: Sequence[Outgoing]) -> None:
        # Placed before any is sent: a record that cannot go leaves none of the others half published.
        numbers = [await self._place(line, record) for record in records]
        under_way = [
            await line.producer.send(record.topic, record.value, record.key, number, headers=list(record.headers))
            for record, number in zip(records, numbers, strict=True)
        ]
        done = asyncio.gather(*under_way)
        await asyncio.wait((done, line.lost), return_when=asyncio.FIRST_COMPLETED)
        if not done.done():
            done.cancel()
            raise TimeoutError
        done.result()

    async def _place(self, line: _Line, record: Outgoing) -> int:
        if len(record.value or b"") > RECORD_BYTES_MAX:
            raise ValueError(
                f"a record of {len(record.value or b'')} bytes for {record.topic}; {RECORD_BYTES_MAX} is most"
            )
        count = line.counts.get(record.topic) or await self._count(line, record.topic)
        return partition_of(record.key, count)

    async def _count(self, line: _Line, topic: str) -> int:
        until = time.monotonic() + FRESH_TOPIC_SECONDS
        while True:
            looked_at = time.monotonic()
            cluster = await line.producer.client.fetch_all_metadata()
            if numbers := cluster.partitions_for_topic(topic):
                line.counts[topic] = len(numbers)
                return len(numbers)
            # A look that took long itself may have seen what was before: only one that began late enough is the last.
            if looked_at > until:
                raise TopicMismatch(no_such_topic(topic))
            await asyncio.sleep(0.1)

    async def _throw_away(self, line: _Line | None) -> None:
        if line is not None and self._line is line:
            self._line = None
            self._end(line)
            # Cancelled, not flushed: what it holds is the caller's to publish again.
            await release(line.producer, seconds_max=0.1)

    def _end(self, line: _Line) -> None:
        if not line.lost.done():
            line.lost.set_result(None)
