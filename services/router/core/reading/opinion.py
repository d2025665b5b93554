"""Second opinions: what a message might be, from something else than the rules.

An opinion never acts. It can lift a message that the rules left open to one question back to the person, or put it
before a human with a suggestion; it never takes away what the rules read. A message's text is data to it, whatever it
says.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol
from zlib import crc32

import numpy as np
import numpy.typing as npt

from services.router.core.reading.rights import Right
from services.router.core.reading.words import words_of

TEXT_CHARACTERS_MAX = 1_200
FEATURES_MAX = 1_500


@dataclass(frozen=True, slots=True)
class Opinion:
    """What a second reader makes of a message: a right (None: no right at all) and how likely that is."""

    right: Right | None
    probability: float
    origin: str


class SecondOpinion(Protocol):
    """Anything that can say what a message might be, and may be wrong about it."""

    def opine(self, text: str, language: str) -> Sequence[Opinion]:
        """Return likely readings, best first; empty when it has nothing to say about this language or text."""


@dataclass(frozen=True)
class HashedRegression:
    """A logistic regression over hashed words, word pairs and letter triples; its coefficients are data."""

    languages: frozenset[str]
    labels: tuple[str, ...]
    weights: npt.NDArray[np.float32]
    bias: npt.NDArray[np.float32]

    def opine(self, text: str, language: str) -> Sequence[Opinion]:
        """Return the two likeliest labels with their probabilities."""
        if language not in self.languages:
            return ()
        columns = features(text, self.weights.shape[0])
        if not len(columns):
            return ()
        scores = self.weights[columns].sum(axis=0) / np.sqrt(len(columns)) + self.bias
        likely = np.exp(scores - scores.max())
        likely /= likely.sum()
        best = np.argsort(-likely)[:2]
        return tuple(_opinion(self.labels[place], float(likely[place])) for place in best)


def features(text: str, dimension: int) -> npt.NDArray[np.int64]:
    """Return the columns a text fills: its words, pairs of words and letter triples, hashed into `dimension` places."""
    words = [word.folded for word in words_of(text[:TEXT_CHARACTERS_MAX])]
    named = [f"1 {word}" for word in words]
    named += [f"2 {one} {other}" for one, other in zip(["^", *words], [*words, "$"], strict=True)]
    for word in words:
        framed = f"^{word}$"
        named += [f"3 {framed[place : place + 4]}" for place in range(max(1, len(framed) - 3))]
    columns = {crc32(name.encode("utf-8", "replace")) % dimension for name in named[:FEATURES_MAX]}
    return np.fromiter(sorted(columns), dtype=np.int64, count=len(columns))


def _opinion(label: str, probability: float) -> Opinion:
    return Opinion(None if label == "none" else Right(label), round(probability, 3), "classifier")
