"""What the person adds to their data has its place or a human; and whoever withdraws a consent reads what continues."""

from __future__ import annotations

from pathlib import Path

import pytest

from schemas import events as bus
from schemas.rights import Outcome, Right
from tests.journeys.shop import MAP, Shop, home_with
from tests.journeys.test_every_right import approve, ask, preview
from tests.journeys.walk import house

WRONG_NAME = "Please correct my name: it is Anne Ash, not Ann Ash."
STATEMENT = "I was never late with a payment."


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    found = Shop(tmp_path / "shop.db")
    found.execute("ALTER TABLE customers ADD COLUMN statement TEXT;")
    return found


def home(shop: Shop, folder: Path, old: str = "", new: str = "") -> Path:
    found = home_with(shop, folder)
    (folder / "shop.yml").write_text(MAP.replace(old, new, 1) if old else MAP, encoding="utf-8")
    return found


def test_a_statement_is_written_where_the_map_has_its_place(tmp_path: Path, shop: Shop) -> None:
    added = (
        "      blocked: {restriction: {on: 1, off: 0}}\n      statement: {statement: true, category: user.content}\n"
    )
    with house(home(shop, tmp_path, "      blocked: {restriction: {on: 1, off: 0}}\n", added)) as at:
        ask(at, WRONG_NAME, Right.RECTIFICATION)
        approve(at, set={"shop.customers.name": "Anne Ash"}, statement=STATEMENT)
        (done,) = at.told(bus.ClaimFulfilled)
        assert done.outcome is Outcome.FULFILLED
        assert STATEMENT in at.texts()[-1]
    assert shop.rows("SELECT name, statement FROM customers ORDER BY id") == [
        ("Anne Ash", STATEMENT),
        ("Bob Bay", None),
    ]


def test_without_a_place_a_human_attaches_it_and_the_correction_is_made(tmp_path: Path, shop: Shop) -> None:
    with house(home(shop, tmp_path)) as at:
        ask(at, WRONG_NAME, Right.RECTIFICATION)
        approve(at, set={"shop.customers.name": "Anne Ash"}, statement=STATEMENT)
        assert not at.told(bus.ClaimFulfilled)
        assert preview(at)["statement"] == STATEMENT
        assert at.case().claims[0].tasks[0].reason == "attach_statement"
    assert shop.rows("SELECT name FROM customers ORDER BY id") == [("Anne Ash",), ("Bob Bay",)]


def test_who_withdraws_a_consent_reads_what_continues_and_on_which_ground(tmp_path: Path, shop: Shop) -> None:
    orders = "  orders:\n    key: id\n    about: Orders\n"
    with_basis = f"{orders}    purpose: To deliver what you bought\n    basis: contract\n"
    with house(home(shop, tmp_path, orders, with_basis)) as at:
        ask(at, "I withdraw my consent to the customer survey.", Right.CONSENT_WITHDRAWAL)
        assert at.told(bus.ClaimFulfilled)
        said = "On another legal basis, this continues: Orders: To deliver what you bought (Art. 6(1)(b) GDPR)."
        assert said in at.texts()[-1]


def test_where_nothing_else_is_held_nothing_is_said_to_continue(tmp_path: Path, shop: Shop) -> None:
    shop.execute("DELETE FROM orders;")
    orders = "  orders:\n    key: id\n    about: Orders\n"
    with_basis = f"{orders}    purpose: To deliver what you bought\n    basis: contract\n"
    with house(home(shop, tmp_path, orders, with_basis)) as at:
        ask(at, "I withdraw my consent to the customer survey.", Right.CONSENT_WITHDRAWAL)
        assert "continues" not in at.texts()[-1]


def test_where_the_map_says_nothing_the_confirmed_promises_of_the_policy_do(tmp_path: Path, shop: Shop) -> None:
    with house(home(shop, tmp_path)) as at:
        ask(at, "I withdraw my consent to the customer survey.", Right.CONSENT_WITHDRAWAL)
        letter = at.texts()[-1]
    assert "Our privacy policy (version of" in letter
    assert "Managing your requests, login and authentication" in letter
    assert "Legal basis: contract, legitimate interests." in letter
    assert "new features, products and services, and content" not in letter, "it rests on the consent too"
