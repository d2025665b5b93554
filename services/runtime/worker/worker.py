"""The loop of a worker: fetch, take the turn, go on; and beside it the tries of held events and the purge."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, TypeVar

from services.runtime.bus.port import Bus, Consumer, Slice
from services.runtime.logs import Log
from services.runtime.metrics import RuntimeMetrics
from services.runtime.settings import RetrySettings
from services.runtime.store.database import Store
from services.runtime.store.errors import Conflict, DatabaseDamaged, StoreFault, Zombie
from services.runtime.store.held import counts
from services.runtime.store.positions import StoredPositions
from services.runtime.store.purge import purge
from services.runtime.store.transaction import Transaction
from services.runtime.waiting import either, together
from services.runtime.worker.attempt import Handle
from services.runtime.worker.flood import FloodGate
from services.runtime.worker.held import try_held
from services.runtime.worker.turn import Outcome, Turn

T = TypeVar("T")

FAULT_WAIT_SECONDS_FIRST: Final = 0.1
FAULT_WAIT_SECONDS_MAX: Final = 15.0
PURGE_SECONDS: Final = 3600.0

log = Log(__name__)


@dataclass(frozen=True, slots=True)
class Pace:
    """How much a worker takes at once, and how often it looks when nothing wakes it."""

    records_max: int = 200
    fetch_seconds: float = 1.0
    look_seconds: float = 15.0
    durable: bool = True


class Worker:
    """One member of a group: `handle` is given each event once, in a transaction with the group's position.

    `pace.durable` may be False only where store and bus are one SQLite file: power lost then takes back both together.
    """

    def __init__(
        self,
        *,
        group: str,
        topics: Sequence[str],
        bus: Bus,
        store: Store,
        handle: Handle,
        metrics: RuntimeMetrics,
        retry: RetrySettings | None = None,
        pace: Pace | None = None,
        seed: int | None = None,
    ) -> None:
        self.group: Final = group
        self._topics = tuple(topics)
        self._bus = bus
        self._store = store
        self._metrics = metrics
        self._pace = pace or Pace()
        self._gate = FloodGate(retry or RetrySettings())
        # Jitter only spreads load; nothing secret hangs on it.
        chance = random.Random(seed)  # noqa: S311
        self._turn = Turn(group, handle, retry or RetrySettings(), self._gate, chance)

    async def run(self, stopping: asyncio.Event) -> None:
        """Work until `stopping` is set; raise Flooded where failures flood, DatabaseDamaged where nothing can go on."""
        await together(self._read(stopping), self._try_held(stopping), self._purge(stopping))

    async def _read(self, stopping: asyncio.Event) -> None:
        positions = StoredPositions(self._store, self.group)
        async with self._bus.consumer(self.group, self._topics, positions) as consumer:
            while not stopping.is_set():
                slices = await consumer.fetch(self._pace.records_max, self._pace.fetch_seconds)
                if slices:
                    await self._take(consumer, list(slices), stopping)

    async def _take(self, consumer: Consumer, slices: list[Slice], stopping: asyncio.Event) -> None:
        while slices and not stopping.is_set():
            try:
                outcome = await self._through(partial(self._turn.take, slices=slices), stopping)
            except Zombie:
                slices = await self._drop_lost(consumer, slices)
                continue
            if outcome is not None:
                self._count(outcome)
                for slice_ in slices:
                    await consumer.acknowledge(slice_.partition, slice_.next)
            return

    async def _drop_lost(self, consumer: Consumer, slices: list[Slice]) -> list[Slice]:
        """Give up the slices whose stored position is not where they begin, and read those partitions again."""
        stored = await StoredPositions(self._store, self.group).load([slice_.partition for slice_ in slices])
        for slice_ in slices:
            if stored[slice_.partition] != slice_.seen:
                log.info("a slice was taken by another member", group=self.group, partition=str(slice_.partition))
                await consumer.rewind(slice_.partition)
        return [slice_ for slice_ in slices if stored[slice_.partition] == slice_.seen]

    async def _through(self, work: Callable[[Transaction], T], stopping: asyncio.Event) -> T | None:
        """Run the work in a transaction, waiting out the database's faults; None where we are stopped meanwhile."""
        wait_seconds = FAULT_WAIT_SECONDS_FIRST
        while not stopping.is_set():
            try:
                return await self._store.run(work, durable=self._pace.durable)
            except DatabaseDamaged:
                raise
            except (StoreFault, Conflict) as fault:
                self._metrics.faults.labels(self._store.service, type(fault).__name__).inc()
                say = log.warning if wait_seconds == FAULT_WAIT_SECONDS_FIRST else log.debug
                say("the store cannot work now", group=self.group, fault=type(fault).__name__, remedy=str(fault))
                await either(wait_seconds, stopping)
                wait_seconds = min(wait_seconds * 2, FAULT_WAIT_SECONDS_MAX)
        return None

    async def _try_held(self, stopping: asyncio.Event) -> None:
        roused = self._store.wake("held")
        while not stopping.is_set():
            roused.clear()
            keys, parked, due_ms = await self._held()
            if keys > parked:
                outcome = await self._through(lambda work: try_held(work, self._turn), stopping)
                if outcome is not None:
                    self._count_tries(outcome)
                    if outcome.handled:
                        continue
                    _, _, due_ms = await self._held()
            seconds = self._pace.look_seconds
            if due_ms is not None:
                seconds = min(seconds, max((due_ms - self._store.now_ms) / 1000, 0.02))
            await either(seconds, roused, stopping)

    async def _held(self) -> tuple[int, int, int | None]:
        try:
            keys, parked, due_ms = await self._store.read(lambda reading: counts(reading, self.group))
        except DatabaseDamaged:
            raise
        except StoreFault:
            return 0, 0, None
        self._metrics.held_keys.labels(self._store.service).set(keys)
        self._metrics.parked.labels(self._store.service, "events").set(parked)
        return keys, parked, due_ms

    async def _purge(self, stopping: asyncio.Event) -> None:
        while not stopping.is_set():
            more = await self._through(purge, stopping)
            await either(1.0 if more else PURGE_SECONDS, stopping)

    def _count(self, outcome: Outcome) -> None:
        self._gate.passed(outcome.passed)
        for name in ("handled", "repeated", "held", "parked"):
            if number := getattr(outcome, name):
                self._metrics.events.labels(self._store.service, name).inc(number)
        if outcome.parked:
            log.error("events were parked", group=self.group, count=outcome.parked, remedy="habeas dead-letters list")

    def _count_tries(self, outcome: Outcome) -> None:
        self._gate.passed(outcome.passed)
        for name in ("handled", "held", "parked"):
            if number := getattr(outcome, name):
                self._metrics.retries.labels(self._store.service, name).inc(number)
        if outcome.parked:
            log.error("events were parked", group=self.group, count=outcome.parked, remedy="habeas dead-letters list")
