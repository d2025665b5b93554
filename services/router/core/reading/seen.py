"""A text after its words were looked up in one bank: what every rule reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from operator import itemgetter
from typing import Final

from services.router.core.reading.bank import Bank
from services.router.core.reading.lexicon import Hit
from services.router.core.reading.sentences import Clause, Sense, clauses_of
from services.router.core.reading.words import Word

_FIRST: Final = itemgetter(1)
_sense: Final = partial(tuple.__new__, Sense)


@dataclass(frozen=True, slots=True)
class Seen:
    """A text after the words have been looked up in one bank."""

    text: str
    words: Sequence[Word]
    concepts: Sequence[int]
    clauses: Sequence[Clause]
    idioms: Sequence[Hit]
    numbers: Sequence[int]

    def said_in(self, clause: Clause) -> tuple[str, ...]:
        """Return a clause's words, by which one that is said again is known."""
        return tuple([word.folded for word in self.words[clause.first : clause.after]])


def look(text: str, words: Sequence[Word], folded: Sequence[str], bank: Bank) -> Seen:
    """Look every word up in the bank; `folded` are the words' forms after typo repair."""
    meanings = list(map(bank.words.meanings.__getitem__, folded))
    longer = bank.words.phrases(meanings)
    concepts = [meaning[0] for meaning in meanings]
    senses = [_sense((bits, place, place + 1)) for place, bits in enumerate(concepts) if bits]
    senses.extend(Sense(payload, first, after) for first, after, payload in longer)
    senses.sort(key=_FIRST)
    ends: dict[int, list[tuple[int, int]]] = {}
    for first, after, payload in longer:
        ends.setdefault(first, []).append((payload, after))
    idioms = bank.idiom_lexicon.phrases(list(map(bank.idiom_lexicon.meanings.__getitem__, folded)), concepts, ends)
    # A run too long to be a word is folded to nothing, and may end in a number.
    numbers = [place for place, (form, _, _) in enumerate(words) if not form or form[-1].isdigit()]
    return Seen(text, words, concepts, clauses_of(text, words, senses), idioms, numbers)
