"""Why a clause won: the words and concepts it shares with the question, its signals by weight, and the doubts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from services.router.core.policy.answers.answer import Knowledge, Method
from services.router.core.policy.answers.confidence import SIGNS, signs_of, sureness
from services.router.core.policy.answers.index import PolicyIndex
from services.router.core.policy.answers.lexicon import Lexicon
from services.router.core.policy.answers.question import Question, ask
from services.router.core.policy.answers.rank import SIGNALS, rank

PARTICULARS_MAX: Final = 3


@dataclass(frozen=True, slots=True)
class Candidate:
    """One clause and what spoke for it."""

    clause: str
    start: int
    end: int
    text: str
    score: float
    words: tuple[str, ...]
    concepts: tuple[str, ...]
    signals: tuple[tuple[str, float], ...]
    """(signal, its share of the score), the strongest first."""


@dataclass(frozen=True, slots=True)
class Explained:
    """How a question was read, which clauses came first and why, and how sure that is."""

    language: str
    words: tuple[str, ...]
    concepts: tuple[str, ...]
    unknown: tuple[str, ...]
    particulars: tuple[tuple[str, float, bool], ...]
    """What may exactly be asked: its name, how likely it is, and whether any clause says it; the likeliest first."""
    candidates: tuple[Candidate, ...]
    sureness: float
    threshold: float
    signs: tuple[tuple[str, float], ...]


def explain(knowledge: Knowledge, question: str, language: str, method: Method, top: int = 3) -> Explained:
    """Rank the clauses for a question and say why."""
    index, lexicon = knowledge.index, method.lexicon
    asked = ask(question, language, index, lexicon)
    ranking = rank(index, asked, lexicon, method.weights)
    signs = signs_of(index, asked, ranking, lexicon)
    weighed = [(name, float(w * s)) for name, w, s in zip(SIGNS, method.doubts.weights, signs, strict=True)]
    shares = method.weights.signals[:, None] * ranking.signals
    candidates = tuple(
        Candidate(
            clause=index.passages[at].clause,
            start=index.passages[at].start,
            end=index.passages[at].end,
            text=index.passages[at].text,
            score=round(float(ranking.scores[at]), 4),
            words=_shared_words(index, asked, at),
            concepts=tuple(lexicon.names[c] for c in sorted(asked.direct) if index.concepts[c, at] > 0),
            signals=_strongest([(name, float(shares[row, at])) for row, name in enumerate(SIGNALS)]),
        )
        for at in ranking.order[:top]
    )
    return Explained(
        language=language,
        words=tuple(term for term, _, _ in asked.terms),
        concepts=tuple(lexicon.names[c] for c in sorted(asked.direct)),
        unknown=tuple(word for word, _, _ in asked.missing),
        particulars=_likeliest(index, asked, lexicon),
        candidates=candidates,
        sureness=round(sureness(signs, method.doubts), 4) if candidates else 0.0,
        threshold=method.doubts.threshold,
        signs=_strongest(weighed),
    )


def _likeliest(index: PolicyIndex, asked: Question, lexicon: Lexicon) -> tuple[tuple[str, float, bool], ...]:
    names = lexicon.particulars.wordings.meanings
    order = np.argsort(-asked.particular, kind="stable")[:PARTICULARS_MAX]
    return tuple((names[at].name, round(float(asked.particular[at]), 2), bool(index.said_most[at] > 0)) for at in order)


def _shared_words(index: PolicyIndex, asked: Question, at: int) -> tuple[str, ...]:
    return tuple(term for term, _, _ in asked.terms if term in index.postings and at in index.postings[term][0])


def _strongest(weighed: list[tuple[str, float]]) -> tuple[tuple[str, float], ...]:
    kept = [(name, round(value, 3)) for name, value in weighed if abs(value) >= 0.005]
    return tuple(sorted(kept, key=lambda pair: -abs(pair[1])))
