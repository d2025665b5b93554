"""A pattern's needles dismiss only texts that it does not match."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.router.core.policy.promises import rights_words, words
from services.router.core.policy.promises.concept import Concept, any_of
from services.router.core.policy.promises.needles import may_match, needles
from services.router.policies import load, shipped_root


def concepts() -> Iterator[Concept]:
    """Yield every concept that readers use."""
    for module in (words, rights_words):
        for held in vars(module).values():
            if isinstance(held, Concept):
                yield held
            elif isinstance(held, dict):
                yield from (each for each in held.values() if isinstance(each, Concept))


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        (r"cookies?\b|pixel", ("cookie", "pixel")),
        (r"\b(?:sell|rent)\b[^.]{0,20}data", ("data",)),
        (r"(?<!\w)(?:lös+ch|delet)", ("lös", "delet")),
        (r"(?:very )?late", ("late",)),
        (r"\d{2} (?:or|at)", None),
        (r"[abc]{3}|letter", None),
    ],
)
def test_what_every_match_must_hold_is_told(pattern: str, expected: tuple[str, ...] | None) -> None:
    assert needles(pattern) == expected


def test_no_clause_that_is_shipped_is_dismissed_wrongly() -> None:
    base = load([shipped_root()])
    texts = [clause.plain for name in base.controllers for policy in base.policies[name] for clause in policy.clauses]
    searched = 0
    for concept in concepts():
        for text in texts:
            if concept.pattern.search(text):
                searched += 1
                assert may_match(concept.pattern.pattern, text), (concept.pattern.pattern[:60], text[:80])
    assert searched > 500


@given(
    st.sampled_from([r"re(?:tain|move)d? (?:for|in)", r"so long as|solange", r"un(?:til)? you", r"a{2}bcd|e?fgh"]),
    st.data(),
)
def test_a_text_made_from_a_pattern_is_never_dismissed(pattern: str, draw: st.DataObject) -> None:
    text = draw.draw(st.from_regex(re.compile(pattern, re.IGNORECASE | re.ASCII)))
    assert may_match(pattern, text)


STEMS = ("shar(?:e|ed)", "third part", "löschen\\b", "e(?:rase)?", "art\\.? ?6", "da ta", "é")
PIECES = ("share", "SHARED", "ashare", "_share", "third parties", "löschen", "Löschens", "erase", "e", "art. 6", "É")
GAPS = ("da  ta", "da ta", ".", " ", "\n")


@given(
    stems=st.lists(st.sampled_from(STEMS), min_size=1, unique=True),
    text=st.lists(st.sampled_from(PIECES + GAPS)).map("".join),
)
def test_looking_only_where_a_word_begins_finds_what_looking_everywhere_finds(stems: list[str], text: str) -> None:
    concept = any_of("  ".join(stems))
    here, everywhere = concept.search(text), concept.pattern.search(text)
    assert (here and here.span()) == (everywhere and everywhere.span())
