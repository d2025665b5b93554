"""The embedded bus: the port over one SQLite file."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Final
from uuid import uuid4

from schemas.topics import TopicSpec
from services.runtime.bus.differences import differences
from services.runtime.bus.murmur2 import partition_of
from services.runtime.bus.port import (
    RECORD_BYTES_MAX,
    BusUnavailable,
    BusUnusable,
    Lag,
    Outgoing,
    Partition,
    Positions,
    Record,
    TopicMismatch,
)
from services.runtime.bus.sqlite import ledger, members, retention
from services.runtime.bus.sqlite.consumer import SqliteConsumer
from services.runtime.bus.sqlite.inline import InlineLog
from services.runtime.bus.sqlite.ledger import Placed
from services.runtime.bus.sqlite.members import Member
from services.runtime.bus.sqlite.pulse import Pulse
from services.runtime.bus.sqlite.schema import migrate
from services.runtime.bus.sqlite.seat import Seat
from services.runtime.bus.sqlite.session import Session, faults
from services.runtime.bus.sqlite.tail import tail
from services.runtime.bus.words import no_such_topic
from services.runtime.logs import Log

LEASE_SECONDS: Final = 10.0
HEARTBEAT_SECONDS: Final = 1.0
PURGE_SECONDS: Final = 3600.0
PURGE_RECORDS: Final = 2000
COMMIT_RECORDS_MAX: Final = 2000
OPEN_WAIT_SECONDS: Final = (0.2, 0.5, 1.0, 2.0, 5.0)

_LOG = Log()


class SqliteBus:
    """Topics, a producer, consumers in groups and a live tail, in one file; several processes may open it."""

    def __init__(self, path: Path, *, lease_seconds: float = LEASE_SECONDS) -> None:
        self._path = path
        self._lease_seconds = lease_seconds
        self._pulse = Pulse(path)
        self._topics: dict[str, tuple[TopicSpec, tuple[int, ...]]] = {}
        self._waiting: list[tuple[list[Placed], asyncio.Future[None]]] = []
        self._publishing: asyncio.Task[None] | None = None
        self._consumers: set[SqliteConsumer] = set()
        self._heartbeat: asyncio.Task[None] | None = None
        self._seat: Seat | None = None
        self._renew_at = 0.0

    async def open(self) -> None:
        self._writer = Session(self._path)
        # Leases and lag need no sync of their own: they mean nothing after a loss of power.
        self._keeper = Session(self._path, "NORMAL")
        for wait_seconds in (*OPEN_WAIT_SECONDS, None):
            try:
                await self._writer.run(migrate)
            except BusUnavailable as fault:
                if wait_seconds is None:
                    raise
                _LOG.warning("bus_waits", reason=str(fault))
                await asyncio.sleep(wait_seconds)
            else:
                break
        await self._learn()

    async def close(self) -> None:
        for task in (self._heartbeat, self._publishing):
            if task is not None and not task.done():
                if task is self._heartbeat:
                    task.cancel()
                await asyncio.wait([task])
        self._heartbeat = None
        await self._pulse.close()
        await self._writer.close()
        await self._keeper.close()
        if self._seat is not None:
            self._seat.leave()
            self._seat = None

    async def ensure_topics(self, topics: Sequence[TopicSpec]) -> None:
        await self._writer.run(ledger.create, topics)
        await self._learn()
        found = await self.compare_topics(topics)
        if found:
            raise TopicMismatch("\n".join(found))

    async def compare_topics(self, topics: Sequence[TopicSpec]) -> Sequence[str]:
        return differences(topics, await self._writer.run(ledger.specs))

    def inline(self, database: Path) -> InlineLog | None:
        """Return the log for transactions on this database, where it lies in the same file; call it in the loop."""
        if database.resolve() != self._path.resolve():
            return None
        return InlineLog(self._place, self._pulse.beat)

    async def publish(self, records: Sequence[Outgoing]) -> None:
        if not records:
            return
        placed = [self._place(record) for record in records]
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((placed, done))
        if self._publishing is None or self._publishing.done():
            self._publishing = asyncio.create_task(self._commit_what_waits(), name="bus publish")
        await done

    async def members(self, group: str) -> int:
        return await self._keeper.run(members.living, group, int(time.monotonic() * 1000))

    def consumer(self, group: str, topics: Sequence[str], positions: Positions) -> SqliteConsumer:
        if self._seat is None:
            with faults(self._path):
                self._seat = Seat(self._path)
        if self._heartbeat is None:
            self._heartbeat = asyncio.create_task(self._beat(self._seat), name="bus heartbeat")
        member = Member(group, uuid4().hex, self._seat.name, tuple(topics))
        session = Session(self._path, "NORMAL")
        consumer = SqliteConsumer(
            member, positions, session, self._pulse, self._lease_until_ms, self._consumers.discard
        )
        self._consumers.add(consumer)
        return consumer

    def tail(self, topics: Sequence[str], *, from_beginning: bool, follow: bool = True) -> AsyncIterator[Record]:
        session = Session(self._path, "NORMAL")
        return tail(session, self._pulse, topics, from_beginning=from_beginning, follow=follow)

    async def lag(self, group: str, topics: Sequence[str]) -> Sequence[Lag]:
        extents = await self._keeper.run(ledger.extents)
        positions = await self._keeper.run(ledger.acknowledged, group)
        return [
            Lag(group, partition, positions.get(extents[partition].id, 0), extents[partition].next)
            for partition in sorted(extents)
            if partition.topic in topics
        ]

    async def purge(self, records_max: int = PURGE_RECORDS, now_ms: int | None = None) -> int:
        """Remove at most so many records that outlived their topic's retention; return how many went."""
        return await self._keeper.run(retention.purge, _now_ms() if now_ms is None else now_ms, records_max)

    async def _learn(self) -> None:
        """Read which topics there are, and the numbers of their partitions."""
        specs = await self._writer.run(ledger.specs)
        extents = await self._writer.run(ledger.extents)
        self._topics = {
            name: (spec, tuple(extents[Partition(name, number)].id for number in range(spec.partitions)))
            for name, spec in specs.items()
        }

    def _place(self, record: Outgoing) -> Placed:
        if record.topic not in self._topics:
            raise TopicMismatch(no_such_topic(record.topic))
        if len(record.value or b"") > RECORD_BYTES_MAX:
            raise ValueError(
                f"a record of {len(record.value or b'')} bytes for {record.topic}; {RECORD_BYTES_MAX} is most"
            )
        spec, ids = self._topics[record.topic]
        return Placed(ids[partition_of(record.key, spec.partitions)], spec.compacted, record)

    async def _commit_what_waits(self) -> None:
        """Commit all that waits in one transaction and one sync, while the next ones gather."""
        while self._waiting:
            taken: list[tuple[list[Placed], asyncio.Future[None]]] = []
            size = 0
            while self._waiting and (not taken or size + len(self._waiting[0][0]) <= COMMIT_RECORDS_MAX):
                taken.append(self._waiting.pop(0))
                size += len(taken[-1][0])
            waiters = [done for _, done in taken]
            try:
                await self._writer.run(ledger.append, [one for placed, _ in taken for one in placed], _now_ms())
            except (BusUnavailable, BusUnusable) as fault:
                _resolve(waiters, fault)
            except BaseException:
                _resolve(waiters, BusUnavailable("the bus was stopped while it wrote; publish again"))
                raise
            else:
                _resolve(waiters, None)
                self._pulse.beat({one.record.topic for placed, _ in taken for one in placed})

    def _lease_until_ms(self) -> int:
        # The monotonic clock is one for all processes of the machine and does not jump; after a restart of the machine
        # the seats' locks are gone, so a lease from before it binds nobody.
        return int((time.monotonic() + self._lease_seconds) * 1000)

    async def _beat(self, seat: Seat) -> None:
        """Keep this process's members alive, remove the lost ones, write what was acknowledged, purge now and then."""
        purge_at = time.monotonic() + PURGE_SECONDS / 60
        say = _LOG.warning
        while True:
            try:
                await self._beat_once(seat)
                if time.monotonic() >= purge_at:
                    # A full portion means that more waits: it goes with the next beat, between the workers' own writes.
                    full = await self.purge() >= PURGE_RECORDS
                    purge_at = time.monotonic() + (0 if full else PURGE_SECONDS)
                say = _LOG.warning
            except (BusUnavailable, BusUnusable) as fault:
                # Once for as long as it lasts: a line a second would fill the very disk that is full.
                say("bus_heartbeat_missed", reason=str(fault))
                say = _LOG.debug
            await asyncio.sleep(min(HEARTBEAT_SECONDS, self._lease_seconds / 5))

    async def _beat_once(self, seat: Seat) -> None:
        if not self._consumers:
            return
        if time.monotonic() >= self._renew_at:
            # Written seldom: each write wakes the other processes' look at the file.
            await self._keeper.run(members.renew, seat.name, self._lease_until_ms())
            self._renew_at = time.monotonic() + self._lease_seconds / 4
        await self._keeper.run(_expel_the_lost, seat)
        for consumer in tuple(self._consumers):
            with contextlib.suppress(BusUnavailable, RuntimeError):
                await consumer.flush()


def _expel_the_lost(connection: sqlite3.Connection, seat: Seat) -> None:
    for group, _ in members.expel_the_lost(connection, seat.name, seat.is_taken, int(time.monotonic() * 1000)):
        _LOG.warning("bus_member_was_lost", group=group, reason="its process died or fell silent")


def _resolve(waiters: Sequence[asyncio.Future[None]], fault: Exception | None) -> None:
    for done in waiters:
        if done.done():
            continue
        if fault is None:
            done.set_result(None)
        else:
            done.set_exception(type(fault)(*fault.args))


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
