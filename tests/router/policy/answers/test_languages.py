"""A question in another language finds the same clause; the frame is in that language, the quotation as published."""

from __future__ import annotations

from datetime import date

import pytest

from services.router.answers import Answers
from services.router.core.policy.answers.frames import FALLBACK

TODAY = date(2026, 1, 1)
KEEPING = {
    "en": "How long do you keep my personal data?",
    "de": "Wie lange bewahren Sie meine personenbezogenen Daten auf?",
    "fr": "Pendant combien de temps conservez-vous mes données personnelles ?",
    "es": "¿Durante cuánto tiempo conservan mis datos personales?",
    "it": "Per quanto tempo conservate i miei dati personali?",
    "nl": "Hoe lang bewaren jullie mijn persoonsgegevens?",
    "pl": "Jak długo przechowujecie moje dane osobowe?",
    "pt": "Durante quanto tempo guardam os meus dados pessoais?",
    "ro": "Cât timp păstrați datele mele personale?",
    "lv": "Cik ilgi jūs glabājat manus personas datus?",
    "sv": "Hur länge sparar ni mina personuppgifter?",
    "hu": "Meddig őrzik meg a személyes adataimat?",
    "da": "Hvor længe opbevarer I mine personoplysninger?",
    "cs": "Jak dlouho uchováváte moje osobní údaje?",
    "hr": "Koliko dugo čuvate moje osobne podatke?",
    "el": "Πόσο καιρό διατηρείτε τα προσωπικά μου δεδομένα;",
    "tr": "Kişisel verilerimi ne kadar süre saklıyorsunuz?",
}


@pytest.mark.parametrize("language", KEEPING)
def test_the_same_clause_is_found_and_the_frame_speaks_the_persons_language(answers: Answers, language: str) -> None:
    found = answers.ask("axigen", KEEPING[language], TODAY)
    assert not found.abstained
    assert found.language == language
    assert "within 3 years" in found.citations[0].quote
    assert answers.method.frames.of(language).say("says") in found.text


def test_every_language_has_every_sentence(answers: Answers) -> None:
    frames = answers.method.frames.by_language
    for language, sentences in frames.items():
        assert set(sentences) == set(frames[FALLBACK]), language


def test_every_sentence_holds_the_same_places_in_every_language(answers: Answers) -> None:
    frames = answers.method.frames.by_language
    for language, sentences in frames.items():
        for name, sentence in sentences.items():
            for place in ("{what}", "{right}", "{citation}", "{period}", "{version}", "{n}"):
                assert (place in sentence) == (place in frames[FALLBACK][name]), (language, name, place)


def test_a_language_without_sentences_falls_back(answers: Answers) -> None:
    assert answers.method.frames.of("no").language == "da"
    assert answers.method.frames.of("ja").language == "en"


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("data retention", "en"),
        ("cookie acceptance", "en"),
        ("Verkaufen Sie Daten?", "de"),
        ("¿Venden mis datos?", "es"),
        ("Vindeți datele mele?", "ro"),
    ],
)
def test_a_question_of_few_words_is_read_in_its_language(answers: Answers, question: str, language: str) -> None:
    assert answers.language(question) == language
