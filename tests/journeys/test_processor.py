"""Somebody on a customer's list asks: they are verified, it is carried out, and the customer is told, and only then."""

from __future__ import annotations

from pathlib import Path

import pytest

from schemas import events as bus
from schemas.rights import Outcome
from services.router.core.cases import commands as c
from services.router.core.cases.story import CommandRefused
from services.router.core.cases.values import Asker, Role
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


@pytest.mark.parametrize(
    "text",
    [
        "Shoe Palace sends me newsletters with your service. I never signed up. Erase all my personal data.",
        "Unsubscribe me, please. I get these mails from Shoe Palace, who use Mailigen to send them.",
        "Ich bekomme Newsletter vom Schuhpalast über eure Plattform. Bitte löscht alle meine Daten.",
    ],
)
def test_somebody_on_the_list_of_a_customer_is_answered_and_an_officer_tells_the_customer(
    tmp_path: Path, text: str
) -> None:
    with house(tmp_path / "home") as at:
        at.mail(MAILIGEN, text)
        assert at.case().of_a_customer
        assert at.case().asker is Asker.PERSON
        if at.told(bus.IdentityRequested):
            at.follow_link()
        case = at.case()
        for claim in case.claims:
            for task in claim.tasks:
                at.order(c.CompleteTask, at.case(), task_id=task.task_id, outcome=Outcome.FULFILLED)
        assert at.told(bus.ClaimCompleted), "the person's answer does not wait for the customer's name"
        assert {task.reason for claim in at.case().claims for task in claim.tasks} == {"whose_list"}
        with at.stores["router"].begin() as transaction:
            told = customer(at.vault, transaction, case.person, "Shoe Palace <owner@shoes.example>")
        at.order(c.RecordRole, at.case(), role=Role.PROCESSOR, customer=told, ground="their_list")
        assert at.texts("owner@shoes.example")
        assert not [task for claim in at.case().claims for task in claim.tasks]


def test_a_map_that_says_whose_list_it_is_leaves_nothing_for_an_officer(tmp_path: Path, shop: Shop) -> None:
    home = home_with(shop, tmp_path, "", "mailigen", MAILIGEN)
    whose = "    about: Mailings\n    processed_for: Pen Shop <owner@penshop.example>\n"
    (tmp_path / "shop.yml").write_text(MAP.replace("    about: Mailings\n", whose), encoding="utf-8")
    with house(home) as at:
        at.mail(MAILIGEN, "Pen Shop mails me through you. Please unsubscribe me from the Pen friends list.")
        assert at.case().of_a_customer
        assert at.texts("owner@penshop.example")
        assert not [task for claim in at.case().claims for task in claim.tasks]


def test_a_controller_that_is_no_processor_hears_of_no_customers_list(tmp_path: Path, shop: Shop) -> None:
    with house(home_with(shop, tmp_path)) as at:
        at.mail("data-protection@axigen.com", "Shoe Palace mails me through you. Please unsubscribe me.")
        assert not at.case().of_a_customer


def test_our_own_customer_asks_for_themselves(tmp_path: Path, shop: Shop) -> None:
    with house(home_with(shop, tmp_path, "", "mailigen", MAILIGEN)) as at:
        at.mail(MAILIGEN, "As your customer I want all my personal data deleted.")
        assert (at.case().asker, at.case().of_a_customer) == (Asker.PERSON, False)
