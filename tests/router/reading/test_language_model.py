"""The small form of py3langid's model says what py3langid says."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from py3langid.langid import MODEL_DIR, MODEL_FILE, LanguageIdentifier

from services.router.core.language import MODEL_LANGUAGES, letter_model

SENTENCES = (
    "Please send me a copy of everything you hold about me.",
    "Bitte löschen Sie alle Daten, die Sie über mich gespeichert haben.",
    "Combien de temps conservez-vous mes données ?",
    "Proszę o usunięcie mojego konta i wszystkich moich danych.",
    "Прошу удалить все мои данные.",
    "私のデータを削除してください。",
    "من فضلك احذف بياناتي",
    "ok",
    "12345",
    "",
)


@cache
def original() -> LanguageIdentifier:
    identifier = LanguageIdentifier.from_model_file(str(MODEL_DIR / MODEL_FILE), norm_probs=True)
    identifier.set_languages(MODEL_LANGUAGES)
    return identifier


def assert_alike(text: str) -> None:
    expected = dict(original().rank(text))
    found = letter_model().rank(text)
    assert found.keys() == expected.keys()
    assert all(found[code] == pytest.approx(expected[code], abs=1e-4) for code in expected), text


@pytest.mark.parametrize("text", SENTENCES)
def test_a_sentence_is_ranked_as_py3langid_ranks_it(text: str) -> None:
    assert_alike(text)


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=60).filter(lambda text: not text.isupper()))
def test_any_text_is_ranked_as_py3langid_ranks_it(text: str) -> None:
    assert_alike(text)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from([word for text in SENTENCES for word in text.split()]), max_size=40))
def test_words_of_many_languages_are_ranked_as_py3langid_ranks_them(words: list[str]) -> None:
    assert_alike(" ".join(words))
