"""Somebody on a customer's list asks: they are verified, it is carried out, and the customer is told, and only then."""

from __future__ import annotations

from pathlib import Path

import pytest

from schemas import events as bus
from schemas.rights import Outcome
from services.router.core.cases import commands as c
from services.router.core.cases.story import CommandRefused
from services.router.core.cases.values import Role
from services.router.letters import customer
from services.runtime.settings import SettingsFault, load
from tests.journeys.shop import MAP, Shop, home_with
from tests.journeys.walk import house

MAILIGEN = "privacy@mailigen.com"
ROLE = 'role = "processor"\ncustomer = "Pen Shop <owner@penshop.example>"\n'


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path / "shop.db")


def test_a_configured_processor_carries_out_and_tells_its_customer(tmp_path: Path, shop: Shop) -> None:
    with house(home_with(shop, tmp_path, ROLE, "mailigen", MAILIGEN)) as at:
        at.mail(MAILIGEN, "Unsubscribe me, please.")
        assert at.case().role is Role.PROCESSOR
        assert "This is done" in at.texts("ann@example.org")[-1]
        (told,) = at.texts("owner@penshop.example")
        assert "This is about: ann@example.org" in told
        assert "Art. 28(3)(e) GDPR" in told
        assert at.told(bus.ClaimCompleted)


def test_nobody_is_told_before_the_person_is_verified(tmp_path: Path, shop: Shop) -> None:
    with house(home_with(shop, tmp_path, ROLE, "mailigen", MAILIGEN)) as at:
        at.mail(MAILIGEN, "Please restrict the processing of my data.")
        assert at.texts("owner@penshop.example") == []
        at.follow_link()
        assert len(at.texts("owner@penshop.example")) == 1


def test_a_map_says_whose_list_it_is(tmp_path: Path, shop: Shop) -> None:
    home = home_with(shop, tmp_path, "", "mailigen", MAILIGEN)
    whose = "    about: Mailings\n    processed_for: Pen Shop <owner@penshop.example>\n"
    text = MAP.replace("    about: Mailings\n", whose)
    (tmp_path / "shop.yml").write_text(text, encoding="utf-8")
    with house(home) as at:
        at.mail(MAILIGEN, "Please unsubscribe me from the Pen friends list.")
        (told,) = at.texts("owner@penshop.example")
        assert "This is about: ann@example.org" in told
        assert at.case().role is Role.CONTROLLER


def test_an_officer_who_sees_that_it_is_a_customers_list_says_so_and_the_customer_learns_of_it(tmp_path: Path) -> None:
    with house(tmp_path / "home") as at:
        at.mail(MAILIGEN, "Unsubscribe me, please.")
        case = at.case()
        (task,) = case.claims[0].tasks
        at.order(c.CompleteTask, case, task_id=task.task_id, outcome=Outcome.FULFILLED)
        with pytest.raises(CommandRefused, match="must be told"):
            at.order(c.RecordRole, case, role=Role.PROCESSOR, ground="their_list")
        with at.stores["router"].begin() as transaction:
            told = customer(at.vault, transaction, case.person, "Pen Shop <owner@penshop.example>")
        at.order(c.RecordRole, case, role=Role.PROCESSOR, customer=told, ground="their_list")
        assert len(at.texts("owner@penshop.example")) == 1


def test_a_processor_without_a_customer_is_refused_at_start(tmp_path: Path) -> None:
    (tmp_path / "habeas.toml").write_text(
        '[controllers.mailigen]\naddresses = ["privacy@mailigen.com"]\nrole = "processor"\n', encoding="utf-8"
    )
    with pytest.raises(SettingsFault, match="needs customer"):
        load(tmp_path)
