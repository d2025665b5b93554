"""The words that stand around details: "customer number", "kind regards", "within", "instead of", by language.

A language lists its words under these names in `knowledge/details/<code>.toml`. What is written the same everywhere
(laws, places, services) stands in `any.toml`. Here they are looked up once; the modules beside this one read them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, NamedTuple

from services.router.core.reading.lexicon import Lexicon
from services.router.core.reading.words import Word

MEANING_OF_MARK: Final[dict[str, str]] = {
    "closing": "how a letter ends before the name: kind regards, thanks",
    "name_is": "what stands before the writer's name: my name is",
    "name_after": "what stands after the writer's name: Kovács Eszter vagyok",
    "title": "titles of a person: Mr, Dr, Frau",
    "account": "whose number it is: customer, account, member, contract",
    "order": "what else a number names: order, invoice, ticket, reference",
    "username": "what a user is called: username, login",
    "number": "the word for a number: no, nr, number, id, code",
    "is": "what joins a thing and its value: is, is now, should be, is spelled",
    "list": "mailing list, newsletter",
    "leaving": "what one leaves: from, off, out of",
    "determiner": "the, your, my before a name of a list",
    "within": "before a time: within, in",
    "within_after": "after a time, where a language says so: laikā, belül, içinde",
    "until": "before a day by which to answer: by, before, bis zum",
    "by_then": "a deadline said as a whole: by tomorrow, by the end of the week, péntekig",
    "period": "day, week, month, hour in their forms",
    "between": "what may stand between a number and its period: working, of the next",
    "numeral": "small numbers in words",
    "month": "months in the forms that dates use",
    "weekday": "days of the week",
    "from": "before the old value: from",
    "to": "before the new value: to",
    "not": "before a value that is wrong: not",
    "instead": "before an old value: instead of, previously, it says",
    "old": "calls a value the old one: old, previous",
    "old_after": "behind an old value, where a language says so: yerine, değil, helyett",
    "new": "calls a value the new or the right one: new, correct, now",
    "moved": "moved house",
    "and": "joins two persons: and, as well as",
    "both": "says that two are meant: both",
    "we": "we",
    "lawyer": "marks of a lawyer: my client, solicitor",
    "agent": "marks of a service that acts for its users",
    "processor": "marks of a company that passes on what its customer asks",
    "parent_of": "as the mother of, legal guardian",
    "heir": "the deceased, executor, estate",
    "superior": "an employee who writes for the one above: my boss asked me, as assistant to",
    "represented": "before whom somebody acts for: acting for, vertrete, on behalf of",
    "resident": "before the place where one lives",
    "transfer": "before whom the data shall go to",
    "attached": "says that a copy shall come with a mail: as an attachment",
    "by_mail": "says the way by mail, in the sentence that asks for the copy: by e-mail",
    "by_link": "says that a copy shall be fetched, not mailed: a download link, not by mail",
}
MARKS: Final = tuple(MEANING_OF_MARK)
MARK_BIT: Final[dict[str, int]] = {name: 1 << place for place, name in enumerate(MARKS)}
LAW, PLACE = "law ", "place "
_SENTENCE_END: Final = re.compile(r"[!?;](?=\s|$)|(?<!\b\w)(?<!\b\w\w)\.(?=\s|$)|\n\s*\n")


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """One language's marks, compiled; `names` says what each bit means, laws and places included."""

    lexicon: Lexicon = field(default_factory=Lexicon)
    names: tuple[str, ...] = MARKS


class Mark(NamedTuple):
    """A mark found: what it is (bits of `MARK_BIT`) and the words `first` up to `after`."""

    bits: int
    first: int
    after: int


@dataclass(frozen=True)
class Page:
    """A text with its words and the marks among them."""

    text: str
    words: Sequence[Word]
    marks: Sequence[Mark]
    named: Sequence[tuple[str, Mark]]
    known: Sequence[bool]
    nouns_are_capitals: bool
    _present: int
    _beginning: Mapping[int, Sequence[Mark]]
    _ending: Mapping[int, Sequence[Mark]]
    _asked: dict[int, list[Mark]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def of(self, *names: str) -> list[Mark]:
        """Return the marks of these names, in the order of the text, the longest first where several begin."""
        bits = _bits(names)
        if not self._present & bits:
            return []
        found = self._asked.get(bits)
        if found is None:
            found = self._asked[bits] = [mark for mark in self.marks if mark[0] & bits]
        return found

    def begins(self, place: int, *names: str) -> Mark | None:
        """Return the longest mark of these names that begins at a word."""
        return _first_of(self._beginning.get(place), names)

    def ends(self, after: int, *names: str) -> Mark | None:
        """Return the longest mark of these names that ends before a word."""
        return _first_of(self._ending.get(after), names)

    def between(self, first: int, after: int) -> str:
        """Return the text between the end of one word and the beginning of another."""
        if not 0 < first <= after <= len(self.words):
            return ""
        end = self.words[after].start if after < len(self.words) else len(self.text)
        return self.text[self.words[first - 1].end : end]

    def sentence(self, start: int, limit: int = 400) -> tuple[int, int]:
        """Return where the sentence around an offset begins and ends."""
        before = [match.end() for match in _SENTENCE_END.finditer(self.text, max(0, start - limit), start)]
        following = _SENTENCE_END.search(self.text, start, min(len(self.text), start + limit))
        end = following.start() if following else min(len(self.text), start + limit)
        return (before[-1] if before else max(0, start - limit)), end


def _first_of(marks: Sequence[Mark] | None, names: tuple[str, ...]) -> Mark | None:
    if marks is not None:
        bits = _bits(names)
        for mark in marks:
            if mark[0] & bits:
                return mark
    return None


def page_of(
    text: str,
    words: Sequence[Word],
    vocabularies: Iterable[Vocabulary],
    known: Sequence[bool],
    *,
    nouns_are_capitals: bool = False,
) -> Page:
    """Look the words up in the vocabularies; `known` says which words mean something in a phrase bank."""
    marks: list[Mark] = []
    named: list[tuple[str, Mark]] = []
    own_bits = (1 << len(MARKS)) - 1
    forms = [word[0] for word in words]
    for vocabulary in vocabularies:
        meanings = list(map(vocabulary.lexicon.meanings.__getitem__, forms))
        hits = [(meaning[0], place, place + 1) for place, meaning in enumerate(meanings) if meaning[0]]
        hits.extend((payload, first, after) for first, after, payload in vocabulary.lexicon.phrases(meanings))
        for bits, first, after in hits:
            if bits & own_bits:
                marks.append(Mark(bits & own_bits, first, after))
            elsewhere = bits >> len(MARKS)
            if elsewhere:
                mark = Mark(0, first, after)
                named.extend((vocabulary.names[len(MARKS) + place], mark) for place in _places_of(elsewhere))
    marks.sort(key=lambda mark: (mark[1], -mark[2]))
    present = 0
    beginning: dict[int, list[Mark]] = {}
    ending: dict[int, list[Mark]] = {}
    for mark in marks:
        bits, first, after = mark
        present |= bits
        beginning.setdefault(first, []).append(mark)
        ending.setdefault(after, []).append(mark)
    return Page(text, words, marks, named, known, nouns_are_capitals, present, beginning, ending)


@lru_cache(maxsize=200)
def _bits(names: tuple[str, ...]) -> int:
    bits = 0
    for name in names:
        bits |= MARK_BIT[name]
    return bits


def _places_of(bits: int) -> Iterable[int]:
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest
