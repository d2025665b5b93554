"""The services of docker-compose.yml, started by hand on a real Kafka and a real PostgreSQL: the same journey."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import yaml

from scripts.kafka_server import KafkaServer
from tests.journeys.product import WAIT_SECONDS, Product, eventually, free_port, link_in

COMPOSE: dict[str, Any] = yaml.safe_load(Path("docker-compose.yml").read_text(encoding="utf-8"))

pytestmark = [pytest.mark.kafka, pytest.mark.postgres, pytest.mark.slow]


class ScaledOut(Product):
    """The compose file's services as processes; `home` is where the outbox and the master key are."""

    def __init__(self, home: Path, bootstrap: str, store: str) -> None:
        super().__init__(home)
        self.board = free_port()
        self.probed: list[int] = []
        self.environment = {
            **os.environ,
            **{name: str(value) for name, value in COMPOSE["x-habeas"]["environment"].items()},
            "HABEAS_BUS__BOOTSTRAP": bootstrap,
            "HABEAS_STORE": store,
            "HABEAS_MASTER_KEY_FILE": str(home / "master.key"),
            "HABEAS_RELAY": f"maildir:{home / 'outbox'}",
            "HABEAS_PUBLIC_URL": f"http://127.0.0.1:{self.http}",
            "HABEAS_HOME": str(home),
            "PYTHONUNBUFFERED": "1",
        }

    def service(self, name: str) -> subprocess.Popen[bytes]:
        command = list(COMPOSE["services"][name]["command"])
        if "--smtp" in command:
            command[command.index("--smtp") + 1] = f"127.0.0.1:{self.smtp}"
        if "--http" in command:
            # On one machine, each of them needs a port of its own.
            port = {"intake": self.http, "watch": self.board}.get(name) or free_port()
            self.probed.append(port)
            command[command.index("--http") + 1] = f"127.0.0.1:{port}"
        with self.log.open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "services", *command], stdout=log, stderr=log, env=self.environment
            )

    def figures(self) -> dict[str, Any]:
        """Return what the watch's board shows of the controller that these tests write to."""
        try:
            shown = json.loads(self.get(f"http://127.0.0.1:{self.board}/figures")[1])
        except OSError:
            return {}
        return dict(shown["controllers"].get("axigen", {})) if shown["complete"] else {}

    def habeas(self, *arguments: str) -> str:
        where = ["--bus", "kafka", "--bootstrap", self.environment["HABEAS_BUS__BOOTSTRAP"]]
        if arguments[0] != "topics":
            where = ["--store", self.environment["HABEAS_STORE"]]
        done = subprocess.run(
            [sys.executable, "-m", "services", *arguments, *where],
            capture_output=True, text=True, timeout=WAIT_SECONDS, check=False, env=self.environment,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture
def habeas(tmp_path: Path, kafka_broker: KafkaServer, postgres_url: str) -> Iterator[ScaledOut]:
    home = tmp_path / "home"
    home.mkdir()
    product = ScaledOut(home, kafka_broker.bootstrap, postgres_url)
    with ExitStack() as stack:
        for name in ("intake", "router", "router", "fulfil", "fulfil", "watch"):
            process = product.service(name)
            stack.callback(process.wait, WAIT_SECONDS)
            stack.callback(process.send_signal, signal.SIGTERM)
            if name == "intake":
                eventually(lambda: _ready(product, product.http))
        # Six processes that start on two processors: nobody's patience is on trial before all of them are there.
        eventually(lambda: all(_ready(product, port) for port in product.probed))
        yield product


def _ready(product: Product, port: int) -> bool:
    try:
        return product.get(f"http://127.0.0.1:{port}/readyz")[0] == 200
    except OSError:
        return False


def test_the_same_mail_walks_the_same_way_across_processes(habeas: ScaledOut) -> None:
    habeas.mail("data-protection@axigen.com", "Please send me a copy of my data.")
    link = link_in(habeas.letter("please confirm that you"), "v")
    assert habeas.get(link, "POST")[0] == 200
    (opened,) = eventually(lambda: habeas.events("TaskOpened"))
    assert opened["data"]["reason"] == "no_system_connected"
    case = opened["data"]["case_id"]
    habeas.habeas("case", "complete", case, "--note", "We hold no data about you.")
    assert habeas.letter("We hold no data about you.")
    (completed,) = eventually(lambda: habeas.events("CaseCompleted"))
    assert completed["data"]["claims"][0]["right"] == "access"
    shown = eventually(lambda: (now := habeas.figures()) and now["cases"]["completed"] == 1 and now)
    assert shown["rights"]["access"]["completed_by_outcome"] == {"fulfilled": 1}
    assert shown["cases"]["open"] == 0
    # Messages are another topic, which the watch may read a moment later.
    eventually(lambda: habeas.figures().get("messages", {}).get("last_hour") == 1)
