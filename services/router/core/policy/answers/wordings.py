"""What a question means in all, by the wordings that people are known to use for it.

Concepts are shown by single phrases, and a question asked sideways shows none or the wrong ones: "is my stuff gone by
now?" Each of its words says a little, though. So every meaning has a list of whole questions (`wordings.toml`), and
naive Bayes over their stems, pairs of stems and concepts says how likely each is meant. It is counted, not trained:
another wording is another line.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final, Protocol

import numpy as np
import numpy.typing as npt

from services.router.core.policy.answers.askings import Answering, answering_of
from services.router.core.policy.model import Promise

Row = npt.NDArray[np.float32]

STOP_WORD_WEIGHT: Final = 0.5
PAIR_WEIGHT: Final = 0.25
CONCEPT_WEIGHT: Final = 1.5
"""A concept stands for all of its phrases, so it says more than the word that showed it."""
CONCEPTS_ONLY_SHARE: Final = 0.6
"""How well a clause that shows the concepts answers, where another could make the very promise."""


class Read(Protocol):
    """What is needed of a text that was read."""

    @property
    def pivot(self) -> tuple[str, ...]:
        """Its English stems in their order."""
        ...

    @property
    def concepts(self) -> tuple[tuple[int, int, int], ...]:
        """Its concepts, with the words that show each."""
        ...


@dataclass(frozen=True, slots=True)
class Meaning:
    """One thing that people ask for, and what a clause that answers it holds."""

    name: str
    answers: tuple[Answering, ...]
    concepts: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class Wordings:
    """Every meaning, and how much each word, pair of words and concept speaks for it."""

    meanings: tuple[Meaning, ...]
    places: Mapping[str, int]
    speaks: Row
    """A row a feature, a column a meaning: the logarithm of how much likelier the meaning makes the feature."""
    stop: frozenset[str]
    before: Row
    """How likely each meaning is before a word is read, as a logarithm: what is asked in many ways is asked often."""

    def meant(self, reading: Read) -> Row:
        """Return how likely each meaning is meant, adding up to 1; all alike where nothing speaks for any."""
        known = [
            (place, weight * CONCEPT_WEIGHT if feature[0] == "#" else weight)
            for feature, weight in _features(reading, self.stop)
            if (place := self.places.get(feature)) is not None
        ]
        score = self.before
        if known:
            places, weights = zip(*known, strict=True)
            score = score + np.array(weights, dtype=np.float32) @ self.speaks.take(places, axis=0)
        likely = np.exp(score - score.max())
        return np.asarray(likely / likely.sum(), dtype=np.float32)

    def speaks_for(self, feature: str, meaning: int) -> float:
        """Return how much a word speaks for a meaning; nothing where nobody used it."""
        place = self.places.get(feature)
        return 0.0 if place is None else float(self.speaks[place, meaning])


NONE: Final = Wordings((), {}, np.zeros((0, 0), dtype=np.float32), frozenset(), np.zeros(0, dtype=np.float32))


def wordings_from(
    table: Mapping[str, Any],
    asked: Mapping[str, Sequence[Answering]],
    numbers: Mapping[str, int],
    stop: frozenset[str],
    read: Callable[[str], Read],
) -> Wordings:
    """Count the table of `wordings.toml`; `asked` are the promises that answer each entry of `asked.toml`."""
    meanings = tuple(
        Meaning(
            name=name,
            answers=(
                *(asked[fields["asked"]] if "asked" in fields else ()),
                *(answering_of(each) for each in fields.get("promises", ())),
            ),
            concepts=tuple(tuple(numbers[each] for each in row.split()) for row in fields.get("concepts", ())),
        )
        for name, fields in table.items()
    )
    questions = [[line for line in fields["questions"].splitlines() if line.strip()] for fields in table.values()]
    counted = [[dict(_features(read(line), stop)) for line in lines] for lines in questions]
    places, speaks = _counted(counted)
    before = np.log(np.array([len(lines) for lines in questions], dtype=np.float32))
    return Wordings(meanings, places, speaks, stop, before)


def _counted(rows: Sequence[Sequence[Mapping[str, float]]]) -> tuple[dict[str, int], Row]:
    """Return a number for every feature, and how much it speaks for each meaning.

    A feature that a meaning never had is taken to be as frequent there as everywhere, so that one unusual word cannot
    rule a meaning out.
    """
    seen = Counter(feature for lines in rows for line in lines for feature in line)
    places = {feature: number for number, feature in enumerate(seen)}
    held = np.zeros((len(places), len(rows)), dtype=np.float32)
    for column, lines in enumerate(rows):
        for line in lines:
            for feature, weight in line.items():
                held[places[feature], column] += weight
    sizes = np.array([len(lines) for lines in rows], dtype=np.float32)
    everywhere = np.array(list(seen.values()), dtype=np.float32)[:, None] / max(float(sizes.sum()), 1.0)
    imagined = math.sqrt(len(rows))
    return places, np.log((held + imagined * everywhere) / (sizes + imagined)[None, :] / everywhere)


def _features(reading: Read, stop: frozenset[str]) -> Iterator[tuple[str, float]]:
    """Return each word, pair of neighbours and concept of a text once, with its weight."""
    stems = reading.pivot
    for stem in dict.fromkeys(stems):
        yield stem, STOP_WORD_WEIGHT if stem in stop else 1.0
    for first, second in dict.fromkeys(pairwise(stems)):
        yield f"{first} {second}", PAIR_WEIGHT
    for concept in {concept for concept, _, _ in reading.concepts}:
        yield f"#{concept}", 1.0


def answered(
    wordings: Wordings,
    concepts: Row,
    held: Sequence[Sequence[Promise]],
) -> Row:
    """Return a row a meaning, a column a passage: how well the passage answers it.

    `concepts` tells how much each passage shows each; `held` are the promises that stand in each.
    """
    rows = np.zeros((len(wordings.meanings), len(held)), dtype=np.float32)
    for number, meaning in enumerate(wordings.meanings):
        for wanted in meaning.concepts:
            np.maximum(rows[number], concepts[list(wanted)].min(axis=0), out=rows[number])
        if meaning.answers:
            rows[number] *= CONCEPTS_ONLY_SHARE
    by_kind: dict[str, list[tuple[int, Answering]]] = {}
    for number, meaning in enumerate(wordings.meanings):
        for answering in meaning.answers:
            by_kind.setdefault(answering.kind, []).append((number, answering))
    for at, promises in enumerate(held):
        for promise in promises:
            for number, answering in by_kind.get(promise.kind.value, ()):
                if answering.fits(promise):
                    rows[number, at] = max(rows[number, at], promise.confidence)
    return rows
