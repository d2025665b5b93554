"""`habeas run watch` as a process, and what it draws: cases and messages of one controller."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from schemas.envelope import Envelope, rooted
from schemas.events import CaseSnapshot, MessageReceived
from schemas.rights import Channel, Outcome, Right
from schemas.topics import all_topics
from schemas.values import ClaimState
from services.runtime.bus.kafka.bus import KafkaBus
from services.runtime.bus.port import Outgoing
from services.runtime.settings import BusSettings
from tests.journeys.product import WAIT_SECONDS, eventually, free_port


def snapshot(number: int, revision: int, state: str) -> Envelope:
    """Return a case's state."""
    ended = state == "completed"
    now = datetime.now(UTC)
    received = now - timedelta(days=10)
    claim = ClaimState(
        claim_id=f"claim-{number}", right=Right.ACCESS, state="completed" if ended else "routed", received=received,
        due=now + timedelta(days=5), completed=now if ended else None,
        outcome=Outcome.FULFILLED if ended else None,
    )  # fmt: skip
    event = CaseSnapshot(
        controller="axigen", occurred=now, case_id=f"case-{number}", revision=revision, state=state, opened=received,
        claims=(claim,),
    )  # fmt: skip
    return rooted(f"case-{number}-{revision}", event, "test")


def message(number: int) -> Envelope:
    """Return an arrival, of now: of an hour ago it would not be counted."""
    now = datetime.now(UTC)
    event = MessageReceived(
        controller="axigen", occurred=now, correspondent=f"who-{number % 9}", message_id=f"message-{number}",
        channel=Channel.EMAIL, received=now - timedelta(minutes=2), body=f"vault:{uuid4()}", person="person",
        size_bytes=1,
    )  # fmt: skip
    return rooted(f"message-{number}", event, "test")


def publish(settings: BusSettings, envelopes: Sequence[Envelope]) -> None:
    """Publish the envelopes, and something that no snapshot is."""

    async def go() -> None:
        bus = KafkaBus(settings)
        await bus.open()
        await bus.ensure_topics(all_topics())
        await bus.publish([Outgoing(one.topic, one.key, one.value(), one.headers()) for one in envelopes])
        await bus.publish([Outgoing("habeas.case-snapshots", b"case-bad", b"{", envelopes[0].headers())])
        await bus.close()

    asyncio.run(go())


class Watch:
    """`habeas run watch` as a process."""

    def __init__(self, folder: Path, *flags: str) -> None:
        self.folder, self.flags, self.port = folder, flags, free_port()
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the process."""
        command = [sys.executable, "-m", "services", "run", "watch", "--bus", "kafka", *self.flags]
        command += ["--http", f"127.0.0.1:{self.port}", "--home", str(self.folder / "home"), "--log", "json"]
        with (self.folder / "watch.log").open("ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log)

    def end(self, how: signal.Signals) -> int:
        """End it so, and return its status."""
        assert self.process is not None
        self.process.send_signal(how)
        return self.ended()

    def ended(self) -> int:
        """Return the status it ended with, once it has."""
        assert self.process is not None
        return self.process.wait(WAIT_SECONDS)

    def kill(self) -> None:
        """Leave nothing running, whatever the test did."""
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def figures(self) -> dict[str, Any]:
        """Return what it shows; nothing while it does not answer."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/figures", timeout=WAIT_SECONDS) as answer:
                return dict(json.loads(answer.read()))
        except OSError:
            return {}

    def shown(self) -> dict[str, Any]:
        """Return what it shows, once it answers."""
        return eventually(self.figures)

    def counts(self) -> tuple[int, int, int]:
        """Return the cases open and completed, and the messages of the last hour."""
        row = self.figures().get("controllers", {}).get("axigen")
        return (row["cases"]["open"], row["cases"]["completed"], row["messages"]["last_hour"]) if row else (0, 0, 0)

    def partitions(self) -> list[int]:
        """Return which partitions it draws."""
        return list(self.figures().get("partitions", []))
