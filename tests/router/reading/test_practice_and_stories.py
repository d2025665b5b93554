"""A question about the organisation's practice is no access request, and a story about erasure erases nothing."""

from __future__ import annotations

import pytest

from services.router.api.reading import Tier, read_message


def tiers(text: str) -> dict[str, Tier]:
    return {claim.right.value: claim.tier for claim in read_message(text).claims if not claim.negated}


@pytest.mark.parametrize(
    "text",
    [
        "How long do you keep my data after I stop using Axigen?",
        "Hello! I like the app a lot, my kids too. I was wondering where you store my information. Kind regards, Ann",
        "Wie lange bewahrt ihr meine Daten auf, nachdem ich gekündigt habe?",
        "Avec qui partagez-vous mes données ?",
        "¿Dónde guardan mis datos?",
        "Con chi condividete i miei dati?",
        "Met wie delen jullie mijn gegevens?",
    ],
)
def test_a_question_about_practice_is_answered_from_the_policy(text: str) -> None:
    read = tiers(text)
    assert read.get("policy_question") is Tier.ACT
    assert read.get("access", Tier.NONE) not in (Tier.ACT, Tier.ASK)


@pytest.mark.parametrize(
    "text",
    [
        "What information do you keep about me, and how long do you keep it?",
        "Tell me which data you hold on me and why.",
        "Bitte teilt mir mit, welche Daten ihr über mich gespeichert habt und wie lange.",
    ],
)
def test_a_question_for_the_content_stays_an_access_request(text: str) -> None:
    assert tiers(text).get("access") in (Tier.ACT, Tier.ASK)


@pytest.mark.parametrize(
    "text",
    [
        "One more outage and I'm deleting my account",
        "My colleague wants her data deleted",
        "My sister told me to delete my account",
        "I was about to delete my account, but you answered in time",
        "We may erase your personal data after a year.",
        "Mein Kollege will seine Daten löschen lassen.",
        "J'ai failli fermer mon compte.",
        "Si no responden, borraré mi cuenta.",
        "Stavo per chiudere il mio account.",
        "Mijn collega wil zijn gegevens laten verwijderen.",
        "please remove the voucher from my account",
        "cancel the trial but keep my account",
    ],
)
def test_a_story_a_threat_or_a_thing_in_the_account_never_acts_as_an_erasure(text: str) -> None:
    assert tiers(text).get("erasure") is not Tier.ACT


@pytest.mark.parametrize(
    "text",
    [
        "My brother told me to write to you. Please delete my account.",
        "Please delete my account and everything in my profile.",
        "Merci de supprimer mon compte de votre site.",
    ],
)
def test_a_clear_request_still_acts_beside_such_words(text: str) -> None:
    assert tiers(text).get("erasure") is Tier.ACT
