"""Every case on every database: what is found, what is erased, and that nobody else notices."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.fulfil.asking import Answer, ask
from tests.fulfil.places import Rows
from tests.fulfil.scenarios.world import Scenario, World, build, scenarios

__all__ = ["build"]
Build = Callable[[Scenario], World]
ALL = [pytest.param(s, id=s.name) for s in scenarios()]


def options(scenario: Scenario, world: World, folder: Path) -> list[str | Path]:
    return [
        "--map",
        *scenario.map_files(folder),
        "--connect",
        *world.connections(),
        "--identity",
        *scenario.said["who"],
    ]


def first(rows: list[dict[str, Any]]) -> set[str]:
    return {str(next(iter(row.values()))) for row in rows}


def listed(scenario: Scenario, answer: Answer) -> dict[str, set[str] | int]:
    found: dict[str, set[str] | int] = {}
    for table, said in answer.tables.items():
        if said["rows"]:
            by_number = scenario.said.get("counted") or table in scenario.said.get("keyless", {})
            found[table] = len(said["rows"]) if by_number else first(said["rows"])
    return found


def wanted(scenario: Scenario, what: str) -> dict[str, set[str] | int]:
    if scenario.said.get("counted"):
        return dict(scenario.said.get(what, {}))
    keyless = scenario.said.get("keyless", {}) if what in ("found", "erased") else {}
    return {**scenario.rows(what), **keyless}


def differing(scenario: Scenario, before: Rows, after: Rows) -> dict[str, set[str] | int]:
    found: dict[str, set[str] | int] = {}
    for table, rows in before.items():
        if rows != after[table]:
            by_number = scenario.said.get("counted") or table in scenario.said.get("keyless", {})
            found[table] = len(rows - after[table]) if by_number else {row[0] for row in rows - after[table]}
    return found


def withheld(answer: Answer) -> dict[str, dict[str, str]]:
    return {
        table: {str(next(iter(e["key"].values()))): f"{e['reason']} {','.join(e.get('fields', []))}" for e in entries}
        for table, said in answer.tables.items()
        if (entries := said["withheld"])
    }


def check_withheld(answer: Answer, wanted: dict[str, dict[Any, str]]) -> None:
    said = withheld(answer)
    assert {t: set(rows) for t, rows in said.items()} == {t: set(map(str, rows)) for t, rows in wanted.items()}
    for table, rows in wanted.items():
        for key, word in rows.items():
            assert word in said[table][str(key)]


@pytest.mark.parametrize("scenario", ALL)
def test_the_person_is_found_and_erased_and_nobody_else_notices(
    scenario: Scenario, build: Build, tmp_path: Path
) -> None:
    world = build(scenario)
    before = world.dump()
    access(scenario, world, tmp_path)
    assert world.dump() == before
    erasure(scenario, world, tmp_path, before)


def access(scenario: Scenario, world: World, folder: Path) -> None:
    answer = ask("access", *options(scenario, world, folder), "--out", folder / "out")
    if scenario.said.get("access") == "refused":
        assert (answer.exit, answer.status, answer.tables) == (3, "refused", {}), answer.said
        assert not list((folder / "out").rglob("*.jsonl"))
        check_refused(scenario, answer)
        return
    assert (answer.exit, answer.status) == (0, "complete"), answer.said
    assert listed(scenario, answer) == wanted(scenario, "found")
    check_withheld(answer, scenario.said.get("withheld", {}))
    written = "".join(f.read_text() for f in (folder / "out").rglob("*.jsonl"))
    for word in scenario.said.get("shown", []):
        assert word in written
    for word in scenario.said.get("hidden", []):
        assert word not in written


def check_refused(scenario: Scenario, answer: Answer) -> None:
    for word in scenario.said["errors"]:
        assert word in " ".join(answer.errors)
    for word in scenario.said["hidden"]:
        assert word not in answer.said


def erasure(scenario: Scenario, world: World, tmp_path: Path, before: Rows) -> None:
    answer = ask("erasure", *options(scenario, world, tmp_path), "--yes")
    status = scenario.said.get("status", "complete")
    assert answer.status == status, answer.said
    for word in scenario.said.get("errors", []):
        assert word in " ".join(answer.errors)
    after = world.dump()
    if status == "refused":
        assert after == before
        return
    assert differing(scenario, before, after) == wanted(scenario, "erased")
    assert all(len(after[t]) <= len(rows) for t, rows in before.items())
    assert listed(scenario, answer) == wanted(scenario, "reported" if "reported" in scenario.said else "erased")
    check_withheld(answer, scenario.said.get("kept", {}))
    for table, rows in scenario.said.get("after", {}).items():
        found = {row[0]: list(row) for row in after[table]}
        for key, row in rows.items():
            assert found.get(str(key)) == list(map(str, row))
    for table, gone in scenario.said.get("gone", {}).items():
        assert not {row[0] for row in after[table]} & set(map(str, gone))
    again = ask("access", *options(scenario, world, tmp_path))
    assert listed(scenario, again) == wanted(scenario, "left")
    twice = ask("erasure", *options(scenario, world, tmp_path), "--yes")
    assert twice.status == status
    assert listed(scenario, twice) == {}
    assert world.dump() == after
