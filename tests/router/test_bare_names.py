"""A name that nothing says to be one is told by its capitals, and ordinary words are left alone."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.router.core.evidence.bare_names import NAMES_MAX, bare_names
from services.router.vocabulary import vocabulary, words_of

POLICY = words_of(["Axigen Messaging SRL, Privacy Policy, My Account, the Software Product, Newsletter"])


def names(text: str, language: str = "en") -> set[str]:
    return set(bare_names(text, language, vocabulary(language) | POLICY))


@pytest.mark.parametrize(
    ("language", "text", "found"),
    [
        ("en", "On Monday Petra Schmidt called me about my order.", {"Petra", "Schmidt"}),
        ("en", "I spoke to Dimitris about it, and to my neighbour Wójcik.", {"Dimitris", "Wójcik"}),
        ("en", "My data was given to Jean-Luc van der Berg in March.", {"Jean-Luc", "Berg"}),
        ("en", "We asked O’Brien, who knows.", {"O’Brien"}),
        ("de", "Gestern hat mich Petra Szymańska wegen der Bestellung angerufen.", {"Petra", "Szymańska"}),
        ("fr", "Ma collègue Amélie Durand a lu mes messages.", {"Amélie", "Durand"}),
        ("es", "Mi vecino Iñaki Etxeberria recibió mis cartas.", {"Iñaki", "Etxeberria"}),
        ("pl", "Rozmawiałem z Wojciechem w sprawie moich danych.", {"Wojciechem"}),
        ("ro", "I-am spus lui Gheorghe Popescu despre datele mele.", {"Gheorghe", "Popescu"}),
    ],
)
def test_bare_names_are_found(language: str, text: str, found: set[str]) -> None:
    assert found <= names(text, language)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Please send me a copy of my data under Art. 15 GDPR.\nKind regards"),
        ("en", "Yesterday I saw your Privacy Policy. Nobody answered. Everything is wrong!"),
        ("en", "In March and on Tuesday I wrote to Axigen Messaging SRL, from Berlin."),
        ("en", "I never ordered the Newsletter in My Account."),
        ("en", "PLEASE DELETE EVERYTHING ABOUT ME, IMMEDIATELY"),
        ("de", "Bitte senden Sie mir eine Kopie meiner Daten. Meine Bestellung kam nie an."),
        ("de", "Der Vertrag und die Rechnung sind falsch."),
        ("fr", "Bonjour, je souhaite accéder à mes données."),
    ],
)
def test_ordinary_words_are_left_alone(language: str, text: str) -> None:
    assert names(text, language) == set()


@settings(deadline=None)
@given(text=st.text(max_size=400), language=st.sampled_from(["en", "de", "xx"]))
def test_only_words_of_the_text_are_suspected_and_never_without_end(text: str, language: str) -> None:
    found = names(text, language)
    assert all(word in text and word[0].isupper() for word in found)
    assert len(found) <= NAMES_MAX
