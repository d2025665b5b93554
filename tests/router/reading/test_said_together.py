"""What sentences say only together, and what only looks like a request: single items, offers, goods."""

from __future__ import annotations

import pytest

from services.router.api.reading import Right, Tier, banks_for, read_message

BANKS = banks_for()


def settled(text: str) -> set[str]:
    """Return the rights that would open a case or put a question."""
    claims = read_message(text, banks=BANKS, opinions=()).claims
    return {claim.right.value for claim in claims if not claim.negated and claim.tier in (Tier.ACT, Tier.ASK)}


@pytest.mark.parametrize(
    "text",
    [
        "Keep my data for the trial, but do not use it.",
        "Do not delete anything yet. Just freeze my file and don't use it.",
        "Bewahren Sie meine Daten auf, aber nutzen Sie sie nicht.",
        "Gardez mes données, mais ne les utilisez pas.",
        "Conservate i miei dati ma non usateli.",
        "Bewaar mijn gegevens maar gebruik ze niet.",
    ],
)
def test_data_to_be_kept_and_not_used_is_a_restriction_and_no_objection(text: str) -> None:
    assert settled(text) == {Right.RESTRICTION.value}


@pytest.mark.parametrize(
    "text",
    [
        "Delete the second photo from my profile please",
        "Please remove my last comment from the forum",
        "Löschen Sie bitte das zweite Bild aus meiner Anzeige",
        "supprimez la deuxième photo de mon annonce",
        "usun drugie zdjecie z mojego ogloszenia",
        "ta bort den andra bilden från min annons",
    ],
)
def test_one_item_of_content_is_no_erasure_of_a_person(text: str) -> None:
    assert settled(text) == set()


@pytest.mark.parametrize(
    "text",
    [
        "We offer GDPR software that deletes personal data on request. Book a demo for your team.",
        "Wir bieten externe Datenschutzbeauftragte an. Dürfen wir Ihnen ein Angebot machen?",
        "Offriamo consulenza GDPR. Per non ricevere più comunicazioni rispondere CANCELLAMI.",
    ],
)
def test_an_offer_is_put_before_a_human_at_most(text: str) -> None:
    assert settled(text) == set()


@pytest.mark.parametrize(
    "text", ["I want to complain about the cold soup", "What information do you have about the new model?"]
)
def test_goods_are_complained_about_and_asked_about_as_well(text: str) -> None:
    assert settled(text) == set()


def test_consent_is_withdrawn_by_a_pronoun() -> None:
    assert settled("I gave my consent to marketing when I joined. I withdraw that now.") == {"consent_withdrawal"}


def test_a_message_of_one_word_asks_to_be_left_alone() -> None:
    assert settled("STOP") == {"unsubscribe"}


def test_two_values_and_a_plea_are_a_correction() -> None:
    assert settled("The contract says number 3, but I live at 13. Please correct this.") == {"rectification"}


@pytest.mark.parametrize(
    "text",
    [
        "Before anything gets deleted I'd like to receive my data.",
        "Bevor Sie mein Konto löschen, schicken Sie mir eine Kopie meiner Daten.",
    ],
)
def test_what_stands_behind_a_before_is_asked_and_never_erased_at_once(text: str) -> None:
    claims = read_message(text, banks=BANKS, opinions=()).claims
    tiers = {claim.right.value: claim.tier for claim in claims}
    assert tiers["access"] is Tier.ACT
    assert tiers["erasure"] is Tier.ASK


@pytest.mark.parametrize(
    ("text", "rights"),
    [
        ("Please delete my account and unsubscribe me from the newsletter.", {Right.ERASURE, Right.UNSUBSCRIBE}),
        ("pls del my acc n stop mailin me thx", {Right.ERASURE, Right.UNSUBSCRIBE}),
        ("Delete my account and send me a copy of my data.", {Right.ERASURE, Right.ACCESS}),
        ("Supprimez mon compte et désabonnez-moi de la newsletter.", {Right.ERASURE, Right.UNSUBSCRIBE}),
        ("Borre mi cuenta y deme de baja del boletín.", {Right.ERASURE, Right.UNSUBSCRIBE}),
        ("Take me off and delete my address from your newsletter list.", {Right.UNSUBSCRIBE}),
        ("Wypiszcie mnie i usuńcie mój adres z listy mailingowej.", {Right.UNSUBSCRIBE}),
        ("Delete my account and everything you have on me.", {Right.ERASURE}),
    ],
)
def test_two_rights_joined_by_and_are_two_and_one_said_twice_is_one(text: str, rights: set[Right]) -> None:
    assert settled(text) == {right.value for right in rights}


@pytest.mark.parametrize(
    "text",
    [
        "If it is not done by Friday I will report you to the ICO.",
        "If my photos are not gone by then I shall complain to the data protection authority",
    ],
)
def test_what_is_not_done_in_a_condition_denies_nothing_behind_it(text: str) -> None:
    claims = read_message(text).claims
    assert not [claim for claim in claims if claim.right.value == "complaint" and claim.negated]
