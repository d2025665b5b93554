"""What the contract's tests say again and again."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from typing import TypeVar

from schemas.topics import TopicSpec
from services.runtime.bus.port import Bus, Outgoing, Record
from tests.contract.bus.place import Place
from tests.contract.bus.state import State

KEYS = 97
SECONDS_MAX = 300.0
"""Only what never comes is waited for so long, however busy the machine is."""
_Result = TypeVar("_Result")


def run(work: Callable[[], Awaitable[_Result]]) -> _Result:
    """Run one asynchronous test; only one that hangs is ended."""

    async def bounded() -> _Result:
        async with asyncio.timeout(SECONDS_MAX):
            return await work()

    return asyncio.run(bounded())


@asynccontextmanager
async def opened(place: Place, *topics: TopicSpec) -> AsyncIterator[Bus]:
    """Open a bus with these topics, and close it."""
    bus = place.bus()
    await bus.open()
    try:
        await bus.ensure_topics(topics)
        yield bus
    finally:
        await bus.close()


def event(topic: str, number: int, key: str | None = None) -> Outgoing:
    """Return the event with this number; its key is one of a few, so that each key has many."""
    name = key or f"case-{number % KEYS}"
    return Outgoing(topic, name.encode(), b'{"n":%d}' % number, (("ce_id", str(number).encode()),))


async def publish(bus: Bus, topic: str, first: int, end: int, at_once: int = 500) -> None:
    """Publish the events from `first` up to, not including, `end`."""
    for start in range(first, end, at_once):
        await bus.publish([event(topic, number) for number in range(start, min(end, start + at_once))])


def number_of(record: Record) -> int:
    """Return the number of the event in a record."""
    return int(dict(record.headers)["ce_id"])


def wait_for(reached: Callable[[], bool], what: str, seconds: float = SECONDS_MAX) -> None:
    """Wait until something is so, or fail and say what was not."""
    until = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < until, f"not within {seconds} seconds: {what}"
        time.sleep(0.005)


def assert_each_once_and_in_order(state: State, count: int) -> None:
    """No event lost, none handled twice, and each key's events in the order they were published."""
    assert_in_order_with_repeats(state.effects(), count, frozenset())


def assert_in_order_with_repeats(effects: Sequence[tuple[str, str]], count: int, again: Collection[int]) -> None:
    """As above, but what was published again, because nobody could know that it had arrived, may come again.

    A worker leaves such a repeat out by its event's id; `tests/runtime/worker` shows that.
    """
    seen: set[int] = set()
    kept: list[tuple[str, str]] = []
    for key, number in effects:
        if int(number) not in again or int(number) not in seen:
            kept.append((key, number))
        seen.add(int(number))
    numbers = [int(number) for _, number in kept]
    assert len(set(numbers)) == count, f"{count - len(set(numbers))} events were lost"
    assert len(numbers) == count, f"{len(numbers) - count} effects were doubled"
    last: dict[str, int] = {}
    for key, number in kept:
        assert last.get(key, -1) < int(number), f"{key}: {number} after {last[key]}"
        last[key] = int(number)


def numbers_of(records: Sequence[Record]) -> list[int]:
    """Return the numbers of the events, in order."""
    return [number_of(record) for record in records]
