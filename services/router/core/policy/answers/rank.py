"""Which passages answer a question, best first, and what spoke for each.

The score is a weighted sum of named signals, so that every ranking can be explained. The weights are data, trained by
`bench/answers_train.py`; see docs/adr for what was measured.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from services.router.core.policy.answers.index import PolicyIndex, Row
from services.router.core.policy.answers.lexicon import KINDS, Lexicon
from services.router.core.policy.answers.question import Question

SIGNALS: Final = (
    "words",  # BM25 of the passage's own words, as a share of what the question could reach
    "rare_words",  # the same, without the words that every policy question holds
    "heading_words",
    "pairs",  # two words of the question close together in the passage
    "action", "topic", "aspect", "absent",  # concepts of each kind, in the passage
    "heading_action", "heading_topic", "heading_aspect", "heading_absent",
    "concepts",  # all concepts by their rarity in this policy
    "heading_concepts",
    "duration", "contact", "place", "format",  # the question wants one and the passage has it
    "section",  # how well the passage's whole section fits
    "length",
    "item",
    "list",
    "row",
    "address",
    "promised",  # the question asks for a kind of promise and the passage makes it
    "told",  # the same, of a kind that nothing else answers
    "meant",  # the passage answers what such wordings mean
    "said",  # the passage says what exactly is asked
    "affinity",  # which concepts of clauses answer which concepts of questions, learned
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Weights:
    """The trained numbers."""

    signals: Row
    affinity: npt.NDArray[np.float32] | None = None


@dataclass(frozen=True, slots=True)
class Ranking:
    """All passages of a policy with their scores and signals for one question."""

    order: tuple[int, ...]
    scores: Row
    signals: npt.NDArray[np.float32]


def signals_of(
    index: PolicyIndex, question: Question, lexicon: Lexicon, weights: Weights | None = None
) -> npt.NDArray[np.float32]:
    """Return one row a signal, one column a passage."""
    count = len(index.passages)
    rows = np.zeros((len(SIGNALS), count), dtype=np.float32)
    _word_signals(rows, index, question, lexicon)
    _concept_signals(rows, index, question)
    rows[14:18] = index.fits * question.wanted[:, None]
    base = rows[0] + rows[2] * 0.5 + rows[12] + rows[13] * 0.5
    sums = np.zeros(index.sections, dtype=np.float32)
    np.maximum.at(sums, index.section, base)
    rows[18] = sums[index.section]
    rows[19] = index.length
    rows[20:24] = index.kinds
    if question.asked:
        rows[24] = index.promised[list(question.asked)].max(axis=0)
        telling = [number for number in question.asked if lexicon.askings[number].telling]
        if telling:
            rows[25] = index.promised[telling].max(axis=0)
    rows[26] = question.meant @ index.answered
    rows[27] = question.particular @ index.said
    if weights is not None and weights.affinity is not None:
        rows[28] = _affinity(index, question, weights.affinity)
    return rows


def rank(index: PolicyIndex, question: Question, lexicon: Lexicon, weights: Weights) -> Ranking:
    """Rank the passages of a policy for a question."""
    rows = signals_of(index, question, lexicon, weights)
    scores = weights.signals @ rows
    order = np.argsort(-scores, kind="stable")
    return Ranking(tuple(order.tolist()), scores, rows)


def _word_signals(rows: npt.NDArray[np.float32], index: PolicyIndex, question: Question, lexicon: Lexicon) -> None:
    total = sum(rarity for _, rarity, _ in question.terms) + index.rarity_unseen * sum(
        w for _, w, _ in question.missing
    )
    rare_total = 0.0
    for term, rarity, likeness in question.terms:
        generic = term in lexicon.generic
        found = index.postings.get(term)
        if found is not None:
            places, weights = found
            rows[0, places] += rarity * likeness * weights
            if not generic:
                rows[1, places] += rarity * likeness * weights
        above = index.heading_postings.get(term)
        if above is not None:
            rows[2, above] += rarity * likeness
        rare_total += 0.0 if generic else rarity
    rare_total += index.rarity_unseen * sum(weight for _, weight, _ in question.missing if weight == 1.0)
    rows[0] /= max(total, index.rarity_unseen)
    rows[1] /= max(rare_total, 1.0)
    rows[2] /= max(total, 1.0)
    for pair in question.pairs:
        places_of_pair = index.pairs.get(pair)
        if places_of_pair is not None:
            rows[3, places_of_pair] += 1.0 / max(len(question.pairs), 1)


def _concept_signals(rows: npt.NDArray[np.float32], index: PolicyIndex, question: Question) -> None:
    active = np.flatnonzero(question.weights)
    if not len(active):
        return
    weights = question.weights[active]
    body, above = index.concepts[active], index.heading_concepts[active]
    kinds = index.kind_of_concept[active]
    for number in range(len(KINDS)):
        chosen = kinds == number
        if not chosen.any():
            continue
        part = weights[chosen]
        total = float(part.sum())
        rows[4 + number] = part @ body[chosen] / total
        rows[8 + number] = part @ above[chosen] / total
    rarity = weights * index.concept_rarity[active]
    total = max(float(rarity.sum()), 0.5)
    rows[12] = rarity @ body / total
    rows[13] = rarity @ above / total


def _affinity(index: PolicyIndex, question: Question, affinity: npt.NDArray[np.float32]) -> Row:
    active = sorted(question.direct)
    if not active:
        return np.zeros(len(index.passages), dtype=np.float32)
    wanted = affinity[active].sum(axis=0)
    return np.asarray(wanted @ (index.concepts + 0.5 * index.heading_concepts), dtype=np.float32)


def weights_from(table: Mapping[str, Any], lexicon: Lexicon) -> Weights:
    """Build the weights from the table of `ranking.toml`; a signal that is not named weighs nothing."""
    signals = np.array([float(table["signals"].get(name, 0.0)) for name in SIGNALS], dtype=np.float32)
    pairs: Sequence[Any] = table.get("affinity", {}).items()
    affinity = np.zeros((len(lexicon.names), len(lexicon.names)), dtype=np.float32)
    numbers = {name: number for number, name in enumerate(lexicon.names)}
    for asked, answers in pairs:
        for answered, weight in answers.items():
            if asked in numbers and answered in numbers:
                affinity[numbers[asked], numbers[answered]] = weight
    return Weights(signals, affinity if len(pairs) else None)
