"""Each right from the mail to the rows that changed, and to the letter that says so; nobody else's row changes."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from schemas import events as bus
from schemas.rights import Outcome, Right
from services.fulfil.suppression import suppressed
from services.router.core.cases import commands as c
from services.router.core.cases.story import CommandRefused
from tests.journeys.archives import opened
from tests.journeys.shop import Shop, home_with
from tests.journeys.walk import House, house

AXIGEN = "data-protection@axigen.com"


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path / "shop.db")


def ask(at: House, text: str, right: Right, sender: str = "ann@example.org") -> None:
    at.mail(AXIGEN, text, sender=sender)
    assert [claim.right for claim in at.case().claims] == [right]
    if at.told(bus.IdentityRequested):
        at.follow_link()


def preview(at: House) -> dict[str, Any]:
    (task,) = at.case().claims[0].tasks
    assert task.preview is not None
    with at.stores["router"].begin() as transaction:
        return dict(json.loads(at.vault.open(transaction, task.preview)))


def approve(at: House, **orders: Any) -> None:
    (task,) = at.case().claims[0].tasks
    at.order(c.CompleteTask, at.case(), task_id=task.task_id, result=at.sealed(at.case(), **orders))


def blocked_for(at: House, address: str) -> tuple[str, ...]:
    with at.stores["fulfil"].begin() as transaction:
        return suppressed(transaction, at.vault, "axigen", address)


def subscriptions(shop: Shop) -> dict[tuple[str, str], str]:
    rows = shop.rows("SELECT email, list_name, status FROM subscriptions")
    return {(email, name): status for email, name, status in rows}


def test_one_list_is_left_and_the_other_kept(tmp_path: Path, shop: Shop) -> None:
    with house(home_with(shop, tmp_path)) as at:
        ask(at, "Please unsubscribe me from the Pen friends list.", Right.UNSUBSCRIBE)
        assert at.told(bus.ClaimFulfilled)
        assert blocked_for(at, "ANN@example.org") == ("Pen friends",)
        assert blocked_for(at, "bob@example.org") == ()
        assert "Pen friends" in at.texts()[-1]
    assert subscriptions(shop) == {
        ("ann@example.org", "Product news"): "active",
        ("ann@example.org", "Pen friends"): "unsubscribed",
        ("bob@example.org", "Product news"): "active",
    }
    assert shop.rows("SELECT wants_offers FROM customers ORDER BY id") == [(1,), (1,)]


def test_all_lists_are_left_where_none_is_named_and_marketing_consents_end(tmp_path: Path, shop: Shop) -> None:
    with house(home_with(shop, tmp_path)) as at:
        ask(at, "Unsubscribe me, please.", Right.UNSUBSCRIBE)
        assert at.told(bus.ClaimCompleted)
        assert blocked_for(at, "ann@example.org") == ("*",)
        assert "not written to again" in at.texts()[-1]
    assert set(subscriptions(shop).items()) >= {
        (("ann@example.org", "Product news"), "unsubscribed"),
        (("ann@example.org", "Pen friends"), "unsubscribed"),
        (("bob@example.org", "Product news"), "active"),
    }
    assert shop.rows("SELECT wants_offers, wants_survey FROM customers ORDER BY id") == [(0, 1), (1, 1)]


def test_an_objection_to_marketing_is_done_at_once_and_outlives_the_persons_key(tmp_path: Path, shop: Shop) -> None:
    with house(home_with(shop, tmp_path)) as at:
        ask(at, "I object to direct marketing under Art. 21(2) GDPR.", Right.OBJECTION)
        (done,) = at.told(bus.ClaimFulfilled)
        assert done.outcome is Outcome.FULFILLED
        assert not at.told(bus.TaskOpened)
        at.vault.forget(at.case().person)
        assert blocked_for(at, "ann@example.org") == ("*",)
    assert shop.rows("SELECT wants_offers, wants_survey FROM customers ORDER BY id") == [(0, 1), (1, 1)]


def test_an_objection_to_profiling_is_weighed_and_the_data_is_not_used_meanwhile(tmp_path: Path, shop: Shop) -> None:
    with house(home_with(shop, tmp_path)) as at:
        ask(at, "I object to the profiling of my behaviour.", Right.OBJECTION)
        (task,) = at.told(bus.TaskOpened)
        assert task.reason == "weigh_objection"
        assert preview(at)["restricted"] is True
    assert shop.rows("SELECT blocked, wants_offers FROM customers ORDER BY id") == [(1, 1), (0, 1)]


def test_one_consent_is_withdrawn_and_the_other_stays(tmp_path: Path, shop: Shop) -> None:
    with house(home_with(shop, tmp_path)) as at:
        ask(at, "I withdraw my consent to the customer survey.", Right.CONSENT_WITHDRAWAL)
        assert at.told(bus.ClaimFulfilled)
        assert "customer survey" in at.texts()[-1]
        assert "Art. 7(3) GDPR" in at.texts()[-1]
    assert shop.rows("SELECT wants_offers, wants_survey FROM customers ORDER BY id") == [(1, 0), (1, 1)]


def test_an_officer_says_which_consent_was_meant(tmp_path: Path, shop: Shop) -> None:
    with house(home_with(shop, tmp_path)) as at:
        ask(at, "I withdraw my consent to the use of my data.", Right.CONSENT_WITHDRAWAL)
        assert preview(at)["purposes"] == ["offers by mail", "customer survey"]
        approve(at, purpose="offers by mail")
        assert at.told(bus.ClaimFulfilled)
    assert shop.rows("SELECT wants_offers, wants_survey FROM customers ORDER BY id") == [(0, 1), (1, 1)]


def test_a_restriction_marks_the_rows_and_nothing_else(tmp_path: Path, shop: Shop) -> None:
    before = shop.whole()
    with house(home_with(shop, tmp_path)) as at:
        ask(at, "Please restrict the processing of my data while you check its accuracy.", Right.RESTRICTION)
        assert at.told(bus.ClaimFulfilled)
        assert "before this restriction is lifted" in at.texts()[-1]
    after = shop.whole()
    assert after["customers"][0] == (*before["customers"][0][:-1], 1)
    assert (after["customers"][1:], after["orders"]) == (before["customers"][1:], before["orders"])


def test_a_restriction_ends_only_after_the_person_was_told_why(tmp_path: Path, shop: Shop) -> None:
    with house(home_with(shop, tmp_path)) as at:
        ask(at, "Please restrict the processing of my data while you check its accuracy.", Right.RESTRICTION)
        claim_id = at.case().claims[0].claim_id
        with pytest.raises(CommandRefused, match="why the restriction ends"):
            at.order(c.LiftRestriction, at.case(), claim_id=claim_id)
        at.relay_is_down = True
        reasons = at.sealed(at.case(), note="We checked your data; it is right.")
        at.order(c.LiftRestriction, at.case(), claim_id=claim_id, reasons=reasons)
        assert shop.rows("SELECT blocked FROM customers ORDER BY id") == [(1,), (0,)], "nobody was told yet"
        at.relay_is_down = False
        at.settle()
        assert "We checked your data; it is right." in at.texts()[-1]
        assert at.told(bus.RestrictionLifted)
        assert shop.rows("SELECT blocked FROM customers ORDER BY id") == [(0,), (0,)]
        assert len(at.told(bus.ClaimFulfilled)) == 1


def test_a_correction_is_shown_approved_and_written(tmp_path: Path, shop: Shop) -> None:
    with house(home_with(shop, tmp_path)) as at:
        ask(at, "Please correct my name: it is Anne Ash, not Ann Ash.", Right.RECTIFICATION)
        shown = preview(at)
        likely = [field["field"] for field in shown["fields"] if field["likely"]]
        assert likely[0] == "shop.customers.name"
        assert shown["asked"]["new"] == "Anne Ash"
        approve(at, set={"shop.customers.name": "Anne Ash"}, old={"shop.customers.name": "Ann Ash"})
        assert at.told(bus.ClaimFulfilled)
        assert "name = Anne Ash" in at.texts()[-1]
    assert shop.rows("SELECT name FROM customers ORDER BY id") == [("Anne Ash",), ("Bob Bay",)]


def test_a_correction_of_a_field_that_no_map_has_comes_back_to_the_officer(tmp_path: Path, shop: Shop) -> None:
    before = shop.whole()
    with house(home_with(shop, tmp_path)) as at:
        ask(at, "Please correct my name: it is Anne Ash, not Ann Ash.", Right.RECTIFICATION)
        approve(at, set={"shop.customers.nickname": "Anne"})
        assert "no map has the field shop.customers.nickname" in str(preview(at)["faults"])
    assert shop.whole() == before


@pytest.mark.parametrize(
    ("text", "formats"),
    [
        ("I would like to use my right to data portability.", {"csv", "json"}),  # as axigen's policy promises
        ("Please give me my data as XML, by my right to data portability (Art. 20 GDPR).", {"xml"}),
        ("I use my right to data portability, please as an Excel file.", {"xlsx"}),
    ],
)
def test_a_portable_copy_holds_what_the_person_provided_in_the_format_asked_for_or_promised(
    tmp_path: Path, shop: Shop, text: str, formats: set[str]
) -> None:
    with house(home_with(shop, tmp_path)) as at:
        at.mail(AXIGEN, text)
        at.follow_link()
        (done,) = [event for event in at.told(bus.ClaimFulfilled) if event.right is Right.PORTABILITY]
        assert done.result is not None
        with at.stores["fulfil"].begin() as transaction:
            facts = json.loads(at.vault.open(transaction, done.result))["facts"]
            password = at.vault.open(transaction, facts["package_password"])
        content = b"".join(at.vault.reader(facts["package"]))
    files = opened(content, password.decode())
    data = {name: held for name, held in files.items() if name.startswith("data/")}
    assert {name.rpartition(".")[2] for name in data} == formats
    everything = b"".join(data.values())
    if formats == {"csv", "json"}:
        rows = list(csv.DictReader(io.StringIO(data["data/csv/shop/customers.csv"].decode())))
        assert rows == [{"email": "ann@example.org", "name": "Ann Ash"}]
        notes = [row["note"] for row in json.loads(data["data/json/shop/orders.json"])]
        assert notes == ["a red pen for Ann", "paper"]
    if formats == {"xml"}:
        assert b'<field name="name">Ann Ash</field>' in everything
    if formats != {"xlsx"}:
        assert b"likes pens" not in everything, "what the controller derived was not provided"
        assert b"Bob" not in everything
    else:
        with zipfile.ZipFile(io.BytesIO(data["data/xlsx/shop/customers.xlsx"])) as book:
            sheet = book.read("xl/worksheets/sheet1.xml")
        assert b"Ann Ash" in sheet
        assert b"likes pens" not in sheet


@pytest.mark.parametrize(
    ("text", "right", "reason"),
    [
        ("Unsubscribe me, please.", Right.UNSUBSCRIBE, "map_names_no_list"),
        ("I object to direct marketing under Art. 21(2) GDPR.", Right.OBJECTION, "map_names_no_marketing"),
        ("I withdraw my consent to the customer survey.", Right.CONSENT_WITHDRAWAL, "map_names_no_consent"),
        ("Please restrict the processing of my data.", Right.RESTRICTION, "map_names_no_restriction"),
        ("I want to complain about how you handled my personal data.", Right.COMPLAINT, "no_handler"),
    ],
)
def test_what_a_map_does_not_say_is_a_humans_task_with_its_reason(
    tmp_path: Path, shop: Shop, text: str, right: Right, reason: str
) -> None:
    home = home_with(shop, tmp_path)
    plain = (
        "system: shop\ntables:\n  customers:\n    key: id\n    fields:\n      id: {}\n      email: {identity: email}\n"
    )
    (tmp_path / "shop.yml").write_text(plain, encoding="utf-8")
    with house(home) as at:
        ask(at, text, right)
        (task,) = at.told(bus.TaskOpened)
        assert task.reason == reason


def test_a_system_that_hides_its_rows_from_the_change_is_never_called_done(tmp_path: Path, shop: Shop) -> None:
    # A trigger that puts the old value back: the change is read back, and a human is told.
    shop.execute(
        "CREATE TRIGGER back AFTER UPDATE ON subscriptions WHEN new.status = 'unsubscribed' "
        "BEGIN UPDATE subscriptions SET status = 'active' WHERE id = new.id; END;"
    )
    with house(home_with(shop, tmp_path)) as at:
        ask(at, "Unsubscribe me, please.", Right.UNSUBSCRIBE)
        assert not at.told(bus.ClaimFulfilled)
        (task,) = at.told(bus.TaskOpened)
        assert task.reason == "unsubscribe_incomplete"
        assert "not as they should be" in str(preview(at)["faults"])
