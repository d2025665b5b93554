"""Years later: whose cases' retention has ended is forgotten, and whoever is still needed is not."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

from services.router.retention import Keeping, forget_due
from services.runtime.ground import ground
from services.runtime.settings import CASE_RETENTION_DAYS, QUESTION_RETENTION_DAYS, load
from tests.journeys.product import Product, eventually, link_in, running

ANN, BOB, CY, DAN = (f"{name}@example.org" for name in ("ann", "bob", "cy", "dan"))
PERIOD = timedelta(days=CASE_RETENTION_DAYS)


def answered(habeas: Product, sender: str) -> str:
    """Bring a request of this person to its end; return the case."""
    habeas.mail("legal@maxony.com", "Please send me a copy of my data.", sender=sender)
    habeas.get(link_in(habeas.letter("please confirm that you", sender), "v"), "POST")

    def waiting() -> list[str]:
        return [case for case, state, snapshot in cases(habeas.home) if state == "open" and "no_system" in snapshot]

    (case,) = eventually(waiting)
    habeas.habeas("case", "complete", case, "--note", "We hold no data about you.")
    eventually(lambda: (case, "completed") in [found[:2] for found in cases(habeas.home)])
    return case


def cases(home: Path) -> list[tuple[str, str, str]]:
    """Return each case with its state and its snapshot; looking at the file costs less than asking a process."""
    with sqlite3.connect(home / "habeas.db") as database:
        found = database.execute("SELECT case_id, state, snapshot FROM router_cases").fetchall()
    database.close()
    return [(str(case), str(state), str(snapshot)) for case, state, snapshot in found]


def forgotten_at(home: Path, now: datetime) -> int:
    async def go() -> int:
        settings = load(home)
        async with ground(settings) as opened:
            return await forget_due(opened.database.store("router"), opened.vault, Keeping.of(settings), now)

    return asyncio.run(go())


def people(home: Path) -> int:
    """Return of how many people there is a key."""
    with sqlite3.connect(home / "keys.db") as database:
        (count,) = database.execute("SELECT count(*) FROM person_key").fetchone()
    database.close()
    return int(count)


def ended(habeas: Product) -> list[str]:
    """Return the cases of which the bus says that they are no more."""
    tail = habeas.habeas("topics", "tail", "--topic", "case-snapshots", "--from-beginning", "--no-follow", "--json")
    return [event["key"] for event in map(json.loads, tail.splitlines()) if event["data"] is None]


def figures(habeas: Product) -> tuple[int, int]:
    """Return how many cases the figures show as open and as completed."""
    shown = json.loads(habeas.get("/figures")[1])["controllers"].get("mailpro", {"cases": {}})["cases"]
    return shown.get("open", 0), shown.get("completed", 0)


def opened_by(habeas: Product, count: int) -> list[str]:
    """Return who opened each case, once the bus tells of so many."""
    people = {event["data"]["case_id"]: event["data"]["person"] for event in habeas.events("CaseOpened")}
    return list(people.values()) if len(people) == count else []


def test_a_person_is_forgotten_when_the_last_of_their_cases_is_over_and_not_a_day_before(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with running(home) as habeas:
        answered(habeas, ANN)
        answered(habeas, BOB)
        habeas.mail("legal@maxony.com", "Please delete all my data.", sender=BOB)
        habeas.mail("legal@maxony.com", "Please delete all my data.", sender=CY)
        eventually(lambda: len(cases(home)) == 4)
    before = people(home)
    now = datetime.now(UTC)
    assert forgotten_at(home, now + PERIOD - timedelta(days=1)) == 0
    assert forgotten_at(home, now + PERIOD + timedelta(days=1)) == 1, "Ann; Bob and Cy wait for an answer"
    assert people(home) == before - 1
    assert forgotten_at(home, now + PERIOD + timedelta(days=1)) == 0, "once is enough"
    with running(home) as habeas:
        states = sorted(case["state"] for case in json.loads(habeas.habeas("case", "list", "--state", "all", "--json")))
        assert states.count("open") == 2
        # What was forgotten while nothing ran is published from now on.
        gone = eventually(lambda: ended(habeas))
        assert len(gone) == 1
        eventually(lambda: figures(habeas) == (2, 1))
        habeas.mail("legal@maxony.com", "Please send me a copy of my data.", sender=ANN)
        eventually(lambda: len(cases(home)) == 5)
        opened = eventually(lambda: opened_by(habeas, 5))
        assert len(set(opened)) == 4, "Ann is a stranger again"


def test_who_only_asked_a_question_is_forgotten_and_who_asked_for_a_right_is_not(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with running(home) as habeas:
        habeas.mail("legal@maxony.com", "How long do you keep my data?", sender=DAN)
        habeas.letter("", DAN)
        habeas.mail("legal@maxony.com", "Please delete all my data.", sender=CY)
        eventually(lambda: len(cases(home)) == 1)
    before, now = people(home), datetime.now(UTC)
    assert forgotten_at(home, now + timedelta(days=QUESTION_RETENTION_DAYS - 1)) == 0
    assert forgotten_at(home, now + timedelta(days=QUESTION_RETENTION_DAYS + 2)) == 1, "Dan; Cy waits for an answer"
    assert people(home) == before - 1
