"""Words to which a misspelled one may be near, found without comparing it with every one of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from rapidfuzz import fuzz, process

_BITS: Final = 63
_ROUNDING: Final = 1e-6


@dataclass(frozen=True, slots=True)
class Spellings:
    """Words in their order, how long each is, and which letters it has."""

    words: tuple[str, ...]
    lengths: npt.NDArray[np.int16]
    letters: npt.NDArray[np.int64]

    def nearest(self, term: str, ratio_min: float) -> tuple[str, float] | None:
        """Return the word that is likest to a term, and how like from 0 to 100; None where none is like enough.

        A letter that only one of two words has is one change at least, and so is a letter by which one is longer: most
        words are too far off by that alone.
        """
        changes_max = (self.lengths + len(term)) * (1.0 - ratio_min / 100.0) + _ROUNDING
        apart = np.abs(self.lengths - len(term))
        foreign = np.bitwise_count(self.letters ^ _letters(term))
        likely = np.flatnonzero((apart <= changes_max) & (foreign <= changes_max)).tolist()
        if not likely:
            return None
        near = [self.words[place] for place in likely]
        best = process.extractOne(term, near, scorer=fuzz.ratio, score_cutoff=ratio_min)
        return None if best is None else (best[0], best[1])


def spellings_of(words: Sequence[str]) -> Spellings:
    """Return words made ready to be compared with."""
    return Spellings(
        tuple(words),
        np.array([len(word) for word in words], dtype=np.int16),
        np.array([_letters(word) for word in words], dtype=np.int64),
    )


def _letters(word: str) -> int:
    """Return a bit for each letter; letters that share one make two words look nearer than they are, never farther."""
    bits = 0
    for letter in word:
        bits |= 1 << (ord(letter) % _BITS)
    return bits
