"""Rights that a writer says they use, by name: "I exercise my rights of access, rectification and erasure".

Such a letter need name no data: the right itself is about personal data (GDPR Arts. 15 to 21).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from services.router.core.reading.candidate import EXERCISED, Candidate
from services.router.core.reading.concepts import mask
from services.router.core.reading.rights import Right, State
from services.router.core.reading.sentences import Clause, Sense
from services.router.core.reading.states import is_past, state_of

EXERCISED_SCORE: Final = 0.93
LEAD_WORDS_MAX: Final = 3
GAP_WORDS_MAX: Final = 4
USE_WORDS_MAX: Final = 6

_RIGHT_OF_WORD: Final = (
    (mask("copy"), Right.ACCESS),
    (mask("correct"), Right.RECTIFICATION),
    (mask("erase"), Right.ERASURE),
    (mask("restrict"), Right.RESTRICTION),
    (mask("object"), Right.OBJECTION),
)
_NAMED: Final = mask("copy", "correct", "erase", "restrict", "object")
_NEEDED: Final = (mask("exercise"), mask("right_to"), _NAMED)
_EXERCISE: Final = mask("exercise")
_RIGHT_TO: Final = mask("right_to")
_MY: Final = mask("my")
_OTHERS: Final = mask("you", "they", "relative")
_TOLD_AGAIN: Final = mask("ago", "reported", "waiting", "past")


def from_exercised(clause: Clause, negation: str) -> Iterator[Candidate]:
    """Read the rights that a sentence says its writer uses."""
    if not all(clause.bits & need for need in _NEEDED):
        return
    taken = -1
    for lead in clause.with_bits(_RIGHT_TO):
        if lead.first < taken:
            continue
        used = _used(clause, lead)
        if used is None or _is_of_others(clause, lead) or is_past(clause, used) or clause.bits & _TOLD_AGAIN:
            continue
        for place, item in enumerate(_named_beside(clause, lead)):
            right = next(right for bits, right in _RIGHT_OF_WORD if item.bits & bits)
            state = state_of(clause, item, right, negation, negative=False)
            if state is State.ASSERTED and clause.is_question:
                state = State.ASKED_HOW
            first = item.first if place else min(lead.first, item.first)
            reason = f'{EXERCISED} {right.value}"'
            yield Candidate(right, EXERCISED_SCORE, first, item.after, state, True, reason)
            taken = max(taken, item.after)


def _used(clause: Clause, lead: Sense) -> Sense | None:
    """Return the verb that uses the right: before it, or at the sentence's end ("… Gebrauch", "… kullanmak")."""
    for used in clause.with_bits(_EXERCISE):
        own = {place for one in clause.with_bits(_MY | _RIGHT_TO) for place in range(one.first, one.after)}
        if all(place in own for place in range(used.first, used.after)):
            continue  # "mon droit à" says whose it is, not that it is used
        if lead.first - used.after <= USE_WORDS_MAX or used.first >= lead.after:
            return used
    return None


def _is_of_others(clause: Clause, lead: Sense) -> bool:
    """Tell whether the right is the reader's or another's: "you can exercise your right to erasure"."""
    return any(lead.first - 2 <= one.first < lead.after for one in clause.with_bits(_OTHERS))


def _named_beside(clause: Clause, lead: Sense) -> list[Sense]:
    """Return the words for rights behind "my right to", one near the other; Hungarian and Turkish say them before."""
    items = _apart(clause)
    behind: list[Sense] = []
    at, reach = lead.after, LEAD_WORDS_MAX
    for item in items:
        if item.first >= at and item.first - at <= reach:
            behind.append(item)
            at, reach = item.after, GAP_WORDS_MAX
    if behind:
        return behind
    before: list[Sense] = []
    at, reach = lead.first, LEAD_WORDS_MAX
    for item in reversed(items):
        if item.after <= at and at - item.after <= reach:
            before.append(item)
            at, reach = item.first, GAP_WORDS_MAX
    return before[::-1]


def _apart(clause: Clause) -> list[Sense]:
    """Return the words for rights, each place once, and none that is a word of "the right to" itself."""
    led = {place for one in clause.with_bits(_RIGHT_TO) for place in range(one.first, one.after)}
    found: dict[int, Sense] = {}
    for one in clause.with_bits(_NAMED):
        if one.first not in led:
            found.setdefault(one.first, one)
    return [found[first] for first in sorted(found)]
