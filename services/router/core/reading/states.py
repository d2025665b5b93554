"""How a claim's words stand in their clause: asserted, negated, conditional, threatened, told of somebody else.

The order of the questions below is the order of their authority: a negation refutes whatever else the clause says.
"""

from __future__ import annotations

from typing import Final

from services.router.core.reading.concepts import mask
from services.router.core.reading.rights import IRREVERSIBLE, Right, State
from services.router.core.reading.sentences import Clause, Sense

NEGATION_REACH: Final = 6
CLAUSE_DENIED_REACH: Final = 14
"""How far "I do not want that …" reaches: over the whole clause that it opens."""
RIGHT_TO_REACH: Final = 7
PAST_REACH: Final = 3
OPENING_WORDS: Final = 2
BEFORE_REACH: Final = 6

_REQUEST = mask("want", "please", "hereby", "exercise")
_ANSWERS_AN_EARLIER_MESSAGE: Final = frozenset({Right.STATUS_QUERY, Right.WITHDRAWAL_OF_REQUEST, Right.IDENTITY_REPLY})
_ASKS: Final = frozenset({Right.POLICY_QUESTION, Right.STATUS_QUERY})
_TOLD_REACH: Final = 5
"""How many words may stand between "tell me" and its "whether"."""
_BEFORE: Final = mask("before")
_ME: Final = mask("me")
_TOLD_OR_ASKED: Final = mask("tell", "question", "about")
_MAIN: Final = mask("want", "please", "tell", "hereby", "can")
_VERBS: Final = mask(
    "erase", "erased", "close", "correct", "restrict", "withdraw", "unsubscribe", "move", "give", "keep", "object",
    "tell",
)  # fmt: skip
_UNDOES: Final = mask("erase", "erased", "close", "restrict", "correct")
_CAN: Final = mask("can")
_REPORTED: Final = mask("reported")
_HOW: Final = mask("how")
_PAST: Final = mask("past")
_NOT: Final = mask("not")
_OBJECT: Final = mask("object")
_EXERCISE_HEREBY: Final = mask("exercise", "hereby")
_RIGHT_TO: Final = mask("right_to")
_WANT: Final = mask("want")
_TELL: Final = mask("tell")
_IF: Final = mask("if")
_OR_ELSE: Final = mask("or_else")
_MY_ME_BEHALF_YOU_PLEASE_HEREBY: Final = mask("my", "me", "behalf", "you", "please", "hereby")
_THEY: Final = mask("they")
_PLEASE: Final = mask("please")
_ALMOST: Final = mask("almost")
_SAID_ALMOST: Final = mask("said", "almost")
_MINE_OR_FOR_ANOTHER: Final = mask("my", "me", "behalf", "please", "hereby")


def is_requested(clause: Clause, anchor: Sense) -> bool:
    """Tell whether the clause frames its words as a request, or starts with the verb itself."""
    if clause.bits & (_REQUEST | _CAN):
        return True
    start = clause.first
    if any(sense.first - start < OPENING_WORDS for sense in clause.with_bits(_VERBS)):
        return True  # "Take me off your list and delete my data": the second verb commands as the first does
    opening = [place for place in range(start, anchor.first) if clause.segment[place] == clause.segment[anchor.first]]
    return len(opening) <= OPENING_WORDS


def state_of(clause: Clause, anchor: Sense, right: Right, negation: str, *, negative: bool) -> State:
    """Return how the claim anchored at `anchor`, stands in its clause."""
    if not negative and _is_negated(clause, anchor, negation):
        return State.NEGATED
    if _names_a_right(clause, anchor):
        # "I am entitled to a copy of my data" half asks for it; "tell me about the right to a copy" does not.
        claimed = clause.bits & _ME and not clause.bits & _TOLD_OR_ASKED and right is not Right.COMPLAINT
        return State.CONDITIONAL if claimed else State.THIRD_PERSON
    told = _told_or_only_thought_of(clause, anchor)
    if told is not None:
        return told
    # "Tell me whether you sell my data" asks; its "whether" is no condition.
    told_whether = right in _ASKS or (right is Right.ACCESS and _asks_whether(clause, anchor))
    conditional = None if told_whether else _condition(clause, anchor, strict=right in IRREVERSIBLE)
    if _is_threat(clause, anchor, right):
        return State.THREATENED
    if conditional is not None:
        return conditional
    if right in IRREVERSIBLE and (_comes_later(clause, anchor) or _may_be_denied(clause, anchor, negation)):
        return State.CONDITIONAL
    if clause.bits & _REPORTED and right not in _ANSWERS_AN_EARLIER_MESSAGE:
        return State.REPORTED
    if _is_somebody_elses(clause):
        return State.THIRD_PERSON
    if clause.bits & _HOW and any(how.first <= anchor.first for how in clause.with_bits(_HOW)):
        return State.ASKED_HOW
    return State.ASSERTED


def is_past(clause: Clause, anchor: Sense) -> bool:
    """Tell whether a mark of the past stands directly before the anchor: "was deleted", "have already removed"."""
    return any(
        0 <= anchor.first - sense.after < PAST_REACH and clause.segment[sense.first] == clause.segment[anchor.first]
        for sense in clause.with_bits(_PAST)
    )


def _is_negated(clause: Clause, anchor: Sense, side: str) -> bool:
    if any(
        sense.after - sense.first > 1 and 0 <= anchor.first - sense.after <= 1 for sense in clause.with_bits(_OBJECT)
    ):
        return True  # "I do not want you to delete": the objection is to these very words
    for negator in clause.with_bits(_NOT):
        if _is_one_word(negator) and _is_swallowed(clause, negator):
            continue
        if _is_one_word(negator) and negator.first == anchor.first and anchor.after == negator.after:
            if _bits_at(clause, anchor) & _UNDOES:
                return True  # "nemažte", "silmeyin": the verb holds its own negator
            continue
        if not anchor.bits and anchor.first <= negator.first and negator.after <= anchor.after:
            return True  # an idiom has room for a negator: "account … wissen"
        if clause.segment[negator.after - 1] != clause.segment[anchor.first]:
            continue
        if _is_of_a_condition(clause, negator) and negator.after <= anchor.first:
            continue  # "if it is not done by Friday I report you": what is not done is the condition
        if negator.first < anchor.first and anchor.after <= negator.after and _bits_at(clause, anchor) & _UNDOES:
            return True  # "avoid deleting"
        if (side != "after" or not _is_one_word(negator)) and negator.after <= anchor.first:
            one_word = _is_one_word(negator)
            if not one_word and not _bits_at(clause, anchor) & _UNDOES:
                continue  # "I do not want you to have anything on me" wants it gone
            between = range(negator.after, anchor.first)
            if len(between) <= (NEGATION_REACH if one_word else CLAUSE_DENIED_REACH) and not _verb_between(
                clause, negator.after, anchor.first
            ):
                return True
        if side != "before" and negator.first >= anchor.after:
            reach = clause.distance[negator.first] - clause.distance[anchor.first]
            if reach <= NEGATION_REACH and not _verb_between(clause, anchor.after, negator.first):
                return True
    return False


def _is_one_word(sense: Sense) -> bool:
    return sense.after - sense.first == 1


def _is_swallowed(clause: Clause, negator: Sense) -> bool:
    """Tell whether a negator is a word of an objection that holds what follows: "vil ikke at"."""
    return all(
        any(one.first <= negator.first < one.after and not _is_one_word(one) for one in clause.with_bits(bits))
        for bits in (_NOT, _OBJECT)
    )


def _bits_at(clause: Clause, anchor: Sense) -> int:
    """Return what the anchor's own words mean; an idiom's anchor carries no meaning itself."""
    bits = anchor.bits
    for sense in clause.with_bits(_UNDOES) if not bits else ():
        if anchor.first <= sense.first < anchor.after:
            bits |= sense.bits
    return bits


def _may_be_denied(clause: Clause, anchor: Sense, side: str) -> bool:
    """Tell whether a denial of another verb may hold the anchor too: "do not close or delete my account"."""
    for negator in clause.with_bits(_NOT):
        before = negator.after <= anchor.first
        if clause.segment[negator.after - 1] != clause.segment[anchor.first] or (not before and side == "before"):
            continue
        first, after = (negator.after, anchor.first) if before else (anchor.after, negator.first)
        between = [one for one in clause.senses if first <= one.first < after]
        told = any(one.bits & _UNDOES for one in between) and not any(one.bits & _REQUEST for one in between)
        if told and after - first <= CLAUSE_DENIED_REACH:
            return True
    return False


def _is_of_a_condition(clause: Clause, negator: Sense) -> bool:
    return any(
        one.first < negator.first and clause.segment[one.first] == clause.segment[negator.first]
        for one in clause.with_bits(_IF)
    )


def _verb_between(clause: Clause, first: int, after: int) -> bool:
    # A verb of the same list between them takes the negation: "do not keep it but delete" denies the keeping only.
    return any(first <= sense.first < after and sense.bits & _VERBS for sense in clause.senses)


def _names_a_right(clause: Clause, anchor: Sense) -> bool:
    """Tell whether the clause names a right ("the right to erasure") without using it."""
    if clause.bits & _EXERCISE_HEREBY:
        return False
    near = any(
        0 <= anchor.first - sense.after < RIGHT_TO_REACH or sense.first <= anchor.first < sense.after
        for sense in clause.with_bits(_RIGHT_TO)
    )
    return near and not (clause.bits & _WANT and not clause.bits & _TELL)


def _told_or_only_thought_of(clause: Clause, anchor: Sense) -> State | None:
    """Return what it makes of the anchor that others said it, or that the writer only nearly meant it.

    "He told me to delete my account" requests nothing; "he told me to write here: please delete my account" does, and
    "I thought about it and want …" may: the person is asked.
    """
    for sense in clause.with_bits(_SAID_ALMOST):
        if sense.first > anchor.first:
            continue
        later = [one for one in clause.with_bits(_REQUEST | _CAN) if sense.after <= one.first <= anchor.first]
        if not later:
            return State.HYPOTHETICAL
        if sense.bits & _ALMOST and not any(one.bits & _PLEASE for one in later):
            return State.CONDITIONAL
    return None


def _condition(clause: Clause, anchor: Sense, *, strict: bool) -> State | None:
    """Return what an "if" makes of the anchor: the condition itself, or what follows from it.

    `strict`: any condition, before or behind, leaves a doubt that a person must settle.
    """
    for sense in clause.with_bits(_IF):
        if sense.first > anchor.first:
            if strict and not clause.bits & _PLEASE:
                return State.CONDITIONAL
            continue
        # "If you have my data, delete it" requests; "tell me if, say, you delete it" does not: a condition that comes
        # after the clause's own verb holds everything that follows it.
        main = any(verb.first < sense.first for verb in clause.with_bits(_MAIN))
        if main or clause.segment[sense.first] == clause.segment[anchor.first]:
            return State.HYPOTHETICAL
        refused = any(
            clause.segment[negator.first] == clause.segment[sense.first] for negator in clause.with_bits(_NOT)
        )
        return State.CONDITIONAL if refused or strict else None
    return None


def _asks_whether(clause: Clause, anchor: Sense) -> bool:
    """Tell whether the clause's "whether" is what shall be told: GDPR Art. 15(1), "inform me whether you hold data"."""
    return any(
        0 <= one.first - tell.first <= _TOLD_REACH
        for tell in clause.with_bits(_TELL)
        for one in clause.with_bits(_IF)
        if one.first <= anchor.first or one.first <= tell.first + _TOLD_REACH
    )


def _comes_later(clause: Clause, anchor: Sense) -> bool:
    """Tell whether something else shall come first: "before anything is deleted, send me a copy"."""
    return any(-BEFORE_REACH <= sense.first - anchor.first <= 0 for sense in clause.with_bits(_BEFORE))


def _is_threat(clause: Clause, anchor: Sense, right: Right) -> bool:
    threats = clause.with_bits(_OR_ELSE)
    if not threats:
        return False
    return right is Right.COMPLAINT or any(threat.first <= anchor.first for threat in threats)


def _is_somebody_elses(clause: Clause) -> bool:
    """Tell whether the words are about others: "they deleted their account" and nothing of the writer's own."""
    if _is_wanted_by_others(clause):
        return True
    if clause.bits & _MY_ME_BEHALF_YOU_PLEASE_HEREBY:
        return False
    return bool(clause.bits & _THEY)


def _is_wanted_by_others(clause: Clause) -> bool:
    """Tell whether somebody else is who wants it: "my friend wants his data deleted"."""
    if clause.bits & _MINE_OR_FOR_ANOTHER:
        return False
    return any(
        0 <= want.first - other.after <= 1 for other in clause.with_bits(_THEY) for want in clause.with_bits(_WANT)
    )
