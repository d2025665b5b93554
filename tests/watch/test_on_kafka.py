"""The figures of a Kafka bus: a real broker, a real process, killed and started again."""

from __future__ import annotations

import asyncio
import json
import signal
import time
import urllib.request
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from schemas.topics import PARTITIONS
from scripts.kafka_server import KafkaServer
from services.runtime.settings import BusSettings
from services.watch.drawing import APP_ID
from services.watch.reading import CASES as CASES_TOPIC
from services.watch.reading import MESSAGES as MESSAGES_TOPIC
from tests.journeys.product import WAIT_SECONDS, eventually
from tests.servers.kafka import broker
from tests.servers.secured import PASSWORD, USER, Secured
from tests.watch.running import Watch, message, publish, snapshot

CASES, MESSAGES = 200, 100
pytestmark = pytest.mark.kafka


@pytest.fixture
def kafka_broker() -> Iterator[KafkaServer]:
    """A broker of its own: what other tests sent would be counted too."""
    with broker() as server:
        yield server


@pytest.fixture
def watches(kafka_broker: KafkaServer, tmp_path: Path) -> Iterator[list[Watch]]:
    made = [Watch(tmp_path, "--bootstrap", kafka_broker.bootstrap) for _ in range(3)]
    yield made
    for one in made:
        one.kill()


@pytest.fixture
def watch(watches: list[Watch]) -> Watch:
    return watches[0]


def plain(server: KafkaServer) -> BusSettings:
    return BusSettings(kind="kafka", bootstrap=server.bootstrap)


async def commit_all(server: KafkaServer) -> None:
    """Commit the ends of both topics for the group, as an instance does that dies before its changelog is written."""
    consumer = AIOKafkaConsumer(bootstrap_servers=server.bootstrap, group_id=APP_ID, enable_auto_commit=False)
    await consumer.start()
    places = [TopicPartition(topic, n) for topic in (CASES_TOPIC, MESSAGES_TOPIC) for n in range(PARTITIONS)]
    consumer.assign(places)
    await consumer.commit(await consumer.end_offsets(places))
    await consumer.stop()


async def delete_changelogs(server: KafkaServer) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=server.bootstrap)
    await admin.start()
    await admin.delete_topics([f"{APP_ID}-cases-changelog", f"{APP_ID}-messages-changelog"])
    await admin.close()


def together(*shown: Watch) -> tuple[int, ...]:
    """Return the sums that Prometheus would show, once the instances share all partitions between them."""
    shares = [one.partitions() for one in shown]
    if not all(shares) or sorted(chain.from_iterable(shares)) != list(range(PARTITIONS)):
        return ()
    return tuple(map(sum, zip(*(one.counts() for one in shown), strict=True)))


def test_a_kill_in_the_middle_and_a_repeated_history_change_no_count(watch: Watch, kafka_broker: KafkaServer) -> None:
    first = [snapshot(number, 1, "open") for number in range(CASES)] + [message(n) for n in range(MESSAGES)]
    second = [snapshot(number, 2, "completed") for number in range(CASES // 2)]
    publish(plain(kafka_broker), first)
    watch.start()
    eventually(lambda: watch.counts()[0] > 0)
    watch.end(signal.SIGKILL)
    publish(plain(kafka_broker), first + second + first)
    watch.start()
    wanted = (CASES - CASES // 2, CASES // 2, MESSAGES)
    eventually(lambda: watch.counts() == wanted and watch.shown()["complete"])
    access = watch.shown()["controllers"]["axigen"]["rights"]["access"]
    assert (access["due_soon"], access["overdue"], access["days_to_complete"]["mean"]) == (CASES // 2, 0, 10.0)
    time.sleep(1)
    assert watch.counts() == wanted
    with urllib.request.urlopen(f"http://127.0.0.1:{watch.port}/metrics", timeout=WAIT_SECONDS) as answer:
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
    publish(plain(kafka_broker), first)
    one.start()
    other.start()
    eventually(lambda: together(one, other) == (CASES, 0, MESSAGES))
    assert one.shown()["complete"] is other.shown()["complete"] is False
    one.end(signal.SIGKILL)
    third.start()
    publish(plain(kafka_broker), second + first)
    wanted = (CASES - CASES // 2, CASES // 2, MESSAGES)
    eventually(lambda: together(other, third) == wanted)
    other.end(signal.SIGTERM)
    eventually(lambda: third.figures().get("complete") and third.counts() == wanted)


def test_what_was_committed_and_not_kept_is_read_again_and_without_changelogs_all_is(
    watch: Watch, kafka_broker: KafkaServer
) -> None:
    publish(plain(kafka_broker), [snapshot(number, 1, "open") for number in range(CASES)])
    watch.start()
    eventually(lambda: watch.counts() == (CASES, 0, 0))
    assert watch.end(signal.SIGTERM) == 0
    publish(plain(kafka_broker), [snapshot(0, 2, "completed"), *(message(n) for n in range(MESSAGES))])
    asyncio.run(commit_all(kafka_broker))
    watch.start()
    eventually(lambda: watch.counts() == (CASES - 1, 1, MESSAGES))
    assert watch.end(signal.SIGTERM) == 0
    asyncio.run(delete_changelogs(kafka_broker))
    watch.start()
    eventually(lambda: watch.counts() == (CASES - 1, 1, MESSAGES))


def test_it_draws_with_a_password_over_tls(secured: Secured, tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "habeas.toml").write_text(
        f'[bus]\nkind = "kafka"\nbootstrap = "{secured.bootstrap}"\nsecurity_protocol = "SASL_SSL"\n'
        f'sasl_username = "{USER}"\nsasl_password = "{PASSWORD}"\nssl_cafile = {json.dumps(str(secured.trusted))}\n'
    )
    watch = Watch(tmp_path)
    publish(secured.settings(), [snapshot(1, 1, "open"), snapshot(2, 2, "completed"), message(1)])
    watch.start()
    try:
        eventually(lambda: watch.counts() == (1, 1, 1))
        assert watch.end(signal.SIGTERM) == 0
    finally:
        watch.kill()
    said = (tmp_path / "watch.log").read_text()
    assert PASSWORD not in said
    assert "Traceback" not in said


def test_a_password_that_is_refused_ends_it_with_what_to_check(secured: Secured, tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "habeas.toml").write_text(
        f'[bus]\nkind = "kafka"\nbootstrap = "{secured.bootstrap}"\nsecurity_protocol = "SASL_SSL"\n'
        f'sasl_username = "{USER}"\nsasl_password = "another"\nssl_cafile = {json.dumps(str(secured.trusted))}\n'
    )
    watch = Watch(tmp_path)
    watch.start()
    assert watch.ended() == 1
    said = (tmp_path / "watch.log").read_text()
    assert "bus.sasl_username and bus.sasl_password" in said
    assert "Traceback" not in said


def test_a_broker_that_is_absent_is_waited_for_and_a_stop_is_obeyed_meanwhile(tmp_path: Path) -> None:
    watch = Watch(tmp_path, "--bootstrap", "127.0.0.1:1")
    watch.start()
    eventually(lambda: "bus_waits_for_broker" in (tmp_path / "watch.log").read_text())
    assert watch.shown()["complete"] is False
    assert watch.end(signal.SIGTERM) == 0
    assert "Traceback" not in (tmp_path / "watch.log").read_text()
