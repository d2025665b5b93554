"""The ranking as a whole: measured on our own questions, and explained."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from services.router.answers import Answers
from services.router.api import answers as door
from services.router.core.policy.answers.answer import knowledge_of
from services.router.core.policy.answers.index import Passage, index_of
from services.router.core.policy.answers.question import ask
from services.router.core.policy.answers.rank import SIGNALS, rank

TODAY = date(2026, 1, 1)
QUESTIONS = Path(__file__).parents[4] / "bench" / "data" / "policy_questions.tsv"
ROWS = [line.split("\t") for line in QUESTIONS.read_text("utf-8").splitlines()]


def hits(answers: Answers, english: bool) -> list[int]:
    places = []
    for who, language, _, question, gold in ROWS:
        if gold == "-" or (language == "en") is not english:
            continue
        controller, _, day = who.partition("@")
        on = date.fromisoformat(day or "2026-01-01")
        text = answers.knowledge(controller, on).documents[0].policy.text
        spans = [(text.index(snippet), text.index(snippet) + len(snippet)) for snippet in gold.split(" || ")]
        ranking = answers.ask(controller, question, on, top=50).ranking
        right = [n for n, r in enumerate(ranking) if any(a < r.end and r.start < b for a, b in spans)]
        places.append(right[0] if right else 99)
    return places


@pytest.mark.parametrize("english", [True, False])
def test_the_right_clause_stays_first_often_enough(answers: Answers, english: bool) -> None:
    places = np.array(hits(answers, english))
    assert np.mean(places == 0) >= 0.75
    assert np.mean(places < 3) >= 0.90


def test_a_mistyped_question_is_read_as_it_was_meant(answers: Answers) -> None:
    right = answers.ask("mailigen", "how do I unsubscribe from the newsletter", TODAY, top=1).ranking[0]
    wrong = answers.ask("mailigen", "how do i unsubscirbe from the newsleter", TODAY, top=1).ranking[0]
    assert right.clause == wrong.clause


def test_the_score_is_the_weighted_sum_that_explain_shows(answers: Answers) -> None:
    told = door.explain_question(answers, "mailpro", "Do you sell my data?", top=2)
    assert told.candidates[0].concepts == ("sell",)
    for candidate in told.candidates:
        assert sum(value for _, value in candidate.signals) == pytest.approx(candidate.score, abs=0.1)
    assert told.sureness >= told.threshold


def test_a_policy_without_clauses_can_be_asked_and_says_nothing(answers: Answers) -> None:
    method = answers.method
    empty = index_of([], "en", method.lexicon)
    question = ask("Do you sell my data?", "en", empty, method.lexicon)
    ranking = rank(empty, question, method.lexicon, method.weights)
    assert ranking.order == ()
    assert ranking.signals.shape == (len(SIGNALS), 0)
    knowledge = knowledge_of("none", (), method)
    assert door.answer(knowledge, "Do you sell my data?", "en", method).abstained


def test_a_policy_in_another_language_can_be_asked_in_two(answers: Answers) -> None:
    lexicon = answers.method.lexicon
    index = index_of(
        [
            Passage("a", 0, 1, "Wir verkaufen Ihre personenbezogenen Daten nicht an Dritte."),
            Passage("b", 1, 2, "Ihre Daten werden nach drei Jahren gelöscht."),
            Passage("c", 2, 3, "Beschwerden richten Sie an die Aufsichtsbehörde."),
        ],
        "de",
        lexicon,
    )
    for text, language, first in (
        ("Verkaufen Sie meine Daten?", "de", 0),
        ("Do you sell my data?", "en", 0),
        ("Wo kann ich mich beschweren?", "de", 2),
        ("When will my data be deleted?", "en", 1),
    ):
        question = ask(text, language, index, lexicon)
        assert rank(index, question, lexicon, answers.method.weights).order[0] == first
