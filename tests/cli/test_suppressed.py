"""A mailing asks before it goes out: who objected is named, and nobody else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from services.cli.suppressed import suppressed
from tests.journeys.shop import Shop, home_with
from tests.journeys.walk import house


@pytest.fixture
def home(tmp_path: Path) -> Path:
    found = home_with(Shop(tmp_path / "shop.db"), tmp_path)
    with house(found) as at:
        at.mail("data-protection@axigen.com", "Please unsubscribe me from the Pen friends list.")
        at.mail("data-protection@axigen.com", "Unsubscribe me, please.", sender="bob@example.org")
    return found


def asked(home: Path, lines: str, *flags: str) -> list[dict[str, object]]:
    arguments = ["--controller", "axigen", "--home", str(home), *flags]
    done = CliRunner().invoke(suppressed, arguments, input=lines)
    assert done.exit_code == 0, done.output
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_who_objected_is_named_with_the_lists(home: Path) -> None:
    lines = 'Ann@Example.org\n{"id": "b", "address": "bob@example.org"}\ncarol@example.org\n'
    assert asked(home, lines) == [
        {"id": 1, "suppressed": True, "lists": ["Pen friends"]},
        {"id": "b", "suppressed": True, "lists": ["*"]},
        {"id": 3, "suppressed": False, "lists": []},
    ]
    assert [found["suppressed"] for found in asked(home, lines, "--list", "Product news")] == [False, True, False]


def test_an_older_list_moves_over(home: Path) -> None:
    assert asked(home, "old@example.org\nold@example.org\n", "--add") == [
        {"id": 1, "added": True},
        {"id": 2, "added": False},
    ]
    assert asked(home, "OLD@example.org\n")[0]["suppressed"] is True


def test_a_bad_line_is_answered_on_its_line(home: Path) -> None:
    found = asked(home, "{broken\nno address\n" + "x" * 20_000 + "@example.org\nbob@example.org\n")
    assert ["error" in each for each in found] == [True, True, True, False]
    assert "example.org" not in str(found[1]["error"]).replace("ann@example.org", "")


def test_an_unknown_controller_is_named_with_the_known_ones(home: Path) -> None:
    done = CliRunner().invoke(suppressed, ["--controller", "nobody", "--home", str(home)], input="")
    assert done.exit_code == 2
    assert "no controller nobody" in done.output
