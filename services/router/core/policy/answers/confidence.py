"""Whether the best passage really answers the question, or habeas should say nothing and fetch a human.

A wrong confident answer from a controller is a legal statement. So the doubt is worked out from what the question
holds that the passage does not, by a logistic over named signs whose weights are data (`abstaining.toml`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from services.router.core.policy.answers.index import PolicyIndex, Row
from services.router.core.policy.answers.lexicon import Lexicon
from services.router.core.policy.answers.question import Question
from services.router.core.policy.answers.rank import SIGNALS, Ranking

SIGNS: Final = (
    "bias",
    "score",  # the best passage's score, by the ranking
    "margin",  # how far the second is behind
    "words", "rare_words", "pairs", "topic", "concepts", "heading_concepts",  # the best passage's signals
    "covered",  # the share of the question's word weight that the best passage or its heading holds
    "missing",  # the share of content words that the whole policy lacks
    "missing_count",
    "topic_uncovered",  # topics of the question that the best passage lacks
    "topic_unknown",  # topics of the question that the whole policy lacks
    "action_uncovered",
    "aspect_uncovered",
    "absent_asked",  # things most policies are silent on, asked and not in the best passage
    "fit_missing",  # a time, address, place or format is wanted and the best passage has none
    "no_concept",  # the question shows no concept of data protection at all
    "no_topic",
    "few_words",
    "foreign",
    "promised",  # the best passage makes the promise that is asked for
    "unpromised",  # a promise is asked for and the best passage makes none such
    "silent_confirmed",  # the policy makes none such anywhere, and its promises were confirmed by reading
    "silent_read",  # the same, as far as its promises were read automatically
    "untold_confirmed",  # only such a promise answers, and the best passage makes none
    "untold_read",
    "meant",  # how well the best passage answers what such wordings mean
    "meant_here",  # how well it answers the likeliest of their meanings
    "said",  # how well the best passage says what exactly is asked
    "said_here",  # how well it says the likeliest of what may be asked
    "unsaid",  # how likely it is that no passage says what exactly is asked
    "unsaid_likeliest",  # how likely the likeliest is, where no passage says it
    "said_elsewhere",  # how much better another passage says it
    "exact",  # how likely the likeliest is
)  # fmt: skip


ANSWERED_MIN: Final = 0.6
"""How well a passage must answer the likeliest meaning for the words that speak for it to count as met."""
SPEAKS_MIN: Final = 0.7
"""From which weight on a word speaks for a meaning: it makes the word twice as likely."""


@dataclass(frozen=True, slots=True)
class Doubts:
    """The trained weights of the signs, and the probability below which habeas abstains."""

    weights: Row
    threshold: float


def signs_of(index: PolicyIndex, question: Question, ranking: Ranking, lexicon: Lexicon) -> Row:
    """Return the signs for and against the best passage as an answer."""
    signs = np.zeros(len(SIGNS), dtype=np.float32)
    signs[0] = 1.0
    if not ranking.order:
        return signs
    best = ranking.order[0]
    second = ranking.order[1] if len(ranking.order) > 1 else best
    signs[1] = ranking.scores[best]
    signs[2] = ranking.scores[best] - ranking.scores[second]
    for at, name in enumerate(("words", "rare_words", "pairs", "topic", "concepts", "heading_concepts"), start=3):
        signs[at] = min(float(ranking.signals[SIGNALS.index(name), best]), 3.0)
    held = _held(index, question, best, lexicon)
    spoken = _spoken(index, question, best, lexicon)
    signs[9] = _covered(index, question, best, held, spoken)
    lacking = sum(
        weight for term, weight, concepts in question.missing if term not in spoken and held.isdisjoint(concepts)
    )
    signs[10] = lacking / max(lacking + len(question.terms), 1.0)
    signs[11] = min(lacking, 4.0)
    _concept_signs(signs, index, question, held)
    wanted = question.wanted > 0
    signs[17] = float((wanted & (index.fits[:, best] == 0)).any())
    signs[18] = 0.0 if question.direct else 1.0
    signs[19] = 0.0 if any(lexicon.kinds[concept] == "topic" for concept in question.direct) else 1.0
    signs[20] = 1.0 if question.content <= 2 else 0.0
    signs[21] = 0.0 if question.language == index.language else 1.0
    _promise_signs(signs, index, question, best, lexicon)
    _meant_signs(signs, index, question, best)
    _said_signs(signs, index, question, best)
    return signs


def _held(index: PolicyIndex, question: Question, best: int, lexicon: Lexicon) -> frozenset[int]:
    """Return the question's concepts that a passage shows, or that the promise it makes is an answer to."""
    shown = {int(at) for at in np.flatnonzero(index.concepts[:, best] + index.heading_concepts[:, best])}
    for number in question.asked:
        if index.promised[number, best] > 0:
            shown.update(*(row for row in lexicon.askings[number].when if row <= question.direct))
    return frozenset(shown)


def _spoken(index: PolicyIndex, question: Question, best: int, lexicon: Lexicon) -> frozenset[str]:
    """Return the words that the policy lacks and that speak for what is meant, where the passage answers just that."""
    if not len(question.meant):
        return frozenset()
    likeliest = int(question.meant.argmax())
    if index.answered[likeliest, best] < ANSWERED_MIN:
        return frozenset()
    return frozenset(
        term for term, _, _ in question.missing if lexicon.wordings.speaks_for(term, likeliest) >= SPEAKS_MIN
    )


def _covered(index: PolicyIndex, question: Question, best: int, shown: frozenset[int], spoken: frozenset[str]) -> float:
    total, held = sum(rarity for _, rarity, _ in question.terms), 0.0
    for word, weight, concepts in question.missing:
        total += index.rarity_unseen * weight
        if word in spoken or not shown.isdisjoint(concepts):
            held += index.rarity_unseen * weight
    for term, rarity, likeness in question.terms:
        found = index.postings.get(term)
        above = index.heading_postings.get(term)
        if (found is not None and best in found[0]) or (above is not None and best in above):
            held += rarity * likeness
    return held / max(total, 1.0)


def _concept_signs(signs: Row, index: PolicyIndex, question: Question, shown: frozenset[int]) -> None:
    for concept in question.direct - question.objects:
        kind = index.kind_of_concept[concept]
        held = concept in shown
        rarity = float(index.concept_rarity[concept])
        if kind == 1 and not held:
            signs[12] += rarity
            if index.concept_seen[concept] == 0:
                signs[13] += 1.0
        elif kind == 0 and not held:
            signs[14] += rarity
        elif kind == 2 and not held:
            signs[15] += rarity
        elif kind == 3 and not held:
            signs[16] += 1.0


def _promise_signs(signs: Row, index: PolicyIndex, question: Question, best: int, lexicon: Lexicon) -> None:
    if not question.asked:
        return
    asked = list(question.asked)
    here = index.promised[asked, best] > 0
    signs[22] = float(index.promised[asked, best].max())
    signs[23] = float(not here.any() and index.answered[int(question.meant.argmax()), best] < ANSWERED_MIN)
    telling = [number for number in asked if lexicon.askings[number].telling]
    told = bool(telling) and bool((index.promised[telling, best] > 0).any())
    silent = not told and any(not index.promised[number].any() for number in telling)
    signs[24 if index.confirmed else 25] = float(silent)
    signs[26 if index.confirmed else 27] = float(bool(telling) and not told)


def _meant_signs(signs: Row, index: PolicyIndex, question: Question, best: int) -> None:
    if not len(question.meant):
        return
    signs[28] = float(question.meant @ index.answered[:, best])
    signs[29] = float(index.answered[int(question.meant.argmax()), best])


def _said_signs(signs: Row, index: PolicyIndex, question: Question, best: int) -> None:
    likely = question.particular
    if not len(likely):
        return
    most = index.said_most
    likeliest = int(likely.argmax())
    signs[30] = float(likely @ index.said[:, best])
    signs[31] = float(index.said[likeliest, best])
    signs[32] = float(likely @ (1.0 - most))
    signs[33] = float(likely[likeliest] * (1.0 - most[likeliest]))
    signs[34] = float(likely @ (most - index.said[:, best]))
    signs[35] = float(likely[likeliest])


def sureness(signs: Row, doubts: Doubts) -> float:
    """Return how likely it is, from 0 to 1, that the best passage answers."""
    logit = float(doubts.weights @ signs)
    return 1.0 / (1.0 + math.exp(-max(min(logit, 30.0), -30.0)))


def doubts_from(table: Mapping[str, Any]) -> Doubts:
    """Build the doubts from the table of `abstaining.toml`."""
    weights = np.array([float(table["signs"].get(name, 0.0)) for name in SIGNS], dtype=np.float32)
    return Doubts(weights, float(table["threshold"]))
