"""A worker and its relay, killed with SIGKILL again and again: nothing lost, nothing doubled, every case in order."""

from __future__ import annotations

import asyncio
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import func, select

from schemas.envelope import read
from schemas.events import ClaimWithdrawn
from schemas.topics import all_topics
from services.runtime.bus.port import Outgoing
from services.runtime.store import Database
from services.runtime.store.migrate import migrate
from tests.contract.store.events import event
from tests.journeys.product import eventually
from tests.runtime.worker.walker import COUNTS, bus_at
from tests.servers.kafka import broker

EVENTS = 1200
CASES = 7
ROOT = Path(__file__).parents[3]


@contextmanager
def walking(*where: str) -> Iterator[subprocess.Popen[bytes]]:
    """A walker in a process of its own, killed at the end without a word."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.runtime.worker.walker", *where],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def handled(database: Database) -> int:
    with database.look("router") as reading:
        return int(reading.execute(select(func.coalesce(func.sum(COUNTS.c.version), 0))).scalar_one())


async def publish(where: str, count: int = EVENTS) -> None:
    bus = bus_at(where)
    await bus.open()
    await bus.ensure_topics(all_topics())
    events = [event(f"case-{n % CASES}", n) for n in range(count)]
    await bus.publish([Outgoing(one.topic, one.key, one.value(), one.headers()) for one in events])
    await bus.close()


async def on_the_bus(where: str) -> dict[str, list[str]]:
    """What the walker published, by case, in the order of the log; an id that came again left out."""
    bus = bus_at(where)
    await bus.open()
    found: dict[str, list[str]] = {}
    ids: set[str] = set()
    async for record in bus.tail(["habeas.cases"], from_beginning=True, follow=False):
        envelope = read(record.headers, record.value)
        if isinstance(envelope.event, ClaimWithdrawn) and envelope.id not in ids:
            ids.add(envelope.id)
            found.setdefault(envelope.event.case_id, []).append(envelope.event.claim_id)
    await bus.close()
    return found


@pytest.mark.slow
def test_ten_kills_lose_nothing_double_nothing_and_keep_every_case_in_order(tmp_path: Path) -> None:
    path = tmp_path / "habeas.db"
    database = Database(f"sqlite:///{path}")
    migrate(database)
    COUNTS.create(database.engine)
    asyncio.run(publish(str(path)))
    chance = random.Random(7)
    for _ in range(10):
        with walking(str(path)):
            begun = handled(database)
            eventually(lambda: begun < handled(database) or begun >= EVENTS, look_seconds=0.01)  # noqa: B023 - at once
            time.sleep(chance.uniform(0, 0.15))
    with walking(str(path)):
        eventually(lambda: handled(database) >= EVENTS and left(database) == 0)
    wanted = {f"case-{case}": [f"m{n}" for n in range(case, EVENTS, CASES)] for case in range(CASES)}
    with database.look("router") as reading:
        trails = {row.case_id: row.trail.split() for row in reading.execute(select(COUNTS))}
    database.close()
    assert trails == wanted
    assert asyncio.run(on_the_bus(str(path))) == wanted


@pytest.mark.kafka
@pytest.mark.postgres
@pytest.mark.slow
def test_kills_on_kafka_and_postgresql_lose_nothing_and_double_nothing(postgres_url: str) -> None:
    count, kills = 600, 3
    share = str(count // (kills + 1))  # more than that none of them handles, however late its end comes
    database = Database(postgres_url)
    COUNTS.create(database.engine)
    chance = random.Random(7)
    with broker() as server:
        asyncio.run(publish(server.bootstrap, count))
        for _ in range(kills):
            with walking(postgres_url, server.bootstrap, share):
                begun = handled(database)
                eventually(lambda: handled(database) > begun)  # noqa: B023 - called at once
                time.sleep(chance.uniform(0, 0.1))
        assert handled(database) < count, "every kill was in the middle"
        with walking(postgres_url, server.bootstrap):
            eventually(lambda: handled(database) >= count and left(database) == 0)
        published = asyncio.run(on_the_bus(server.bootstrap))
    wanted = {f"case-{case}": [f"m{n}" for n in range(case, count, CASES)] for case in range(CASES)}
    with database.look("router") as reading:
        trails = {row.case_id: row.trail.split() for row in reading.execute(select(COUNTS))}
    database.close()
    assert trails == wanted
    assert published == wanted


def left(database: Database) -> int:
    """Return how many events wait for the relay."""
    with database.look("router") as reading:
        return int(reading.execute(select(func.count()).select_from(reading.tables.outbox)).scalar_one())
