"""What whole questions mean: asked sideways, in no word of the policy, they still find their clause."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path

import numpy as np
import pytest

import services
from services.router.core.policy.answers.lexicon import read

TODAY = date(2026, 1, 1)
TABLE = Path(services.__file__).parent.parent / "knowledge" / "answers" / "wordings.toml"


@pytest.fixture(name="wordings")
def _wordings(answers):
    return answers.method.lexicon.wordings


@pytest.mark.parametrize(
    ("question", "meaning"),
    [
        ("Is my stuff gone once I have left?", "retention"),
        ("Who else gets to see what I typed in?", "sharing"),
        ("I regret having said yes, can that be undone?", "withdrawal"),
        ("Would you own up if crooks got in?", "breach"),
        ("Is a scan of my passport necessary?", "identity"),
        ("May my 14 year old daughter join?", "children"),
    ],
)
def test_a_question_asked_sideways_means_what_its_words_say_together(answers, wordings, question, meaning) -> None:
    meant = wordings.meant(read(question, "en", answers.method.lexicon))
    assert wordings.meanings[int(meant.argmax())].name == meaning


def test_what_is_meant_adds_up_to_one_even_where_no_word_is_known(answers, wordings) -> None:
    for question in ("", "xyzzy plugh", "how long do you keep my data"):
        meant = wordings.meant(read(question, "en", answers.method.lexicon))
        assert np.isclose(meant.sum(), 1.0, atol=1e-4)
        assert meant.min() >= 0


def test_every_meaning_is_asked_in_several_ways_and_names_what_answers_it(wordings) -> None:
    table = tomllib.loads(TABLE.read_text("utf-8"))
    for meaning in wordings.meanings:
        lines = [line for line in table[meaning.name]["questions"].splitlines() if line]
        assert len(lines) >= 3, meaning.name
        assert len(set(lines)) == len(lines), meaning.name
        assert meaning.concepts or meaning.answers, meaning.name


@pytest.mark.parametrize(
    ("controller", "question", "quoted"),
    [
        ("axigen", "I no longer stand by the permission I gave you.", "freely withdraw such consent"),
        ("mailigen", "Do you find out whether I looked at your newsletter?", "who opened the emails"),
        ("mailpro", "I left a while ago, by when is everything wiped?", "45 to 60 days"),
    ],
)
def test_the_clause_that_answers_the_meaning_is_quoted(answers, controller, question, quoted) -> None:
    found = answers.ask(controller, question, TODAY)
    assert any(quoted in cited.quote for cited in found.citations)


def test_the_authority_is_quoted_with_the_clauses_that_hold_its_address(answers) -> None:
    found = answers.ask("axigen", "Where can I complain about you?", TODAY)
    assert "28-30 G-ral. Gheorghe Magheru Blvd." in found.parts[0]
    assert "+40.318.059.211" in found.parts[0]
    quoted = " ".join(cited.quote for cited in found.citations)
    assert "28-30 G-ral. Gheorghe Magheru Blvd." in quoted
    assert "+40.318.059.211" in quoted
