"""An office with a database and a vault, and an officer at the command line."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from click.testing import CliRunner, Result

from services.cli.case import case
from services.router.api.cases import Desk, desk
from services.router.core.cases import commands as c
from services.runtime.clock import Clock
from services.runtime.settings import load
from services.runtime.store import Database
from services.runtime.vault import master_key_source, open_vault

SEAT = ZoneInfo("Europe/Bucharest")
MORNING = datetime(2027, 1, 12, 9, 30, tzinfo=UTC)
"""When the tests take place, whenever they run: a month after one day is not as long as after another."""


class Office:
    """Where cases are decided; `run` is what an officer types after `habeas case`."""

    def __init__(self, home: Path, url: str) -> None:
        self.home = home
        self.url = url
        home.mkdir(parents=True, exist_ok=True)
        database = Database(url)
        settings = load(home, None, {"store": url})
        masters = master_key_source(home, file=settings.master_key)
        open_vault(home, lambda: database.begin("router"), keys_url=settings.keys_url, masters=masters).vault.close()
        database.close()

    def result(self, *words: str, officer: str = "olga") -> Result:
        where = ["--home", str(self.home), "--store", self.url]
        where += ["--officer", officer]
        return CliRunner().invoke(case, [*words, *where], catch_exceptions=False)

    def run(self, *words: str, officer: str = "olga") -> str:
        done = self.result(*words, officer=officer)
        assert done.exit_code == 0, done.output
        return done.stdout

    def json(self, *words: str, officer: str = "olga") -> Any:
        return json.loads(self.run(*words, "--json", officer=officer))

    def refused(self, *words: str, officer: str = "olga") -> str:
        """Return the one line of a refusal; anything longer, or a traceback, is a defect."""
        done = self.result(*words, officer=officer)
        assert done.exit_code in {1, 2}, done.output
        lines = [row for row in done.output.splitlines() if row and not row.startswith(("Usage:", "Try "))]
        assert len(lines) == 1, done.output
        return lines[0].removeprefix("Error: ")

    def open(self, *rights: str, received: str = "", **options: str) -> dict[str, Any]:
        """Open a case for a letter that came some days ago."""
        given = {"controller": "axigen", "channel": "letter", "person-email": "ann@example.org", "name": "Ann Ash"}
        given |= {name.replace("_", "-"): value for name, value in options.items()}
        words = [word for name, value in given.items() if value for word in (f"--{name}", value)]
        named = [word for right in rights for word in ("--right", right)]
        return dict(self.json("open", *named, "--received", received or days_ago(2), *words))

    def show(self, name: str) -> dict[str, Any]:
        return dict(self.json("show", name))

    def desk(self, officer: str = "olga") -> Any:
        return desk(load(self.home, None, {"store": self.url}), officer)

    def deliver(self, name: str, template: str, moment: datetime | None = None) -> None:
        """Let a case's letter be accepted by the relay."""
        with self.desk() as at:
            self._deliver(at, name, template, moment or Clock().now())

    def _deliver(self, at: Desk, name: str, template: str, moment: datetime) -> None:
        with at.store.begin() as transaction:
            found = at.found(transaction, name)
            letter = next(each for each in found.letters if each.template == template)
            command = c.RecordReplySent(
                case_id=found.case_id, cause=f"sent:{letter.letter_id}", at=Clock().now(),
                letter_id=letter.letter_id, moment=moment,
            )  # fmt: skip
            at.router.carry_out(transaction, command, None)


def days_ago(days: int) -> str:
    """Return the day, where axigen is."""
    return (MORNING.astimezone(SEAT).date() - timedelta(days=days)).isoformat()


def huge(folder: Path) -> Path:
    """Return a file of ten gigabytes that takes no room on the disk; whoever reads it whole runs out of memory."""
    path = folder / "huge.pdf"
    with path.open("wb") as file:
        file.truncate(10 * 2**30)
    return path
