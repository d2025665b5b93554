"""An officer's hand on a case's steps: carried out now, tried again, or left out for a reason that the person reads."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from schemas import events as bus
from schemas.rights import Outcome, Right
from services.cli.fulfil import fulfil
from tests.fulfil.connectors.processor import Processor
from tests.journeys.restored import Places, places
from tests.journeys.shop import Shop, home_with
from tests.journeys.test_delegates import AXIGEN, delegates, erase, hook
from tests.journeys.test_erasure import approve, asked
from tests.journeys.walk import House, house

BEFORE_NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
"""The command line has the true clock, and what is ordered must be later than what it changes."""


@pytest.fixture(autouse=True, params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """habeas keeps its own state in either database."""
    if request.param == "postgresql":
        from tests.servers.postgres import empty_database  # the server starts only where it is asked for

        monkeypatch.setenv("HABEAS_STORE", empty_database(request.getfixturevalue("postgres_server")))


@pytest.fixture
def vendor() -> Iterator[Processor]:
    found = Processor()
    yield found
    found.close()


def order(home: Path, what: str, at: House, *args: str) -> tuple[int, Any]:
    """Give an order on the command line, and let habeas do it."""
    given = [what, at.case().case_id, "--home", str(home), "--officer", "officer-9", "--json", *args]
    told = CliRunner().invoke(fulfil, given)
    assert told.exception is None or isinstance(told.exception, SystemExit), told.exception
    at.settle()
    first = told.stdout[:1]
    return told.exit_code, json.loads(told.stdout) if first in {"{", "["} else told.output


def test_a_step_that_is_left_out_makes_it_done_in_part_and_the_person_reads_why(tmp_path: Path) -> None:
    here = places(tmp_path)
    with house(here.home) as at:
        asked(at)
        status, _ = order(here.home, "skip", at, "--step", "crm", "--reason", "A court has ordered us to keep it.")
        assert status == 0
        assert not at.told(bus.ClaimFulfilled), "what remains is shown and approved anew"
        (task,) = at.case().claims[0].tasks
        approve(at, task)
        (done,) = at.told(bus.ClaimFulfilled)
        assert done.outcome is Outcome.PARTLY_FULFILLED
        (left_out,) = [each for each in done.receipts if each.action == "skip"]
        assert (left_out.system, left_out.count, left_out.reason) == ("crm", 0, "left_out_by_officer")
        assert "crm: A court has ordered us to keep it." in at.texts()[-1]
        assert "A court" not in "".join(event.model_dump_json() for event in at.events)
    assert "Ann" not in str(here.shop.whole())
    assert [row[0] for row in here.contacts()] == [7, 8]


def test_the_timeline_says_who_left_it_out_and_in_which_words(tmp_path: Path) -> None:
    here = places(tmp_path)
    with house(here.home) as at:
        asked(at)
        order(here.home, "skip", at, "--step", "crm", "--reason", "A court has ordered us to keep it.")
        told = show(here, at)
    assert "crm is left out, so that this is carried out in part only by officer officer-9" in told
    assert "| A court has ordered us to keep it." in told


def show(here: Places, at: House) -> str:
    from services.cli.case_look import show as command

    return CliRunner().invoke(command, [at.case().case_id, "--home", str(here.home)]).output


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["--step", "crm"], "Art. 12(4) GDPR"),
        (["--step", "cmr", "--reason", "x"], "there is no step cmr"),
        (["--step", "crm", "--reason", "x", "--right", "access"], "no open claim of access"),
    ],
)
def test_nothing_is_left_out_without_a_reason_or_by_a_name_that_is_none(
    tmp_path: Path, args: list[str], said: str
) -> None:
    here = places(tmp_path)
    with house(here.home) as at:
        asked(at)
        status, told = order(here.home, "skip", at, *args)
        assert status == 1
        assert said in told
        assert len(at.told(bus.ClaimRouted)) == 1


def test_leaving_a_step_out_is_no_approval_where_four_eyes_are_needed(tmp_path: Path) -> None:
    here = places(tmp_path, "[controllers.axigen.approval]\nofficers = 2\n")
    before = here.shop.whole()
    with house(here.home) as at:
        approve(at, asked(at))
        order(here.home, "skip", at, "--step", "crm", "--reason", "A court has ordered us to keep it.")
        assert at.told(bus.ClaimRouted)[-1].approved_by == ()
        assert here.shop.whole() == before
        (task,) = at.case().claims[0].tasks
        approve(at, task)
        assert here.shop.whole() == before
        approve(at, task, "officer-2")
        assert at.told(bus.ClaimFulfilled)


def test_what_failed_is_tried_again(tmp_path: Path) -> None:
    shop = Shop(tmp_path / "shop.db")
    home = home_with(shop, tmp_path)
    with house(home) as at:
        shop.execute("ALTER TABLE customers RENAME TO clients;")
        task = asked(at)
        assert task.reason == "erasure_refused"
        shop.execute("ALTER TABLE clients RENAME TO customers;")
        status, _ = order(home, "retry", at, "--wait", "0")
        assert status == 0
        (task,) = at.case().claims[0].tasks
        assert task.reason == "approve_erasure", "trying again is no approval"
        status, told = order(home, "retry", at, "--wait", "0")
        assert status == 1
        assert "habeas case approve" in told


def test_a_delegate_that_could_not_be_asked_is_asked_again(tmp_path: Path, vendor: Processor) -> None:
    shop = Shop(tmp_path / "shop.db")
    home = home_with(shop, tmp_path, delegates(mailer=hook(vendor)))
    vendor.trouble = (403, {}, {})
    with house(home) as at:
        erase(at)
        approve(at, at.case().claims[0].tasks[0])
        (task,) = at.case().claims[0].tasks
        assert task.reason == "delegate_refused"
        vendor.trouble, vendor.finished = None, True
        status, _ = order(home, "retry", at, "--step", "mailer", "--wait", "0")
        assert status == 0
        assert vendor.effects == 1
        (done,) = at.told(bus.ClaimFulfilled)
        assert [each.reason for each in done.receipts if each.action == "ask"] == ["done"]


def test_a_delegate_that_never_answers_is_left_out(tmp_path: Path, vendor: Processor) -> None:
    shop = Shop(tmp_path / "shop.db")
    home = home_with(shop, tmp_path, delegates(mailer=hook(vendor)))
    with house(home) as at:
        erase(at)
        approve(at, at.case().claims[0].tasks[0])
        assert not at.told(bus.ClaimFulfilled)
        status, _ = order(home, "skip", at, "--step", "mailer", "--reason", "The mailer went out of business.")
        assert status == 0
        at.later(minutes=5)
        (done,) = at.told(bus.ClaimFulfilled)
        assert done.outcome is Outcome.PARTLY_FULFILLED
        assert sum(each.count for each in done.receipts) == 5, "what was erased here is told as it was"
        assert [each.system for each in done.receipts if each.action == "skip"] == ["mailer"]
        assert "mailer: The mailer went out of business." in at.texts()[-1]


def test_what_waits_for_its_next_look_is_looked_at_now(tmp_path: Path, vendor: Processor) -> None:
    shop = Shop(tmp_path / "shop.db")
    home = home_with(shop, tmp_path, delegates(mailer=hook(vendor)))
    with house(home) as at:
        erase(at)
        approve(at, at.case().claims[0].tasks[0])
        vendor.finished = True
        at.settle()
        assert not at.told(bus.ClaimFulfilled)
        status, told = order(home, "run", at, "--wait", "0")
        assert status == 0
        assert told[0]["delegates"] == {"mailer": "waiting"}
        assert at.told(bus.ClaimFulfilled)


def test_a_cooling_off_is_not_hurried(tmp_path: Path) -> None:
    shop = Shop(tmp_path / "shop.db")
    home = home_with(shop, tmp_path, "[controllers.axigen.approval]\ncooling_off_hours = 48\n")
    with house(home) as at:
        approve(at, asked(at))
        before = shop.whole()
        status, told = order(home, "run", at, "--wait", "0")
        assert status == 1
        assert "cools off until" in told
        assert shop.whole() == before


def test_an_access_without_one_system_is_in_part(tmp_path: Path) -> None:
    here = places(tmp_path)
    with house(here.home, BEFORE_NOW) as at:
        here.crm.rename(tmp_path / "away.db")
        at.mail(AXIGEN, "Please send me a copy of my data.")
        at.follow_link()
        assert not at.told(bus.ClaimFulfilled), "it is tried again, for a while"
        order(here.home, "skip", at, "--step", "crm", "--reason", "Our sales desk's archive was lost in a fire.")
        (done,) = [each for each in at.told(bus.ClaimFulfilled) if each.right is Right.ACCESS]
        assert done.outcome is Outcome.PARTLY_FULFILLED
        assert "crm: Our sales desk's archive was lost in a fire." in at.texts()[-1]
