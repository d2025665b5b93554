"""Outside effects: a letter to hand to a relay, a step on a controller's system.

A turn records the intent; here it is performed outside any transaction, several at once; and its receipt and events
are recorded in a second transaction, fenced by the claim. Between the effect and the receipt a crash leaves it unknown
whether it happened: it is then performed again, with `repeats` counted, and must be idempotent by the job's id where
the other side can know it.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from services.runtime.failures import Failure, Retry, failure_of, is_tried_again, wait_ms
from services.runtime.logs import Log
from services.runtime.metrics import RuntimeMetrics
from services.runtime.settings import RetrySettings
from services.runtime.store import jobs as rows
from services.runtime.store.database import Store
from services.runtime.store.errors import Conflict, DatabaseDamaged, LeaseLost, StoreFault
from services.runtime.store.holder import new_holder
from services.runtime.store.jobs import Job
from services.runtime.store.transaction import Transaction
from services.runtime.waiting import either, together

Recording = Callable[[Transaction], None]
"""What is written once the effect is known: receipts, state, events. It runs with the job's own end, or not at all."""

FAULT_WAIT_SECONDS_MAX: Final = 15.0

log = Log(__name__)


class Effect(Protocol):
    """One kind of outside effect."""

    async def perform(self, job: Job) -> Recording:
        """Do it and return what to record; raise Retry for an expected failure."""
        ...

    def give_up(self, job: Job, cause: str) -> Recording | None:
        """Return what to record when the tries are used up, or None to park the job for a human."""
        ...


@dataclass(frozen=True, slots=True)
class JobPace:
    """How many effects at once, and how long each may take."""

    at_once_max: int = 8
    perform_seconds_max: float = 300.0
    lease_ms: int = 60_000
    look_seconds: float = 15.0


class JobRunner:
    """Performs one service's jobs. Run one in every process of the service; a job has one runner at a time."""

    def __init__(
        self,
        *,
        store: Store,
        effects: Mapping[str, Effect],
        metrics: RuntimeMetrics,
        retry: RetrySettings | None = None,
        pace: JobPace | None = None,
        seed: int | None = None,
    ) -> None:
        self._store = store
        self._effects = dict(effects)
        self._metrics = metrics
        self._retry = retry or RetrySettings()
        self._pace = pace or JobPace()
        self._chance = random.Random(seed)  # noqa: S311 - jitter only spreads load
        self._holder = new_holder()
        self._performing: dict[str, asyncio.Task[None]] = {}
        self._waits = False

    async def run(self, stopping: asyncio.Event) -> None:
        """Perform until `stopping` is set; then let what runs come to its end."""
        try:
            await together(self._claim(stopping), self._keep(stopping))
        finally:
            if self._performing:
                await asyncio.wait(self._performing.values(), timeout=self._pace.perform_seconds_max)

    async def _claim(self, stopping: asyncio.Event) -> None:
        roused = self._store.wake("jobs")
        while not stopping.is_set():
            roused.clear()
            try:
                claimed, due_ms = await self._claim_once()
            except DatabaseDamaged:
                raise
            except (StoreFault, Conflict) as fault:
                self._fault(fault)
                await either(1.0, stopping)
                continue
            self._waits = False
            for job in claimed:
                self._begin(job, roused)
            if len(claimed) < self._room():
                await either(self._seconds_until(due_ms), roused, stopping)
            elif not self._room():
                await self._a_slot(stopping)

    async def _claim_once(self) -> tuple[list[Job], int | None]:
        if not self._room():
            return [], None
        # Durable: an effect must never happen without its intent, or it could not be known for a repeat.
        return await self._store.run(self._claim_in)

    def _claim_in(self, transaction: Transaction) -> tuple[list[Job], int | None]:
        claimed = rows.claim(transaction, self._effects, self._holder, self._pace.lease_ms, self._room())
        if claimed:
            return list(claimed), None
        due_ms = rows.next_due_ms(transaction, self._effects)
        # What is due and was not claimed waits for an earlier job of its key, whose end rouses us.
        return [], due_ms if due_ms is not None and due_ms > transaction.now_ms else None

    def _begin(self, job: Job, roused: asyncio.Event) -> None:
        task = asyncio.ensure_future(self._perform(job))
        self._performing[job.id] = task

        def ended(_: asyncio.Task[None]) -> None:
            self._performing.pop(job.id, None)
            roused.set()

        task.add_done_callback(ended)

    async def _perform(self, job: Job) -> None:
        if job.repeats:
            self._metrics.job_repeats.labels(self._store.service, job.kind).inc()
        effect = self._effects[job.kind]
        try:
            async with asyncio.timeout(self._pace.perform_seconds_max):
                recording = await effect.perform(job)
        except TimeoutError:
            await self._failed(effect, job, failure_of(Retry("TimedOut")))
        # The one broad except: whatever an effect meets, the job is kept, and parked or tried again.
        except Exception as fault:  # noqa: BLE001
            await self._failed(effect, job, failure_of(fault))
        else:
            await self._record(job, "done", _both(lambda work: rows.finish(work, job, self._holder), recording))

    async def _failed(self, effect: Effect, job: Job, failure: Failure) -> None:
        age_ms = self._store.now_ms - job.created_ms
        if is_tried_again(self._retry, job.tries, failure, age_ms):
            if job.tries == self._retry.tries_max:
                log.warning("a job waits for an outage to end", kind=job.kind, job=job.id, cause=failure.cause)
            again_ms = wait_ms(self._retry, job.tries, failure, self._chance)
            await self._record(
                job,
                "again",
                lambda work: rows.set_again(work, job, self._holder, failure, work.now_ms + again_ms),
            )
            return
        recording = effect.give_up(job, failure.cause) if failure.expected else None
        if recording is not None:
            await self._record(job, "given_up", _both(lambda work: rows.finish(work, job, self._holder), recording))
            return
        await self._park(job, failure)

    async def _park(self, job: Job, failure: Failure) -> None:
        await self._record(job, "parked", lambda work: rows.park(work, job, self._holder, failure))
        log.error("a job was parked", kind=job.kind, job=job.id, cause=failure.cause, remedy="habeas dead-letters list")

    async def _record(self, job: Job, outcome: str, recording: Recording) -> None:
        """Write what became of the job, waiting out the database's faults: the effect has happened."""
        wait_seconds = 0.1
        while True:
            try:
                await self._store.run(recording)
            except LeaseLost:
                log.warning("a job was taken over", kind=job.kind, job=job.id)
                return
            except (StoreFault, Conflict) as fault:
                self._fault(fault)
                if isinstance(fault, DatabaseDamaged):
                    return
                await asyncio.sleep(wait_seconds)
                wait_seconds = min(wait_seconds * 2, FAULT_WAIT_SECONDS_MAX)
            # The receipt itself cannot be written: that is a defect, and a human must see it.
            except Exception as fault:  # noqa: BLE001
                if outcome == "parked":
                    return
                await self._park(job, failure_of(fault))
                return
            else:
                self._metrics.jobs.labels(self._store.service, job.kind, outcome).inc()
                return

    async def _keep(self, stopping: asyncio.Event) -> None:
        """Renew what runs, and free what a process that died here had begun."""
        while not stopping.is_set():
            with contextlib.suppress(StoreFault, Conflict):
                freed = await self._store.read(rows.dead_claims)
                if freed:
                    await self._store.run(rows.free_the_dead)
                if self._performing:
                    await self._store.run(self._renew)
                self._metrics.parked.labels(self._store.service, "jobs").set(await self._store.read(rows.parked_count))
            await either(self._pace.lease_ms / 4000, stopping)

    def _renew(self, transaction: Transaction) -> None:
        # A copy: the loop's own thread may end a job meanwhile.
        rows.renew(transaction, self._holder, tuple(self._performing), self._pace.lease_ms)

    async def _a_slot(self, stopping: asyncio.Event) -> None:
        stop = asyncio.ensure_future(stopping.wait())
        try:
            await asyncio.wait([stop, *self._performing.values()], return_when=asyncio.FIRST_COMPLETED)
        finally:
            stop.cancel()

    def _room(self) -> int:
        return self._pace.at_once_max - len(self._performing)

    def _seconds_until(self, due_ms: int | None) -> float:
        if due_ms is None:
            return self._pace.look_seconds
        return min(self._pace.look_seconds, max((due_ms - self._store.now_ms) / 1000, 0.02))

    def _fault(self, fault: Exception) -> None:
        self._metrics.faults.labels(self._store.service, type(fault).__name__).inc()
        say = log.debug if self._waits else log.warning
        say("jobs wait for the store", service=self._store.service, fault=type(fault).__name__, remedy=str(fault))
        self._waits = True


def _both(first: Recording, second: Recording) -> Recording:
    def record(transaction: Transaction) -> None:
        first(transaction)
        second(transaction)

    return record
