"""Second opinions: what a message might be, from something else than the rules.

An opinion never acts. It can lift a message that the rules left open to one question back to the person, or put it
before a human with a suggestion. What the rules read in a short message and it finds all but impossible becomes a
question, or goes to a human; it never disappears. A message's text is data to it, whatever it says.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import Final, Protocol
from zlib import crc32

import numpy as np
import numpy.typing as npt

from services.router.core.reading.rights import Right
from services.router.core.reading.words import words_of

TEXT_CHARACTERS_MAX = 1_200
WORDS_FEATURES_MAX = 3_000
WORDS_KEPT_MAX = 3_000
SIGNS_KEPT_MAX = 6_000


@dataclass(frozen=True, slots=True)
class Opinion:
    """What a second reader makes of a message: a right (None: no right at all) and how likely that is."""

    right: Right | None
    probability: float
    origin: str


class SecondOpinion(Protocol):
    """Anything that can say what a message might be, and may be wrong about it."""

    def opine(self, text: str, language: str, signs: Sequence[str] = ()) -> Sequence[Opinion]:
        """Return likely readings, best first; empty when it has nothing to say about this language or text.

        `signs` are what the rules saw, told without the words of a language.
        """


@dataclass(frozen=True)
class HashedRegression:
    """A logistic regression over hashed signs, words, word pairs and letter runs; its coefficients are data."""

    languages: frozenset[str]
    labels: tuple[str, ...]
    weights: npt.NDArray[np.float16]
    bias: npt.NDArray[np.float32]

    def opine(self, text: str, language: str, signs: Sequence[str] = ()) -> Sequence[Opinion]:
        """Return how likely each label is, and that there is none, the likeliest first."""
        if language not in self.languages:
            return ()
        columns = features(text, signs, self.weights.shape[0])
        if not len(columns):
            return ()
        likely = likelihoods(self.weights, self.bias, columns)
        best = np.argsort(-likely).tolist()
        return tuple(_opinion(self.labels[place], float(likely[place])) for place in best)


def likelihoods(
    weights: npt.NDArray[np.floating], bias: npt.NDArray[np.float32], columns: npt.NDArray[np.int64]
) -> npt.NDArray[np.float32]:
    """Return how likely each label is, given the columns that a message fills."""
    scores = weights[columns].sum(axis=0, dtype=np.float32) / np.sqrt(np.float32(max(1, len(columns)))) + bias
    likely: npt.NDArray[np.float32] = np.exp(scores - scores.max())
    likely /= likely.sum()
    return likely


def features(text: str, signs: Sequence[str], dimension: int) -> npt.NDArray[np.int64]:
    """Return the columns a message fills: its signs, words, pairs of words and runs of letters, hashed."""
    words = [word.folded for word in words_of(text[:TEXT_CHARACTERS_MAX])]
    pairs = [f"2 {one} {other}" for one, other in zip(["^", *words], [*words, "$"], strict=True)]
    columns = {_sign_column(sign, dimension) for sign in signs}
    runs = list(map(_runs_of, words))
    if len(words) + len(pairs) + sum(map(len, runs)) <= WORDS_FEATURES_MAX:
        for word in words:
            columns.update(_word_columns(word, dimension))
        columns.update([_column(pair, dimension) for pair in pairs])
    else:
        named = [*(f"1 {word}" for word in words), *pairs, *chain.from_iterable(runs)]
        columns.update([_column(name, dimension) for name in named[:WORDS_FEATURES_MAX]])
    return np.fromiter(sorted(columns), dtype=np.int64, count=len(columns))


@lru_cache(maxsize=WORDS_KEPT_MAX)
def _runs_of(word: str) -> tuple[str, ...]:
    framed = f"^{word}$"
    fours = [f"3 {framed[place : place + 4]}" for place in range(max(1, len(framed) - 3))]
    return (*fours, *[f"5 {framed[place : place + 5]}" for place in range(len(framed) - 4)])


@lru_cache(maxsize=WORDS_KEPT_MAX)
def _word_columns(word: str, dimension: int) -> tuple[int, ...]:
    """Return the columns of a word and of its runs of letters."""
    return tuple([_column(name, dimension) for name in (f"1 {word}", *_runs_of(word))])


def _column(name: str, dimension: int) -> int:
    return crc32(name.encode("utf-8", "replace")) % dimension


_sign_column: Final = lru_cache(maxsize=SIGNS_KEPT_MAX)(_column)
"""The same, remembered: there are few signs, and some hundred in every message."""


def _opinion(label: str, probability: float) -> Opinion:
    return Opinion(None if label == "none" else Right(label), round(probability, 3), "classifier")
