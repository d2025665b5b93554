"""Both buses, for every test of the contract: the embedded one in a file, Kafka on a real broker."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from tests.contract.bus.place import Place
from tests.contract.bus.state import State
from tests.servers.kafka import kafka_broker

__all__ = ["kafka_broker"]

ROOT = Path(__file__).resolve().parents[3]
Start = Callable[..., "subprocess.Popen[bytes]"]


@pytest.fixture(params=["embedded", pytest.param("kafka", marks=pytest.mark.kafka)])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """Where the bus under test is."""
    if request.param == "kafka":
        return Place("kafka", request.getfixturevalue("kafka_broker").bootstrap)
    return Place("embedded", str(tmp_path / "habeas.db"))


@pytest.fixture
def topic() -> str:
    """A topic that no other test uses."""
    return f"habeas.test-{uuid4().hex[:12]}"


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    """What the workers of this test share."""
    shared = State(tmp_path / "state.db")
    yield shared
    shared.close()


@pytest.fixture
def start(tmp_path: Path, topic: str) -> Iterator[Start]:
    """Start worker processes; those that still run at the end are killed."""
    running: list[subprocess.Popen[bytes]] = []

    def start_one(place: Place, name: str, *more: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "tests.contract.bus.worker", "--place", place.text(), "--topic", topic]
        command += ["--group", f"group-{topic}", "--state", str(tmp_path / "state.db"), "--name", name, *more]
        with (tmp_path / f"{name}.log").open("ab") as log:
            running.append(subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log))
        return running[-1]

    yield start_one
    for worker in running:
        if worker.poll() is None:
            worker.kill()
        worker.wait()
