"""What the rules saw in a message, told without the words of any language: signs that one classifier can learn from.

"Kérem töröljék az adataimat" and "please delete my data" leave the same signs: a request, an erasing verb, personal
data. What is learnt from the languages with many examples so serves those with few.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations, pairwise
from typing import Final

from services.router.core.reading.bank import Bank
from services.router.core.reading.candidate import Candidate
from services.router.core.reading.concepts import mask, names_in
from services.router.core.reading.seen import Seen
from services.router.core.reading.sentences import Clause

CLAUSES_MAX: Final = 12
"""A longer message is told by its beginning: rules read letters, the classifier reads what is short and odd."""
NAMES_MAX: Final = 24
COUNTED_CLAUSES_MAX: Final = 6
_DENIAL: Final = mask("not", "stop")


def signs_of(seens: Iterable[tuple[Bank, Seen]], candidates: Iterable[Candidate]) -> tuple[str, ...]:
    """Return the signs of a message: `seens` is how its text (and its subject) looked in its own language."""
    signs: list[str] = []
    for bank, seen in seens:
        signs += _of_text(bank, seen)
    signs += [f"r {one.right} {one.state}" for one in candidates]
    return tuple(dict.fromkeys(signs))


def _of_text(bank: Bank, seen: Seen) -> Iterator[str]:
    """Yield what one part of the message shows: its clauses' concepts, the idioms it holds, its shape."""
    said: set[str] = set()
    for clause in seen.clauses[:CLAUSES_MAX]:
        names = tuple(sorted(names_in(clause.bits)))[:NAMES_MAX]
        said.update(names)
        yield from _of_clause(clause, names)
    for hit in seen.idioms:
        idiom = bank.idioms[hit.payload]
        yield f"i {idiom.right} {idiom.strength}"
        yield f"i {idiom.right}"
    yield from (f"m {name}" for name in said)
    yield f"n {min(COUNTED_CLAUSES_MAX, len(seen.clauses))}"
    if "?" in seen.text:
        yield "?"


def _of_clause(clause: Clause, names: Sequence[str]) -> Iterator[str]:
    denied = bool(clause.bits & _DENIAL)
    for name in names:
        yield f"c {name}"
        if denied:
            yield f"d {name}"
        if clause.is_question:
            yield f"q {name}"
    yield from (f"p {one} {other}" for one, other in combinations(names, 2))
    in_order = [names_in(sense.bits) for sense in clause.senses]
    for before, after in pairwise(in_order):
        yield from (f"b {one} {other}" for one in before for other in after)
