"""The bus alone: both adapters against a plain aiokafka at-least-once loop in the same run, and recovery after kill -9.

    python -m bench.bus [--messages 20000] [--rounds 3] [--no-recovery]

The plain loop is what aiokafka's documentation shows, with the adapter's own durability (idempotent, `acks=all`): send
and wait, `getmany` and commit. Rounds alternate and medians are compared, because machines are noisy. CPU is that of
this process alone; the broker's is not in it.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Collection, Mapping
from pathlib import Path
from uuid import uuid4

import structlog
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor

from schemas.topics import TopicSpec
from services.runtime.bus.kafka.bus import KafkaBus
from services.runtime.bus.port import Bus, Outgoing, Partition
from services.runtime.bus.sqlite.bus import SqliteBus
from services.runtime.settings import BusSettings
from tests.contract.bus.place import Place
from tests.contract.bus.say import opened, publish, wait_for
from tests.contract.bus.state import State
from tests.servers.kafka import broker

AT_ONCE = 500
PARTITIONS = 4
VALUE = b"x" * 200
Measure = dict[str, float]


class Memory:
    """Positions that nothing stores: the bus alone is measured, not a database."""

    async def load(self, partitions: Collection[Partition]) -> Mapping[Partition, int]:
        """Return the beginning."""
        return dict.fromkeys(partitions, 0)


def records(topic: str, first: int) -> list[Outgoing]:
    """Return one call's worth of records, on about a hundred keys."""
    return [
        Outgoing(topic, b"case-%d" % (number % 97), VALUE, (("ce_id", b"%d" % number),))
        for number in range(first, first + AT_ONCE)
    ]


async def timed(what: str, messages: int, work: Callable[[], Awaitable[None]]) -> Measure:
    """Return messages a second and CPU microseconds a message."""
    started, used = time.perf_counter(), time.process_time()
    await work()
    seconds, cpu = time.perf_counter() - started, time.process_time() - used
    return {f"{what}/s": messages / seconds, f"{what} CPU us": cpu / messages * 1e6, f"{what} s": seconds}


async def adapter(bus: Bus, messages: int) -> Measure:
    """Publish and consume through the port."""
    topic = f"habeas.bench-{uuid4().hex[:8]}"
    await bus.open()
    await bus.ensure_topics([TopicSpec(topic, "bench", partitions=PARTITIONS)])

    async def send() -> None:
        for first in range(0, messages, AT_ONCE):
            await bus.publish(records(topic, first))

    async with bus.consumer(f"group-{topic}", [topic], Memory()) as consumer:
        while len(consumer.assigned()) < PARTITIONS:
            await consumer.fetch(1, 0.1)
        # The first, empty, look: seeking is part of joining, not of the loop.
        await consumer.fetch(1, 0.1)

        async def receive() -> None:
            left = messages
            while left > 0:
                for found in await consumer.fetch(AT_ONCE, 1.0):
                    left -= len(found.records)
                    await consumer.acknowledge(found.partition, found.next)

        sent = await timed("publish", messages, send)
        received = await timed("consume", messages, receive)
    await bus.close()
    return sent | received


async def plain(bootstrap: str, messages: int) -> Measure:
    """Publish and consume with aiokafka as its documentation shows, at least once."""
    topic = f"habeas.bench-{uuid4().hex[:8]}"
    async with opened(Place("kafka", bootstrap), TopicSpec(topic, "bench", partitions=PARTITIONS)):
        pass
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, enable_idempotence=True, acks="all")
    await producer.start()
    consumer = AIOKafkaConsumer(
        topic,
        bootstrap_servers=bootstrap,
        group_id=f"group-{topic}",
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        partition_assignment_strategy=(RoundRobinPartitionAssignor,),
    )
    await consumer.start()

    async def send() -> None:
        for first in range(0, messages, AT_ONCE):
            under_way = [
                await producer.send(topic, one.value, one.key, headers=list(one.headers))
                for one in records(topic, first)
            ]
            await asyncio.gather(*under_way)

    async def receive() -> None:
        left = messages
        while left > 0:
            found = await consumer.getmany(timeout_ms=1000, max_records=AT_ONCE)
            left -= sum(len(batch) for batch in found.values())
            if found:
                await consumer.commit()

    sent = await timed("publish", messages, send)
    received = await timed("consume", messages, receive)
    await consumer.stop()
    await producer.stop()
    return sent | received


def medians(rounds: list[Measure]) -> Measure:
    """Return the median of each figure, and of the whole loop."""
    found = {name: statistics.median(one[name] for one in rounds) for name in rounds[0]}
    found["loop s"] = statistics.median(one["publish s"] + one["consume s"] for one in rounds)
    found["loop CPU us"] = statistics.median(one["publish CPU us"] + one["consume CPU us"] for one in rounds)
    return found


def compare(bootstrap: str, messages: int, rounds: int) -> None:
    """Print the table of the bus alone."""
    found: dict[str, list[Measure]] = {"plain aiokafka": [], "Kafka adapter": [], "embedded adapter": []}
    settings = BusSettings(kind="kafka", bootstrap=bootstrap)
    for _ in range(rounds):
        found["plain aiokafka"].append(asyncio.run(plain(bootstrap, messages)))
        found["Kafka adapter"].append(asyncio.run(adapter(KafkaBus(settings), messages)))
        with tempfile.TemporaryDirectory() as folder:
            embedded = SqliteBus(Path(folder) / "habeas.db")
            found["embedded adapter"].append(asyncio.run(adapter(embedded, messages)))
    base = medians(found["plain aiokafka"])
    print(f"\n{messages} messages of {len(VALUE)} bytes, {PARTITIONS} partitions, {AT_ONCE} a call, median of {rounds}")
    print(f"{'':18}{'publish/s':>11}{'consume/s':>11}{'CPU us/msg':>12}{'loop time':>11}{'loop CPU':>10}")
    for name, measured in found.items():
        one = medians(measured)
        print(
            f"{name:18}{one['publish/s']:>11,.0f}{one['consume/s']:>11,.0f}{one['loop CPU us']:>12.1f}"
            f"{one['loop s'] / base['loop s']:>10.2f}x{one['loop CPU us'] / base['loop CPU us']:>9.2f}x"
        )


def recovery(place: Place, *, standby: bool, tries: int = 3) -> list[float]:
    """Return seconds from kill -9 of a worker to the next event handled, by a new process or by one that stood by."""
    seconds: list[float] = []
    for _ in range(tries):
        topic = f"habeas.bench-{uuid4().hex[:8]}"
        with tempfile.TemporaryDirectory() as folder:
            at = Path(folder) / "state.db"
            state = State(at)
            asyncio.run(_fill(place, topic))
            first = _worker(place, topic, at, "first")
            wait_for(lambda state=state: state.count() >= 500, 30, "the first works")
            other = _worker(place, topic, at, "other") if standby else None
            if standby:
                wait_for(lambda state=state: state.counts_by_worker().get("other", 0) > 0, 60, "the other joins")
            seconds.append(_kill_and_wait(place, topic, at, state, first, other))
            state.close()
    return seconds


def _kill_and_wait(
    place: Place,
    topic: str,
    at: Path,
    state: State,
    first: subprocess.Popen[bytes],
    other: subprocess.Popen[bytes] | None,
) -> float:
    first.kill()
    first.wait()
    killed = time.perf_counter()
    # What the survivor had already does not count: the dead one's partitions must move again.
    stuck = state.positions()
    heir = other or _worker(place, topic, at, "heir")
    if other is None:
        wait_for(lambda: state.positions() != stuck, 60, "the heir works")
    else:
        owned = _moving(state)
        wait_for(lambda: bool(_moved(stuck, state.positions()) - owned), 60, "the dead one's partitions move")
    taken = time.perf_counter() - killed
    heir.kill()
    heir.wait()
    return taken


def _moving(state: State) -> set[tuple[str, int]]:
    """Return the partitions that move within a third of a second: those of the survivor."""
    before = state.positions()
    time.sleep(0.3)
    return _moved(before, state.positions())


def _moved(before: dict[tuple[str, int], int], after: dict[tuple[str, int], int]) -> set[tuple[str, int]]:
    return {place for place, position in after.items() if before.get(place) != position}


async def _fill(place: Place, topic: str) -> None:
    async with opened(place, TopicSpec(topic, "bench", partitions=PARTITIONS)) as bus:
        await publish(bus, topic, 0, 60_000, at_once=2000)


def _worker(place: Place, topic: str, state: Path, name: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tests.contract.bus.worker", "--place", place.text(), "--topic", topic]
    command += ["--group", f"group-{topic}", "--state", str(state), "--name", name, "--batch", "10", "--pace", "0.002"]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def main() -> None:
    """Run the bench and print its tables."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--messages", type=int, default=20_000)
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--no-recovery", action="store_true")
    given = arguments.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    with broker() as server, tempfile.TemporaryDirectory() as folder:
        compare(server.bootstrap, given.messages, given.rounds)
        if given.no_recovery:
            return
        print("\nseconds from kill -9 to the next event handled")
        kafka = Place("kafka", server.bootstrap, silent_seconds=6.0)
        embedded = Place("embedded", str(Path(folder) / "habeas.db"), silent_seconds=10.0)
        for name, place in (("embedded", embedded), ("Kafka, session 6 s", kafka)):
            for standby, who in ((False, "a new process"), (True, "a second worker")):
                took = sorted(recovery(place, standby=standby))
                print(f"{name:20}{who:18}" + "  ".join(f"{one:.1f}" for one in took))


if __name__ == "__main__":
    main()
