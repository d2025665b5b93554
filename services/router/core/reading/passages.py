"""A longer message in passages, each told to second opinions as if it were all that was written.

A letter tells a story, thanks, threatens, and asks for two things in two of its fifteen sentences. What is learned from
whole messages hears the average of that; a sentence, or two that stand together, it hears as clearly as any message.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from services.router.core.reading.bank import Bank
from services.router.core.reading.candidate import Candidate
from services.router.core.reading.seen import Seen
from services.router.core.reading.sentences import Clause
from services.router.core.reading.signs import signs_of_clause

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
    """Return the sentences of a message; none where it has only one, which is heard as the whole."""
    clauses = [clause for clause in seen.clauses if clause.after - clause.first >= WORDS_MIN][:SENTENCES_MAX]
    if len(clauses) < 2:
        return ()
    return tuple(
        Sentence(
            tuple([word.folded for word in seen.words[clause.first : clause.after]]),
            signs_of_clause(bank, seen, clause, found),
            clause.first,
            clause.after,
            place + 1 < len(clauses) and not _is_parted(seen, clause, clauses[place + 1]),
        )
        for place, clause in enumerate(clauses)
    )


def _is_parted(seen: Seen, one: Clause, other: Clause) -> bool:
    return "\n" in seen.text[seen.words[one.after - 1].end : seen.words[other.first].start]
