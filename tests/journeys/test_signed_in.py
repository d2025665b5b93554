"""Somebody who is signed in on the controller's own site is known by the site's word, as far as the right allows it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from schemas import events as bus
from schemas.rights import Right
from services.router.core.cases.values import Assurance
from tests.intake.vouched_by import SECRET, token
from tests.journeys.shop import Shop, home_with
from tests.journeys.walk import House, house

KEYS = f'[controllers.axigen.identity.session]\nkeys = ["{SECRET}"]\n'
LEVELS = '[controllers.axigen.identity.levels]\naccess = "session"\n'
OURS, OTHER = "session-of-anns-browser", "session-of-another-browser"
ACCESS = "Please send me a copy of my data."
CONSENT = "I withdraw my consent to the customer survey."


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path / "shop.db")


def accepted(told: dict[str, object]) -> bool:
    identity = told["identity"]
    assert isinstance(identity, dict)
    return bool(identity["accepted"])


def why(told: dict[str, object]) -> str:
    identity = told["identity"]
    assert isinstance(identity, dict)
    return str(identity["why"])


def test_a_consent_is_withdrawn_on_the_sites_word(tmp_path: Path, shop: Shop) -> None:
    with house(home_with(shop, tmp_path, KEYS)) as at:
        assert accepted(at.say(CONSENT, session=OURS, token=token(at.clock.now())))
        assert at.case().assurance is Assurance.SESSION
        assert not at.told(bus.IdentityRequested)
        assert at.told(bus.ClaimFulfilled)
        assert "You need to do nothing else" in at.heard(OURS)[0]
        assert at.texts("ann@example.org"), "the letters go to the address that the site has signed"
    assert shop.rows("SELECT wants_survey FROM customers WHERE id = 1") == [(0,)]


def test_a_copy_needs_the_link_all_the_same_and_ends_as_a_package(tmp_path: Path, shop: Shop) -> None:
    with house(home_with(shop, tmp_path, KEYS)) as at:
        at.say(ACCESS, session=OURS, token=token(at.clock.now()))
        assert at.told(bus.IdentityRequested)
        assert not at.told(bus.ClaimRouted)
        at.follow_link()
        (done,) = at.told(bus.ClaimFulfilled)
        assert done.right is Right.ACCESS
        assert any("/d/" in text for text in at.texts("ann@example.org"))


def test_where_the_controller_says_so_the_sites_word_is_enough_for_a_copy(tmp_path: Path, shop: Shop) -> None:
    # EDPB Guidelines 01/2022, para. 65-67: whoever is signed in need not prove a second time who they are.
    with house(home_with(shop, tmp_path, KEYS + LEVELS)) as at:
        at.say(ACCESS, session=OURS, token=token(at.clock.now()))
        assert not at.told(bus.IdentityRequested)
        assert at.told(bus.ClaimFulfilled)
        assert any("/d/" in text for text in at.texts("ann@example.org"))
        assert at.told(bus.ClaimCompleted)


def test_the_systems_are_asked_by_the_customers_number_too(tmp_path: Path, shop: Shop) -> None:
    shop.execute("INSERT INTO customers (id, email, name) VALUES (7, 'older@example.org', 'Ann Ash')")
    home = home_with(shop, tmp_path, f'{KEYS}identity = "customer"\n{LEVELS}')
    text = (tmp_path / "shop.yml").read_text(encoding="utf-8")
    mapped = text.replace(
        "    fields:\n      id: {}\n      email", "    fields:\n      id: {identity: customer}\n      email", 1
    )
    (tmp_path / "shop.yml").write_text(mapped, encoding="utf-8")
    with house(home) as at:
        at.say(ACCESS, session=OURS, token=token(at.clock.now(), sub="7"))
        (done,) = at.told(bus.ClaimFulfilled)
        found = {receipt.system: receipt.count for receipt in done.receipts if receipt.count}
        assert found
        assert sum(receipt.count for receipt in done.receipts) >= 5, "both customer rows, and what hangs on them"


def test_a_person_who_is_signed_in_is_one_person_in_every_chat(tmp_path: Path, shop: Shop) -> None:
    with house(home_with(shop, tmp_path, KEYS)) as at:
        at.say(ACCESS, session=OURS, token=token(at.clock.now()))
        at.say(CONSENT, session=OTHER, token=token(at.clock.now()))
        assert len(at.told(bus.CaseOpened)) == 1
        assert {claim.right for claim in at.case().claims} == {Right.ACCESS, Right.CONSENT_WITHDRAWAL}
        assert {event.right for event in at.told(bus.ClaimFulfilled)} == {Right.CONSENT_WITHDRAWAL}
        assert at.heard(OTHER), "and is answered where they speak"


def test_a_request_made_before_signing_in_stays_as_unsure_as_it_was(tmp_path: Path, shop: Shop) -> None:
    # Whoever is signed in as one person must not carry out what somebody asked in this chat in another's name.
    with house(home_with(shop, tmp_path, KEYS)) as at:
        at.say("I withdraw my consent to the customer survey. My address is bob@example.org.", session=OURS)
        at.say("Where does my request stand?", session=OURS, token=token(at.clock.now()))
        assert not at.told(bus.ClaimRouted)
        assert at.case().assurance is Assurance.NONE
    assert shop.rows("SELECT wants_survey FROM customers WHERE id = 2") == [(1,)]


@pytest.mark.parametrize(
    ("made", "said"),
    [
        ({"key": "the secret of somebody else's site, which signs for somebody else alone"}, "not signed"),
        ({"exp": 1}, "expired"),
        ({"aud": "mailigen"}, "aud must be axigen"),
        ({"exp": None}, "lacks exp"),
    ],
)
def test_a_token_that_is_not_taken_says_why_and_the_chat_goes_on_without_it(
    tmp_path: Path, shop: Shop, made: dict[str, Any], said: str
) -> None:
    with house(home_with(shop, tmp_path, KEYS)) as at:
        told = at.say(f"{CONSENT} My address is ann@example.org.", session=OURS, token=token(at.clock.now(), **made))
        assert said in why(told)
        assert told["message_id"], "the line is taken all the same"
        assert at.told(bus.IdentityRequested)
        assert not at.told(bus.ClaimRouted)


def test_a_token_is_good_in_one_chat_and_a_retry_there_is_no_second_use(tmp_path: Path, shop: Shop) -> None:
    with house(home_with(shop, tmp_path, KEYS)) as at:
        made = token(at.clock.now())
        assert accepted(at.say("", session=OURS, token=made))
        assert accepted(at.say("", session=OURS, token=made))
        assert "used in another chat" in why(at.say("", session=OTHER, token=made))


def test_a_chat_is_never_handed_from_one_person_to_another(tmp_path: Path, shop: Shop) -> None:
    with house(home_with(shop, tmp_path, KEYS)) as at:
        at.say(ACCESS, session=OURS, token=token(at.clock.now()))
        told = at.say("", session=OURS, token=token(at.clock.now(), sub="4712", email="bob@example.org"))
        assert "belongs to somebody else" in why(told)


def test_a_word_that_has_run_out_counts_no_more_and_is_told(tmp_path: Path, shop: Shop) -> None:
    with house(home_with(shop, tmp_path, KEYS)) as at:
        at.say("", session=OURS, token=token(at.clock.now()))
        at.later(minutes=11)
        told = at.say(CONSENT, session=OURS)
        assert "has run out" in str(told["run_out"])
        assert not at.told(bus.ClaimRouted)
        assert accepted(at.say(CONSENT, session=OURS, token=token(at.clock.now())))
        assert at.told(bus.ClaimFulfilled)


def test_a_controller_without_a_site_says_so(tmp_path: Path, shop: Shop) -> None:
    with house(home_with(shop, tmp_path)) as at:
        assert "takes no signed identities" in why(at.say("", session=OURS, token=token(at.clock.now())))


def nothing_personal(at: House) -> None:
    for event in at.events:
        said = event.model_dump_json()
        assert "4711" not in said
        assert "ann@" not in said


def test_nothing_of_the_token_is_on_the_bus(tmp_path: Path, shop: Shop) -> None:
    with house(home_with(shop, tmp_path, KEYS + LEVELS)) as at:
        at.say(ACCESS, session=OURS, token=token(at.clock.now()))
        nothing_personal(at)
