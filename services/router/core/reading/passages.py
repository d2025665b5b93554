"""A longer message in passages, each told to second opinions as if it were all that was written.

A letter tells a story, thanks, threatens, and asks for two things in two of its fifteen sentences. What is learned from
whole messages hears the average of that; a sentence, or two that stand together, it hears as clearly as any message.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from typing import Final, TypeVar

from services.router.core.reading.bank import Bank
from services.router.core.reading.candidate import Candidate
from services.router.core.reading.seen import Seen
from services.router.core.reading.sentences import Clause
from services.router.core.reading.signs import signs_of_clause

T = TypeVar("T")
SENTENCES_MAX: Final = 60
WORDS_MIN: Final = 3
"""Shorter sentences ("Hello Mrs Smith", "Thanks", "1.") are no half of a passage."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """Words `first` to `after` of a message, with the signs that the rules saw in them."""

    words: tuple[str, ...]
    signs: tuple[str, ...]
    first: int
    after: int
    is_followed: bool
    """Whether the next sentence belongs to it: neither a new paragraph begins between them nor an item of a list."""


def sentences_of(bank: Bank, seen: Seen, found: Sequence[Candidate]) -> tuple[Sentence, ...]:
    """Return the sentences of a message, each once; none where it has only one, which is heard as the whole."""
    clauses = [clause for clause in seen.clauses if clause.after - clause.first >= WORDS_MIN]
    said = dict[tuple[str, ...], Clause]()
    for clause in clauses:
        said.setdefault(seen.said_in(clause), clause)
    kept = list(islice(said.items(), SENTENCES_MAX))
    if len(kept) < 2:
        return ()
    candidates = _by_clause([clause for _, clause in kept], found, lambda one: (one.first, one.after))
    idioms = _by_clause([clause for _, clause in kept], seen.idioms, lambda hit: (hit.first, hit.after))
    follower = {one.first: other.first for one, other in pairwise(clauses) if not _is_parted(seen, one, other)}
    return tuple(
        Sentence(
            words,
            signs_of_clause(bank, clause, idioms[place], candidates[place]),
            clause.first,
            clause.after,
            place + 1 < len(kept) and follower.get(clause.first) == kept[place + 1][1].first,
        )
        for place, (words, clause) in enumerate(kept)
    )


def _by_clause(
    clauses: Sequence[Clause], found: Iterable[T], place_of: Callable[[T], tuple[int, int]]
) -> list[list[T]]:
    """Return what was found within each clause."""
    firsts = [clause.first for clause in clauses]
    within: list[list[T]] = [[] for _ in clauses]
    for one in found:
        first, after = place_of(one)
        place = bisect_right(firsts, first) - 1
        if place >= 0 and after <= clauses[place].after:
            within[place].append(one)
    return within


def _is_parted(seen: Seen, one: Clause, other: Clause) -> bool:
    return "\n" in seen.text[seen.words[one.after - 1].end : seen.words[other.first].start]
