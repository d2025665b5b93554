"""`habeas topics`: what an operator and a newcomer see of the bus."""

from __future__ import annotations

import asyncio
import json
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from schemas.topics import Topic, TopicSpec, all_topics
from services.cli.main import habeas
from services.runtime.bus.port import Outgoing
from services.runtime.bus.sqlite.bus import SqliteBus
from tests.journeys.product import WAIT_SECONDS

OPENED = (("ce_id", b"event-1"), ("ce_type", b"habeas.CaseOpened"), ("ce_specversion", b"1.0"))


async def fill(home: Path, *topics: TopicSpec) -> None:
    bus = SqliteBus(home / "habeas.db")
    await bus.open()
    await bus.ensure_topics(topics)
    await bus.publish([Outgoing(Topic.CASES.value, b"case-1", b'{"controller":"axigen"}', OPENED)])
    await bus.close()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home folder with every topic and one event."""
    asyncio.run(fill(tmp_path, *all_topics()))
    return tmp_path


def run(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(habeas, ["topics", *arguments])
    return done.exit_code, done.output


def test_the_list_counts_what_was_published_and_how_far_a_group_is_behind(home: Path) -> None:
    status, said = run("list", "--home", str(home), "--group", "router", "--json")
    lines = {line["topic"]: line for line in map(json.loads, said.splitlines())}
    assert status == 0
    assert lines.keys() == {topic.name for topic in all_topics()}
    cases = lines["habeas.cases"]
    assert (cases["events"], cases["behind"], cases["differences"]) == (1, {"router": 1}, [])


def test_the_list_marks_a_topic_that_is_not_as_documented(tmp_path: Path) -> None:
    asyncio.run(fill(tmp_path, TopicSpec(Topic.CASES.value, "", partitions=3)))
    status, said = run("list", "--home", str(tmp_path))
    assert status == 0
    assert "! habeas.cases has 3 partitions and must have 8" in said
    assert "! habeas.messages is missing" in said


def test_the_tail_says_an_event_as_cloudevents_do(home: Path) -> None:
    status, said = run("tail", "--home", str(home), "--topic", "cases", "--from-beginning", "--no-follow", "--json")
    assert status == 0
    line = json.loads(said)
    assert (line["id"], line["type"], line["key"]) == ("event-1", "habeas.CaseOpened", "case-1")
    assert (line["topic"], line["offset"], line["data"]) == ("habeas.cases", 0, {"controller": "axigen"})


def test_the_tail_shows_what_another_process_publishes_and_ends_with_ctrl_c(home: Path) -> None:
    command = [sys.executable, "-m", "services", "topics", "tail", "--home", str(home), "--json"]
    # A shell starts what runs in its background with Ctrl-C ignored, and a child keeps that.
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=_heed_ctrl_c) as tail:
        try:
            assert tail.stdout is not None
            # It shows what passes from now on, so the event comes again and again until it is there.
            until = time.monotonic() + WAIT_SECONDS
            while tail.poll() is None and not _readable(tail.stdout.fileno(), 0.5) and time.monotonic() < until:
                asyncio.run(fill(home, *all_topics()))
            assert _readable(tail.stdout.fileno()), "the tail never showed the event"
            assert json.loads(tail.stdout.readline())["type"] == "habeas.CaseOpened"
            tail.send_signal(signal.SIGINT)
            _, complaint = tail.communicate(timeout=WAIT_SECONDS)
        finally:
            tail.kill()
    assert b"Traceback" not in complaint
    assert tail.returncode == 0


def _heed_ctrl_c() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _readable(file: int, wait_seconds: float = 0) -> bool:
    return bool(select.select([file], [], [], wait_seconds)[0])


def test_a_topic_that_is_not_there_is_refused_with_the_names_of_those_that_are(home: Path) -> None:
    status, said = run("tail", "--home", str(home), "--topic", "letterz")
    assert status == 2
    assert "there is no topic habeas.letterz" in said
    assert "habeas.letters" in said


def test_a_home_where_nothing_ran_yet_says_what_to_start(tmp_path: Path) -> None:
    status, said = run("list", "--home", str(tmp_path))
    assert status == 2
    assert "start `habeas up`" in said
    assert list(tmp_path.iterdir()) == [], "looking must not create anything"


def test_a_broker_that_does_not_answer_is_said_within_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.cli.topics.REACH_SECONDS", 0.5)
    status, said = run("list", "--bootstrap", "127.0.0.1:1")
    assert status == 1
    assert "Kafka at 127.0.0.1:1 does not answer" in said
    assert "Traceback" not in said
