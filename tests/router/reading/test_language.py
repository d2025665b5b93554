"""The language of a line of chat, a letter, and things that are no language at all."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.router.core.language import base_code, detect, rank

SHORT_LINES = [
    ("pls remove my account", "en"),
    ("unsubscribe", "en"),
    ("DELETE MY ACCOUNT", "en"),
    ("what do u have on me", "en"),
    ("bitte Konto löschen", "de"),
    ("welche daten habt ihr über mich", "de"),
    ("supprimez mon compte svp", "fr"),
    ("quiero borrar mi cuenta", "es"),
    ("cancellate i miei dati", "it"),
    ("verwijder mijn account", "nl"),
    ("proszę usunąć moje konto", "pl"),
    ("quero apagar a minha conta", "pt"),
    ("vă rog să ștergeți contul meu", "ro"),
    ("stergeti contul meu va rog", "ro"),
    ("lūdzu dzēst manu kontu", "lv"),
    ("jag vill radera mitt konto", "sv"),
    ("slet min konto, tak", "da"),
    ("smažte prosím můj účet", "cs"),
    ("kérem törölje a fiókomat", "hu"),
    ("διαγράψτε τον λογαριασμό μου", "el"),
    ("molim izbrišite moj račun", "hr"),
    ("hesabımı silin lütfen", "tr"),
    ("私のアカウントを削除してください", "ja"),
    ("удалите мой аккаунт пожалуйста", "ru"),
]


@pytest.mark.parametrize(("line", "code"), SHORT_LINES)
def test_a_short_line_is_told_by_its_small_words(line: str, code: str) -> None:
    assert detect(line).code == code


@pytest.mark.parametrize("nothing", ["", "   ", "12345 !!", "🙂🙂"])
def test_a_text_without_letters_has_no_language(nothing: str) -> None:
    assert detect(nothing).code == "und"
    assert detect(nothing).confidence == 0.0


def test_confidences_of_a_ranking_descend_and_stay_within_one() -> None:
    ranked = rank("bitte löschen sie meine daten, thanks", 5)
    assert [guess.confidence for guess in ranked] == sorted((g.confidence for g in ranked), reverse=True)
    assert sum(guess.confidence for guess in ranked) <= 1.001


@pytest.mark.parametrize(
    ("tag", "base"), [("de-AT", "de"), ("pt_BR", "pt"), ("nb", "no"), ("nn-NO", "no"), ("EN", "en")]
)
def test_a_language_tag_is_reduced_to_its_language(tag: str, base: str) -> None:
    assert base_code(tag) == base


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=300))
def test_any_unicode_gets_a_guess_and_never_an_exception(text: str) -> None:
    guess = detect(text)
    assert 0.0 <= guess.confidence <= 1.0
    assert guess.code
