"""Where the policy does not say, habeas says so, fetches a human, and marks what is law as law."""

from __future__ import annotations

from datetime import date

import pytest

from services.router.answers import Answers

TODAY = date(2026, 1, 1)


@pytest.mark.parametrize(
    ("controller", "question"),
    [
        ("axigen", "How do I install the server on Debian?"),
        ("mailigen", "Do you use artificial intelligence on my pictures?"),
        ("mailpro", "Are you hiring developers?"),
        ("hexamail", "What is the weather in London tomorrow?"),
        ("hexamail", "hello"),
        ("mailpro", "???"),
    ],
)
def test_what_the_policy_does_not_say_is_not_answered(answers: Answers, controller: str, question: str) -> None:
    found = answers.ask(controller, question, TODAY)
    assert found.abstained
    assert found.citations == ()
    assert found.reason
    frame = answers.method.frames.of(found.language)
    assert frame.say("silent") in found.text
    assert frame.say("human") in found.text


def test_a_right_without_a_clause_is_answered_from_the_law_and_marked_as_law(answers: Answers) -> None:
    found = answers.ask("hexamail", "How do I delete my account?", TODAY)
    assert found.abstained
    assert found.law is not None
    assert found.law.citation == "Art. 17 UK GDPR"
    assert "What the law says" in found.text
    assert "Art. 17 UK GDPR" in found.text


def test_a_deadline_without_a_clause_is_the_statutes_with_its_source(answers: Answers) -> None:
    found = answers.ask("hexamail", "How long will it take you to answer my request for access?", TODAY)
    assert found.abstained
    assert found.law is not None
    assert "1 month" in found.text
    assert found.law.citation in found.text


def test_smalltalk_gets_no_law(answers: Answers) -> None:
    assert answers.ask("hexamail", "thank you, have a nice weekend", TODAY).law is None


def test_the_gold_clause_taken_away_lowers_the_confidence(answers: Answers) -> None:
    sure = answers.ask("mailpro", "Do you honor Do Not Track signals?", TODAY)
    other = answers.ask("axigen", "Do you honor Do Not Track signals?", TODAY)
    assert sure.score > other.score
    assert not sure.abstained
    assert other.abstained
