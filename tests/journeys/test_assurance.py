"""Who asks is asked as little as the right needs: a signed mail is enough to end something, never to be given data."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from schemas import events as bus
from schemas.rights import Right
from services.intake.signatures import Signatures
from services.router.core.cases.values import Assurance
from services.runtime.settings import SettingsFault, load
from tests.intake.signing import names, signed
from tests.journeys.shop import Shop, home_with
from tests.journeys.walk import house

AXIGEN = "data-protection@axigen.com"
KNOWN = names("example.org")
SIGNATURES = Signatures(lambda name, _seconds: KNOWN.get(name))


def aligned(raw: bytes, sender: str, recipient: str) -> bool:
    return SIGNATURES.aligned(raw, sender, frozenset({recipient}))


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path / "shop.db")


def test_a_signed_mail_is_enough_to_withdraw_a_consent(tmp_path: Path, shop: Shop) -> None:
    with house(home_with(shop, tmp_path), aligned=aligned) as at:
        at.mail(AXIGEN, "I withdraw my consent to the customer survey.", sign=signed)
        assert at.case().assurance is Assurance.ALIGNED_MAIL
        assert not at.told(bus.IdentityRequested)
        assert at.told(bus.ClaimFulfilled)
    assert shop.rows("SELECT wants_survey FROM customers WHERE id = 1") == [(0,)]


def test_an_unsigned_mail_is_asked_for_more(tmp_path: Path, shop: Shop) -> None:
    with house(home_with(shop, tmp_path), aligned=aligned) as at:
        at.mail(AXIGEN, "I withdraw my consent to the customer survey.")
        assert at.told(bus.IdentityRequested)
        assert not at.told(bus.ClaimRouted)
    assert shop.rows("SELECT wants_survey FROM customers WHERE id = 1") == [(1,)]


@pytest.mark.parametrize("text", ["Please send me a copy of my data.", "Please delete all my personal data."])
def test_a_signed_mail_is_not_enough_to_be_given_data_or_to_erase_it(tmp_path: Path, shop: Shop, text: str) -> None:
    with house(home_with(shop, tmp_path), aligned=aligned) as at:
        at.mail(AXIGEN, text, sign=signed)
        assert at.told(bus.IdentityRequested)
        assert not at.told(bus.ClaimRouted)


def test_a_signed_further_message_does_not_end_a_check_that_asks_for_more(tmp_path: Path, shop: Shop) -> None:
    with house(home_with(shop, tmp_path), aligned=aligned) as at:
        at.mail(AXIGEN, "Please send me a copy of my data.")
        check = at.case().check
        assert check is not None
        at.mail(AXIGEN, "I also withdraw my consent to the customer survey.", sign=signed)
        after = at.case().check
        assert after is not None
        assert after.check_id == check.check_id, "the link that was sent still works"
        at.follow_link()
        assert {event.right for event in at.told(bus.ClaimFulfilled)} == {Right.ACCESS, Right.CONSENT_WITHDRAWAL}


def test_a_forged_mail_does_not_use_what_its_victim_has_confirmed(tmp_path: Path, shop: Shop) -> None:
    with house(home_with(shop, tmp_path), aligned=aligned) as at:
        at.mail(AXIGEN, "Please delete all my personal data.")
        at.follow_link()
        assert at.case().claims[0].tasks, "an officer looks at the plan, and the case is open"
        at.mail(AXIGEN, "I withdraw my consent to the customer survey.")
        assert Right.CONSENT_WITHDRAWAL not in {event.right for event in at.told(bus.ClaimRouted)}
        assert len(at.told(bus.IdentityRequested)) == 2
        at.follow_link()
        assert Right.CONSENT_WITHDRAWAL in {event.right for event in at.told(bus.ClaimFulfilled)}


def test_whoever_was_confirmed_is_not_asked_again_where_their_own_domain_signs(tmp_path: Path, shop: Shop) -> None:
    with house(home_with(shop, tmp_path), aligned=aligned) as at:
        at.mail(AXIGEN, "Please delete all my personal data.")
        at.follow_link()
        at.mail(AXIGEN, "Please restrict the processing of my data.", sign=signed)
        assert len(at.told(bus.IdentityRequested)) == 1
        assert Right.RESTRICTION in {event.right for event in at.told(bus.ClaimFulfilled)}


def test_a_controller_sets_its_own_levels(tmp_path: Path, shop: Shop) -> None:
    settings = '[controllers.axigen.identity.levels]\nconsent_withdrawal = "link"\nunsubscribe = "aligned_mail"\n'
    with house(home_with(shop, tmp_path, settings), aligned=aligned) as at:
        at.mail(AXIGEN, "I withdraw my consent to the customer survey.", sign=signed)
        assert at.told(bus.IdentityRequested)
        assert not at.told(bus.ClaimRouted)


def test_a_level_that_would_hand_out_data_to_a_senders_word_is_refused(tmp_path: Path) -> None:
    text = '[controllers.axigen]\naddresses = ["a@axigen.com"]\n[controllers.axigen.identity.levels]\naccess = "none"\n'
    (tmp_path / "habeas.toml").write_text(text, encoding="utf-8")
    with pytest.raises(SettingsFault, match=r"levels\.access = 'none' is too weak"):
        load(tmp_path)


@pytest.mark.parametrize("text", ["Please send me a copy of my data.", "Please delete all my personal data."])
def test_nothing_tells_a_stranger_whether_a_person_is_known(tmp_path: Path, shop: Shop, text: str) -> None:
    with house(home_with(shop, tmp_path)) as at:
        for address in ("ann@example.org", "nobody@example.org"):
            at.mail(AXIGEN, text, sender=address)
        known, unknown = (at.texts(address)[0] for address in ("ann@example.org", "nobody@example.org"))
        secrets = re.compile(r"http\S+|\b\d{8}\b|HB-\w+")
        assert secrets.sub("", known) == secrets.sub("", unknown)
        kinds = [event.name() for event in at.events]
        assert kinds[: len(kinds) // 2] == kinds[len(kinds) // 2 :], "and neither does what happens inside"
