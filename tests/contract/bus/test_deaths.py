"""Workers die, freeze, come and go: no event is lost, and no effect happens twice."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from pathlib import Path

import pytest

from schemas.topics import TopicSpec
from tests.contract.bus.conftest import Start
from tests.contract.bus.place import Place
from tests.contract.bus.say import assert_each_once_and_in_order, opened, publish, run, wait_for
from tests.contract.bus.state import State

EVENTS = 20_000
KILLS = 10


def fill(place: Place, topic: str, count: int) -> None:
    async def work() -> None:
        async with opened(place, TopicSpec(topic, "test")) as bus:
            await publish(bus, topic, 0, count)

    run(work)


@pytest.mark.slow
def test_ten_kills_in_the_middle_of_twenty_thousand_events_lose_and_double_nothing(
    place: Place, topic: str, state: State, start: Start
) -> None:
    fill(place, topic, EVENTS)
    for kill in range(1, KILLS + 1):
        worker = start(place, f"worker-{kill}", "--pace", "0.002")
        wait_for(lambda kill=kill: state.count() >= kill * EVENTS // (KILLS + 2), 30, f"work before kill {kill}")
        worker.kill()
        worker.wait()
        assert state.count() < EVENTS, "the worker was killed after its work, not in the middle"
    start(place, "worker-last")
    wait_for(lambda: state.count() >= EVENTS, 30, "the rest of the work")
    assert_each_once_and_in_order(state, EVENTS)


def test_a_zombie_that_goes_on_after_another_took_over_changes_nothing(
    place: Place, topic: str, state: State, start: Start
) -> None:
    fill(place, topic, 3000)
    zombie = start(place, "zombie", "--stop-after", "500", "--batch", "50")
    _, status = os.waitpid(zombie.pid, os.WUNTRACED)
    assert os.WIFSTOPPED(status)
    start(place, "heir")
    wait_for(lambda: state.count() >= 3000, 30, "the other worker takes over and finishes")
    zombie.send_signal(signal.SIGCONT)
    wait_for(lambda: state.refusals("zombie") >= 1, 15, "the zombie tries to store what it had in hand")
    assert_each_once_and_in_order(state, 3000)


def test_a_continued_zombie_takes_its_share_again(place: Place, topic: str, state: State, start: Start) -> None:
    fill(place, topic, 1000)
    zombie = start(place, "zombie", "--stop-after", "200", "--batch", "50")
    os.waitpid(zombie.pid, os.WUNTRACED)
    start(place, "heir")
    wait_for(lambda: state.count() >= 1000, 30, "the other worker finishes")
    before = state.counts_by_worker()["zombie"]
    zombie.send_signal(signal.SIGCONT)
    wait_for(lambda: state.refusals("zombie") >= 1, 15, "the zombie is refused")
    time.sleep(3)

    async def more() -> None:
        async with opened(place) as bus:
            await publish(bus, topic, 1000, 2000)

    run(more)
    wait_for(lambda: state.count() >= 2000, 20, "both finish")
    assert state.counts_by_worker()["zombie"] > before, "the continued worker never worked again"
    assert_each_once_and_in_order(state, 2000)


def test_a_second_worker_joins_takes_its_share_and_leaves_it_again(
    place: Place, topic: str, state: State, start: Start
) -> None:
    # Silence counts as death only after half a minute here: what moves sooner moved by joining and leaving.
    patient = place.with_silence(30.0)
    fill(place, topic, 1000)
    start(patient, "first", "--batch", "20", "--pace", "0.001")
    wait_for(lambda: state.count() >= 200, 20, "the first works")
    second = start(patient, "second", "--batch", "20", "--pace", "0.001")

    async def until_both_worked() -> int:
        async with opened(place) as bus:
            at = 1000
            until = time.monotonic() + 30
            while state.counts_by_worker().get("second", 0) < 100:
                assert time.monotonic() < until, "the second worker was given nothing"
                await publish(bus, topic, at, at + 50)
                at += 50
                await asyncio.sleep(0.05)
            return at

    end = run(until_both_worked)
    second.send_signal(signal.SIGTERM)
    assert second.wait(15) == 0

    async def after_leaving() -> None:
        async with opened(place) as bus:
            await publish(bus, topic, end, end + 1000)

    run(after_leaving)
    wait_for(lambda: state.count() >= end + 1000, 20, "the first takes everything over again")
    assert_each_once_and_in_order(state, end + 1000)


def test_sigterm_leaves_the_group_so_that_the_next_worker_begins_at_once(
    place: Place, topic: str, state: State, start: Start
) -> None:
    patient = place.with_silence(30.0)
    fill(place, topic, 2000)
    worker = start(patient, "first", "--batch", "20", "--pace", "0.002")
    wait_for(lambda: state.count() >= 300, 20, "the first works")
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(10) == 0
    start(patient, "next")
    wait_for(lambda: state.count() >= 2000, 15, "the next goes on without waiting for the first to be given up")
    assert_each_once_and_in_order(state, 2000)


def test_a_killed_worker_of_the_embedded_bus_is_replaced_without_waiting_for_its_lease(
    tmp_path: Path, topic: str, state: State, start: Start
) -> None:
    patient = Place("embedded", str(tmp_path / "habeas.db"), silent_seconds=60.0)
    fill(patient, topic, 2000)
    worker = start(patient, "first", "--batch", "20", "--pace", "0.002")
    wait_for(lambda: state.count() >= 300, 20, "the first works")
    worker.kill()
    worker.wait()
    start(patient, "next")
    wait_for(lambda: state.count() >= 2000, 15, "the lock of the dead is free, so the next begins at once")
    assert_each_once_and_in_order(state, 2000)
