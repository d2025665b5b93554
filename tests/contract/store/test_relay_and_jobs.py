"""The relay, the leases and the jobs, on both databases: dying anywhere changes nothing in the end."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

import pytest

from services.runtime.bus.port import Outgoing
from services.runtime.failures import Failure, Retry, is_tried_again
from services.runtime.jobs import JobPace, JobRunner, Recording
from services.runtime.metrics import RuntimeMetrics
from services.runtime.relay import Relay
from services.runtime.settings import RetrySettings
from services.runtime.store import Database, JobOrder, LeaseLost, Store, Transaction
from services.runtime.store.jobs import Job, claim, finish, parked_jobs
from services.runtime.store.leases import acquire, confirm, release
from services.runtime.store.outbox import depth
from services.runtime.telemetry import new_registry
from tests.contract.store.crashes import Crash, crashing
from tests.contract.store.events import event
from tests.journeys.product import WAIT_SECONDS


class Log:
    """What was published, by key, the ids that came again left out: what a group sees."""

    def __init__(self) -> None:
        self.records: list[Outgoing] = []

    async def publish(self, records: Sequence[Outgoing]) -> None:
        self.records.extend(records)

    def seen(self) -> dict[bytes, list[bytes]]:
        found: dict[bytes, list[bytes]] = {}
        for record in self.records:
            values = found.setdefault(record.key, [])
            if record.value is not None and record.value not in values:
                values.append(record.value)
        return found


def fill(store: Store) -> dict[bytes, list[bytes]]:
    events = [event(f"case-{n % 3}", n) for n in range(9)]
    with store.begin() as transaction:
        transaction.enqueue(*events)
    return {key: [one.value() for one in events if one.key == key] for key in {one.key for one in events}}


def relay_on(store: Store, log: Log) -> Relay:
    return Relay(store=store, bus=log, metrics=RuntimeMetrics(new_registry()))  # type: ignore[arg-type]


def test_the_relay_publishes_each_key_in_order_and_empties_the_outbox(store: Store) -> None:
    wanted, log = fill(store), Log()
    asyncio.run(relay_on(store, log).publish_once())
    assert log.seen() == wanted
    with store.begin() as transaction:
        assert depth(transaction) == 0


def test_a_relay_that_dies_between_any_two_statements_loses_and_reorders_nothing(
    store: Store, database: Database
) -> None:
    at = 0
    while True:
        at += 1
        wanted, log = fill(store), Log()
        with crashing(database, at) as countdown:
            try:
                with store.begin() as transaction:
                    held = acquire(transaction, ["relay.0"], "first", 10)
                    confirm(transaction, held)
                asyncio.run(relay_on(store, log).publish_once())
            except Crash:
                pass
        asyncio.run(_after_the_leases(store, log))
        assert log.seen() == wanted, f"after a crash at statement {at}"
        with store.begin() as transaction:
            assert depth(transaction) == 0
        if not countdown.crashed:
            break
    assert at > 5


async def _after_the_leases(store: Store, log: Log) -> None:
    """A successor, once what the dead one held has expired."""
    with store.begin() as transaction:
        transaction.execute(transaction.tables.leases.update().values(expires_ms=0))
    await relay_on(store, log).publish_once()


def test_a_lease_has_one_holder_and_an_epoch_that_fences_the_last(store: Store) -> None:
    with store.begin() as transaction:
        first = acquire(transaction, ["relay.0", "relay.1"], "first", 60_000)
        assert acquire(transaction, ["relay.0"], "second", 60_000) == {}
        transaction.execute(transaction.tables.leases.update().values(expires_ms=0))
    with store.begin() as transaction:
        second = acquire(transaction, ["relay.0"], "second", 60_000)
        assert second["relay.0"] == first["relay.0"] + 1
    with pytest.raises(LeaseLost), store.begin() as transaction:
        confirm(transaction, first)
    with store.begin() as transaction:
        release(transaction, first)
        assert acquire(transaction, ["relay.0"], "third", 1) == {}, "an old holder releases nothing of its successor"


def order(store: Store, *jobs: JobOrder) -> None:
    with store.begin() as transaction:
        transaction.order(*jobs)


def test_a_job_ordered_twice_is_there_once_and_jobs_of_a_key_go_one_after_the_other(store: Store) -> None:
    order(store, JobOrder("a", "send", "case-1"), JobOrder("a", "send", "case-1"), JobOrder("b", "send", "case-1"))
    order(store, JobOrder("c", "send", "case-2"))
    with store.begin() as transaction:
        claimed = claim(transaction, ["send"], "me", 60_000, 9)
        assert [job.id for job in claimed] == ["a", "c"]
        finish(transaction, claimed[0], "me")
    with store.begin() as transaction:
        assert [job.id for job in claim(transaction, ["send"], "me", 60_000, 9)] == ["b"]


def test_a_runner_that_slept_through_its_claim_records_nothing_and_the_repeat_is_counted(store: Store) -> None:
    order(store, JobOrder("a", "send"))
    with store.begin() as transaction:
        (slept,) = claim(transaction, ["send"], "first", 0, 9)
    with store.begin() as transaction:
        (again,) = claim(transaction, ["send"], "second", 60_000, 9)
    assert (slept.repeats, again.repeats) == (0, 1)
    with pytest.raises(LeaseLost), store.begin() as transaction:
        finish(transaction, slept, "first")


class Sending:
    """An effect that fails as told, then works."""

    def __init__(self, *failures: Exception) -> None:
        self.failures = list(failures)
        self.sent: list[str] = []

    async def perform(self, job: Job) -> Recording:
        if self.failures:
            raise self.failures.pop(0)
        self.sent.append(job.id)

        def receipt(transaction: Transaction) -> None:
            transaction.enqueue(event(job.key, 1))

        return receipt

    def give_up(self, job: Job, cause: str) -> Recording | None:
        return None


async def run_until(database: Database, sending: Sending, done: str) -> None:
    stopping = asyncio.Event()
    runner = JobRunner(
        store=database.store("router"),
        effects={"send": sending},
        metrics=RuntimeMetrics(new_registry()),
        retry=RetrySettings(tries_max=3, first_wait_seconds=0.01),
        pace=JobPace(look_seconds=0.05),
    )
    task = asyncio.ensure_future(runner.run(stopping))
    until = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < until:
        await asyncio.sleep(0.02)
        with database.look("router") as reading:
            table = reading.tables.jobs
            if all(row.state == done for row in reading.execute(table.select())):
                break
    else:
        pytest.fail(f"no job became {done}")
    stopping.set()
    await task


def test_an_effect_is_tried_again_until_it_works_and_its_receipt_comes_with_it(
    database: Database, store: Store
) -> None:
    order(store, JobOrder("a", "send", "case-1"))
    sending = Sending(Retry("RelayAway"), Retry("RelayAway"))
    asyncio.run(run_until(database, sending, "done"))
    assert sending.sent == ["a"]
    with store.begin() as transaction:
        assert depth(transaction) == 1


def test_an_effect_outlasts_an_outage_that_is_longer_than_its_tries(database: Database, store: Store) -> None:
    order(store, JobOrder("a", "send", "case-1"))
    sending = Sending(*[Retry("RelayAway", after_seconds=0.01, outage=True)] * 7)
    asyncio.run(run_until(database, sending, "done"))
    assert sending.sent == ["a"]


@pytest.mark.parametrize(
    ("tries", "age_days", "outage", "again"),
    [(2, 9, False, True), (3, 0, False, False), (3, 4.9, True, True), (3, 5.1, True, False), (400, 4.9, True, True)],
)
def test_an_outage_is_waited_out_for_days_and_a_fault_for_some_tries(
    tries: int, age_days: float, outage: bool, again: bool
) -> None:
    failure = Failure("RelayAway", expected=True, outage=outage)
    assert is_tried_again(RetrySettings(tries_max=3), tries, failure, int(age_days * 86_400_000)) is again


@pytest.mark.parametrize("failures", [[Retry("RelayAway")] * 3, [ValueError("a.person@example.org")]])
def test_an_effect_that_goes_on_failing_is_parked_without_its_text(
    database: Database, store: Store, failures: list[Exception]
) -> None:
    order(store, JobOrder("a", "send", "case-1"))
    asyncio.run(run_until(database, Sending(*failures), "parked"))
    with store.begin() as transaction:
        (parked,) = parked_jobs(transaction, 5)
    assert parked.cause in {"RelayAway", "ValueError"}
    assert "example.org" not in repr(parked)


@pytest.mark.postgres
def test_a_commit_of_one_process_wakes_another_on_postgresql(postgres_url: str) -> None:
    async def wake() -> None:
        sleeper, other = Database(postgres_url), Database(postgres_url)
        stopping, roused = asyncio.Event(), sleeper.store("router").wake("outbox")
        listening = asyncio.ensure_future(sleeper.listen(stopping))
        until = time.monotonic() + WAIT_SECONDS
        while time.monotonic() < until:
            await other.store("router").run(lambda transaction: transaction.enqueue(event("case-1", 1)))
            if roused.is_set():
                break
            await asyncio.sleep(0.05)
        assert roused.is_set()
        stopping.set()
        await listening
        sleeper.close()
        other.close()

    asyncio.run(wake())


def test_a_runner_that_dies_between_any_two_statements_records_each_effect_once_and_counts_its_repeats(
    store: Store, database: Database
) -> None:
    order(store, *[JobOrder(f"job-{n}", "send", f"case-{n % 2}") for n in range(4)])
    sent: list[str] = []

    def work() -> bool:
        """Claim one job, do it, record it; a claim ends at once, as if its holder were long dead."""
        with store.begin() as transaction:
            claimed = claim(transaction, ["send"], "me", 0, 1)
        for job in claimed:
            sent.append(job.id)
            with store.begin() as transaction:
                finish(transaction, job, "me")
                transaction.enqueue(event(job.key, int(job.id[-1])))
        return bool(claimed)

    at = 0
    while True:
        at += 1
        with crashing(database, at):
            try:
                if not work():
                    break
            except Crash:
                continue
    with store.begin() as transaction:
        assert depth(transaction) == 4, "a receipt and its event for each job, once"
    assert set(sent) == {f"job-{n}" for n in range(4)}
    assert len(sent) > 4, "some died between the effect and the receipt, and were done again"
