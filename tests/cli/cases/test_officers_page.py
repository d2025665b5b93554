"""The officers' page: every example on it works as it stands there, and every command is on it."""

from __future__ import annotations

import re
import shlex
from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner

from services.cli.case import case
from services.cli.main import habeas
from services.runtime.clock import Clock
from tests.cli.cases.office import Office, days_ago

PAGE = Path(__file__).resolve().parents[3] / "docs" / "officers.md"
WRITTEN = date(2026, 11, 21)
"""The day that the page's examples take for today."""


def examples() -> list[str]:
    blocks = re.findall(r"^```sh\n(.*?)^```$", PAGE.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    return [line for block in blocks for line in block.splitlines() if line.strip()]


def moved(text: str, by: timedelta) -> str:
    """Move the page's dates."""

    def put(match: re.Match[str]) -> str:
        return (date.fromisoformat(match[0]) + by).isoformat()

    return re.sub(r"2026-\d\d-\d\d", put, text)


def test_every_example_works_as_it_stands(office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HABEAS_HOME", str(office.home))
    monkeypatch.chdir(tmp_path)
    rows = ["Request ID,Date Received,Request Type,Email", f"DSR-1,{days_ago(9)},Deletion,eve@example.com"]
    (tmp_path / "open.csv").write_text("\n".join(rows), "utf-8")
    (tmp_path / "letter.txt").write_text("Please send me a copy of my data. Ann Ash", "utf-8")
    known: dict[str, str] = {}
    # To where they are from today, which is where the page's controller is, hexamail.
    since = Clock().now().astimezone(ZoneInfo("Europe/London")).date() - WRITTEN
    for example in examples():
        name, words = shlex.split(example)[0], shlex.split(moved(example, since))[1:]
        assert name == "habeas", example
        if "$VERSION" in words:
            known["$VERSION"] = str(office.show(known["$ANN"])["version"])
        given = [known.get(word, word) for word in words]
        assert not [word for word in given if word.startswith("$")], example
        done = CliRunner().invoke(habeas, given, catch_exceptions=False)
        assert done.exit_code == 0, f"{example}\n{done.output}"
        if words[:2] == ["case", "open"]:
            who = words[words.index("--name") + 1].split()[0].upper()
            (known[f"${who}"],) = re.findall(r"^HB-[0-9A-F]{8}", done.stdout, flags=re.MULTILINE)


def test_every_command_is_on_the_page() -> None:
    page = PAGE.read_text("utf-8")
    missing = [name for name in case.commands if not re.search(rf"`?habeas case {name}\b|`{name}\b", page)]
    assert missing == []
