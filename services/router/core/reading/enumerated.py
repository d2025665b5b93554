"""Rights that a letter only lists: "tell me of the right to rectification, erasure or restriction".

GDPR Art. 15(1)(e): whoever asks for access may ask to be told which rights there are. The letters of lawyers and of
services copy that list, and ask for none of what it names.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final

from services.router.core.reading.candidate import Candidate
from services.router.core.reading.concepts import mask
from services.router.core.reading.rights import Right, State
from services.router.core.reading.sentences import Clause, Sense

GAP_WORDS_MAX: Final = 4
LEAD_WORDS_MAX: Final = 3
KINDS_MIN: Final = 2
KINDS_OF_A_BARE_LIST_MIN: Final = 4
"""Nobody asks to correct, erase, restrict and oppose in one breath: so many are a list even where no word says so."""

_KINDS: Final = (mask("correct"), mask("erase", "erased"), mask("restrict"), mask("object"), mask("move"))
_ITEM: Final = mask("correct", "erase", "erased", "restrict", "object", "move")
_RIGHT_TO: Final = mask("right_to")
_EXERCISE: Final = mask("exercise")
_TOLD: Final = mask("tell", "give", "copy", "data", "see", "question")
_LISTED: Final = frozenset({Right.RECTIFICATION, Right.ERASURE, Right.RESTRICTION, Right.OBJECTION, Right.PORTABILITY})
_STANDING: Final = frozenset({State.ASSERTED, State.CONDITIONAL, State.ASKED_HOW, State.PART})


def without_listed(found: Sequence[Candidate], clauses: Sequence[Clause]) -> list[Candidate]:
    """Return the candidates; those that only stand in a list of rights are nobody's request."""
    if not any(one.right in _LISTED and one.state in _STANDING for one in found):
        return list(found)
    firsts = [clause.first for clause in clauses]
    lists: dict[int, list[tuple[int, int]]] = {}
    kept = []
    for one in found:
        if one.right in _LISTED and one.state in _STANDING:
            place = bisect_right(firsts, max(one.first, one.after - 1)) - 1
            if place not in lists:
                lists[place] = list(_lists(clauses[place]))
            if any(_is_within(one, clauses[place], listed) for listed in lists[place]):
                one = replace(one, state=State.THIRD_PERSON)
        kept.append(one)
    return kept


def _is_within(one: Candidate, clause: Clause, listed: tuple[int, int]) -> bool:
    first, after = listed
    named = [sense for sense in clause.with_bits(_ITEM) if one.first <= sense.first < one.after]
    if named:
        return all(first <= sense.first < after for sense in named)
    return first - 1 <= one.first and one.after <= after + 1 + LEAD_WORDS_MAX


def _lists(clause: Clause) -> Iterator[tuple[int, int]]:
    """Yield the stretches of words that name one right after the other and ask for none."""
    items = sorted(clause.with_bits(_ITEM), key=lambda sense: sense.first)
    run: list[Sense] = items[:1]
    for before, item in pairwise(items):
        if item.first - before.after > GAP_WORDS_MAX:
            if _is_listed(clause, run):
                yield run[0].first, run[-1].after
            run = []
        run.append(item)
    if run and _is_listed(clause, run):
        yield run[0].first, run[-1].after


def _is_listed(clause: Clause, run: Sequence[Sense]) -> bool:
    kinds = sum(any(sense.bits & kind for sense in run) for kind in _KINDS)
    if kinds < KINDS_MIN:
        return False
    first, after = run[0].first, run[-1].after
    lead = _lead(clause, first, after)
    if any(_is_beside(used, first, after, lead) for used in clause.with_bits(_EXERCISE)):
        return False
    if kinds >= KINDS_OF_A_BARE_LIST_MIN:
        return True
    if lead is None:
        return False
    # "Send me a copy and tell me of the right to …": something else is what is asked for.
    return any(not lead.first <= told.first < after for told in clause.with_bits(_TOLD))


def _lead(clause: Clause, first: int, after: int) -> Sense | None:
    """Return "the right to" before a list or within it; Hungarian and Turkish say it behind."""
    return next(
        (
            sense
            for sense in clause.with_bits(_RIGHT_TO)
            if 0 <= first - sense.after <= LEAD_WORDS_MAX
            or sense.first <= first < sense.after
            or first <= sense.first < after
            or 0 <= sense.first - after <= LEAD_WORDS_MAX
        ),
        None,
    )


def _is_beside(used: Sense, first: int, after: int, lead: Sense | None) -> bool:
    """Tell whether the list is what somebody uses: "I exercise my rights to …", "mache von … Gebrauch"."""
    begin = min(first, lead.first) if lead is not None else first
    return (begin - used.after <= LEAD_WORDS_MAX and used.first <= begin) or used.first >= after
