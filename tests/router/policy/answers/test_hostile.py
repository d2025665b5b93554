"""Questions that are not meant to be answered: code, markup, floods."""

from __future__ import annotations

import time
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.router.answers import Answers
from services.router.core.policy.answers.frames import Frame

TODAY = date(2026, 1, 1)


@pytest.mark.parametrize(
    "question",
    [
        "{{ 7*7 }} do you sell my data?",
        "{% for x in range(9) %}{{ config }}{% endfor %} how long do you keep data",
        "<script>alert(1)</script> do you sell my data?",
        "{what} {version} do you sell my data?",
        "${jndi:ldap://x} %s %(name)s {0.__class__} do you sell my data?",
    ],
)
def test_code_in_a_question_is_neither_run_nor_repeated(answers: Answers, question: str) -> None:
    found = answers.ask("mailpro", question, TODAY)
    for mark in ("49", "{{", "{%", "<script", "{what}", "{version}", "jndi", "__class__"):
        assert mark not in found.text


def test_a_value_that_looks_like_a_place_is_not_filled_again() -> None:
    frame = Frame("en", {"short": "In short: {what}."}, {"short": ""})
    assert frame.say("short", what="{what} {{ 7*7 }}") == "In short: {what} {{ 7*7 }}."


@pytest.mark.parametrize("unit", ["sell my data ", "a", "?" * 7, "löschen ", "\x00", "x@y.z ", "🦊", "don't-"])
def test_a_question_of_a_megabyte_is_answered_in_a_moment(answers: Answers, unit: str) -> None:
    answers.ask("axigen", "do you sell my data", TODAY)
    begun = time.thread_time()  # of what others do meanwhile, nothing counts
    found = answers.ask("axigen", (unit * (1_000_000 // len(unit) + 1))[:1_000_000], TODAY)
    assert time.thread_time() - begun < 2.0
    assert found.text


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=300))
def test_no_text_breaks_an_answer(answers: Answers, question: str) -> None:
    found = answers.ask("hexamail", question, TODAY, top=2)
    assert found.abstained is (not found.citations)
