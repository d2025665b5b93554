"""What a user is told when the ground gives way under `habeas up`: a full disk, a damaged file, a wrong key."""

from __future__ import annotations

import json
import os
import resource
import shutil
import smtplib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from services.cli.main import habeas as habeas_command
from services.runtime.vault.master import new_master_key
from tests.journeys.product import Product, eventually, free_port, running

BODY = "Please correct my name. " + "It is Anne, not Ann. " * 20_000


def allow(product: Product, file_bytes: int) -> None:
    """Let no file of the running product grow beyond this: to a program, a disk that takes no more."""
    assert product.process is not None
    resource.prlimit(product.process.pid, resource.RLIMIT_FSIZE, (file_bytes, resource.RLIM_INFINITY))


def refused(habeas: Product) -> int:
    """Send a mail and return the code that refuses it; 0 where it is taken."""
    try:
        habeas.mail("legal@maxony.com", BODY, sender=f"ann{os.urandom(4).hex()}@example.org")
    except smtplib.SMTPDataError as refusal:
        return refusal.smtp_code
    return 0


def test_a_full_disk_refuses_mail_for_now_says_so_once_and_is_over_when_there_is_room(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with running(home) as habeas:
        assert refused(habeas) == 0
        eventually(lambda: habeas.events("CaseOpened"))
        allow(habeas, habeas.log.stat().st_size + 20_000)
        assert [refused(habeas) for _ in range(3)] == [452] * 3
        line = json.dumps({"text": "Please correct my name. It is Anne, not Ann. " * 40}).encode()
        answers = [habeas.get("/chat/mailpro", "POST", line) for _ in range(20)]
        assert {status for status, _ in answers} <= {202, 503}
        assert b"try again" in answers[-1][1]
        status, told = habeas.get("/readyz")
        assert status == 503
        assert b"what arrives is refused" in told

        allow(habeas, resource.RLIM_INFINITY)
        eventually(lambda: refused(habeas) == 0)
        eventually(lambda: habeas.get("/readyz")[0] == 200)
        eventually(lambda: opened(habeas) >= 2)
        assert opened(habeas) == 2, "what was refused was not kept"
        assert "no dead letters" in habeas.habeas("dead-letters", "list").lower()
    said = [json.loads(line) for line in habeas.log.read_text().splitlines() if line.startswith("{")]
    refusals = [line for line in said if line["event"].startswith("what arrives is refused")]
    assert len(refusals) == 1
    assert "free some room" in refusals[0]["remedy"]
    assert not [line for line in said if "at" in line], "no place in the program is named: it is not at fault"


def opened(habeas: Product) -> int:
    """Return how many mails became a case."""
    return len({event["data"]["message_id"] for event in habeas.events("CaseOpened") if by_mail(event)})


def by_mail(event: dict[str, Any]) -> bool:
    return bool(event["data"]["channel"] == "email")


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of a product that ran and was stopped."""
    home = tmp_path_factory.mktemp("ground") / "home"
    with running(home) as habeas:
        habeas.mail("legal@maxony.com", "Please correct my name: it is Anne.")
        eventually(lambda: habeas.events("CaseOpened"))
    return home


@pytest.fixture
def home(left: Path, tmp_path: Path) -> Path:
    """A copy of that home, to break."""
    shutil.copytree(left, tmp_path / "home")
    return tmp_path / "home"


def start(home: Path, *flags: str) -> tuple[int, list[str]]:
    """Start habeas as a user does where it cannot work; return its status and what it says."""
    ports = ("--smtp", f"127.0.0.1:{free_port()}", "--http", f"127.0.0.1:{free_port()}")
    done = CliRunner().invoke(habeas_command, ["up", "--home", str(home), *ports, *flags], catch_exceptions=False)
    return done.exit_code, done.output.splitlines()


def damage(home: Path, name: str) -> None:
    with (home / name).open("r+b") as file:
        file.write(b"this is not a database any more " * 300)


def foreign_key(home: Path) -> None:
    (home / "master.key").write_text(new_master_key().written())


def no_key(home: Path) -> None:
    (home / "master.key").unlink()


def nonsense_key(home: Path) -> None:
    (home / "master.key").write_text("my dog's name")


def settings_of(text: bytes) -> Callable[[Path], None]:
    def write(home: Path) -> None:
        (home / "habeas.toml").write_bytes(text)

    return write


@pytest.mark.parametrize(
    ("spoil", "check", "remedy"),
    [
        (lambda home: damage(home, "habeas.db"), "store", "restore the latest backup"),
        (lambda home: damage(home, "keys.db"), "keys", "restore it from its own backup"),
        (lambda home: (home / "keys.db").unlink(), "keys", "estore the key store"),
        (foreign_key, "keys", "Restore that one"),
        (no_key, "keys", "restore it"),
        (nonsense_key, "keys", "master key"),
        (settings_of(b"[smtp\nport = 1"), "settings", "habeas.toml"),
        (settings_of(b"\xff\xfe nonsense"), "settings", "habeas.toml"),
        (settings_of(b"smpt = 25\n[retry]\ntries_max = 0"), "settings", "smpt"),
    ],
    ids=["database", "key store", "no key store", "foreign key", "no key", "nonsense key", "no TOML", "bytes", "names"],
)
def test_ground_that_cannot_be_stood_on_is_one_clear_line_and_is_left_as_it_is(
    home: Path, spoil: Callable[[Path], None], check: str, remedy: str
) -> None:
    spoil(home)
    before = contents(home)
    status, lines = start(home)
    assert status in {1, 2}
    assert len(lines) <= 3, lines
    assert lines[0].startswith("habeas: ")
    assert remedy in " ".join(lines)
    done = CliRunner().invoke(habeas_command, ["doctor", "--home", str(home), "--json"])
    failed = {
        line["check"]: line["says"] for line in map(json.loads, done.stdout.splitlines()) if line["state"] == "FAIL"
    }
    assert remedy in failed[check]
    assert contents(home) == before, "nothing was changed or made anew"


def contents(home: Path) -> dict[str, bytes]:
    """Return what the home's own files hold; not the locks, nor the logs that SQLite keeps beside a file it opens."""
    return {
        path.name: path.read_bytes()
        for path in home.iterdir()
        if path.is_file() and not path.name.endswith(("-wal", "-shm", ".lock"))
    }
