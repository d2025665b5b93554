"""A text as the rules see it: words with their concepts, cut into clauses and smaller segments.

A clause ends where a sentence does; a segment ends at a comma, a dash, a bracket or a word of contrast ("but"). A
negation reaches to the end of its segment, a condition to the end of its clause.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, NamedTuple

from services.router.core.reading.concepts import mask
from services.router.core.reading.words import Word

SOFT_BREAK_DISTANCE: Final = 2
"""How many words a comma is worth when the distance between two words is measured."""

GAP_CHARACTERS_MAX: Final = 12
"""What stands between two words is nearly always one of a few signs: their meaning is kept. Longer ones are not."""
_GAPS_KEPT_MAX: Final = 2_000

_HARD = re.compile(r"[.!?…。！？;|•·]|\n\s*\n|\n\s*(?:[-*–•>]|\d+[.)])")
_SOFT = re.compile(r"[,:()\[\]–—\n，、/]|\s-\s|--")
_SHORTENED = (
    "art arts artt nr no abs bzw dr mr mrs ms st e g i z b cl c sec lit par al p s ust pkt ref tel ca vs etc inc ltd "
    "u a d h m t αρ αριθ bl str resp evtl ggf inkl n r ν"
)
_ABBREVIATIONS: Final = frozenset(_SHORTENED.split())
_SUPPRESSED_INSIDE_PHRASES: Final = mask("if", "not", "or_else", "but", "question", "can")
_NOT: Final = mask("not")
_OTHERS: Final = mask("they")
_OWN: Final = mask("my", "me")
_NEGATIVE_EXPRESSIONS: Final = mask("can", "please", "wrong", "waiting", "object", "but", "or_else")
_CONTRAST: Final = mask("but")


class Sense(NamedTuple):
    """Concept bits that words `first` to `after` carry."""

    bits: int
    first: int
    after: int


@dataclass(frozen=True, slots=True)
class Clause:
    """Words `first` up to `after` of the text, their senses, and where each word stands.

    `distance[i]` is word i's place with breaks counted in; `segment[i]` its segment's number.
    """

    first: int
    after: int
    bits: int
    senses: tuple[Sense, ...]
    distance: Sequence[int]
    segment: Sequence[int]
    is_question: bool
    _carrying: dict[int, list[Sense]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def with_bits(self, bits: int) -> list[Sense]:
        """Return the senses that carry any of `bits`; not to be changed, the next rule may ask for the same."""
        if not self.bits & bits:
            return []
        found = self._carrying.get(bits)
        if found is None:
            found = self._carrying[bits] = [sense for sense in self.senses if sense[0] & bits]
        return found


def break_after(text: str, words: Sequence[Word], place: int) -> int:
    """Return what stands between a word and the next: 2 the end of a clause, 1 of a segment, 0 nothing."""
    folded, _, end = words[place]
    between = text[end : words[place + 1][1]]
    kind, is_full_stop = _gap(between) if len(between) <= GAP_CHARACTERS_MAX else _gap.__wrapped__(between)
    return 0 if is_full_stop and (folded in _ABBREVIATIONS or folded.isdigit()) else kind


@lru_cache(maxsize=_GAPS_KEPT_MAX)
def _gap(between: str) -> tuple[int, bool]:
    """Return which end signs between two words are, and whether by a full stop, which may only shorten a word."""
    if not between or between == ".":
        return 0, False
    if (hard := _HARD.search(between)) is not None:
        return 2, hard.group() == "."
    return (1 if _SOFT.search(between) else 0), False


def clauses_of(text: str, words: Sequence[Word], senses: Sequence[Sense]) -> list[Clause]:
    """Cut the text into clauses and give each its senses."""
    if not words:
        return []
    senses = _without_shadowed(senses)
    contrast = {sense[1] for sense in senses if sense[0] & _CONTRAST}
    firsts = [sense[1] for sense in senses]
    begun = 0
    clauses: list[Clause] = []
    first = 0
    distance = [0] * len(words)
    segment = [0] * len(words)
    at = number = 0
    last = len(words) - 1
    following = [word[1] for word in words[1:]]
    for place, (_, _, end) in enumerate(words):
        if place in contrast and place > first:
            number += 1
        distance[place], segment[place] = at, number
        at += 1
        if place < last and following[place] - end == 1 and text[end] == " ":
            continue
        kind = break_after(text, words, place) if place < last else 2
        if kind == 2:
            ended = bisect_right(firsts, place, begun)
            clauses.append(_clause(text, words, first, place + 1, senses[begun:ended], distance, segment))
            first, begun = place + 1, ended
            number += 1
        elif kind == 1:
            at += SOFT_BREAK_DISTANCE
            number += 1
    return clauses


def _clause(
    text: str,
    words: Sequence[Word],
    first: int,
    after: int,
    begun: Sequence[Sense],
    distance: Sequence[int],
    segment: Sequence[int],
) -> Clause:
    senses = tuple([sense if sense[2] <= after else Sense(sense[0], sense[1], after) for sense in begun])
    bits = 0
    for held, _, _ in senses:
        bits |= held
    tail = text[words[after - 1].end : words[after].start if after < len(words) else words[after - 1].end + 8]
    return Clause(
        first,
        after,
        bits,
        senses,
        distance,
        segment,
        any(mark in tail for mark in "?？;") and ("?" in tail or "？" in tail or _greek(text, words[first])),
    )


def _greek(text: str, word: Word) -> bool:
    """Greek writes its question mark like a semicolon."""
    return "\u0370" <= text[word.start] <= "\u03ff"


def _without_shadowed(senses: Sequence[Sense]) -> list[Sense]:
    """Drop small words that are part of a longer expression: the "if" of "I'd be grateful if you could".

    A negator goes only into an expression that means something by it ("isn't right"), never into a verb's: "don't
    delete" stays a denial.
    """
    covered: dict[int, int] = {}
    for bits, first, after in senses:
        if after - first > 1:
            for place in range(first, after):
                covered[place] = covered.get(place, 0) | bits
    if not covered:
        return list(senses)
    kept = []
    for sense in senses:
        bits, first, after = sense
        if after - first == 1 and (around := covered.get(first)) is not None:
            swallowed = (
                _SUPPRESSED_INSIDE_PHRASES if around & _NEGATIVE_EXPRESSIONS else _SUPPRESSED_INSIDE_PHRASES & ~_NOT
            )
            if around & _OTHERS:
                swallowed |= _OWN  # "my friend" is not the writer
            bits &= ~swallowed | around
        if bits:
            kept.append(sense if bits == sense.bits else Sense(bits, first, after))
    return kept
