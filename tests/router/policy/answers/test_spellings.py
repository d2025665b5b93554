"""The nearest word is the one that comparing with every word would find, and none where none is near enough."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz import fuzz, process

from services.router.core.policy.answers.spellings import spellings_of

LETTERS = st.text(alphabet="abcdeéßžя-7", min_size=1, max_size=12)


@given(words=st.lists(LETTERS, max_size=30, unique=True), term=LETTERS, ratio_min=st.integers(50, 100))
def test_what_is_passed_over_is_never_the_nearest(words: list[str], term: str, ratio_min: int) -> None:
    best = process.extractOne(term, words, scorer=fuzz.ratio, score_cutoff=ratio_min)
    assert spellings_of(words).nearest(term, ratio_min) == (None if best is None else (best[0], best[1]))


def test_a_word_that_is_just_near_enough_is_found() -> None:
    assert spellings_of(["abcdefghi"]).nearest("abcdefghixx", 90) == ("abcdefghi", 90.0)
    assert spellings_of(["abcdefghi"]).nearest("abcdefghixx", 91) is None


@given(words=st.lists(LETTERS, min_size=1, max_size=20, unique=True), at=st.integers(0, 19))
def test_a_word_is_its_own_nearest(words: list[str], at: int) -> None:
    word = words[at % len(words)]
    assert spellings_of(words).nearest(word, 82) == (word, 100.0)
