"""The whole product as a newcomer runs it: one process, one home folder, free ports; driven from outside only."""

from __future__ import annotations

import email
import email.policy
import json
import os
import re
import signal
import smtplib
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path
from typing import Any, TypeVar

from scripts.serving import free_ports
from tests.journeys.archives import archive_on, opened, password_on

T = TypeVar("T")
WAIT_SECONDS = 180.0
"""Only what never comes is waited for so long, however busy the machine is."""


def free_port() -> int:
    return free_ports(1)[0]


def eventually(look: Callable[[], T], wait_seconds: float = WAIT_SECONDS, look_seconds: float = 0.1) -> T:
    """Return what `look` finds, once it finds something."""
    end = time.monotonic() + wait_seconds
    while time.monotonic() < end:
        found = look()
        if found:
            return found
        time.sleep(look_seconds)
    raise AssertionError(f"nothing was found within {wait_seconds} seconds by {look}")


class Product:
    """A running habeas."""

    def __init__(self, home: Path, *flags: str) -> None:
        self.home = home
        self.smtp = free_port()
        self.http = free_port()
        self.flags = flags
        self.log = home.parent / f"{home.name}.log"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, wait_seconds: float = WAIT_SECONDS) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "services", "up", "--home", str(self.home)),
                    *("--smtp", f"127.0.0.1:{self.smtp}", "--http", f"127.0.0.1:{self.http}", "--log", "json"),
                    *self.flags,
                ],
                stdout=log,
                stderr=log,
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
            )
        eventually(self._answers, wait_seconds)

    def _answers(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, self.log.read_text()
        try:
            return self.get("/readyz")[0] == 200
        except OSError:
            return False

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        assert self.process is not None
        self.process.send_signal(how)
        status = self.process.wait(timeout=WAIT_SECONDS)
        self.process = None
        return status

    # ---- what a person does

    def mail(
        self, to: str, text: str, *, sender: str = "ann@example.org", subject: str = "", name: str = "Ann"
    ) -> None:
        mail = EmailMessage()
        mail["From"] = f"{name} <{sender}>"
        mail["To"] = to
        mail["Subject"] = subject
        mail["Message-ID"] = f"<{time.time_ns()}@example.org>"
        mail.set_content(text)
        with smtplib.SMTP("127.0.0.1", self.smtp, timeout=WAIT_SECONDS) as client:
            client.send_message(mail, from_addr=sender, to_addrs=[to])

    def letters(self, to: str = "") -> list[EmailMessage]:
        """Return the letters in the outbox, oldest first."""
        folder = self.home / "outbox" / "new"
        files = sorted(folder.glob("*"), key=lambda path: path.stat().st_mtime_ns) if folder.is_dir() else []
        read = [email.message_from_bytes(path.read_bytes(), policy=email.policy.default) for path in files]
        return [letter for letter in read if isinstance(letter, EmailMessage) and to in str(letter["To"])]

    def letter(self, containing: str, to: str = "") -> str:
        """Return the text of the first letter that contains these words, once it is there."""

        def look() -> str:
            texts = map(text_of, self.letters(to))
            return next((text for text in texts if containing in " ".join(text.split())), "")

        return eventually(look)

    # ---- HTTP

    def get(
        self, path: str, method: str = "GET", content: bytes | None = None, content_type: str = "application/json"
    ) -> tuple[int, bytes]:
        url = path if path.startswith("http") else f"http://127.0.0.1:{self.http}{path}"
        request = urllib.request.Request(url, method=method, data=content)
        request.add_header("Content-Type", content_type)
        try:
            with urllib.request.urlopen(request, timeout=WAIT_SECONDS) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as answer:
            return answer.code, answer.read()

    def package(self, link: str) -> dict[str, bytes]:
        """Press the button on a package's page, fetch the archive and open it; return its files."""
        page = self.get(link, "POST")[1].decode()
        status, content = self.get(archive_on(page))
        assert status == 200
        return opened(content, password_on(page))

    def say(self, controller: str, text: str, session: str = "") -> dict[str, Any]:
        line = json.dumps({"text": text, **({"session": session} if session else {})}).encode()
        status, answer = self.get(f"/chat/{controller}", "POST", line)
        assert status == 202, answer
        return dict(json.loads(answer))

    def hear(self, controller: str, session: str, after: int = 0) -> list[dict[str, Any]]:
        return list(json.loads(self.get(f"/chat/{controller}/{session}?after={after}")[1])["messages"])

    # ---- what an officer or operator does

    def habeas(self, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "services", *arguments, "--home", str(self.home)],
            capture_output=True,
            text=True,
            timeout=WAIT_SECONDS,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def events(self, *names: str) -> list[dict[str, Any]]:
        """Return the events on the bus, of these names."""
        lines = self.habeas("topics", "tail", "--from-beginning", "--no-follow", "--json").splitlines()
        found = [json.loads(line) for line in lines]
        return [event for event in found if not names or event["type"].removeprefix("habeas.") in names]


def text_of(letter: EmailMessage) -> str:
    body = letter.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def link_in(text: str, kind: str) -> str:
    found = re.search(rf"http://\S+/{kind}/\S+", text)
    assert found, text
    return found.group()


@contextmanager
def running(home: Path, *flags: str) -> Iterator[Product]:
    product = Product(home, *flags)
    product.start()
    try:
        yield product
    finally:
        if product.process is not None:
            product.stop()


def connect(home: Path, controller: str, addresses: Sequence[str], systems: str) -> None:
    """Write settings that connect a controller's systems."""
    home.mkdir(parents=True, exist_ok=True)
    quoted = ", ".join(f'"{address}"' for address in addresses)
    (home / "habeas.toml").write_text(
        f"[controllers.{controller}]\naddresses = [{quoted}]\n{systems}", encoding="utf-8"
    )
