"""A relay whose bus will not work until a human acts: it says so and ends, on both buses; nothing is lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from schemas.topics import all_topics
from services.runtime.bus.kafka.bus import KafkaBus
from services.runtime.bus.kafka.producer import Producer
from services.runtime.bus.port import Bus, BusUnusable, TopicMismatch
from services.runtime.bus.sqlite.bus import SqliteBus
from services.runtime.metrics import RuntimeMetrics
from services.runtime.relay import Relay
from services.runtime.store import Database, Store
from services.runtime.store.migrate import migrate
from services.runtime.store.outbox import depth
from services.runtime.telemetry import new_registry
from tests.contract.bus.place import Place
from tests.contract.bus.say import SECONDS_MAX
from tests.contract.store.events import event
from tests.servers.kafka import broker
from tests.servers.secured import GUEST, Secured

Opened = AbstractAsyncContextManager[Bus]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A store in a file of its own, whose outbox holds one event."""
    database = Database(f"sqlite:///{tmp_path / 'store.db'}")
    migrate(database)
    store = database.store("router")
    with store.begin() as transaction:
        transaction.enqueue(event("case-1", 1))
    yield store
    database.close()


@pytest.fixture(params=["embedded", pytest.param("kafka", marks=pytest.mark.kafka)])
def refusing(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], Opened]:
    """A bus that has come to refuse what is published: a file that may not be written, a user without rights."""

    @asynccontextmanager
    async def embedded() -> AsyncIterator[Bus]:
        bus = SqliteBus(tmp_path / "bus.db")
        await bus.open()
        await bus.ensure_topics(all_topics())
        await bus._writer.run(lambda connection: connection.execute("PRAGMA query_only = 1").fetchone())
        yield bus
        await bus.close()

    @asynccontextmanager
    async def kafka() -> AsyncIterator[Bus]:
        secured: Secured = request.getfixturevalue("secured")
        bus = KafkaBus(secured.settings())
        await bus.open()
        await bus.ensure_topics(all_topics())
        await bus._producer.close()
        bus._producer = Producer(secured.settings(sasl_username=GUEST))
        yield bus
        await bus.close()

    return kafka if request.param == "kafka" else embedded


@pytest.fixture(params=["embedded", pytest.param("kafka", marks=pytest.mark.kafka)])
def fresh(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """A bus without topics: a broker of its own, since the other tests share one where they are."""
    if request.param == "kafka":
        with broker() as server:
            yield Place("kafka", server.bootstrap)
    else:
        yield Place("embedded", str(tmp_path / "bus.db"))


def run_relay(store: Store, bus: Bus) -> Relay:
    return Relay(store=store, bus=bus, metrics=RuntimeMetrics(new_registry()))


def left(store: Store) -> int:
    with store.begin() as transaction:
        return depth(transaction)


def test_a_bus_that_refuses_us_ends_the_relay_with_what_to_do(store: Store, refusing: Callable[[], Opened]) -> None:
    async def go() -> None:
        async with refusing() as bus, asyncio.timeout(SECONDS_MAX):
            await run_relay(store, bus).run(asyncio.Event())

    with capture_logs() as lines, pytest.raises(BusUnusable, match=r"grant it|belongs to this user") as ended:
        asyncio.run(go())
    (said,) = [line for line in lines if line["event"] == "the relay stops"]
    assert (said["log_level"], said["service"], said["remedy"]) == ("error", "router", str(ended.value))
    assert left(store) == 1


def test_a_topic_that_is_not_there_ends_the_relay_and_its_event_is_published_later(store: Store, fresh: Place) -> None:
    async def go(prepared: bool) -> None:
        bus = fresh.bus()
        await bus.open()
        try:
            async with asyncio.timeout(SECONDS_MAX):
                if prepared:
                    await bus.ensure_topics(all_topics())
                    await run_relay(store, bus).publish_once()
                else:
                    await run_relay(store, bus).run(asyncio.Event())
        finally:
            await bus.close()

    with capture_logs() as lines, pytest.raises(TopicMismatch, match=r"habeas\.cases"):
        asyncio.run(go(prepared=False))
    assert [line["log_level"] for line in lines if line["event"] == "the relay stops"] == ["error"]
    assert left(store) == 1
    with store.begin() as transaction:
        transaction.execute(transaction.tables.leases.update().values(expires_ms=0))
    asyncio.run(go(prepared=True))
    assert left(store) == 0
