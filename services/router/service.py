"""The router as a service: the worker that reads messages and outcomes, the clock that wakes cases, the relay."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Final

import structlog
from sqlalchemy import select

from schemas.topics import Topic
from services.router.assembly import router_of
from services.router.core.cases import commands as c
from services.router.retention import Keeping, forget_due
from services.router.tables import CASES, SERVICE
from services.router.turns import Router
from services.runtime.ground import Ground, Part
from services.runtime.memory import give_back
from services.runtime.relay import Relay
from services.runtime.store import Conflict, DatabaseDamaged, Store, StoreFault, Transaction
from services.runtime.waiting import either
from services.runtime.worker import Worker

TOPICS: Final = (
    Topic.MESSAGES,
    Topic.REVIEWS,
    Topic.IDENTITY,
    Topic.OUTCOMES,
    Topic.TASKS,
    Topic.DELIVERIES,
)
WAKE_SECONDS: Final = 20.0
WAKES_AT_ONCE: Final = 200
FORGET_SECONDS: Final = 6 * 3600.0
_log = structlog.get_logger()


class RouterService:
    """The router of one process."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._store = ground.database.store(SERVICE)
        self.router = router_of(ground.settings, ground.vault, ground.clock)

    def parts(self, stopping: asyncio.Event) -> list[Part]:
        """Return what runs until told to stop."""
        ground = self._ground
        worker = Worker(
            group=SERVICE, topics=[topic.value for topic in TOPICS], bus=ground.bus, store=self._store,
            handle=self.router.handle, metrics=ground.metrics, retry=ground.settings.retry, pace=ground.pace,
        )  # fmt: skip
        relay = Relay(store=self._store, bus=ground.bus, metrics=ground.metrics)
        return [worker.run(stopping), relay.run(stopping), self._wake(stopping), self._forget(stopping)]

    async def _warm(self) -> None:
        """Load what the first message would otherwise wait for, and give back what loading took."""
        await asyncio.to_thread(self.router.warm)
        await asyncio.to_thread(give_back)

    async def _wake(self, stopping: asyncio.Event) -> None:
        """Tell cases that time has passed, the ones whose moment came; a million others cost nothing."""
        await self._warm()
        while not stopping.is_set():
            try:
                woken = await wake_due(self._store, self.router, self._ground.clock.now())
            except Conflict:
                continue  # a turn changed one of them meanwhile: look again
            except DatabaseDamaged:
                raise
            except StoreFault as fault:
                # The worker beside says what to do; a clock that stands while the database is away loses nothing.
                _log.debug("cases are not woken now", fault=type(fault).__name__)
                woken = 0
            if woken < WAKES_AT_ONCE:
                await either(WAKE_SECONDS, stopping)

    async def _forget(self, stopping: asyncio.Event) -> None:
        """Forget the persons whose cases' retention has ended, a few times a day."""
        keeping = Keeping.of(self._ground.settings)
        while not stopping.is_set():
            try:
                count = await forget_due(self._store, self._ground.vault, keeping, self._ground.clock.now())
                if count:
                    _log.info("persons were forgotten, their cases' retention has ended", count=count)
            except DatabaseDamaged:
                raise
            except (StoreFault, Conflict) as fault:
                _log.debug("nobody is forgotten now", fault=type(fault).__name__)
            await either(FORGET_SECONDS, stopping)


async def wake_due(store: Store, router: Router, now: datetime) -> int:
    """Let time pass in the cases whose moment came, the earliest first, and return how many there were."""
    now_ms = int(now.timestamp() * 1000)

    def work(transaction: Transaction) -> int:
        query = (
            select(CASES.c.case_id, CASES.c.wake_ms)
            .where(CASES.c.wake_ms <= now_ms)
            .order_by(CASES.c.wake_ms)
            .limit(WAKES_AT_ONCE)
        )
        due = transaction.execute(query).all()
        for row in due:
            moment = datetime.fromtimestamp(row.wake_ms / 1000, UTC)
            cause = f"clock|{row.case_id}|{row.wake_ms}"
            command = c.PassTime(case_id=row.case_id, cause=_short(cause), at=max(now, moment))
            router.carry_out(transaction, command, None)
        return len(due)

    return await store.run(work)


def _short(cause: str) -> str:
    """Return the cause as an id."""
    return cause.replace("|", ":")
