"""Children: one who writes for itself and one for whom a parent writes, from the mail to the answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from schemas import events as bus
from schemas.rights import Outcome
from services.router.core.cases import commands as c
from services.router.core.cases.story import CommandRefused
from services.router.core.cases.values import Asker
from tests.journeys.shop import Shop, home_with
from tests.journeys.walk import House, house

AXIGEN = "data-protection@axigen.com"


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path / "shop.db")


def tasks(at: House) -> list[str]:
    return [task.reason for claim in at.case().claims for task in claim.tasks]


def outcomes(at: House) -> list[Outcome]:
    return [event.outcome for event in at.told(bus.ClaimCompleted)]


def test_a_childs_own_request_is_looked_at_told_the_policys_clause_and_carried_out(tmp_path: Path, shop: Shop) -> None:
    with house(home_with(shop, tmp_path)) as at:
        at.mail(AXIGEN, "I'm 13 and I want you to restrict the processing of my personal data.")
        assert at.case().asker is Asker.MINOR
        assert (
            "we do not knowingly collect any personal data from any person under 16" in at.texts("ann@example.org")[0]
        )
        at.follow_link()
        assert tasks(at) == ["authority_minor"]
        assert not at.told(bus.ClaimRouted)
        at.order(c.RecordAuthority, at.case(), asker=Asker.MINOR, accepted=True, ground="understands")
        assert outcomes(at) == [Outcome.FULFILLED]


def test_nobody_is_refused_for_an_age(tmp_path: Path, shop: Shop) -> None:
    with house(home_with(shop, tmp_path)) as at:
        at.mail(AXIGEN, "Ich bin 14 Jahre alt. Bitte löschen Sie alle meine personenbezogenen Daten.")
        at.follow_link()
        with pytest.raises(CommandRefused, match="refused for an age"):
            at.order(c.RecordAuthority, at.case(), asker=Asker.MINOR, accepted=False, ground="too_young")
        reasons = at.sealed(at.case(), note="You are too young.")
        ids = tuple(claim.claim_id for claim in at.case().claims)
        with pytest.raises(CommandRefused, match="refused for an age"):
            at.order(c.RefuseClaims, at.case(), claim_ids=ids, ground="no_authority", reasons=reasons)
        assert tasks(at) == ["authority_minor"], "the case is as it was"


def test_an_age_that_neither_the_policy_nor_the_law_asks_about_changes_nothing(tmp_path: Path, shop: Shop) -> None:
    with house(home_with(shop, tmp_path)) as at:
        at.mail(AXIGEN, "I am 19 years old. Please restrict the processing of my personal data.")
        at.follow_link()
        assert at.case().asker is Asker.PERSON
        assert outcomes(at) == [Outcome.FULFILLED]


def test_a_parent_reads_the_policys_clause_and_is_answered_once_their_authority_was_seen(
    tmp_path: Path, shop: Shop
) -> None:
    with house(home_with(shop, tmp_path)) as at:
        at.mail(AXIGEN, "My daughter Anna is 12. Please delete all her data.")
        assert at.case().asker is Asker.PARENT
        assert "any person under 16 years of age" in at.texts("ann@example.org")[0]
        at.follow_link()
        assert tasks(at) == ["authority_parent"]
        at.order(c.RecordAuthority, at.case(), asker=Asker.PARENT, accepted=True, ground="birth_certificate")
        assert at.told(bus.ClaimRouted)
        for task in [task for claim in at.case().claims for task in claim.tasks]:
            at.order(c.CompleteTask, at.case(), task_id=task.task_id, outcome=Outcome.FULFILLED)
        assert outcomes(at) == [Outcome.FULFILLED]
        assert at.told(bus.CaseCompleted)


def test_a_childs_second_message_belongs_to_its_case(tmp_path: Path, shop: Shop) -> None:
    with house(home_with(shop, tmp_path)) as at:
        at.mail(AXIGEN, "I'm 13 and I want you to restrict the processing of my personal data.")
        at.mail(AXIGEN, "I'm 13. Please also send me a copy of my data.")
        assert len(at.told(bus.CaseOpened)) == 1
