"""Repair typos against the words of the bank that matter, and no others.

"pelase dleete my acount" becomes readable; "remote", "county" or a name stay what they are. A word is repaired only if
the bank does not know it, it is long enough, and a single word of the bank is one slip away (two in a long word). Of
four letters only two that changed places are put right ("wnat"): any other slip makes a word ("date", "data").
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from rapidfuzz import process
from rapidfuzz.distance import OSA

from services.router.core.reading.bank import REPAIRED_LETTERS_MIN, Bank
from services.router.core.reading.lexicon import NOTHING
from services.router.core.reading.words import Word

UNKNOWN_WORDS_MAX: Final = 60
ANY_SLIP_LETTERS_MIN: Final = 5
LONG_LETTERS: Final = 8
_CACHED_REPAIRS_MAX: Final = 8_000
_CACHED_LENGTHS_MAX: Final = 1_000


def repaired(words: Sequence[Word], bank: Bank) -> tuple[list[str], frozenset[int]]:
    """Return the words' folded forms with typos repaired, and the places that were."""
    forms = [word.folded for word in words]
    repairs: set[int] = set()
    unknown = 0
    words_known, idioms_known = bank.words.meanings, bank.idiom_lexicon.meanings
    for place, form in enumerate(forms):
        if len(form) < REPAIRED_LETTERS_MIN or words_known[form] is not NOTHING or idioms_known[form] is not NOTHING:
            continue
        if not form.isalpha():
            continue
        unknown += 1
        if unknown > UNKNOWN_WORDS_MAX:
            break
        if form in bank.never_repaired:
            continue
        better = _nearest(form, bank.repairable)
        if better is not None:
            forms[place] = better
            repairs.add(place)
    return forms, frozenset(repairs)


@lru_cache(maxsize=_CACHED_REPAIRS_MAX)
def _nearest(form: str, vocabulary: tuple[str, ...]) -> str | None:
    slips = 2 if len(form) >= LONG_LETTERS else 1
    if len(form) < ANY_SLIP_LETTERS_MIN:
        vocabulary = _of_letters(vocabulary, "".join(sorted(form)))
    found = process.extract(
        form, _of_length(vocabulary, len(form), slips), scorer=OSA.distance, score_cutoff=slips, limit=2
    )
    if not found:
        return None
    word, distance, _ = found[0]
    # A first letter is rarely mistyped: without it, one slip makes another word ("lease", "please").
    if form[0] != word[0] and set(form[:2]) != set(word[:2]):
        return None
    return str(word) if distance <= slips else None


@lru_cache(maxsize=_CACHED_LENGTHS_MAX)
def _of_length(vocabulary: tuple[str, ...], letters: int, slips: int) -> tuple[str, ...]:
    """Return the words that so few slips could turn into one of so many letters."""
    return tuple(word for word in vocabulary if abs(len(word) - letters) <= slips)


@lru_cache(maxsize=_CACHED_LENGTHS_MAX)
def _of_letters(vocabulary: tuple[str, ...], letters: str) -> tuple[str, ...]:
    """Return the words of the very same letters."""
    return tuple(word for word in vocabulary if len(word) == len(letters) and "".join(sorted(word)) == letters)
