"""The figures of a Kafka bus: a real broker, a real process, killed and started again."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import chain
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from schemas.envelope import Envelope, rooted
from schemas.events import CaseSnapshot, MessageReceived
from schemas.rights import Channel, Outcome, Right
from schemas.topics import PARTITIONS, all_topics
from schemas.values import ClaimState
from scripts.kafka_server import KafkaServer
from services.runtime.bus.kafka.bus import KafkaBus
from services.runtime.bus.port import Outgoing
from services.runtime.settings import BusSettings
from tests.journeys.product import eventually, free_port
from tests.servers.kafka import broker

NOW = datetime.now(UTC)
CASES, MESSAGES = 200, 100
# Faust starts and shares slowly where the processor is shared too.
SHARED_SECONDS = 150.0
pytestmark = pytest.mark.kafka


def snapshot(number: int, revision: int, state: str) -> Envelope:
    ended = state == "completed"
    received = NOW - timedelta(days=10)
    claim = ClaimState(
        claim_id=f"claim-{number}", right=Right.ACCESS, state="completed" if ended else "routed", received=received,
        due=NOW + timedelta(days=5), completed=NOW if ended else None,
        outcome=Outcome.FULFILLED if ended else None,
    )  # fmt: skip
    event = CaseSnapshot(
        controller="axigen", occurred=NOW, case_id=f"case-{number}", revision=revision, state=state, opened=received,
        claims=(claim,),
    )  # fmt: skip
    return rooted(f"case-{number}-{revision}", event, "test")


def message(number: int) -> Envelope:
    event = MessageReceived(
        controller="axigen", occurred=NOW, correspondent=f"who-{number % 9}", message_id=f"message-{number}",
        channel=Channel.EMAIL, received=NOW - timedelta(minutes=2), body=f"vault:{uuid4()}", person="person",
        size_bytes=1,
    )  # fmt: skip
    return rooted(f"message-{number}", event, "test")


def publish(server: KafkaServer, envelopes: Sequence[Envelope]) -> None:
    async def go() -> None:
        bus = KafkaBus(BusSettings(kind="kafka", bootstrap=server.bootstrap))
        await bus.open()
        await bus.ensure_topics(all_topics())
        await bus.publish([Outgoing(one.topic, one.key, one.value(), one.headers()) for one in envelopes])
        await bus.publish([Outgoing("habeas.case-snapshots", b"case-bad", b"{", envelopes[0].headers())])
        await bus.close()

    asyncio.run(go())


class Watch:
    """`habeas run watch` as a process."""

    def __init__(self, bootstrap: str, folder: Path) -> None:
        self.bootstrap, self.folder, self.port = bootstrap, folder, free_port()
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [sys.executable, "-m", "services", "run", "watch", "--bus", "kafka", "--bootstrap", self.bootstrap]
        command += ["--http", f"127.0.0.1:{self.port}", "--home", str(self.folder / "home"), "--log", "json"]
        with (self.folder / "watch.log").open("ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log)

    def end(self, how: signal.Signals) -> int:
        assert self.process is not None
        self.process.send_signal(how)
        return self.process.wait(20)

    def figures(self) -> dict[str, Any]:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/figures", timeout=5) as answer:
                return dict(json.loads(answer.read()))
        except OSError:
            return {}

    def counts(self) -> tuple[int, int, int]:
        row = self.figures().get("controllers", {}).get("axigen")
        return (row["cases"]["open"], row["cases"]["completed"], row["messages"]["last_hour"]) if row else (0, 0, 0)

    def partitions(self) -> list[int]:
        return list(self.figures().get("partitions", []))


@pytest.fixture
def kafka_broker() -> Iterator[KafkaServer]:
    """A broker of its own: what other tests sent would be counted too."""
    with broker() as server:
        yield server


@pytest.fixture
def watches(kafka_broker: KafkaServer, tmp_path: Path) -> Iterator[list[Watch]]:
    made = [Watch(kafka_broker.bootstrap, tmp_path) for _ in range(3)]
    yield made
    for one in made:
        if one.process is not None and one.process.poll() is None:
            one.process.kill()
            one.process.wait()


@pytest.fixture
def watch(watches: list[Watch]) -> Watch:
    return watches[0]


def together(*shown: Watch) -> tuple[int, ...]:
    """Return the sums that Prometheus would show, once the instances share all partitions between them."""
    shares = [one.partitions() for one in shown]
    if not all(shares) or sorted(chain.from_iterable(shares)) != list(range(PARTITIONS)):
        return ()
    return tuple(map(sum, zip(*(one.counts() for one in shown), strict=True)))


def test_a_kill_in_the_middle_and_a_repeated_history_change_no_count(watch: Watch, kafka_broker: KafkaServer) -> None:
    first = [snapshot(number, 1, "open") for number in range(CASES)] + [message(n) for n in range(MESSAGES)]
    second = [snapshot(number, 2, "completed") for number in range(CASES // 2)]
    publish(kafka_broker, first)
    watch.start()
    eventually(lambda: watch.counts()[0] > 0)
    watch.end(signal.SIGKILL)
    publish(kafka_broker, first + second + first)
    watch.start()
    wanted = (CASES - CASES // 2, CASES // 2, MESSAGES)
    eventually(lambda: watch.counts() == wanted and watch.figures()["complete"])
    access = watch.figures()["controllers"]["axigen"]["rights"]["access"]
    assert (access["due_soon"], access["overdue"], access["days_to_complete"]["mean"]) == (CASES // 2, 0, 10.0)
    time.sleep(1)
    assert watch.counts() == wanted
    with urllib.request.urlopen(f"http://127.0.0.1:{watch.port}/metrics", timeout=5) as answer:
        metrics = answer.read().decode()
    assert f'habeas_cases_open{{controller="axigen"}} {float(wanted[0])}' in metrics
    assert 'habeas_watch_left_out_total{cause="unreadable"}' in metrics
    assert watch.end(signal.SIGTERM) == 0


def test_instances_that_come_and_die_show_together_what_one_would(
    watches: list[Watch], kafka_broker: KafkaServer
) -> None:
    first = [snapshot(number, 1, "open") for number in range(CASES)] + [message(n) for n in range(MESSAGES)]
    second = [snapshot(number, 2, "completed") for number in range(CASES // 2)]
    one, other, third = watches
    publish(kafka_broker, first)
    one.start()
    other.start()
    eventually(lambda: together(one, other) == (CASES, 0, MESSAGES), SHARED_SECONDS)
    assert one.figures()["complete"] is other.figures()["complete"] is False
    one.end(signal.SIGKILL)
    third.start()
    publish(kafka_broker, second + first)
    wanted = (CASES - CASES // 2, CASES // 2, MESSAGES)
    eventually(lambda: together(other, third) == wanted, SHARED_SECONDS)
    other.end(signal.SIGTERM)
    eventually(lambda: third.figures().get("complete") and third.counts() == wanted, SHARED_SECONDS)


def test_a_broker_that_is_absent_is_waited_for_and_a_stop_is_obeyed_meanwhile(tmp_path: Path) -> None:
    watch = Watch("127.0.0.1:1", tmp_path)
    watch.start()
    eventually(lambda: "bus_waits_for_broker" in (tmp_path / "watch.log").read_text())
    assert watch.figures()["complete"] is False
    assert watch.end(signal.SIGTERM) == 0
    assert "Traceback" not in (tmp_path / "watch.log").read_text()
