"""A system comes back from a backup: what was carried out since is carried out again, and nothing more."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select
from structlog.testing import capture_logs

from schemas import events as bus
from schemas.rights import Right
from services.fulfil.restores import RestoreWatch
from services.fulfil.tables import ACTS
from services.router.core.cases import commands as c
from tests.journeys.restored import Places, places, written
from tests.journeys.test_erasure import approve as say_yes
from tests.journeys.test_erasure import asked
from tests.journeys.test_every_right import approve, ask, subscriptions
from tests.journeys.walk import House, house


@pytest.fixture(autouse=True, params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """habeas keeps its own state in either database."""
    if request.param == "postgresql":
        from tests.servers.postgres import empty_database  # the server starts only where it is asked for

        monkeypatch.setenv("HABEAS_STORE", empty_database(request.getfixturevalue("postgres_server")))


def erased(at: House, here: Places) -> None:
    here.back_up()
    say_yes(at, asked(at))
    assert at.told(bus.ClaimFulfilled)
    assert "Ann" not in str(here.shop.whole())
    assert [row[0] for row in here.contacts()] == [8]


def test_an_erasure_is_done_again_in_every_system_that_was_restored(tmp_path: Path) -> None:
    here = places(tmp_path)
    with house(here.home) as at:
        erased(at, here)
        after = here.shop.whole()
    here.restore(here.shop.path, here.crm)
    bob = [row for row in here.shop.whole()["customers"] if row[0] == 2]
    status, told = here.reapply("--yes")
    assert (status, told["status"]) == (0, "complete")
    assert told["tables"]["shop.customers"]["changed"] == 1
    assert told["tables"]["shop.orders"]["changed"] == 2
    assert told["tables"]["crm.contacts"]["changed"] == 1
    assert {receipt["table"] for receipt in told["acts"][0]["receipts"]} >= {"shop.customers", "crm.contacts"}
    whole = here.shop.whole()
    assert "Ann" not in str(whole)
    assert "ann@example.org" not in str(whole)
    assert [row for row in whole["customers"] if row[0] == 2] == bob
    assert {name: len(rows) for name, rows in whole.items()} == {name: len(rows) for name, rows in after.items()}
    assert [row[0] for row in here.contacts()] == [8]
    assert "ann" not in str(told).lower(), "no identity, no key of a row is printed"


def test_doing_it_twice_changes_nothing_the_second_time(tmp_path: Path) -> None:
    here = places(tmp_path)
    with house(here.home) as at:
        erased(at, here)
    here.restore(here.shop.path, here.crm)
    here.reapply("--yes")
    once = (here.shop.whole(), here.contacts())
    status, told = here.reapply("--yes")
    assert (status, told["tables"]) == (0, {})
    assert (here.shop.whole(), here.contacts()) == once


def test_a_dry_run_says_what_would_be_done_and_without_a_yes_nothing_is(tmp_path: Path) -> None:
    here = places(tmp_path)
    with house(here.home) as at:
        erased(at, here)
    here.restore(here.shop.path, here.crm)
    before = (here.shop.whole(), here.contacts())
    status, told = here.reapply("--dry-run")
    assert (status, told["status"], told["tables"]["shop.customers"]["changed"]) == (0, "planned", 1)
    status, told = here.reapply()
    assert status == 3
    assert "--yes" in told["said"]
    assert (here.shop.whole(), here.contacts()) == before


def test_a_person_who_was_forgotten_meanwhile_is_still_erased_again(tmp_path: Path) -> None:
    here = places(tmp_path)
    with house(here.home) as at:
        erased(at, here)
        at.vault.forget(at.case().person)
    here.restore(here.shop.path, here.crm)
    assert here.reapply("--yes")[0] == 0
    assert "Ann" not in str(here.shop.whole())
    assert [row[0] for row in here.contacts()] == [8]


def test_only_the_restored_system_is_touched_though_it_knows_people_by_another_systems_key(tmp_path: Path) -> None:
    here = places(tmp_path)
    with house(here.home) as at:
        erased(at, here)
    here.restore(here.crm)
    # She came back as a customer meanwhile: the shop was not restored, and is none of this command's business.
    here.shop.execute("INSERT INTO customers (id, email, name) VALUES (9, 'ann@example.org', 'Ann Ash');")
    before = here.shop.whole()
    status, told = here.reapply("--yes", "--system", "crm")
    assert (status, list(told["tables"])) == (0, ["crm.contacts"])
    assert [row[0] for row in here.contacts()] == [8]
    assert here.shop.whole() == before


def test_a_key_that_is_somebody_elses_by_now_is_not_followed(tmp_path: Path) -> None:
    here = places(tmp_path)
    with house(here.home) as at:
        erased(at, here)
    here.restore(here.crm)
    here.shop.execute("UPDATE customers SET email = 'cid@example.org', name = 'Cid' WHERE id = 1;")
    status, told = here.reapply("--yes", "--system", "crm")
    assert (status, told["status"]) == (1, "incomplete")
    assert "somebody else's by now" in str(told["acts"][0]["notes"])
    assert [row[0] for row in here.contacts()] == [7, 8]


def test_what_was_done_before_the_backup_is_left_alone(tmp_path: Path) -> None:
    here = places(tmp_path)
    with house(here.home) as at:
        erased(at, here)
    here.restore(here.shop.path)
    status, told = here.reapply("--yes", since="2999-01-01")
    assert (status, told["acts"]) == (0, [])
    assert "Ann" in str(here.shop.whole())


def test_lists_consents_and_restrictions_are_left_and_set_again(tmp_path: Path) -> None:
    here = places(tmp_path)
    here.back_up()
    with house(here.home) as at:
        ask(at, "Please unsubscribe me from the Pen friends list.", Right.UNSUBSCRIBE)
        at.later(minutes=1)
        ask(at, "I withdraw my consent to the customer survey.", Right.CONSENT_WITHDRAWAL, sender="bob@example.org")
    after = here.shop.whole()
    here.restore(here.shop.path)
    assert subscriptions(here.shop)["ann@example.org", "Pen friends"] == "active"
    status, told = here.reapply("--yes")
    assert (status, [act["right"] for act in told["acts"]]) == (0, ["unsubscribe", "consent_withdrawal"])
    assert here.shop.whole() == after


@pytest.mark.parametrize("lifted", [False, True])
def test_a_restriction_is_set_again_unless_it_was_lifted_since(tmp_path: Path, lifted: bool) -> None:
    here = places(tmp_path)
    here.back_up()
    with house(here.home) as at:
        ask(at, "Please restrict the processing of my data while you check its accuracy.", Right.RESTRICTION)
        if lifted:
            at.later(minutes=1)
            reasons = at.sealed(at.case(), note="We checked your data; it is right.")
            claim_id = at.case().claims[0].claim_id
            at.order(c.LiftRestriction, at.case(), claim_id=claim_id, reasons=reasons)
    here.restore(here.shop.path)
    status, told = here.reapply("--yes")
    assert (status, len(told["acts"])) == (0, 2 if lifted else 1)
    assert here.shop.rows("SELECT blocked FROM customers ORDER BY id") == [(0 if lifted else 1,), (0,)]


def test_a_correction_is_made_again_only_where_the_wrong_value_is_back(tmp_path: Path) -> None:
    here = places(tmp_path)
    here.back_up()
    with house(here.home) as at:
        ask(at, "Please correct my name: it is Anne Ash, not Ann Ash.", Right.RECTIFICATION)
        approve(at, set={"shop.customers.name": "Anne Ash"})
    here.restore(here.shop.path)
    assert here.reapply("--yes")[0] == 0
    assert here.shop.rows("SELECT name FROM customers ORDER BY id") == [("Anne Ash",), ("Bob Bay",)]
    with written(here.shop.path) as database:
        database.execute("UPDATE customers SET name = 'Ann Oak' WHERE id = 1")
    status, told = here.reapply("--yes")
    assert status == 1
    assert "an officer must look" in str(told["acts"][0]["notes"])
    assert here.shop.rows("SELECT name FROM customers ORDER BY id") == [("Ann Oak",), ("Bob Bay",)]


def test_a_system_that_is_away_is_said_and_the_others_are_done(tmp_path: Path) -> None:
    here = places(tmp_path)
    with house(here.home) as at:
        erased(at, here)
    here.restore(here.shop.path)
    here.crm.rename(tmp_path / "away.db")
    status, told = here.reapply("--yes", "--system", "shop")
    assert (status, list(told["tables"])) == (0, ["shop.customers", "shop.orders", "shop.subscriptions"])
    status, told = here.reapply("--yes", "--system", "crm")
    assert status == 1
    assert told["acts"][0]["errors"]


@pytest.mark.parametrize(
    ("args", "since", "said"),
    [
        (["--system", "shoop"], "2026-01-01", "no system shoop"),
        (["--controller", "nobody"], "2026-01-01", "no controller nobody"),
        ([], "yesterday", "--since is written"),
    ],
)
def test_a_slip_in_the_command_is_one_line(tmp_path: Path, args: list[str], since: str, said: str) -> None:
    here = places(tmp_path)
    with house(here.home):
        pass
    status, told = here.reapply("--yes", *args, since=since)
    assert status == 2
    assert said in told["said"]


def watch(at: House) -> RestoreWatch:
    return RestoreWatch(store=at.stores["fulfil"], vault=at.vault, settings=at.settings, clock=at.clock)


@pytest.mark.parametrize("store", ["sqlite"], indirect=True)  # PostgreSQL's own clock cannot be moved by hand
def test_a_system_with_a_marker_is_erased_again_without_anybody_asking(tmp_path: Path) -> None:
    here = places(tmp_path, marker=True)
    with house(here.home) as at:
        watcher = watch(at)
        assert watcher.look() == 0
        here.back_up()
        at.later(hours=1)
        say_yes(at, asked(at))
        at.later(hours=1)
        assert watcher.look() == 0
        assert [row[0] for row in here.contacts()] == [8]
        here.restore(here.crm)
        at.later(hours=1)
        assert watcher.look() == 1
        assert [row[0] for row in here.contacts()] == [8]
        at.later(hours=1)
        assert watcher.look() == 0


def test_whoever_becomes_a_customer_again_is_no_sign_of_a_restore(tmp_path: Path) -> None:
    here = places(tmp_path, marker=True)
    with house(here.home) as at:
        watcher = watch(at)
        watcher.look()
        say_yes(at, asked(at))
        with written(here.crm) as database:
            database.execute("INSERT INTO contacts VALUES (9, '1', 'Ann is back')")
        at.later(hours=1)
        assert watcher.look() == 0
        assert [row[0] for row in here.contacts()] == [8, 9]


def test_a_restore_to_before_the_last_erasure_leaves_what_the_backup_holds_done(tmp_path: Path) -> None:
    here = places(tmp_path, marker=True)
    with house(here.home) as at:
        watcher = watch(at)
        say_yes(at, asked(at))
        at.later(hours=1)
        watcher.look()
        here.back_up()
        with written(here.crm.with_suffix(".backup")) as database:
            database.execute("INSERT INTO contacts VALUES (9, '1', 'Ann was back before the backup')")
        at.later(hours=1)
        watcher.look()
        here.restore(here.crm)
        at.later(hours=1)
        assert watcher.look() == 0
        assert [row[0] for row in here.contacts()] == [8, 9]


def test_a_marker_that_is_missing_is_said_with_what_to_create(tmp_path: Path) -> None:
    here = places(tmp_path, marker=True)
    with written(here.crm) as database:
        database.execute("DROP TABLE habeas_marker")
    with house(here.home) as at, capture_logs() as lines:
        assert watch(at).look() == 0
    assert any("CREATE TABLE habeas_marker" in str(line.get("why")) for line in lines)


@pytest.mark.parametrize("store", ["sqlite"], indirect=True)  # PostgreSQL's own clock cannot be moved by hand
def test_the_register_ends_with_the_backups(tmp_path: Path) -> None:
    here = places(tmp_path, more="backups_kept_days = 30\n")
    with house(here.home) as at:
        erased(at, here)
        at.later(days=29)
        watch(at).look()
        assert acts(at) == 1
        at.later(days=3)
        watch(at).look()
        assert acts(at) == 0


def acts(at: House) -> int:
    with at.stores["fulfil"].begin() as transaction:
        return len(transaction.execute(select(ACTS)).all())
