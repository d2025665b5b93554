"""What a question means in all, by the wordings that people are known to use for it.

Concepts are shown by single phrases, and a question asked sideways shows none or the wrong ones: "is my stuff gone by
now?" Each of its words says a little, though. So every meaning has a list of whole questions (`wordings.toml`), and
naive Bayes over their stems, pairs of stems and concepts says how likely each is meant, together with what was learned
of them (see `learned`). The counts are made anew where a line was added: another wording is another line.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final, Protocol

import numpy as np
import numpy.typing as npt

from services.router.core.policy.answers.askings import Answering, answering_of
from services.router.core.policy.answers.counts import Counts, Whole
from services.router.core.policy.answers.learned import Learned
from services.router.core.policy.answers.spoken import Spoken
from services.router.core.policy.model import Promise

Row = npt.NDArray[np.float32]

STOP_WORD_WEIGHT: Final = 0.5
PAIR_WEIGHT: Final = 0.25
CONCEPT_WEIGHT: Final = 1.5
"""A concept stands for all of its phrases, so it says more than the word that showed it."""
SHOWN_SHARE_MIN: Final = 0.3
ABSENT_ANYWAY_SHARE: Final = 0.15
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
    """Every meaning, and how much each word, pair of words and concept speaks for it.

    What a meaning's wordings never had speaks against it, whatever it is, by what `unheard` says; only what they had is
    held one by one.
    """

    meanings: tuple[Meaning, ...]
    places: Mapping[str, int]
    starts: Whole
    entries: Whole
    weights: Row
    """What each feature weighs: a stop word less than a word, a pair less than both."""
    speaks: Row
    """For the entries of each feature: how much likelier the meaning makes it than one that never had it, weighed."""
    unheard: Row
    before: Row
    """How likely each meaning is before a word is read, as a logarithm: what is asked in many ways is asked often."""
    evenness: float = 1.0
    """What likelihoods are evened out by: words of one question repeat each other, and all together say too much."""

    learned: Learned | None = None
    """What was learned of the same wordings, which says as much as the counts do."""

    def meant(self, reading: Read) -> Row:
        """Return how likely each meaning is meant, adding up to 1; all alike where nothing speaks for any."""
        return self.meant_by(tuple(features_of(reading)))

    def meant_by(self, features: Sequence[str]) -> Row:
        """Return the same for what likening goes by, which is read once for meanings and particulars."""
        score = self._counted(features)
        if self.learned is not None:
            other = self.learned.likely(features)
            score = (score + np.where(self.learned.known, other, score)) / 2
        likely = np.exp(score - score.max())
        return np.asarray(likely / likely.sum(), dtype=np.float32)

    def _counted(self, features: Sequence[str]) -> npt.NDArray[np.float64]:
        """Return the logarithm of how likely each meaning is by its counts."""
        score = self.before.astype(np.float64)
        found = [place for feature in features if (place := self.places.get(feature)) is not None]
        if found:
            at = np.array(found)
            begin = self.starts[at]
            lengths = self.starts[at + 1] - begin
            ends = lengths.cumsum()
            spans = np.repeat(begin - ends + lengths, lengths) + np.arange(ends[-1])
            heard = np.bincount(self.entries[spans], self.speaks[spans], minlength=len(score))
            score += self.unheard * self.weights[at].sum() + heard
        score = (score - score.max()) / self.evenness
        return np.asarray(score - np.log(np.exp(score).sum()))

    def speaks_for(self, feature: str, meaning: int) -> float:
        """Return how much a word speaks for a meaning; nothing where nobody used it."""
        place = self.places.get(feature)
        if place is None:
            return 0.0
        start, end = self.starts[place], self.starts[place + 1]
        found = np.flatnonzero(self.entries[start:end] == meaning)
        speaks = float(self.speaks[start + found[0]] / self.weights[place]) if len(found) else 0.0
        return float(self.unheard[meaning]) + speaks


_NO_PLACES: Final = np.zeros(1, dtype=np.int32)
_NO_ROW: Final = np.zeros(0, dtype=np.float32)
NONE: Final = Wordings((), {}, _NO_PLACES, _NO_PLACES[:0], _NO_ROW, _NO_ROW, _NO_ROW, _NO_ROW)


def meanings_from(
    table: Mapping[str, Any], asked: Mapping[str, Sequence[Answering]], numbers: Mapping[str, int]
) -> tuple[Meaning, ...]:
    """Read what answers each entry of `wordings.toml`; `asked` are the promises that answer each of `asked.toml`."""
    return tuple(
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


def questions_in(fields: Mapping[str, Any]) -> list[Spoken]:
    """Return the wordings of one entry that stand in its table, which are English."""
    return [("en", line) for line in fields.get("questions", "").splitlines() if line.strip()]


def wordings_from(
    meanings: tuple[Meaning, ...],
    counts: Counts,
    stop: frozenset[str],
    evenness: float = 1.0,
    absence: float = 0.0,
) -> Wordings:
    """Weigh the counts of the meanings' wordings.

    A feature that a meaning never had is taken to be as frequent there as everywhere, so that one unusual word cannot
    rule a meaning out.
    """
    weights = np.array([_weight(feature, stop) for feature in counts.features], dtype=np.float32)
    spans = np.diff(counts.starts)
    of_feature = np.repeat(np.arange(len(counts.features), dtype=np.int32), spans)
    seen = np.add.reduceat(counts.times, counts.starts[:-1]) if len(spans) else np.zeros(0)
    sizes = counts.lines.astype(np.float32)
    everywhere = (seen / max(float(sizes.sum()), 1.0)).astype(np.float32)[of_feature]
    imagined = math.sqrt(len(meanings))
    speaks = np.log1p(counts.times * weights[of_feature] / (imagined * everywhere)).astype(np.float32)
    weights *= [CONCEPT_WEIGHT if feature[0] == "#" else 1.0 for feature in counts.features]
    speaks *= weights[of_feature]
    before = np.log(sizes)
    if absence:
        lost = absence * _lost_without(counts, of_feature, sizes)
        np.add.at(before, counts.entries, lost)
        speaks -= lost
    return Wordings(
        meanings=meanings,
        places={feature: number for number, feature in enumerate(counts.features)},
        starts=counts.starts,
        entries=counts.entries,
        weights=weights,
        speaks=speaks,
        unheard=np.log(imagined / (sizes + imagined)).astype(np.float32),
        before=before,
        evenness=evenness,
    )


def _lost_without(counts: Counts, of_feature: Whole, sizes: Row) -> Row:
    """Return what a meaning loses where a question lacks a concept that nearly all of its wordings show."""
    shows = np.array([feature[0] == "#" for feature in counts.features])[of_feature]
    share = np.where(shows, counts.times / sizes[counts.entries], 0.0)
    return np.where(share >= SHOWN_SHARE_MIN, np.log(1.0 - share + ABSENT_ANYWAY_SHARE), 0.0).astype(np.float32)


def _weight(feature: str, stop: frozenset[str]) -> float:
    if " " in feature:
        return PAIR_WEIGHT
    return STOP_WORD_WEIGHT if feature in stop else 1.0


def features_of(reading: Read) -> Iterator[str]:
    """Return each word, pair of neighbours and concept of a text once."""
    row = reading.pivot
    yield from dict.fromkeys(row)
    yield from dict.fromkeys(f"{first} {second}" for first, second in pairwise(row))
    yield from (f"#{concept}" for concept in sorted({concept for concept, _, _ in reading.concepts}))


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
