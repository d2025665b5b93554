"""Workers die, freeze, come and go: no event is lost, and no effect happens twice."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from schemas.topics import TopicSpec
from tests.contract.bus.conftest import Start
from tests.contract.bus.place import BRIEF_SECONDS, PATIENCE_SECONDS, Place
from tests.contract.bus.say import assert_each_once_and_in_order, opened, publish, run, wait_for
from tests.contract.bus.state import State

EVENTS = 20_000
KILLS = 10


SOON_SECONDS = PATIENCE_SECONDS / 2
"""What moves within this did not wait until silence counted as death."""


def publish_until(place: Place, topic: str, first: int, reached: Callable[[], bool]) -> int:
    """Publish some more events, again and again, until something is so; return the number after the last one."""

    async def work() -> int:
        at = first
        async with opened(place) as bus:
            while not reached():
                await publish(bus, topic, at, at + 50)
                at += 50
                await asyncio.sleep(0.05)
        return at

    return run(work)


def fill(place: Place, topic: str, count: int) -> None:
    async def work() -> None:
        async with opened(place, TopicSpec(topic, "test")) as bus:
            await publish(bus, topic, 0, count)

    run(work)


@pytest.mark.slow
def test_ten_kills_in_the_middle_of_twenty_thousand_events_lose_and_double_nothing(
    place: Place, topic: str, state: State, start: Start
) -> None:
    place = place.with_silence(BRIEF_SECONDS)
    fill(place, topic, EVENTS)
    share = EVENTS // (KILLS + 2)
    for kill in range(1, KILLS + 1):
        # However late the kill comes, it meets a worker that has work in hand.
        worker = start(place, f"worker-{kill}", "--pace", "0.002", "--hold-at", str((kill + 1) * share))
        wait_for(lambda kill=kill: state.count() >= kill * share, f"work before kill {kill}")
        worker.kill()
        worker.wait()
        assert state.count() < EVENTS, "the worker was killed after its work, not in the middle"
    start(place, "worker-last")
    wait_for(lambda: state.count() >= EVENTS, "the rest of the work")
    assert_each_once_and_in_order(state, EVENTS)


def test_a_zombie_that_goes_on_after_another_took_over_changes_nothing(
    place: Place, topic: str, state: State, start: Start
) -> None:
    place = place.with_silence(BRIEF_SECONDS)
    fill(place, topic, 3000)
    zombie = start(place, "zombie", "--stop-after", "500", "--batch", "50")
    _, status = os.waitpid(zombie.pid, os.WUNTRACED)
    assert os.WIFSTOPPED(status)
    start(place, "heir")
    wait_for(lambda: state.count() >= 3000, "the other worker takes over and finishes")
    zombie.send_signal(signal.SIGCONT)
    wait_for(lambda: state.refusals("zombie") >= 1, "the zombie tries to store what it had in hand")
    assert_each_once_and_in_order(state, 3000)


def test_a_continued_zombie_takes_its_share_again(place: Place, topic: str, state: State, start: Start) -> None:
    place = place.with_silence(BRIEF_SECONDS)
    fill(place, topic, 1000)
    zombie = start(place, "zombie", "--stop-after", "200", "--batch", "50")
    os.waitpid(zombie.pid, os.WUNTRACED)
    start(place, "heir")
    wait_for(lambda: state.count() >= 1000, "the other worker finishes")
    before = state.counts_by_worker()["zombie"]
    zombie.send_signal(signal.SIGCONT)
    wait_for(lambda: state.refusals("zombie") >= 1, "the zombie is refused")
    end = publish_until(place, topic, 1000, lambda: state.counts_by_worker()["zombie"] > before)
    wait_for(lambda: state.count() >= end, "both finish")
    assert_each_once_and_in_order(state, end)


def test_a_second_worker_joins_takes_its_share_and_leaves_it_again(
    place: Place, topic: str, state: State, start: Start
) -> None:
    fill(place, topic, 1000)
    start(place, "first", "--batch", "20", "--pace", "0.001")
    wait_for(lambda: state.count() >= 200, "the first works")
    second = start(place, "second", "--batch", "20", "--pace", "0.001")
    began = time.monotonic()
    end = publish_until(place, topic, 1000, lambda: state.counts_by_worker().get("second", 0) >= 100)
    assert time.monotonic() - began < SOON_SECONDS, "the second worker was given nothing"
    second.send_signal(signal.SIGTERM)
    assert second.wait(SOON_SECONDS) == 0

    async def after_leaving() -> None:
        async with opened(place) as bus:
            await publish(bus, topic, end, end + 1000)

    run(after_leaving)
    wait_for(lambda: state.count() >= end + 1000, "the first takes everything over again", SOON_SECONDS)
    assert_each_once_and_in_order(state, end + 1000)


def test_sigterm_leaves_the_group_so_that_the_next_worker_begins_at_once(
    place: Place, topic: str, state: State, start: Start
) -> None:
    fill(place, topic, 2000)
    worker = start(place, "first", "--batch", "20", "--pace", "0.002")
    wait_for(lambda: state.count() >= 300, "the first works")
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(SOON_SECONDS) == 0
    start(place, "next")
    wait_for(
        lambda: state.count() >= 2000,
        "the next goes on without waiting for the first to be given up",
        SOON_SECONDS,
    )
    assert_each_once_and_in_order(state, 2000)


def test_a_killed_worker_of_the_embedded_bus_is_replaced_without_waiting_for_its_lease(
    tmp_path: Path, topic: str, state: State, start: Start
) -> None:
    place = Place("embedded", str(tmp_path / "habeas.db"))
    fill(place, topic, 2000)
    worker = start(place, "first", "--batch", "20", "--pace", "0.002")
    wait_for(lambda: state.count() >= 300, "the first works")
    worker.kill()
    worker.wait()
    start(place, "next")
    wait_for(
        lambda: state.count() >= 2000, "the lock of the dead is free, so the next begins at once", PATIENCE_SECONDS / 2
    )
    assert_each_once_and_in_order(state, 2000)
