"""What is quoted stands in the published text, at the place that is named, word for word."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.router.answers import Answers
from services.router.core.policy.answers.answer import Answer

QUESTIONS = Path(__file__).parents[4] / "bench" / "data" / "policy_questions.tsv"
ROWS = [line.split("\t") for line in QUESTIONS.read_text("utf-8").splitlines()]
WORDS = sorted({word for row in ROWS for word in row[3].split()})
CONTROLLERS = ("axigen", "mailigen", "mailpro", "hexamail")


def text_of(answers: Answers, controller: str, version: str) -> str:
    policies = {policy.version: policy for policy in answers.base.policies[controller]}
    return policies[version].text


def assert_verbatim(answers: Answers, found: Answer) -> None:
    for cited in found.citations:
        assert text_of(answers, cited.policy, cited.version)[cited.start : cited.end] == cited.quote
    for ranked in found.ranking:
        assert 0 <= ranked.start < ranked.end <= len(text_of(answers, ranked.policy, ranked.version))


def test_every_quotation_for_every_known_question_is_verbatim(answers: Answers) -> None:
    for who, _, _, question, _ in ROWS:
        controller, _, day = who.partition("@")
        found = answers.ask(controller, question, date.fromisoformat(day or "2026-01-01"), top=5)
        assert found.abstained is (not found.citations)
        assert_verbatim(answers, found)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(CONTROLLERS), st.lists(st.sampled_from(WORDS), max_size=25), st.text(max_size=60))
def test_whatever_is_asked_quotations_are_verbatim(
    answers: Answers, controller: str, words: list[str], noise: str
) -> None:
    found = answers.ask(controller, f"{' '.join(words)} {noise}", date(2026, 1, 1), top=3)
    assert_verbatim(answers, found)
    assert 0.0 <= found.score <= 1.0
    assert found.text


def test_the_ranking_is_given_even_when_it_abstains(answers: Answers) -> None:
    found = answers.ask("mailpro", "Do you use facial recognition on photos?", date(2026, 1, 1), top=4)
    assert found.abstained
    assert len(found.ranking) == 4
    assert [each.score for each in found.ranking] == sorted((each.score for each in found.ranking), reverse=True)


@pytest.mark.parametrize(
    ("question", "controller", "snippet"),
    [
        ("How long do you keep my data?", "axigen", "within 3 years"),
        ("Do I need to send you a copy of my ID?", "mailigen", "photocopy of proof of identity"),
        ("In which formats can I export my data?", "mailpro", "XLS, XLXS, CSV"),
        ("Which data is stored in the licence key?", "hexamail", "encrypted into generated licence keys"),
    ],
)
def test_a_plain_question_is_answered_by_the_clause_that_says_it(
    answers: Answers, question: str, controller: str, snippet: str
) -> None:
    found = answers.ask(controller, question, date(2026, 1, 1))
    assert not found.abstained
    assert snippet in found.citations[0].quote
    assert snippet in found.text


def test_the_version_in_force_on_the_day_answers(answers: Answers) -> None:
    early = answers.ask("mailigen", "Do you hold credit card numbers?", date(2012, 1, 1))
    assert {cited.version for cited in early.citations} == {"2010-10-15"}
    late = answers.ask("mailigen", "Where are your servers located?", date(2020, 1, 1))
    assert {cited.version for cited in late.citations} == {"2018-08-02"}


def test_before_the_first_version_the_earliest_is_cited_with_a_warning(answers: Answers) -> None:
    found = answers.ask("axigen", "How long do you keep my data?", date(2001, 1, 1))
    assert found.citations[0].version == "2018-11-10"
    assert any("2001-01-01" in warning for warning in found.warnings)
    assert "2018-11-10" in found.text


def test_two_questions_in_one_are_both_answered(answers: Answers) -> None:
    found = answers.ask("mailigen", "Where are your servers located? Are passwords encrypted?", date(2026, 1, 1))
    quoted = " ".join(cited.quote for cited in found.citations)
    assert "Latvia" in quoted
    assert "encrypted" in quoted
