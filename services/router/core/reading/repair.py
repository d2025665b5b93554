"""Repair typos against the words of the bank that matter, and no others.

"pelase dleete my acount" becomes readable; "remote", "county" or a name stay what they are. A word is repaired only if
the bank does not know it, it is long enough, and a single word of the bank is one slip away (two in a long word).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from rapidfuzz import process
from rapidfuzz.distance import OSA

from services.router.core.reading.bank import Bank
from services.router.core.reading.words import Word

UNKNOWN_WORDS_MAX: Final = 60
LETTERS_MIN: Final = 5
LONG_LETTERS: Final = 8
_CACHED_REPAIRS_MAX: Final = 8_000


def repaired(words: Sequence[Word], bank: Bank) -> tuple[list[str], frozenset[int]]:
    """Return the words' folded forms with typos repaired, and the places that were."""
    forms = [word.folded for word in words]
    repairs: set[int] = set()
    unknown = 0
    for place, form in enumerate(forms):
        if len(form) < LETTERS_MIN or bank.words.knows(form) or bank.idiom_lexicon.knows(form) or not form.isalpha():
            continue
        unknown += 1
        if unknown > UNKNOWN_WORDS_MAX:
            break
        better = _nearest(form, bank.repairable, bank.never_repaired)
        if better is not None:
            forms[place] = better
            repairs.add(place)
    return forms, frozenset(repairs)


@lru_cache(maxsize=_CACHED_REPAIRS_MAX)
def _nearest(form: str, vocabulary: tuple[str, ...], kept: frozenset[str]) -> str | None:
    if form in kept:
        return None
    slips = 2 if len(form) >= LONG_LETTERS else 1
    found = process.extract(form, vocabulary, scorer=OSA.distance, score_cutoff=slips, limit=2)
    if not found:
        return None
    word, distance, _ = found[0]
    # A first letter is rarely mistyped: without it, one slip makes another word ("lease", "please").
    if form[0] != word[0] and set(form[:2]) != set(word[:2]):
        return None
    return str(word) if distance <= slips else None
