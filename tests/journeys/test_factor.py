"""Where a right needs more than a link: a number that only the person and the controller's systems know."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlencode

import pytest

from schemas import events as bus
from schemas.rights import Right
from services.router.core.cases.values import Assurance
from services.runtime.factors import plain_number
from services.runtime.settings import SettingsFault, load
from tests.journeys.product import Product, link_in, running
from tests.journeys.shop import Shop, home_with
from tests.journeys.walk import House, house

AXIGEN = "data-protection@axigen.com"
ACCESS = "Please send me a copy of my data."
SETTINGS = """\
[controllers.axigen.identity]
attempts_max = 3
[controllers.axigen.identity.levels]
access = "link_and_factor"
[controllers.axigen.identity.factor]
asks = "order_number"
where = "shop.orders.id"
"""


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    shop = Shop(tmp_path / "shop.db")
    shop.execute("UPDATE orders SET id = id + 814000")
    return shop


def asked_for(at: House, *, sender: str = "ann@example.org") -> str:
    """Return the letter that asks who it was."""
    at.mail(AXIGEN, ACCESS, sender=sender)
    return at.texts(sender)[-1]


def test_the_link_asks_for_the_number_and_the_two_together_are_enough(tmp_path: Path, shop: Shop) -> None:
    with house(home_with(shop, tmp_path, SETTINGS)) as at:
        letter = asked_for(at)
        assert "the number of one of your orders" in letter
        assert not re.search(r"\b\d{8}\b", letter), "a code would be a way around the number"
        at.follow_link("# 00814-012")
        assert at.case().assurance is Assurance.LINK_AND_FACTOR
        assert [event.right for event in at.told(bus.ClaimFulfilled)] == [Right.ACCESS]
        assert any("/d/" in text for text in at.texts("ann@example.org"))


def test_the_link_without_the_number_is_half_an_answer(tmp_path: Path, shop: Shop) -> None:
    with house(home_with(shop, tmp_path, SETTINGS)) as at:
        asked_for(at)
        at.follow_link("")
        assert not at.told(bus.ClaimRouted)


@pytest.mark.parametrize("number", ["814011", "999999", "likes pens", "' OR 1=1 --", "٣٣٣٣٣٣", "x" * 5000])
def test_anothers_number_or_none_costs_an_attempt_and_only_the_address_on_file_learns_it(
    tmp_path: Path, shop: Shop, number: str
) -> None:
    with house(home_with(shop, tmp_path, SETTINGS)) as at:
        asked_for(at)
        at.follow_link(number)
        assert not at.told(bus.ClaimRouted)
        assert [event.attempts_left for event in at.told(bus.IdentityFailed)] == [2]
        assert "Attempts left: 2" in at.texts("ann@example.org")[-1]
        at.follow_link(number)
        assert len(at.told(bus.IdentityFailed)) == 1, "the same number a second time is the same attempt"
        at.follow_link("814010")
        assert at.told(bus.ClaimFulfilled)


@pytest.mark.parametrize("number", ["10", "0010", "00000010", "# 1-0"])
def test_a_number_that_could_be_guessed_is_never_accepted(tmp_path: Path, shop: Shop, number: str) -> None:
    shop.execute("UPDATE orders SET id = 10 WHERE id = 814010")
    with house(home_with(shop, tmp_path, SETTINGS)) as at:
        asked_for(at)
        at.follow_link(number)
        assert not at.told(bus.ClaimRouted)
        assert at.case().assurance is not Assurance.LINK_AND_FACTOR


def test_one_more_right_is_not_worth_another_handful_of_attempts(tmp_path: Path, shop: Shop) -> None:
    settings = SETTINGS.replace('[controllers.axigen.identity.factor]', 'portability = "link_and_factor"\n'
                                '[controllers.axigen.identity.factor]')  # fmt: skip
    with house(home_with(shop, tmp_path, settings)) as at:
        asked_for(at)
        for number in ("814001", "814002", "814003"):
            at.follow_link(number)
        at.mail(AXIGEN, "Please restrict the processing of my data, and give me my data in a portable format.")
        assert len(at.told(bus.IdentityRequested)) == 1
        assert {task.reason for claim in at.case().claims for task in claim.tasks} == {"identity_attempts"}


def test_attempts_are_bounded_and_then_a_human_goes_on(tmp_path: Path, shop: Shop) -> None:
    with house(home_with(shop, tmp_path, SETTINGS)) as at:
        asked_for(at)
        for number in ("814001", "814002", "814003", "814010"):
            at.follow_link(number)
        assert not at.told(bus.ClaimRouted), "the right one came too late"
        assert [task.reason for claim in at.case().claims for task in claim.tasks] == ["identity_attempts"]
        assert "A person at" in at.texts("ann@example.org")[-1]


def test_nothing_tells_whether_somebody_is_known(tmp_path: Path, shop: Shop) -> None:
    with house(home_with(shop, tmp_path, SETTINGS)) as at:
        told: list[list[str]] = []
        for sender in ("bob@example.org", "nobody@example.org"):
            before = len(at.events)
            asked_for(at, sender=sender)
            at.follow_link("471147")
            words = [re.sub(r"http\S+|HB-\w+", "", text) for text in at.texts(sender)]
            told.append([*words, *(event.name() for event in at.events[before:])])
        assert told[0] == told[1]


def test_the_number_is_on_no_topic(tmp_path: Path, shop: Shop) -> None:
    shop.execute("UPDATE orders SET id = 8154711 WHERE id = 814010")
    with house(home_with(shop, tmp_path, SETTINGS)) as at:
        asked_for(at)
        at.follow_link("8154711")
        assert at.told(bus.ClaimFulfilled)
        assert not any("8154711" in event.model_dump_json() for event in at.events)


def test_a_system_that_cannot_say_calls_a_human(tmp_path: Path, shop: Shop) -> None:
    with house(home_with(shop, tmp_path, SETTINGS.replace("orders.id", "orders.no_such_field"))) as at:
        asked_for(at)
        at.follow_link("814010")
        assert not at.told(bus.IdentityFailed), "nobody gave a wrong number"
        assert [task.reason for claim in at.case().claims for task in claim.tasks] == ["identity_attempts"]


def test_a_link_that_was_enough_for_one_right_is_not_for_another(tmp_path: Path, shop: Shop) -> None:
    with house(home_with(shop, tmp_path, SETTINGS)) as at:
        at.mail(AXIGEN, "Please restrict the processing of my data.")
        at.follow_link()
        assert at.case().assurance is Assurance.LINK
        at.mail(AXIGEN, ACCESS)
        assert at.told(bus.IdentityRequested)[-1].method == "link_and_factor"
        at.follow_link("814010")
        assert Right.ACCESS in {event.right for event in at.told(bus.ClaimFulfilled)}


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ('[controllers.axigen.identity.levels]\naccess = "link_and_factor"\n', "does not say which number"),
        (SETTINGS.replace("shop.orders.id", "crm.orders.id"), "names crm, which is no system"),
        (SETTINGS.replace("shop.orders.id", "orders"), "where"),
        (SETTINGS.replace('"order_number"', '"shoe_size"'), "asks"),
    ],
)
def test_settings_that_compare_with_nothing_are_refused(tmp_path: Path, shop: Shop, settings: str, said: str) -> None:
    with pytest.raises(SettingsFault, match=said):
        load(home_with(shop, tmp_path, settings))


@pytest.mark.parametrize(
    ("one", "other"), [("#0010", 10), ("A-12 34", "a1234"), (" 10 ", "10"), ("No. 7", "no7"), ("00AB", "00ab")]
)
def test_a_number_is_compared_as_people_write_it(one: str, other: object) -> None:
    assert plain_number(one) == plain_number(other)


def posted(product: Product, link: str, number: str) -> bytes:
    """Press the button with this number, and return the page that comes."""
    content = urlencode({"number": number}).encode()
    status, page = product.get(link, "POST", content, "application/x-www-form-urlencoded")
    assert status == 200
    return page


def test_the_page_behind_the_link_asks_for_the_number_and_answers_everybody_alike(tmp_path: Path, shop: Shop) -> None:
    with running(home_with(shop, tmp_path, SETTINGS)) as product:
        product.mail(AXIGEN, ACCESS)
        link = link_in(product.letter("number of one of your orders"), "v")
        status, page = product.get(link)
        assert (status, b'name="number"' in page, b"Number of one of your orders" in page) == (200, True, True)
        assert b'name="number"' in posted(product, link, ""), "without a number it is asked again"
        assert b'name="number"' in posted(product, link, "0012"), "and where it could be guessed"
        wrong = posted(product, link, "999999")
        product.letter("Attempts left: 2")
        assert posted(product, link, "#814012") == wrong
        product.letter("/d/")
