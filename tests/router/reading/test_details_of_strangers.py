"""Details as strangers write them: plain words as values, days of a kind, names behind lists and relatives."""

from __future__ import annotations

from typing import Any

import pytest

from services.router.api.reading import Tier, read_message


def details(text: str) -> dict[str, Any]:
    return dict(read_message(text).details)


@pytest.mark.parametrize(
    ("text", "field", "old", "new"),
    [
        ("Please change my marital status from single to married.", "marital_status", "single", "married"),
        ("Prosím změňte můj rodinný stav z vdaná na rozvedená.", "marital_status", "vdaná", "rozvedená"),
        ("Mi estado civil ha cambiado de soltero a casado, corríjanlo.", "marital_status", "soltero", "casado"),
        ("Please change my title from Mrs to Prof on all letters.", "gender", "Mrs", "Prof"),
        (
            "My bank details have changed: the IBAN is now NL91ABNA0417164300.",
            "bank_details",
            None,
            "NL91ABNA0417164300",
        ),
        (
            "Je m'appelle Anouk Lemaire et non Anouck Lemère, merci de rectifier.",
            "name",
            "Anouck Lemère",
            "Anouk Lemaire",
        ),
        ("Mein Name wird Seidl geschrieben und nicht Seidel. Bitte ändern.", "name", "Seidel", "Seidl"),
        ("Soyadım Kaya değil Kayalı. Lütfen düzeltin.", "name", "Kaya", "Kayalı"),
        ("Mon code postal est le 69003 et non le 63009, merci de corriger.", "address", "63009", "69003"),
        ("My shoe size is 44, not 41 as you have it. Please correct it.", "shoe size", "41", "44"),
    ],
)
def test_a_corrected_value_is_found_whatever_kind_it_is_of(text: str, field: str, old: str | None, new: str) -> None:
    assert details(text)["rectify"] == {"field": field, "old": old, "new": new}


def test_a_name_that_is_corrected_by_its_owner_is_a_rectification() -> None:
    claims = read_message("Je m'appelle Anouk Lemaire et non Anouck Lemère, merci de rectifier.").claims
    assert [(claim.right.value, claim.tier) for claim in claims] == [("rectification", Tier.ACT)]


@pytest.mark.parametrize(
    "text", ["Je m'appelle Ruth Roux et non sans colère je vous écris.", "Mi chiamo Ugo Neri e non sono contento."]
)
def test_a_name_beside_a_denial_of_something_else_corrects_nothing(text: str) -> None:
    assert all(claim.right.value != "rectification" for claim in read_message(text).claims)


@pytest.mark.parametrize(
    ("text", "deadline"),
    [
        ("Solicito respuesta en el plazo de quince días hábiles.", "en el plazo de quince días hábiles"),
        ("Proszę o odpowiedź w terminie 14 dni roboczych.", "w terminie 14 dni roboczych"),
        ("Vă rog să răspundeți în termen de 5 zile lucrătoare.", "în termen de 5 zile lucrătoare"),
        ("Please answer within 10 days of this letter.", "within 10 days"),
    ],
)
def test_a_deadline_keeps_the_word_for_its_kind_of_days(text: str, deadline: str) -> None:
    assert details(text)["deadline"] == deadline


def test_our_member_numbers_name_no_agent() -> None:
    found = details("Send a copy of the data about me and my wife Ines. Our member numbers are 5120 and 5121.")
    assert (found["relation"], found["accounts"]) == ("spouse", ["5120", "5121"])


def test_a_town_may_stand_before_the_country_one_lives_in() -> None:
    assert details("Moro em Recife, no Brasil. Apaguem os meus dados.")["jurisdiction"] == "LGPD"
    assert details("I live in Paris but study abroad in England. Delete my data.")["jurisdiction"] != "UK"


def test_a_list_is_named_behind_its_word_too() -> None:
    assert details("Jag vill slippa nyhetsbrevet Månadens Recept.")["lists"] == ["Månadens Recept"]
    assert details("In terms of POPIA I object to direct marketing.")["lists"] == []


def test_a_name_behind_an_owners_word_is_the_relatives() -> None:
    people = details("Διαγράψτε τα δεδομένα μου και του γιου μου Πέτρου.")["people"]
    assert [one["name"] for one in people] == [None, "Πέτρου"]


def test_a_value_in_brackets_slices_to_its_place() -> None:
    text = "Unsere neue Anschrift: Am Ring 7, 04109 Leipzig. Die alte (Hofweg 2, 07743 Jena) bitte streichen."
    values = [one for one in read_message(text).found if one.kind in ("old_value", "new_value")]
    assert values
    assert all(text[one.span.start : one.span.end] == one.value for one in values)
