"""The router as a service: the worker that reads messages and outcomes, the clock that wakes cases, the relay."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Final

import structlog
from sqlalchemy import select

from schemas.topics import Topic
from services.router import casebook
from services.router.assembly import router_of
from services.router.core.cases import commands as c
from services.router.core.cases.story import CommandRefused
from services.router.core.cases.wakeups import next_wakeups
from services.router.destroying import destroy_due
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
WAKE_AGAIN: Final = timedelta(hours=1)
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
                now = self._ground.clock.now()
                await asyncio.to_thread(destroy_due, self._store, self._ground.vault, self.router, now)
                woken = await wake_due(self._store, self.router, now)
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
        """Forget the persons whose cases' or questions' retention has ended, a few times a day."""
        keeping = Keeping.of(self._ground.settings)
        while not stopping.is_set():
            try:
                count = await forget_due(self._store, self._ground.vault, keeping, self._ground.clock.now())
                if count:
                    _log.info("persons were forgotten, their retention has ended", count=count)
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
            select(CASES.c.case_id, CASES.c.wake_ms, CASES.c.version)
            .where(CASES.c.wake_ms <= now_ms)
            .order_by(CASES.c.wake_ms)
            .limit(WAKES_AT_ONCE)
        )
        due = transaction.execute(query).all()
        for row in due:
            _wake_one(transaction, router, row.case_id, row.wake_ms, row.version, now)
        return len(due)

    return await store.run(work)


def _wake_one(
    transaction: Transaction, router: Router, case_id: str, wake_ms: int, version: int, now: datetime
) -> None:
    """Tell one case that time has passed; whatever it says to that, it is not looked at again before its next moment.

    A row may be woken for nothing: when notices were moved in the settings, or a law was corrected in a file.
    """
    moment = datetime.fromtimestamp(wake_ms / 1000, UTC)
    # With the version, because a date that was moved and moved back brings the same moment a second time.
    cause = _short(f"clock|{case_id}|{wake_ms}|{version}")
    command = c.PassTime(case_id=case_id, cause=cause, at=max(now, moment))
    try:
        with transaction.savepoint("one_case"):
            after = router.carry_out(transaction, command, None)
    except CommandRefused as refused:
        # The others' clocks must not stand for it. An operator sees the case; it is tried again later.
        _log.error("a case cannot be told that time has passed", case=case_id, rule=refused.rule)
        casebook.put_off(transaction, case_id, wake_ms, now + WAKE_AGAIN)
        return
    upcoming = next_wakeups(after, router.terms_of(after)) if after is not None else ()
    casebook.put_off(transaction, case_id, wake_ms, upcoming[0] if upcoming else None)


def _short(cause: str) -> str:
    """Return the cause as an id."""
    return cause.replace("|", ":")
