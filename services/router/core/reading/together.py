"""What sentences mean only together: "keep it, but do not use it", "I withdraw that", a message of one word."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

from services.router.core.reading.candidate import Candidate
from services.router.core.reading.concepts import mask
from services.router.core.reading.rights import Right, State
from services.router.core.reading.sentences import Clause, Sense

NEIGHBOURS: Final = 1
"""How many sentences apart two may stand and still be one wish."""
LONE_WORDS_MAX: Final = 3
RESTRICTION_SCORE: Final = 0.9
CONSENT_SCORE: Final = 0.88
LONE_SCORE: Final = 0.66
USE_REACH: Final = 6

_USE: Final = mask("use", "processing")
_NOT_STOP: Final = mask("not", "stop")
_RESTRICT: Final = mask("restrict")
_KEEP: Final = mask("keep")
_KEPT: Final = mask("data", "personal", "that", "everything")
_FREE: Final = mask("question", "practice", "how")
_WITHDRAW: Final = mask("withdraw")
_THAT: Final = mask("that")
_CONSENT: Final = mask("consent")
_LONE: Final = mask("unsubscribe", "stop")
_POLITE: Final = mask("please", "me", "my", "you")
_USED_NOT: Final = frozenset({Right.OBJECTION, Right.RESTRICTION})


def read_together(found: Sequence[Candidate], clauses: Sequence[Clause], words: int) -> list[Candidate]:
    """Return the candidates with what several sentences say together, and without what they then do not mean."""
    kept = list(found)
    pauses = list(_pauses(found, clauses))
    if pauses:
        # GDPR Art. 18(2): data under restriction is stored and not used. Who wants it kept does not object.
        spans = [(one.first, one.after) for one in pauses]
        kept = [one for one in kept if one.right is not Right.OBJECTION or not _inside(one, spans)]
        kept.extend(pauses)
    kept.extend(_consent_by_pronoun(clauses))
    if words <= LONE_WORDS_MAX and not found:
        kept.extend(_lone_word(clauses, words))
    return kept


def _inside(one: Candidate, spans: Sequence[tuple[int, int]]) -> bool:
    return any(first <= one.first < after for first, after in spans)


def _pauses(found: Sequence[Candidate], clauses: Sequence[Clause]) -> Iterator[Candidate]:
    """Read "keep my data but do not use it", and "do not delete it yet, just freeze it"."""
    for place, clause in enumerate(clauses):
        if clause.bits & _FREE:
            continue
        frozen = _unused(clause)
        if frozen is None:
            continue
        for other in clauses[max(0, place - NEIGHBOURS) : place + NEIGHBOURS + 1]:
            kept = _kept(other, found)
            if kept is not None:
                first, after = min(frozen.first, kept.first), max(frozen.after, kept.after)
                yield Candidate(
                    Right.RESTRICTION, RESTRICTION_SCORE, first, after, State.ASSERTED, True, 'rule "keep it, unused"'
                )
                break


def _unused(clause: Clause) -> Sense | None:
    for use in clause.with_bits(_USE):
        for negator in clause.with_bits(_NOT_STOP):
            if abs(use.first - negator.first) <= USE_REACH:
                return Sense(0, min(use.first, negator.first), max(use.after, negator.after))
    return next((Sense(0, one.first, one.after) for one in clause.with_bits(_RESTRICT)), None)


def _kept(clause: Clause, found: Sequence[Candidate]) -> Sense | None:
    """Return where a sentence says that the data shall stay: by a verb of keeping, or by denying the erasure."""
    for one in found:
        if one.right is Right.ERASURE and one.state is State.NEGATED and clause.first <= one.first < clause.after:
            return Sense(0, one.first, one.after)
    if not clause.bits & _KEPT or clause.bits & _FREE:
        return None
    for verb in clause.with_bits(_KEEP):
        near = range(verb.first - USE_REACH, verb.after + USE_REACH)
        denied = any(abs(one.first - verb.first) <= 2 for one in clause.with_bits(_NOT_STOP))
        if not denied and any(one.first in near for one in clause.with_bits(_KEPT)):
            return Sense(0, verb.first, verb.after)
    return None


def _consent_by_pronoun(clauses: Sequence[Clause]) -> Iterator[Candidate]:
    """Read "I gave you my consent. I withdraw that now."""
    for before, clause in pairwise(clauses):
        if not before.bits & _CONSENT or clause.bits & (_CONSENT | _FREE):
            continue
        for verb in clause.with_bits(_WITHDRAW):
            if any(0 <= one.first - verb.after <= 2 for one in clause.with_bits(_THAT)):
                yield Candidate(
                    Right.CONSENT_WITHDRAWAL,
                    CONSENT_SCORE,
                    verb.first,
                    verb.after,
                    State.ASSERTED,
                    True,
                    'rule "withdraw it, the consent named before"',
                )


def _lone_word(clauses: Sequence[Clause], words: int) -> Iterator[Candidate]:
    """Read a message that is a single word: "STOP", as an answer to a mailing."""
    for clause in clauses:
        marks = clause.with_bits(_LONE)
        if marks and words - len({one.first for one in clause.with_bits(_POLITE)}) <= 1:
            one = marks[0]
            yield Candidate(
                Right.UNSUBSCRIBE, LONE_SCORE, one.first, one.after, State.ASSERTED, True, "a message of one word"
            )
