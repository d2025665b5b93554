"""A person asks to be erased: an officer sees the plan and says yes, the engine does it, nothing else is touched."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from schemas import events as bus
from schemas.rights import Outcome, Right
from services.router.core.cases import commands as c
from services.router.core.cases.state import Task
from services.router.core.cases.story import CommandRefused
from tests.journeys.shop import Shop, home_with
from tests.journeys.walk import House, house

AXIGEN = "data-protection@axigen.com"


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path / "shop.db")


def asked(at: House, text: str = "Please delete all my personal data.") -> Task:
    at.mail(AXIGEN, text)
    at.follow_link()
    (task,) = at.case().claims[0].tasks
    return task


def preview(at: House, task: Task) -> dict[str, Any]:
    assert task.preview is not None
    with at.stores["router"].begin() as transaction:
        return dict(json.loads(at.vault.open(transaction, task.preview)))


def approve(at: House, task: Task, officer: str = "officer-1") -> None:
    at.order(c.CompleteTask, at.case(), task_id=task.task_id, officer=officer)


def test_nothing_is_erased_before_an_officer_has_seen_the_plan_and_said_yes(tmp_path: Path, shop: Shop) -> None:
    before = shop.whole()
    with house(home_with(shop, tmp_path)) as at:
        task = asked(at)
        assert task.reason == "approve_erasure"
        plan = {table["table"]: table for table in preview(at, task)["tables"]}
        assert (plan["customers"]["rows"], plan["orders"]["rows"], plan["subscriptions"]["rows"]) == (1, 2, 2)
        assert shop.whole() == before

        approve(at, task)
        (routed,) = at.told(bus.ClaimRouted)[1:]
        assert routed.approved_by == ("officer-1",)
        (done,) = at.told(bus.ClaimFulfilled)
        assert done.outcome is Outcome.FULFILLED
        assert {receipt.system for receipt in done.receipts} == {"shop"}
        assert sum(receipt.count for receipt in done.receipts) == 5
        letter = at.texts()[-1]
        assert "Customer records (1)" in letter
        assert "Orders (2)" in letter
        (completed,) = at.told(bus.ClaimCompleted)
        assert completed.outcome is Outcome.FULFILLED
    after = shop.whole()
    assert "Ann" not in str(after)
    assert "ann@example.org" not in str(after)
    for table in before:
        assert [row for row in before[table] if "bob" in str(row) or "ink" in str(row)] == [
            row for row in after[table] if "bob" in str(row) or "ink" in str(row)
        ]


def test_what_the_law_obliges_to_keep_is_kept_and_told_with_ground_and_end(tmp_path: Path, shop: Shop) -> None:
    shop.execute("INSERT INTO invoices VALUES (7, 1, 'Ann Ash');")
    with house(home_with(shop, tmp_path)) as at:
        task = asked(at)
        (invoices,) = [table for table in preview(at, task)["tables"] if table["table"] == "invoices"]
        assert invoices["kept"] == [{"ground": "§ 147 AO", "until": "2031-12-31", "rows": 1}]
        approve(at, task)
        (done,) = at.told(bus.ClaimFulfilled)
        assert (done.outcome, done.withheld_ground) == (Outcome.PARTLY_FULFILLED, "legal_obligation")
        letter = at.texts()[-1]
        assert "Invoices (1): § 147 AO – 2031-12-31" in letter
        assert "Art. 17(3)(b) GDPR" in letter
    assert shop.rows("SELECT name FROM invoices") == [("Ann Ash",)]


def test_a_kept_row_that_still_names_the_person_ends_the_claim_in_part(tmp_path: Path, shop: Shop) -> None:
    """An invoice with the address on it is found by it for years; nobody is called to look at it again and again."""
    shop.execute("ALTER TABLE invoices ADD COLUMN email TEXT;")
    shop.execute("INSERT INTO invoices VALUES (7, 1, 'Ann Ash', 'ann@example.org');")
    home = home_with(shop, tmp_path)
    said = (tmp_path / "shop.yml").read_text(encoding="utf-8")
    with_email = "      no: {}\n      email: {identity: email, category: user.contact.email}\n"
    (tmp_path / "shop.yml").write_text(said.replace("      no: {}\n", with_email), encoding="utf-8")
    with house(home) as at:
        task = asked(at)
        approve(at, task)
        (done,) = at.told(bus.ClaimFulfilled)
        assert (done.outcome, done.withheld_ground) == (Outcome.PARTLY_FULFILLED, "legal_obligation")
        assert "Invoices (1): § 147 AO – 2031-12-31" in at.texts()[-1]
    assert shop.rows("SELECT name, email FROM invoices") == [("Ann Ash", "ann@example.org")]
    assert shop.rows("SELECT count(*) FROM customers WHERE email = 'ann@example.org'") == [(0,)]


def test_four_eyes_are_four(tmp_path: Path, shop: Shop) -> None:
    settings = "[controllers.axigen.approval]\nofficers = 2\n"
    with house(home_with(shop, tmp_path, settings)) as at:
        task = asked(at)
        approve(at, task)
        assert len(at.told(bus.ClaimRouted)) == 1
        with pytest.raises(CommandRefused, match="another officer"):
            approve(at, task)
        assert shop.rows("SELECT count(*) FROM customers WHERE name = 'Ann Ash'") == [(1,)]
        approve(at, task, "officer-2")
        assert at.told(bus.ClaimRouted)[-1].approved_by == ("officer-1", "officer-2")
        assert at.told(bus.ClaimFulfilled)
    assert "Ann" not in str(shop.whole())


def test_while_it_cools_off_the_person_can_still_call_it_off(tmp_path: Path, shop: Shop) -> None:
    before = shop.whole()
    settings = "[controllers.axigen.approval]\ncooling_off_hours = 48\n"
    with house(home_with(shop, tmp_path, settings)) as at:
        approve(at, asked(at))
        at.later(hours=47)
        assert shop.whole() == before
        at.mail(AXIGEN, "I withdraw my request, please keep my data.")
        assert at.told(bus.ClaimWithdrawn)
        at.later(hours=2)
        assert not at.told(bus.ClaimFulfilled)
    assert shop.whole() == before


def test_after_the_cooling_off_it_is_done(tmp_path: Path, shop: Shop) -> None:
    settings = "[controllers.axigen.approval]\ncooling_off_hours = 48\n"
    with house(home_with(shop, tmp_path, settings)) as at:
        approve(at, asked(at))
        at.later(hours=49)
        assert at.told(bus.ClaimFulfilled)
    assert "Ann" not in str(shop.whole())


def test_an_officer_who_refuses_after_all_stops_it_too(tmp_path: Path, shop: Shop) -> None:
    before = shop.whole()
    settings = "[controllers.axigen.approval]\ncooling_off_hours = 48\n"
    with house(home_with(shop, tmp_path, settings)) as at:
        approve(at, asked(at))
        reasons = at.sealed(at.case(), note="A court has ordered us to keep it.")
        ids = (at.claim_id(Right.ERASURE),)
        at.order(c.RefuseClaims, at.case(), claim_ids=ids, ground="legal_claims", reasons=reasons)
        at.later(hours=72)
    assert shop.whole() == before


def test_a_claim_that_was_answered_by_hand_is_not_carried_out_any_more(tmp_path: Path, shop: Shop) -> None:
    before = shop.whole()
    settings = "[controllers.axigen.approval]\ncooling_off_hours = 48\n"
    with house(home_with(shop, tmp_path, settings)) as at:
        approve(at, asked(at))
        at.later(hours=1)
        evidence = at.sealed(at.case(), note="Ann was called, and keeps her account.")
        at.order(
            c.CompleteByHand, at.case(), claim_id=at.claim_id(Right.ERASURE), outcome=Outcome.FULFILLED,
            answered=at.clock.now(), evidence=evidence,
        )  # fmt: skip
        at.later(hours=72)
    assert shop.whole() == before


def test_somebody_unknown_is_told_so_and_no_officer_is_asked(tmp_path: Path, shop: Shop) -> None:
    with house(home_with(shop, tmp_path)) as at:
        at.mail(AXIGEN, "Please delete all my personal data.", sender="nobody@example.org")
        at.follow_link()
        assert not at.told(bus.TaskOpened)
        assert "found no data about you" in at.texts("nobody@")[-1]


def test_what_a_constraint_forbids_is_a_task_that_says_which(tmp_path: Path, shop: Shop) -> None:
    before = shop.whole()
    with house(home_with(shop, tmp_path)) as at:
        shop.execute("ALTER TABLE customers RENAME TO clients;")
        task = asked(at)
        assert task.reason == "erasure_refused"
        assert "customers does not exist" in str(preview(at, task)["faults"])
        shop.execute("ALTER TABLE clients RENAME TO customers;")
        approve(at, task)  # the officer says: try again
        (again,) = at.case().claims[0].tasks
        assert again.reason == "approve_erasure"
    assert shop.whole() == before


def test_without_officers_in_the_settings_it_is_done_at_once(tmp_path: Path, shop: Shop) -> None:
    settings = "[controllers.axigen.approval]\nofficers = 0\n"
    with house(home_with(shop, tmp_path, settings)) as at:
        at.mail(AXIGEN, "Please delete all my personal data.")
        at.follow_link()
        assert at.told(bus.ClaimFulfilled)
    assert "Ann" not in str(shop.whole())


def test_a_copy_goes_before_the_erasure(tmp_path: Path, shop: Shop) -> None:
    with house(home_with(shop, tmp_path)) as at:
        at.mail(AXIGEN, "Please send me a copy of my data and then delete all my data.")
        at.follow_link()
        done = [event.right for event in at.told(bus.ClaimCompleted)]
        assert done == [Right.ACCESS]
        task = next(task for claim in at.case().claims for task in claim.tasks)
        approve(at, task)
        assert [event.right for event in at.told(bus.ClaimCompleted)] == [Right.ACCESS, Right.ERASURE]


def test_a_death_between_the_erasure_and_its_receipt_still_tells_what_was_erased(tmp_path: Path, shop: Shop) -> None:
    with house(home_with(shop, tmp_path)) as at:
        task = asked(at)
        at.receipts_lost = 1
        approve(at, task)
        assert "Ann" not in str(shop.whole())
        assert not at.told(bus.ClaimFulfilled)
        at.later(minutes=5)
        (done,) = at.told(bus.ClaimFulfilled)
        assert sum(receipt.count for receipt in done.receipts) == 5
        assert "Customer records (1)" in at.texts()[-1]
