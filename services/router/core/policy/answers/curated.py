"""What an officer taught: a question with its answer, tied to the clause it rests on.

A curated answer is used first and said to be one. It holds the hash of its clause's text: when the clause changes, the
answer waits for an officer instead of saying what the policy no longer does.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from rapidfuzz import fuzz

from services.router.core.policy.answers.lexicon import Lexicon, read
from services.router.core.policy.answers.words import fold

LIKENESS_MIN: Final = 0.9


@dataclass(frozen=True, slots=True)
class Curated:
    """One question and answer an officer wrote."""

    id: str
    question: str
    answer: str
    language: str = "en"
    policy: str = ""
    clause: str = ""
    clause_sha256: str = ""
    by: str = ""
    on: str = ""


@dataclass(frozen=True, slots=True)
class CuratedMatch:
    """A curated answer that fits a question, and whether its clause has changed since."""

    curated: Curated
    likeness: float
    stale: bool


def fingerprint(clause_text: str) -> str:
    """Return the hash of a clause's text; blanks and line ends do not count as a change."""
    return hashlib.sha256(" ".join(clause_text.split()).encode()).hexdigest()


def stale(curated: Curated, texts: Mapping[tuple[str, str], str]) -> bool:
    """Return whether the clause a curated answer rests on is gone or says something else now."""
    if not curated.clause:
        return False
    text = texts.get((curated.policy, curated.clause))
    return text is None or fingerprint(text) != curated.clause_sha256


def recall(
    question: str,
    language: str,
    taught: Sequence[Curated],
    texts: Mapping[tuple[str, str], str],
    lexicon: Lexicon,
) -> CuratedMatch | None:
    """Return the curated answer whose question this is, in nearly the same words; the likest wins."""
    if not taught:
        return None
    asked = _key(question, language, lexicon)
    best: CuratedMatch | None = None
    for each in taught:
        likeness = _likeness(asked, _key(each.question, each.language, lexicon))
        if fold(question).strip(" ?!.") == fold(each.question).strip(" ?!."):
            likeness = 1.0
        if likeness >= LIKENESS_MIN and (best is None or likeness > best.likeness):
            best = CuratedMatch(each, likeness, stale(each, texts))
    return best


def _key(text: str, language: str, lexicon: Lexicon) -> tuple[str, ...]:
    return tuple(term for term in read(text, language, lexicon).pivot if term not in lexicon.stop)


def _likeness(asked: tuple[str, ...], taught: tuple[str, ...]) -> float:
    if not asked or not taught:
        return 0.0
    return fuzz.token_sort_ratio(" ".join(asked), " ".join(taught)) / 100
