"""What sentences mean only together: "keep it, but do not use it", "I withdraw that", a message of one word."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final

from services.router.core.reading.candidate import ERASE_NOTHING, Candidate
from services.router.core.reading.concepts import mask
from services.router.core.reading.rights import Right, State
from services.router.core.reading.sentences import Clause, Sense

NEIGHBOURS: Final = 1
"""How many sentences apart two may stand and still be one wish."""
LONE_WORDS_MAX: Final = 3
RESTRICTION_SCORE: Final = 0.9
CONSENT_SCORE: Final = 0.88
LONE_SCORE: Final = 0.66
PRONOUN_SCORE: Final = 0.7
DOUBTED_SCORE: Final = 0.4
SHORT_CLAUSE_WORDS_MAX: Final = 6
CONTRASTED: Final = 2
"""How many numbers in a sentence are one that is wrong and one that is right: "number 3, but I live at 13"."""
USE_REACH: Final = 6
IF_REACH: Final = 5

_IF: Final = mask("if")
_USE: Final = mask("use", "processing")
_NOT_STOP: Final = mask("not", "stop")
_RESTRICT: Final = mask("restrict")
_KEEP: Final = mask("keep")
_PERSONAL_DATA: Final = mask("data", "personal")
_KEPT: Final = mask("data", "personal", "that", "everything")
_FREE: Final = mask("question", "practice", "how")
_HOW: Final = mask("how")
_NOT_BESIDE_A_PAUSE: Final = frozenset({Right.OBJECTION, Right.POLICY_QUESTION})
_WITHDRAW: Final = mask("withdraw")
_THAT: Final = mask("that")
_CONSENT: Final = mask("consent")
_LONE: Final = mask("unsubscribe", "stop", "lone")
_POLITE: Final = mask("please", "me", "my", "you")
_THING: Final = mask("thing")
_PERSONAL: Final = mask(
    "personal", "data", "request", "erase", "erased", "privacy", "law", "account", "proof", "correct"
)
_OF_A_REQUEST: Final = frozenset({Right.STATUS_QUERY, Right.WITHDRAWAL_OF_REQUEST, Right.IDENTITY_REPLY})
_MARKS_NEEDED: Final = {
    Right.COMPLAINT: mask("personal", "data", "privacy", "law", "authority", "share", "consent", "message", "request"),
    Right.ACCESS: mask("my", "me", "personal", "law", "request", "right_to", "relative", "behalf"),
}
"""A word that shows that it is about a person's data, somewhere in the message. Goods are complained about as well."""
_CORRECT: Final = mask("correct")
_FOREIGN: Final = mask("thing", "item", "app", "practice", "how")
_ASKED: Final = mask("please", "want", "can", "hereby")
_WRONG: Final = mask("wrong")
_KEPT_OR_HELD: Final = mask("hold", "personal", "field")
_DETAIL: Final = mask("field", "wrong", "personal")


def read_together(
    found: Sequence[Candidate], clauses: Sequence[Clause], words: int, numbers: Sequence[int] = ()
) -> list[Candidate]:
    """Return the candidates with what several sentences say together, and without what they then do not mean.

    `words` is how many the text has, `numbers` the places of those that end in a digit.
    """
    kept = list(found)
    pauses = list(_pauses(found, clauses))
    if pauses:
        # GDPR Art. 18(2): data under restriction is stored and not used. Who wants it kept does not object.
        spans = [(one.first, one.after) for one in pauses]
        kept = [one for one in kept if one.right not in _NOT_BESIDE_A_PAUSE or not _inside(one, spans)]
        kept.extend(pauses)
    kept.extend(_consent_by_pronoun(clauses))
    kept.extend(_correct_by_pronoun(found, clauses, numbers))
    kept = [one for one in kept if not _keeps_nothing(one, clauses)]
    said = _bits_of(clauses)
    if said & _THING and not said & _PERSONAL:
        kept = [one for one in kept if one.right not in _OF_A_REQUEST]
    doubtful = frozenset(right for right, marks in _MARKS_NEEDED.items() if not said & marks)
    if doubtful:
        kept = [_doubted(one) if one.right in doubtful else one for one in kept]
    if words <= LONE_WORDS_MAX and not found:
        kept.extend(_lone_word(clauses, words))
    return kept


def _inside(one: Candidate, spans: Sequence[tuple[int, int]]) -> bool:
    return any(first <= one.first < after for first, after in spans)


def _pauses(found: Sequence[Candidate], clauses: Sequence[Clause]) -> Iterator[Candidate]:
    """Read "keep my data but do not use it", and "do not delete it yet, just freeze it"."""
    for place, clause in enumerate(clauses):
        if clause.bits & _HOW or (clause.is_question and clause.bits & _FREE):
            continue  # "nutzen Sie" and "conservate" open questions and give orders alike: the mark decides
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
            # GDPR Art. 15(1)(d), as letters cite it: "or, if not possible, the criteria used".
            supposed = any(
                0 <= negator.first - one.after < IF_REACH and clause.segment[one.first] == clause.segment[negator.first]
                for one in clause.with_bits(_IF)
            )
            if not supposed and abs(use.first - negator.first) <= USE_REACH:
                return Sense(0, min(use.first, negator.first), max(use.after, negator.after))
    return next((Sense(0, one.first, one.after) for one in clause.with_bits(_RESTRICT)), None)


def _kept(clause: Clause, found: Sequence[Candidate]) -> Sense | None:
    """Return where a sentence says that the data shall stay: by a verb of keeping, or by denying the erasure."""
    for one in found:
        if one.right is not Right.ERASURE or one.state is not State.NEGATED:
            continue
        # "Don't delete anything, I am blocked" speaks of no data.
        of_data = one.reason != ERASE_NOTHING or clause.bits & _PERSONAL_DATA
        if of_data and clause.first <= one.first < clause.after:
            return Sense(0, one.first, one.after)
    if not clause.bits & _KEPT or clause.is_question:
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


def _correct_by_pronoun(
    found: Sequence[Candidate], clauses: Sequence[Clause], numbers: Sequence[int]
) -> Iterator[Candidate]:
    """Read "The contract says number 3, but I live at 13. Please correct this."""
    if any(one.right is Right.RECTIFICATION for one in found):
        return
    for before, clause in pairwise((*clauses[:1], *clauses)):
        if (clause.bits | before.bits) & _FOREIGN or not clause.bits & _ASKED:
            continue
        verbs = clause.with_bits(_CORRECT)
        if not verbs:
            continue
        # An abbreviated number ends no sentence: both values and the wish may stand in one.
        told = sum(before.first <= place < verbs[-1].first for place in numbers) >= CONTRASTED
        short = clause.after - clause.first <= SHORT_CLAUSE_WORDS_MAX
        called_wrong = before.bits & _WRONG and before.bits & _KEPT_OR_HELD
        if told or (clause is not before and (called_wrong or (short and before.bits & _DETAIL))):
            reason = 'rule "correct it, the detail named before"'
            yield Candidate(
                Right.RECTIFICATION, PRONOUN_SCORE, verbs[-1].first, verbs[-1].after, State.ASSERTED, True, reason, True
            )


def _keeps_nothing(one: Candidate, clauses: Sequence[Clause]) -> bool:
    """Tell whether "keep my account" is denied by the very word before it: "close it and keep nothing of mine"."""
    if one.right is not Right.WITHDRAWAL_OF_REQUEST or "keep" not in one.reason:
        return False
    return any(
        0 <= verb.first - negator.after <= 1
        for clause in clauses
        if clause.first <= one.first < clause.after
        for verb in clause.with_bits(_KEEP)
        for negator in clause.with_bits(_NOT_STOP)
    )


def _bits_of(clauses: Sequence[Clause]) -> int:
    bits = 0
    for clause in clauses:
        bits |= clause.bits
    return bits


def _doubted(one: Candidate) -> Candidate:
    """Put what nothing personal is said about before a human at most: a complaint about a screen."""
    return replace(one, score=min(one.score, DOUBTED_SCORE))


def _lone_word(clauses: Sequence[Clause], words: int) -> Iterator[Candidate]:
    """Read a message that is a single word: "STOP", as an answer to a mailing."""
    for clause in clauses:
        marks = clause.with_bits(_LONE)
        if marks and words - len({one.first for one in clause.with_bits(_POLITE)}) <= 1:
            one = marks[0]
            yield Candidate(
                Right.UNSUBSCRIBE, LONE_SCORE, one.first, one.after, State.ASSERTED, True, "a message of one word"
            )
