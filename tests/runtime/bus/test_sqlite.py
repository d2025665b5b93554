"""The embedded bus's file: made, moved forward, refused, damaged, full, and quiet when nothing happens."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import time
from collections.abc import Collection, Mapping
from pathlib import Path

import pytest

from schemas.topics import TopicSpec
from services.runtime.bus.port import BusUnavailable, BusUnusable, Outgoing, Partition
from services.runtime.bus.sqlite import schema
from services.runtime.bus.sqlite.bus import SqliteBus
from services.runtime.bus.sqlite.seat import Seat
from services.runtime.bus.sqlite.session import Session
from services.runtime.logs import Log

DAY_MS = 86_400_000
SHARE_MAX = 0.02
EVENTS = TopicSpec("habeas.test", "test", partitions=2, kept_days=400)
SNAPSHOTS = TopicSpec("habeas.snaps", "test", partitions=1, kept_days=None, compacted=True)


class Beginning:
    """Positions of a group that never stored any."""

    async def load(self, partitions: Collection[Partition]) -> Mapping[Partition, int]:
        return dict.fromkeys(partitions, 0)


async def opened(path: Path) -> SqliteBus:
    bus = SqliteBus(path)
    await bus.open()
    await bus.ensure_topics([EVENTS, SNAPSHOTS])
    return bus


def in_file(path: Path, question: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(path)
    try:
        return connection.execute(question).fetchall()
    finally:
        connection.close()


def test_the_bus_shares_its_file_with_other_tables_and_makes_only_its_own(tmp_path: Path) -> None:
    path = tmp_path / "habeas.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE router_cases (id TEXT)")
    connection.commit()
    connection.close()

    async def work() -> None:
        await (await opened(path)).close()

    asyncio.run(work())
    names = {name for (name,) in in_file(path, "SELECT name FROM sqlite_master WHERE type = 'table'")}
    assert "router_cases" in names
    assert all(name.startswith(("bus_", "router_")) for name in names)


def test_a_file_of_a_later_release_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "habeas.db"

    async def work() -> None:
        await (await opened(path)).close()
        connection = sqlite3.connect(path)
        connection.execute("UPDATE bus_schema SET version = ?", (schema.VERSION + 1,))
        connection.commit()
        connection.close()
        with pytest.raises(BusUnusable, match="upgrade habeas"):
            await SqliteBus(path).open()

    asyncio.run(work())
    assert in_file(path, "SELECT version FROM bus_schema") == [(schema.VERSION + 1,)]


def test_a_damaged_file_is_named_with_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "habeas.db"
    path.write_bytes(b"this is no database, whatever its name says" * 100)
    with pytest.raises(BusUnusable, match="restore the last backup"):
        asyncio.run(SqliteBus(path).open())


def test_a_full_disk_acknowledges_nothing_and_loses_nothing(tmp_path: Path) -> None:
    path = tmp_path / "habeas.db"

    async def work() -> None:
        bus = await opened(path)
        await bus.publish([Outgoing("habeas.test", b"key", b"kept")])
        # The file may not grow: what a full disk does, without filling one.
        await bus._writer.run(lambda connection: connection.execute("PRAGMA max_page_count = 1").fetchone())
        with pytest.raises(BusUnavailable, match="is full; free space"):
            await bus.publish([Outgoing("habeas.test", b"key", b"x" * 500_000)])
        await bus._writer.run(lambda connection: connection.execute("PRAGMA max_page_count = 100000").fetchone())
        await bus.publish([Outgoing("habeas.test", b"key", b"after")])
        found = [record.value async for record in bus.tail(["habeas.test"], from_beginning=True, follow=False)]
        assert found == [b"kept", b"after"]
        await bus.close()

    asyncio.run(work())


def test_an_acknowledged_publish_is_synced_to_the_disk(tmp_path: Path) -> None:
    async def work() -> tuple[object, object]:
        session = Session(tmp_path / "habeas.db")
        mode = await session.run(lambda connection: connection.execute("PRAGMA journal_mode").fetchone()[0])
        synced = await session.run(lambda connection: connection.execute("PRAGMA synchronous").fetchone()[0])
        await session.close()
        return mode, synced

    assert asyncio.run(work()) == ("wal", 2)


def test_retention_removes_what_outlived_its_topic_and_no_more_than_it_may_at_once(tmp_path: Path) -> None:
    async def work() -> None:
        bus = await opened(tmp_path / "habeas.db")
        await bus.publish([Outgoing("habeas.test", b"key", b"%d" % number) for number in range(10)])
        now_ms = int(time.time() * 1000)
        assert await bus.purge(100, now_ms + 399 * DAY_MS) == 0
        assert await bus.purge(4, now_ms + 401 * DAY_MS) == 4
        left = [record async for record in bus.tail(["habeas.test"], from_beginning=True, follow=False)]
        assert [record.offset for record in left] == [4, 5, 6, 7, 8, 9]
        assert await bus.purge(100, now_ms + 401 * DAY_MS) == 6
        # An offset is never given twice, even when nothing is left.
        await bus.publish([Outgoing("habeas.test", b"key", b"new")])
        left = [record async for record in bus.tail(["habeas.test"], from_beginning=True, follow=False)]
        assert [record.offset for record in left] == [10]
        await bus.close()

    asyncio.run(work())


def test_a_tombstone_goes_after_its_days_but_not_one_that_a_new_value_replaced(tmp_path: Path) -> None:
    async def work() -> None:
        bus = await opened(tmp_path / "habeas.db")
        await bus.publish([Outgoing("habeas.snaps", key, None) for key in (b"gone", b"back")])
        await bus.publish([Outgoing("habeas.snaps", b"back", b"value")])
        now_ms = int(time.time() * 1000)
        assert await bus.purge(100, now_ms + 29 * DAY_MS) == 0
        assert await bus.purge(100, now_ms + 31 * DAY_MS) == 1
        left = [record async for record in bus.tail(["habeas.snaps"], from_beginning=True, follow=False)]
        assert [(record.key, record.value) for record in left] == [(b"back", b"value")]
        await bus.close()

    asyncio.run(work())
    assert in_file(tmp_path / "habeas.db", "SELECT count(*) FROM bus_latest") == [(1,)]


def test_a_seat_is_free_as_soon_as_its_process_is_dead(tmp_path: Path) -> None:
    mine = Seat(tmp_path / "habeas.db")
    other = Seat(tmp_path / "habeas.db")
    assert mine.is_taken(other.name)
    assert mine.is_taken(mine.name)
    # What the kernel does when a process dies, however it dies.
    os.close(other._file)
    assert not mine.is_taken(other.name)
    assert not mine.is_taken("never-was")
    mine.leave()
    assert list((tmp_path / "habeas.db-seats").iterdir()) == []


def test_an_idle_bus_with_four_consumers_takes_less_than_two_hundredths_of_a_core(tmp_path: Path) -> None:
    async def work() -> float:
        bus = await opened(tmp_path / "habeas.db")
        consumers = [bus.consumer(f"group-{number}", ["habeas.test"], Beginning()) for number in range(4)]
        for consumer in consumers:
            await consumer.__aenter__()
            await consumer.fetch(1, 0.2)
        shares: list[float] = []
        # What else the process has to do, a tidying of its memory for one, makes any share larger and none smaller.
        while len(shares) < 3 and (not shares or min(shares) >= SHARE_MAX):
            waiting = [asyncio.ensure_future(consumer.fetch(100, 3.0)) for consumer in consumers]
            before = time.process_time()
            await asyncio.gather(*waiting)
            shares.append((time.process_time() - before) / 3.0)
        for consumer in consumers:
            await consumer.__aexit__()
        await bus.close()
        return min(shares)

    share = asyncio.run(work())
    assert share < SHARE_MAX, f"idle, and yet {share:.1%} of a core"


def test_a_heartbeat_that_keeps_failing_is_said_once_and_again_after_it_went_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fails = [True, True, True, False, True, True]
    beats = iter(fails)

    async def beat(bus: SqliteBus, seat: object) -> None:
        try:
            if next(beats):
                raise BusUnavailable("the disk is full")
        except StopIteration:
            raise asyncio.CancelledError from None

    async def at_once(_: float) -> None:
        pass

    monkeypatch.setattr(SqliteBus, "_beat_once", beat)
    monkeypatch.setattr("services.runtime.bus.sqlite.bus.asyncio.sleep", at_once)
    said: list[str] = []
    for level in ("warning", "debug"):
        monkeypatch.setattr(Log, level, lambda _log, _event, level=level, **_: said.append(level))
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(SqliteBus(tmp_path / "bus.db")._beat(Seat(tmp_path / "bus.db")))
    assert said == ["warning", "debug", "debug", "warning", "debug"]
