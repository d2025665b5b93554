"""`habeas topics positions` and `reset`: a stopped group is put back, and what it reads again changes nothing."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from services.cli.main import habeas
from tests.journeys.product import eventually, running


def topics(home: Path, *words: str) -> tuple[int, str]:
    done = CliRunner().invoke(habeas, ["topics", *words, "--home", str(home)], catch_exceptions=False)
    return done.exit_code, done.output


def positions(home: Path, *words: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in topics(home, "positions", *words, "--json")[1].splitlines()]


def standing(home: Path) -> dict[tuple[str, int], Any]:
    return {(line["topic"], line["partition"]): line for line in positions(home, "--group", "router")}


def at_rest(home: Path) -> bool:
    """Whether every service has published all it has and read all there is, the reports of letters sent among it."""
    with sqlite3.connect(home / "habeas.db") as database:
        kept = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE name LIKE '%_outbox'")]
        unpublished = sum(database.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in kept)
        letters = {state for (state,) in database.execute("SELECT state FROM intake_jobs")}
    database.close()
    return letters == {"done"} and not unpublished and all(at["position"] == at["end"] for at in positions(home))


def counted(home: Path) -> tuple[int, ...]:
    tables = ("router_cases", "router_case_events", "router_reviews", "router_outbox")
    with sqlite3.connect(home / "habeas.db") as database:
        counts = tuple(int(database.execute(f"SELECT count(*) FROM {name}").fetchone()[0]) for name in tables)
    database.close()
    return counts


def test_a_group_that_reads_everything_again_changes_no_count_and_a_running_one_is_refused(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with running(home) as product:
        product.mail("legal@maxony.com", "Please send me a copy of my data.")
        product.mail("legal@maxony.com", "Please correct my name: it is Anne.", sender="bo@example.org")
        eventually(lambda: counted(home)[0] == 2 == len(product.letters()) and at_rest(home))
        status, said = topics(home, "reset", "--group", "router", "--to", "beginning", "--yes")
        assert status == 1
        assert "a running worker holds the group router" in said
    before, stood = counted(home), standing(home)
    assert sum(one["position"] for one in stood.values()) >= 2

    status, said = topics(home, "reset", "--group", "router", "--to", "beginning")
    assert status == 0
    assert "nothing was changed; say --yes" in said
    assert standing(home) == stood
    assert topics(home, "reset", "--group", "router", "--to", "2001-01-01", "--yes")[0] == 0
    assert sum(one["position"] for one in standing(home).values()) == 0
    assert "SKIPPING" in topics(home, "reset", "--group", "router", "--to", "end")[1]
    assert topics(home, "reset", "--group", "router", "--to", "tomorrow")[0] == 2

    with running(home) as product:
        eventually(lambda: standing(home) == stood)
        # A turn is counted after its commit.
        eventually(lambda: 'outcome="repeated",service="router"' in product.get("/metrics")[1].decode())
    assert counted(home) == before
