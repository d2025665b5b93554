"""Agents, parents, heirs, repeats, breaches, silence: each from the first mail to the last letter."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from schemas import events as bus
from schemas.rights import Outcome, Right
from services.router.core.cases import commands as c
from services.router.core.cases.values import Asker
from tests.journeys.shop import Shop, home_with
from tests.journeys.walk import House, house

AXIGEN = "data-protection@axigen.com"
ACCESS = "Please send me a copy of my data."


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path / "shop.db")


def tasks(at: House) -> list[str]:
    return [task.reason for claim in at.case().claims for task in claim.tasks]


def outcomes(at: House) -> list[Outcome]:
    return [event.outcome for event in at.told(bus.ClaimCompleted)]


@pytest.mark.parametrize(
    ("text", "asker"),
    [
        ("My daughter Anna is 12. Please delete all her data.", Asker.PARENT),
        ("I am the executor of my late father's estate. Please delete all of his personal data.", Asker.HEIR),
        ("On behalf of my client, please delete all of her personal data.", Asker.AGENT),
    ],
)
def test_who_asks_for_somebody_else_waits_until_an_officer_has_seen_their_authority(
    tmp_path: Path, shop: Shop, text: str, asker: Asker
) -> None:
    with house(home_with(shop, tmp_path)) as at:
        at.mail(AXIGEN, text)
        assert at.case().asker is asker
        at.follow_link()
        assert tasks(at) == [f"authority_{asker.value}"]
        assert not at.told(bus.ClaimRouted)
        at.order(c.RecordAuthority, at.case(), asker=asker, accepted=True, ground="mandate_seen")
        assert at.told(bus.ClaimRouted)


def test_without_authority_nothing_is_done_and_the_letter_says_why(tmp_path: Path, shop: Shop) -> None:
    with house(home_with(shop, tmp_path)) as at:
        at.mail(AXIGEN, "On behalf of my client, please delete all of her personal data.")
        at.follow_link()
        at.order(c.RecordAuthority, at.case(), asker=Asker.AGENT, accepted=False, ground="no_mandate")
        assert outcomes(at) == [Outcome.REFUSED]
        assert "supervisory authority" in at.texts("ann@example.org")[-1]
        assert not at.told(bus.ClaimRouted)


def test_what_somebody_asks_for_another_is_never_theirs(tmp_path: Path, shop: Shop) -> None:
    with house(home_with(shop, tmp_path)) as at:
        at.mail(AXIGEN, "Please delete all my personal data.")
        at.follow_link()
        at.mail(AXIGEN, "My daughter Anna is 12. Please restrict the processing of her data.")
        assert len(at.told(bus.CaseOpened)) == 2
        assert at.case().asker is Asker.PARENT


def test_the_same_request_twice_is_one_claim_and_a_repeat_may_be_refused_by_an_officer_only(
    tmp_path: Path, shop: Shop
) -> None:
    with house(home_with(shop, tmp_path)) as at:
        at.mail(AXIGEN, ACCESS)
        at.mail(AXIGEN, f"I ask again! {ACCESS}")
        assert len(at.told(bus.CaseOpened)) == 1
        assert [event.repeated for event in at.told(bus.CaseJoined)] == [(Right.ACCESS,)]
        assert not at.told(bus.ClaimRefused)
        reasons = at.sealed(at.case(), note="It is the tenth time this month.")
        at.order(
            c.RefuseClaims, at.case(), claim_ids=(at.claim_id(Right.ACCESS),), ground="excessive", reasons=reasons
        )  # fmt: skip
        assert outcomes(at) == [Outcome.REFUSED]
        letter = at.texts("ann@example.org")[-1]
        for said in ("tenth time", "Art. 12(5)", "court"):
            assert said in letter


def test_a_breach_calls_a_human_at_once_and_has_seventy_two_hours(tmp_path: Path, shop: Shop) -> None:
    with house(home_with(shop, tmp_path)) as at:
        at.mail(
            AXIGEN, "I believe my privacy was breached: strangers can see my account. I want to report this breach."
        )
        (claim,) = at.case().claims
        assert claim.right is Right.BREACH_REPORT
        assert tasks(at) == ["breach"]
        assert claim.due is not None
        assert claim.due.due - claim.received == timedelta(hours=72)
        aware = at.clock.moment + timedelta(hours=5)
        at.later(hours=6)
        at.order(c.RecordAwareness, at.case(), claim_id=claim.claim_id, aware=aware)
        moved = at.case().claims[0].due
        assert moved is not None
        assert moved.due == aware + timedelta(hours=72)
        at.later(hours=80)
        assert at.told(bus.DeadlineMissed)


def test_a_check_that_nobody_answers_ends_with_a_notice(tmp_path: Path, shop: Shop) -> None:
    with house(home_with(shop, tmp_path)) as at:
        at.mail(AXIGEN, ACCESS)
        at.later(days=15)
        assert at.told(bus.IdentityExpired)
        assert outcomes(at) == [Outcome.NOT_IDENTIFIED]
        assert "we have done nothing and closed the request" in at.texts("ann@example.org")[-1]
        at.follow_link()
        assert not at.told(bus.ClaimRouted), "an old link does nothing any more"


def test_a_request_for_another_controller_is_handed_over_and_the_person_is_told(tmp_path: Path, shop: Shop) -> None:
    with house(home_with(shop, tmp_path)) as at:
        at.mail(AXIGEN, ACCESS)
        to = at.sealed(at.case(), to="Shop Ltd., privacy@shop.example")
        at.order(
            c.TransferClaims, at.case(), claim_ids=(at.claim_id(Right.ACCESS),), to=to, ground="not_the_controller"
        )  # fmt: skip
        assert outcomes(at) == [Outcome.TRANSFERRED]
        assert "Shop Ltd., privacy@shop.example" in at.texts("ann@example.org")[-1]


def test_an_answer_that_was_not_whole_is_taken_up_again(tmp_path: Path, shop: Shop) -> None:
    with house(home_with(shop, tmp_path)) as at:
        at.mail(AXIGEN, ACCESS)
        at.follow_link()
        assert outcomes(at) == [Outcome.FULFILLED]
        at.order(c.ReopenClaim, at.case(), claim_id=at.claim_id(Right.ACCESS), ground="answer_incomplete")
        assert at.told(bus.ClaimReopened)
        (claim,) = at.case().claims
        assert claim.open
        assert claim.due is not None
