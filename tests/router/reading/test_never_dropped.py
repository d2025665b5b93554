"""A message that names personal data and asks something is never dropped, even where no rule knows what it asks."""

from __future__ import annotations

import pytest

from services.router.api.reading import Right, Tier, read_message


@pytest.mark.parametrize(
    "text",
    [
        "Regarding my personal data: kindly do the needful with the usual care.",
        "Wegen meiner personenbezogenen Daten: bitte das Übliche veranlassen.",
        "À propos de mes données personnelles : merci de procéder comme convenu.",
    ],
)
def test_whoever_names_personal_data_and_asks_something_meets_a_human_at_least(text: str) -> None:
    assert read_message(text).tier is not Tier.NONE


@pytest.mark.parametrize(
    "text", ["Thanks, all sorted now!", "Where is my parcel?", "I'm writing my thesis about the GDPR, any thoughts?"]
)
def test_ordinary_mail_and_talk_about_rights_is_left_alone(text: str) -> None:
    assert read_message(text).tier is Tier.NONE


@pytest.mark.parametrize(
    "text",
    [
        "Mesedez, ezabatu nire datu pertsonal guztiak.",
        "Scriosaigí mo shonraí pearsanta go léir, le bhur dtoil.",
        "Futa data zangu zote tafadhali",
        "Dileu fy holl ddata personol os gwelwch yn dda",
    ],
)
def test_a_language_that_nothing_here_knows_meets_a_human(text: str) -> None:
    reading = read_message(text)
    assert (reading.tier, reading.language.code) == (Tier.REVIEW, "und")


def test_letters_set_apart_meet_a_human() -> None:
    assert read_message("d e l e t e  m y  d a t a").tier is Tier.REVIEW
    assert read_message("Seats A B C are free.").tier is Tier.NONE


def test_a_short_message_is_in_the_language_it_was_read_in() -> None:
    assert read_message("delete me").language.code == "en"


@pytest.mark.parametrize(
    "text",
    [
        "I don't want to be deleted, only a copy of what you have",
        "Do not delete anything, I only want a copy.",
        "nicht löschen, nur eine Kopie bitte",
        "ne supprimez rien, je veux juste une copie",
        "silmeyin, sadece bir kopya istiyorum",
    ],
)
def test_who_wants_only_a_copy_is_heard_and_nothing_is_erased(text: str) -> None:
    claims = read_message(text).claims
    assert any(claim.right is Right.ACCESS for claim in claims)
    assert not any(claim.right is Right.ERASURE and not claim.negated for claim in claims)
