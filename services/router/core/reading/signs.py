"""What the rules saw in a message, told without the words of any language: signs that one classifier can learn from.

"Kérem töröljék az adataimat" and "please delete my data" leave the same signs: a request, an erasing verb, personal
data. What is learnt from the languages with many examples so serves those with few.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import combinations, pairwise
from typing import Final

from services.router.core.reading.bank import Bank
from services.router.core.reading.candidate import Candidate
from services.router.core.reading.concepts import mask, names_in
from services.router.core.reading.lexicon import Hit
from services.router.core.reading.seen import Seen
from services.router.core.reading.sentences import Clause

CLAUSES_MAX: Final = 12
"""A longer message is told by its beginning: rules read letters, the classifier reads what is short and odd."""
NAMES_MAX: Final = 24
COUNTED_CLAUSES_MAX: Final = 6
NAMES_KEPT_MAX: Final = 400
_DENIAL: Final = mask("not", "stop")


def signs_of(seens: Iterable[tuple[Bank, Seen]], candidates: Iterable[Candidate]) -> tuple[str, ...]:
    """Return the signs of a message: `seens` is how its text (and its subject) looked in its own language."""
    signs: list[str] = []
    for bank, seen in seens:
        signs += _of_text(bank, seen.clauses, seen.idioms, asks="?" in seen.text)
    return _once(signs, candidates)


def signs_of_clause(
    bank: Bank, clause: Clause, idioms: Iterable[Hit], candidates: Iterable[Candidate]
) -> tuple[str, ...]:
    """Return the signs of a single clause and of what was found in it, as if it were the message."""
    return _once(_of_text(bank, (clause,), idioms, asks=clause.is_question), candidates)


def _once(signs: Iterable[str], candidates: Iterable[Candidate]) -> tuple[str, ...]:
    return tuple(dict.fromkeys([*signs, *(f"r {one.right} {one.state}" for one in candidates)]))


def _of_text(bank: Bank, clauses: Sequence[Clause], idioms: Iterable[Hit], *, asks: bool) -> Iterator[str]:
    """Yield what one part of the message shows: its clauses' concepts, the idioms it holds, its shape."""
    said: set[str] = set()
    for clause in clauses[:CLAUSES_MAX]:
        names = tuple(sorted(names_in(clause.bits)))[:NAMES_MAX]
        said.update(names)
        yield from _of_clause(clause, names)
    for hit in idioms:
        idiom = bank.idioms[hit.payload]
        yield f"i {idiom.right} {idiom.strength}"
        yield f"i {idiom.right}"
    yield from (f"m {name}" for name in said)
    yield f"n {min(COUNTED_CLAUSES_MAX, len(clauses))}"
    if asks:
        yield "?"


@lru_cache(maxsize=NAMES_KEPT_MAX)
def _of_names(names: tuple[str, ...], *, denied: bool, asks: bool) -> tuple[str, ...]:
    """Return the signs of the concepts that stand together in a clause, in whatever order."""
    kinds = ("c", *(("d",) if denied else ()), *(("q",) if asks else ()))
    alone = [f"{kind} {name}" for name in names for kind in kinds]
    return (*alone, *(f"p {one} {other}" for one, other in combinations(names, 2)))


def _of_clause(clause: Clause, names: Sequence[str]) -> Iterator[str]:
    yield from _of_names(tuple(names), denied=bool(clause.bits & _DENIAL), asks=clause.is_question)
    in_order = [names_in(sense.bits) for sense in clause.senses]
    for before, after in pairwise(in_order):
        yield from (f"b {one} {other}" for one in before for other in after)
