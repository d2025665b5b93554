"""Second opinions: what a message might be, from something else than the rules.

An opinion never acts. It can lift a message that the rules left open to one question back to the person, or put it
before a human with a suggestion. What the rules read in a short message and it finds all but impossible becomes a
question, or goes to a human; it never disappears. A message's text is data to it, whatever it says.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, pairwise
from typing import Final, Protocol, runtime_checkable
from zlib import crc32

import numpy as np
import numpy.typing as npt

from services.router.core.reading.passages import Sentence
from services.router.core.reading.rights import Right
from services.router.core.reading.words import words_of

TEXT_CHARACTERS_MAX = 1_200
WORDS_FEATURES_MAX = 3_000
WORDS_KEPT_MAX = 3_000
SIGNS_KEPT_MAX = 6_000
LIKELY_MIN = 0.05
"""What is less likely in a passage is not told."""


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


@runtime_checkable
class HearsPassages(Protocol):
    """A second opinion that can hear a message's sentences one by one at little cost."""

    def opine_on(self, sentences: Sequence[Sentence], language: str) -> Iterable[tuple[int, int, Sequence[Opinion]]]:
        """Yield which words were heard, from the first up to another, and what they may be."""


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

    def opine_on(self, sentences: Sequence[Sentence], language: str) -> Iterator[tuple[int, int, Sequence[Opinion]]]:
        """Yield which words were heard, from the first up to another, and what they may be.

        What two sentences say together is what each says: each is looked up once.
        """
        if language not in self.languages or not sentences:
            return
        dimension = self.weights.shape[0]
        alone = [_columns_of(each.words, each.signs, dimension) for each in sentences]
        spans = [(each.first, each.after) for each in sentences]
        heard = list(alone)
        for place, (one, other) in enumerate(pairwise(sentences)):
            if one.is_followed:
                heard.append(alone[place] | alone[place + 1])
                spans.append((one.first, other.after))
        counts = np.array([len(each) for each in heard])
        filled = self.weights[np.fromiter(chain.from_iterable(heard), dtype=np.int64, count=counts.sum())]
        sums = np.add.reduceat(filled.astype(np.float32), counts.cumsum() - counts, axis=0)
        likely = _shares(sums / np.sqrt(counts, dtype=np.float32)[:, None] + self.bias)
        for (first, after_last), row in zip(spans, likely.tolist(), strict=True):
            told = [(label, share) for label, share in zip(self.labels, row, strict=True) if share >= LIKELY_MIN]
            yield first, after_last, [_opinion(label, share) for label, share in told]


def likelihoods(
    weights: npt.NDArray[np.floating], bias: npt.NDArray[np.float32], columns: npt.NDArray[np.int64]
) -> npt.NDArray[np.float32]:
    """Return how likely each label is, given the columns that a message fills."""
    scores = weights[columns].sum(axis=0, dtype=np.float32) / np.sqrt(np.float32(max(1, len(columns)))) + bias
    return _shares(scores)


def _shares(scores: npt.NDArray[np.floating]) -> npt.NDArray[np.float32]:
    likely = np.exp(scores - scores.max(axis=-1, keepdims=True)).astype(np.float32)
    return np.asarray(likely / likely.sum(axis=-1, keepdims=True), dtype=np.float32)


def features(text: str, signs: Sequence[str], dimension: int) -> npt.NDArray[np.int64]:
    """Return the columns a message fills: its signs, words, pairs of words and runs of letters, hashed."""
    columns = sorted(_columns_of([word.folded for word in words_of(text[:TEXT_CHARACTERS_MAX])], signs, dimension))
    return np.fromiter(columns, dtype=np.int64, count=len(columns))


def _columns_of(words: Sequence[str], signs: Sequence[str], dimension: int) -> set[int]:
    pairs = [f"2 {one} {other}" for one, other in zip(["^", *words], [*words, "$"], strict=True)]
    columns = {_sign_column(sign, dimension) for sign in signs}
    runs = list(map(_runs_of, words))
    if len(words) + len(pairs) + sum(map(len, runs)) <= WORDS_FEATURES_MAX:
        for word in words:
            columns.update(_word_columns(word, dimension))
        columns.update([crc32(pair.encode("utf-8", "replace")) % dimension for pair in pairs])
    else:
        named = [*(f"1 {word}" for word in words), *pairs, *chain.from_iterable(runs)]
        columns.update([_column(name, dimension) for name in named[:WORDS_FEATURES_MAX]])
    return columns


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
