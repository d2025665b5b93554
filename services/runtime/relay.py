"""The relay: publishes the outbox in order, one lease holder a shard, and deletes what the bus acknowledged.

Where the bus's log lies in the store's own file, transactions publish by themselves (ADR 0070). The relay then only
moves what another process, such as a command, left in the outbox: record and row in one transaction, which needs no
lease.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from services.runtime.bus.port import Bus, BusUnavailable, BusUnusable, TopicMismatch
from services.runtime.logs import Log
from services.runtime.metrics import RuntimeMetrics
from services.runtime.store.database import Store
from services.runtime.store.errors import Conflict, DatabaseDamaged, LeaseLost, StoreFault
from services.runtime.store.holder import new_holder
from services.runtime.store.leases import acquire, confirm, release
from services.runtime.store.outbox import Waiting, depth, forget, waiting
from services.runtime.store.tables import SHARDS
from services.runtime.store.transaction import Transaction
from services.runtime.waiting import either

log = Log(__name__)

_PREFIX: Final = "relay."
FAULT_SECONDS_FIRST: Final = 0.1


@dataclass(frozen=True, slots=True)
class RelayPace:
    """How much is published at once, and how long a lease and a wait last."""

    rows_max: int = 500
    lease_ms: int = 15_000
    look_seconds: float = 5.0
    fault_seconds_max: float = 15.0


class Relay:
    """Publishes one service's outbox. Run one in every process of the service; each shard has one of them at a time."""

    def __init__(self, *, store: Store, bus: Bus, metrics: RuntimeMetrics, pace: RelayPace | None = None) -> None:
        self._store = store
        self._bus = bus
        self._metrics = metrics
        self._pace = pace or RelayPace()
        self._holder = new_holder()
        self._leases: Mapping[str, int] = {}
        self._renew_ms = 0

    async def run(self, stopping: asyncio.Event) -> None:
        """Publish until `stopping` is set; then publish what waits and give the leases back.

        Raises where no waiting helps: a damaged database, a bus that refuses us or whose topics are not as documented.
        The process ends with what to do, rather than taking in work whose events go nowhere; the outbox keeps them.
        """
        roused = self._store.wake("outbox")
        fault_seconds = FAULT_SECONDS_FIRST
        while not stopping.is_set():
            roused.clear()
            try:
                published = await self.publish_once()
            except DatabaseDamaged:
                raise
            except (BusUnusable, TopicMismatch) as fault:
                self._metrics.faults.labels(self._store.service, type(fault).__name__).inc()
                # No traceback: the remedy is what an operator needs.
                said = {"service": self._store.service, "fault": type(fault).__name__, "remedy": str(fault)}
                log.error("the relay stops", **said)  # noqa: TRY400
                raise
            except (StoreFault, Conflict, BusUnavailable, LeaseLost) as fault:
                self._leases, self._renew_ms = {}, 0
                self._metrics.faults.labels(self._store.service, type(fault).__name__).inc()
                # Once an episode: a full disk or a broker that is away is one thing to know, not one a second.
                say = log.warning if fault_seconds == FAULT_SECONDS_FIRST else log.debug
                say("the relay waits", service=self._store.service, fault=type(fault).__name__, remedy=str(fault))
                await either(fault_seconds, stopping)
                fault_seconds = min(fault_seconds * 2, self._pace.fault_seconds_max)
                continue
            fault_seconds = FAULT_SECONDS_FIRST
            if not published:
                await either(self._pace.look_seconds, roused, stopping)
        await self._leave()

    async def publish_once(self) -> int:
        """Publish the first rows of the shards held here; return how many."""
        if self._store.database.inline is not None:
            return await self._move()
        await self._hold_leases()
        if not self._leases:
            return 0
        shards = [int(name.removeprefix(_PREFIX)) for name in self._leases]
        rows = await self._store.read(lambda reading: waiting(reading, shards, self._pace.rows_max))
        if rows:
            await self._bus.publish([row.record for row in rows])
            # Deleting may be lost with the power: the rows are then published once more, under the same ids.
            await self._store.run(lambda transaction: self._forget(transaction, rows), durable=False)
            self._metrics.published.labels(self._store.service).inc(len(rows))
        await self._measure(len(rows))
        return len(rows)

    async def _move(self) -> int:
        """Move the first rows to the log in the same file."""
        if not await self._store.read(lambda reading: waiting(reading, range(SHARDS), 1)):
            return 0
        moved = await self._store.run(self._move_in)
        await self._measure(moved)
        return moved

    def _move_in(self, transaction: Transaction) -> int:
        rows = waiting(transaction, range(SHARDS), self._pace.rows_max)
        if rows:
            transaction.publish([row.record for row in rows])
            forget(transaction, rows)
        return len(rows)

    def _forget(self, transaction: Transaction, rows: Sequence[Waiting]) -> None:
        confirm(transaction, self._leases)
        forget(transaction, rows)

    async def _hold_leases(self) -> None:
        """Take or renew the leases when a third of their time has passed."""
        now_ms = self._store.now_ms
        if now_ms < self._renew_ms:
            return
        names = [f"{_PREFIX}{shard}" for shard in range(SHARDS)]
        lease_ms = self._pace.lease_ms

        def take(transaction: Transaction) -> Mapping[str, int]:
            return acquire(transaction, names, self._holder, lease_ms)

        self._leases = await self._store.run(take, durable=False)
        self._renew_ms = now_ms + lease_ms // 3

    async def _measure(self, rows: int) -> None:
        count = await self._store.read(depth) if rows >= self._pace.rows_max else 0
        self._metrics.outbox.labels(self._store.service).set(count)

    async def _leave(self) -> None:
        with contextlib.suppress(StoreFault, Conflict, BusUnavailable, LeaseLost):
            while await self.publish_once() >= self._pace.rows_max:
                pass
        with contextlib.suppress(StoreFault, Conflict):
            await self._store.run(lambda transaction: release(transaction, self._leases), durable=False)
