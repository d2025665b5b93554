"""What is worked out once for a policy, so that a question takes well under a millisecond.

Every passage is held in three fields: its own words, the headings above it, and the line that leads into it ("You have
the right to:"). Words weigh by BM25, concepts by how rare they are in this policy.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np
import numpy.typing as npt

from services.router.core.policy.answers.askings import promised_in
from services.router.core.policy.answers.lexicon import KINDS, Lexicon, Reading, read
from services.router.core.policy.answers.particulars import said
from services.router.core.policy.answers.spellings import Spellings, spellings_of
from services.router.core.policy.answers.wordings import answered
from services.router.core.policy.answers.words import fold
from services.router.core.policy.model import Promise

Row = npt.NDArray[np.float32]
SATURATION: Final = 1.2
LENGTH_WEIGHT: Final = 0.5
PASSAGE_KINDS: Final = ("item", "list", "row", "address")

HAS_DURATION: Final = re.compile(
    r"\b(\d+|one|two|three|four|five|six|seven|eight|nine|ten|twelve|a|ein\w*|un[ae]?|een)\s*[-(]?\w*\)?\s*"
    r"(hours?|days?|weeks?|months?|years?|stunden?|tage?n?|wochen?|monate?n?|jahre?n?|jours?|mois|ans?|an[ne]es?|"
    r"dias?|dagen|maand\w*|jaar|meses|anos?|giorni|mesi|anni)\b|as long as|so long as|indefinitely|no longer than"
    r"|until you|at any time|undue delay|immediately|solange|aussi longtemps|mientras|zolang",
)
HAS_CONTACT: Final = re.compile(
    r"[\w.+-]+\s?(@|\(at\)|\[at\])\s?[\w-]+\.\w+|\+\d[\d .()/-]{6,}|\bcontact us\b|\bcontact page\b|"
    r"\bwrite to\b|\(\+\d+\)"
)
HAS_PLACE: Final = re.compile(
    r"\b(located|servers?|data ?cent(er|re)s?|countr(y|ies)|offices?|registered|e\.?e\.?a|european|"
    r"switzerland|united states|u\.s\.|romania|latvia|hong kong|address|street|blvd|boulevard)\b"
)
HAS_FORMAT: Final = re.compile(r"\b(csv|json|xml|xlsx?|pdf|html|machine[- ]readable|format)\b")


@dataclass(frozen=True, slots=True)
class Passage:
    """What can be quoted as an answer: a clause, or a part of one, where it stands in the published text."""

    clause: str
    start: int
    end: int
    text: str
    headings: tuple[str, ...] = ()
    lead: str = ""
    kind: str = "paragraph"
    document: int = 0
    """Which of the controller's documents it stands in."""


@dataclass(frozen=True, slots=True)
class PolicyIndex:
    """The passages of one policy version, ready to be asked."""

    language: str
    passages: tuple[Passage, ...]
    postings: dict[str, tuple[npt.NDArray[np.int32], Row]]
    heading_postings: dict[str, npt.NDArray[np.int32]]
    pairs: dict[tuple[str, str], list[int]]
    rarity: dict[str, float]
    rarity_unseen: float
    concepts: Row
    heading_concepts: Row
    concept_rarity: Row
    concept_seen: npt.NDArray[np.int32]
    vocabulary: Spellings
    fits: Row
    kinds: Row
    kind_of_concept: npt.NDArray[np.int32]
    length: Row
    section: npt.NDArray[np.int32]
    sections: int
    promised: Row
    """A row an asking: how surely each passage makes such a promise."""
    held: tuple[tuple[Promise, ...], ...]
    """The promises that stand in each passage, or reach into it."""
    answered: Row
    """A row a meaning of `wordings.toml`: how well each passage answers it."""
    said: Row
    """A row a particular of `particulars.toml`: how well each passage says it."""
    said_most: Row
    """How well the passage says each that says it best."""
    names: frozenset[str]
    """Stems of what the controller is called."""
    confirmed: bool
    """Whether the promises were confirmed by reading: then what none of them says is not said."""


def index_of(
    passages: Sequence[Passage],
    language: str,
    lexicon: Lexicon,
    promises: Mapping[int, Sequence[Promise]] = MappingProxyType({}),
    names: frozenset[str] = frozenset(),
) -> PolicyIndex:
    """Work out everything about `passages` that does not depend on a question.

    `promises` are those of each document that the passages stand in.
    """
    readings = [read(passage.text, language, lexicon) for passage in passages]
    above = [read(" . ".join((*passage.headings, passage.lead)), language, lexicon) for passage in passages]
    count = max(len(passages), 1)
    terms = [Counter(_terms(reading, lexicon)) for reading in readings]
    above_terms = [set(_terms(reading, lexicon)) for reading in above]
    frequency = Counter(term for found, over in zip(terms, above_terms, strict=True) for term in set(found) | over)
    rarity = {term: math.log(1 + (count - seen + 0.5) / (seen + 0.5)) for term, seen in frequency.items()}
    lengths = [sum(found.values()) for found in terms]
    concepts, heading_concepts = _concept_rows(readings, lexicon), _concept_rows(above, lexicon)
    seen_concepts = np.count_nonzero(concepts + heading_concepts, axis=1)
    section, sections = _sections(passages)
    held = _held(passages, promises)
    texts = [passage.text for passage in passages]
    answers = answered(lexicon.wordings, np.minimum(concepts + np.float32(0.5) * heading_concepts, 1.0), held)
    says = said(lexicon.particulars, readings, above, texts, answers)
    return PolicyIndex(
        language=language,
        passages=tuple(passages),
        postings=_postings(terms, lengths),
        heading_postings=_places(above_terms),
        pairs=_pair_places(readings, lexicon),
        rarity=rarity,
        rarity_unseen=math.log(1 + (count + 0.5) / 0.5),
        concepts=concepts,
        heading_concepts=heading_concepts,
        concept_rarity=np.log(1 + (count - seen_concepts + 0.5) / (seen_concepts + 0.5)).astype(np.float32),
        concept_seen=seen_concepts.astype(np.int32),
        vocabulary=spellings_of(sorted(term for term in rarity if len(term) > 3)),
        fits=_fits(passages),
        kinds=_kinds(passages),
        kind_of_concept=np.array([KINDS.index(kind) for kind in lexicon.kinds], dtype=np.int32),
        length=np.array([math.log(max(n, 1)) for n in lengths], dtype=np.float32),
        section=section,
        sections=sections,
        names=names,
        promised=_promised(held, lexicon),
        held=held,
        answered=answers,
        said=says,
        said_most=says.max(axis=1, initial=0.0),
        confirmed=bool(promises.get(0)) and all(promise.confirmed for promise in promises[0]),
    )


def _terms(reading: Reading, lexicon: Lexicon) -> list[str]:
    return [term for term in reading.pivot if term not in lexicon.stop] + list(reading.own)


def _pairs(reading: Reading, lexicon: Lexicon) -> list[tuple[str, str]]:
    kept = [term for term in reading.pivot if term not in lexicon.stop]
    return [(a, b) if a < b else (b, a) for at, a in enumerate(kept) for b in kept[at + 1 : at + 3]]


def _pair_places(readings: Sequence[Reading], lexicon: Lexicon) -> dict[tuple[str, str], list[int]]:
    """Return where each pair of near words stands; lists, because most hold one number and there are thousands."""
    places: dict[tuple[str, str], list[int]] = {}
    for at, reading in enumerate(readings):
        for pair in set(_pairs(reading, lexicon)):
            places.setdefault(pair, []).append(at)
    return places


def _postings(terms: Sequence[Counter[str]], lengths: Sequence[int]) -> dict[str, tuple[npt.NDArray[np.int32], Row]]:
    mean = max(sum(lengths) / max(len(lengths), 1), 1.0)
    gathered: dict[str, tuple[list[int], list[float]]] = {}
    for at, (found, length) in enumerate(zip(terms, lengths, strict=True)):
        damp = SATURATION * (1 - LENGTH_WEIGHT + LENGTH_WEIGHT * length / mean)
        for term, times in found.items():
            places, weights = gathered.setdefault(term, ([], []))
            places.append(at)
            weights.append(times * (SATURATION + 1) / (times + damp))
    return {
        term: (np.array(places, dtype=np.int32), np.array(weights, dtype=np.float32))
        for term, (places, weights) in gathered.items()
    }


def _places(rows: Sequence[set[str]]) -> dict[str, npt.NDArray[np.int32]]:
    gathered: dict[str, list[int]] = {}
    for at, keys in enumerate(rows):
        for key in keys:
            gathered.setdefault(key, []).append(at)
    return {key: np.array(places, dtype=np.int32) for key, places in gathered.items()}


def _concept_rows(readings: Sequence[Reading], lexicon: Lexicon) -> Row:
    """Return a row a concept: 0 where a passage lacks it, growing to 1 with the times it is shown."""
    rows = np.zeros((len(lexicon.names), len(readings)), dtype=np.float32)
    for at, reading in enumerate(readings):
        for concept, times in Counter(concept for concept, _, _ in reading.concepts).items():
            rows[concept, at] = times / (times + 0.4)
    return rows * np.float32(1.2)


def _fits(passages: Sequence[Passage]) -> Row:
    """Return which passages hold a time, a way to write, a place, a format: what "how long", "where" … ask for."""
    rows = np.zeros((4, len(passages)), dtype=np.float32)
    for at, passage in enumerate(passages):
        plain = fold(passage.text)
        for row, pattern in enumerate((HAS_DURATION, HAS_CONTACT, HAS_PLACE, HAS_FORMAT)):
            rows[row, at] = 1.0 if pattern.search(plain) else 0.0
    return rows


def _kinds(passages: Sequence[Passage]) -> Row:
    rows = np.zeros((4, len(passages)), dtype=np.float32)
    for at, passage in enumerate(passages):
        if passage.kind in PASSAGE_KINDS:
            rows[PASSAGE_KINDS.index(passage.kind), at] = 1.0
    return rows


def _held(passages: Sequence[Passage], promises: Mapping[int, Sequence[Promise]]) -> tuple[tuple[Promise, ...], ...]:
    return tuple(
        tuple(
            promise
            for promise in promises.get(passage.document, ())
            if promise.start < passage.end and passage.start < promise.end
        )
        for passage in passages
    )


def _promised(held: Sequence[Sequence[Promise]], lexicon: Lexicon) -> Row:
    rows = np.zeros((len(lexicon.askings), len(held)), dtype=np.float32)
    for at, made in enumerate(held):
        for number, confidence in promised_in(made, lexicon.askings):
            rows[number, at] = max(rows[number, at], confidence)
    return rows


def _sections(passages: Sequence[Passage]) -> tuple[npt.NDArray[np.int32], int]:
    numbers: dict[tuple[str, ...], int] = {}
    rows = [numbers.setdefault(passage.headings, len(numbers)) for passage in passages]
    return np.array(rows, dtype=np.int32), max(len(numbers), 1)
