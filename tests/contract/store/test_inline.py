"""Where bus and store are one file: work and its events are one commit, and nothing overtakes what waits."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from sqlalchemy import select

from schemas.envelope import read
from schemas.topics import Topic, all_topics
from services.runtime.bus.port import Partition
from services.runtime.bus.sqlite.bus import SqliteBus
from services.runtime.metrics import RuntimeMetrics
from services.runtime.relay import Relay
from services.runtime.store import Database, JobOrder, Store, Transaction
from services.runtime.store.inline import Inline
from services.runtime.store.migrate import migrate
from services.runtime.store.outbox import depth
from services.runtime.telemetry import new_registry
from tests.contract.store.crashes import Crash, crashing
from tests.contract.store.events import event
from tests.journeys.product import WAIT_SECONDS


class Ground:
    """One file, its bus and its store, and what was said to be published."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.bus = SqliteBus(path)
        self.database = Database(f"sqlite:///{path}")
        self.published: list[tuple[str, int]] = []

    @property
    def store(self) -> Store:
        return self.database.store("router")

    def relay(self) -> Relay:
        return Relay(store=self.store, bus=self.bus, metrics=RuntimeMetrics(new_registry()))

    async def records(self) -> list[str]:
        """Return the ids on the bus, each key's in order."""
        tail = self.bus.tail([topic.name for topic in all_topics()], from_beginning=True, follow=False)
        found = sorted([record async for record in tail], key=lambda record: (record.partition, record.offset))
        return [read(record.headers, record.value).id for record in found]

    def jobs(self) -> list[str]:
        with self.store.begin() as transaction:
            return list(transaction.execute(select(transaction.tables.jobs.c.job_id)).scalars())


@asynccontextmanager
async def opened(path: Path) -> AsyncIterator[Ground]:
    ground = Ground(path)
    migrate(ground.database)
    await ground.bus.open()
    await ground.bus.ensure_topics(all_topics())
    log = ground.bus.inline(path)
    assert log is not None
    ground.database.publish_inline(Inline(log, lambda service, count: ground.published.append((service, count))))
    try:
        yield ground
    finally:
        await ground.bus.close()
        ground.database.close()


def work(transaction: Transaction) -> None:
    transaction.enqueue(event("case-1", 1), event("case-1", 2))
    transaction.order(JobOrder("job-1", "send"))


def test_a_transaction_publishes_by_itself_and_leaves_nothing_in_the_outbox(tmp_path: Path) -> None:
    async def check() -> None:
        async with opened(tmp_path / "habeas.db") as ground:
            await ground.store.run(work)
            assert await ground.records() == [event("case-1", 1).id, event("case-1", 2).id]
            assert ground.published == [("router", 2)]
            with ground.store.begin() as transaction:
                assert depth(transaction) == 0

    asyncio.run(check())


def test_a_process_that_dies_between_any_two_statements_leaves_the_work_with_its_events_or_neither(
    tmp_path: Path,
) -> None:
    async def check(at: int) -> bool:
        async with opened(tmp_path / f"{at}.db") as ground:
            with crashing(ground.database, at) as countdown:
                try:
                    with ground.store.begin() as transaction:
                        work(transaction)
                except Crash:
                    pass
            assert len(await ground.records()) == 2 * len(ground.jobs()), f"after a crash at statement {at}"
            # Whoever does the work again does it once.
            if not ground.jobs():
                assert ground.published == []
                await ground.store.run(work)
            assert ground.jobs() == ["job-1"]
            assert len(await ground.records()) == 2
            return countdown.crashed

    at = 1
    while asyncio.run(check(at)):
        at += 1
    assert at > 2


def test_a_work_that_fails_publishes_nothing_and_those_beside_it_do(tmp_path: Path) -> None:
    def failing(transaction: Transaction) -> None:
        transaction.enqueue(event("case-2", 1))
        raise LookupError("a work of its own")

    async def check() -> None:
        async with opened(tmp_path / "habeas.db") as ground:
            both = await asyncio.gather(ground.store.run(work), ground.store.run(failing), return_exceptions=True)
            assert isinstance(both[1], LookupError)
            assert await ground.records() == [event("case-1", 1).id, event("case-1", 2).id]
            assert ground.published == [("router", 2)]

    asyncio.run(check())


def test_what_another_process_left_in_the_outbox_is_published_before_what_comes_later(tmp_path: Path) -> None:
    path = tmp_path / "habeas.db"

    async def check() -> None:
        async with opened(path) as ground:
            command = Database(f"sqlite:///{path}")
            with command.store("router").begin() as transaction:
                transaction.enqueue(event("case-1", 0))
            command.close()
            await ground.store.run(work)
            assert await ground.records() == [], "it waits behind the command's event"
            assert await ground.relay().publish_once() == 3
            assert await ground.records() == [event("case-1", number).id for number in range(3)]
            assert await ground.relay().publish_once() == 0

    asyncio.run(check())


def test_a_relay_that_dies_while_it_moves_the_outbox_loses_and_repeats_nothing(tmp_path: Path) -> None:
    async def check(at: int) -> bool:
        path = tmp_path / f"{at}.db"
        async with opened(path) as ground:
            command = Database(f"sqlite:///{path}")
            with command.store("router").begin() as transaction:
                transaction.enqueue(*(event("case-1", number) for number in range(3)))
            command.close()
            with crashing(ground.database, at) as countdown, suppress(Crash):
                await ground.relay().publish_once()
            await ground.relay().publish_once()
            assert await ground.records() == [event("case-1", number).id for number in range(3)]
            return countdown.crashed

    at = 1
    while asyncio.run(check(at)):
        at += 1
    assert at > 2


def test_a_waiting_consumer_is_woken_by_a_commit_at_once(tmp_path: Path) -> None:
    class Beginning:
        async def load(self, partitions: Collection[Partition]) -> Mapping[Partition, int]:
            return dict.fromkeys(partitions, 0)

    async def check() -> None:
        async with opened(tmp_path / "habeas.db") as ground:
            topics = [Topic.CASES.value]
            async with ground.bus.consumer("g", topics, Beginning()) as consumer:
                await consumer.fetch(10, 0.3)
                waiting = asyncio.ensure_future(consumer.fetch(10, 2 * WAIT_SECONDS))
                await asyncio.sleep(0.3)
                await ground.store.run(work)
                found = await asyncio.wait_for(waiting, WAIT_SECONDS)
                assert sum(len(slice_.records) for slice_ in found) == 2

    asyncio.run(check())


def test_a_database_beside_the_bus_keeps_its_outbox(tmp_path: Path) -> None:
    async def check() -> None:
        async with opened(tmp_path / "habeas.db") as ground:
            assert ground.bus.inline(tmp_path / "other.db") is None

    asyncio.run(check())


def test_a_record_that_the_bus_refuses_takes_back_the_work_that_made_it(tmp_path: Path) -> None:
    async def check() -> None:
        async with opened(tmp_path / "habeas.db") as ground:
            with sqlite3.connect(ground.path) as connection:
                connection.execute(
                    "CREATE TRIGGER full BEFORE INSERT ON bus_records BEGIN SELECT RAISE(ABORT, 'no'); END"
                )
            with pytest.raises(sqlite3.IntegrityError):
                await ground.store.run(work)
            assert ground.jobs() == []
            assert ground.published == []

    asyncio.run(check())
