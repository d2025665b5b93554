"""Find claims in one text with one bank: idioms first, then the clause rules, each with its evidence."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final

from services.router.core.reading.articles import from_articles
from services.router.core.reading.bank import Bank, Idiom, Strength
from services.router.core.reading.candidate import ERASE_NOTHING, TAUGHT, Candidate
from services.router.core.reading.concepts import mask
from services.router.core.reading.enumerated import without_listed
from services.router.core.reading.erased import Takes, may_be_another_thing, taken_by
from services.router.core.reading.exercised import from_exercised
from services.router.core.reading.lexicon import Hit
from services.router.core.reading.practice import (
    asks_about_practice,
    is_only_a_place,
    takes_a_mistake,
    takes_only_an_item,
)
from services.router.core.reading.rights import Right, State
from services.router.core.reading.rules import RULES, Rule
from services.router.core.reading.seen import Seen
from services.router.core.reading.sentences import Clause, Sense
from services.router.core.reading.states import is_past, is_requested, state_of
from services.router.core.reading.together import read_together
from services.router.core.reading.words import words_of

SCORE_OF_STRENGTH: Final = {Strength.ACT: 0.93, Strength.ASK: 0.65}
HITS_PER_RULE_MAX: Final = 8
CACHED_CLAUSES_MAX: Final = 4_000
CACHED_ENTRIES_MAX: Final = 4_000
FLOOD_CLAUSES_MIN: Final = 60
SAME_CLAUSES_MAX: Final = 10
OBJECT_CARRIED_CLAUSES: Final = 2
REQUEST_NAMED_WORDS: Final = 4

_TRIGGERS: Final = mask(
    "erase", "erased", "close", "give", "hold", "correct", "wrong", "restrict", "object", "withdraw", "stop", "contact",
    "move", "unsubscribe", "complain", "breach", "share", "sell", "use", "collect", "protect", "cancel", "keep", "copy",
    "format", "privacy", "waiting", "proof", "not", "see", "processing",
)  # fmt: skip
_ERASE: Final = mask("erase")
_MY: Final = mask("my", "me")
_YOU: Final = mask("you")
_ACCOUNT: Final = mask("account")
_DATA: Final = mask("data")
_PRACTICE: Final = mask("practice")
PART_SCORE: Final = 0.7
_HEARD: Final = frozenset({State.ASSERTED, State.ASKED_HOW, State.CONDITIONAL, State.NEGATED})
DENIED_SCORE: Final = 0.9
_ABOUT_DATA: Final = mask("data", "personal", "account")
_THING_ITEM: Final = mask("thing", "item")
_OWNED: Final = mask("account", "personal")
_QUESTION_OR_HOW: Final = mask("question", "how")
QUESTION_OPENING_WORDS: Final = 2
_CANCELS: Final = mask("cancel", "withdraw", "stop")
_TAKEN_BACK: Final = frozenset(
    {Right.ERASURE, Right.ACCESS, Right.RECTIFICATION, Right.RESTRICTION, Right.PORTABILITY, Right.OBJECTION}
)
_TAKES_OBJECTS: Final = frozenset({Right.ERASURE, Right.UNSUBSCRIBE})
_FRAMES: Final = mask("want", "please", "hereby", "can", "how")

_NOT: Final = mask("not")
_NOT_STOP: Final = mask("not", "stop")
_WANT_PLEASE_HEREBY_CAN_HOW: Final = mask("want", "please", "hereby", "can", "how")
_WANT_PLEASE: Final = mask("want", "please")
_CAN_HOW_PLEASE_WANT_HEREBY: Final = mask("can", "how", "please", "want", "hereby")
_QUESTION_PRACTICE: Final = mask("question", "practice")
_ERASE_CLOSE: Final = mask("erase", "close")
_THAT_EVERYTHING: Final = mask("that", "everything")
_ACCOUNT_PERSONAL: Final = mask("account", "personal")
_THING: Final = mask("thing")


def candidates(seen: Seen, bank: Bank) -> list[Candidate]:
    """Return everything in the text that may be a claim, refuted readings included (their state says so)."""
    found = list(_from_idioms(seen, bank))
    refuted = {
        (bank.idioms[hit.payload].right, place)
        for hit in seen.idioms
        if bank.idioms[hit.payload].strength is Strength.NEVER
        for place in range(hit.first, hit.after)
    }
    carried: list[Clause] = []
    articles = any(len(form := seen.words[place].folded) == 2 and form.isdigit() for place in seen.numbers)
    for clause in _without_repeated(seen):
        if clause.bits & _TRIGGERS:
            found.extend(_from_rules(seen, clause, bank))
            found.extend(_from_pronoun(seen, clause, carried, bank))
            found.extend(from_exercised(clause, bank.negation))
        if articles:
            found.extend(from_articles(seen, clause))
        carried = [*carried, clause][-OBJECT_CARRIED_CLAUSES:]
    if not any(one.right is Right.ERASURE and one.state in _HEARD for one in found):
        found.extend(_denied_erasure(seen, bank))
    found = read_together(found, seen.clauses, len(seen.words), seen.numbers)
    found = without_listed(_without_taken_back(found, seen), seen.clauses)
    return [one for one in found if not any((one.right, place) in refuted for place in range(one.first, one.after))]


def _denied_erasure(seen: Seen, bank: Bank) -> Iterator[Candidate]:
    """Read "please delete nothing", whatever shall stay: who says so in a message about their data is heard."""
    said = 0
    for clause in seen.clauses:
        said |= clause.bits
    if not said & _ABOUT_DATA:
        return
    for clause in seen.clauses:
        if clause.bits & _THING_ITEM:
            continue
        for verb in clause.with_bits(_ERASE)[:HITS_PER_RULE_MAX]:
            if state_of(clause, verb, Right.ERASURE, bank.negation, negative=False) is State.NEGATED:
                yield Candidate(
                    Right.ERASURE, DENIED_SCORE, verb.first, verb.after, State.NEGATED, False, ERASE_NOTHING
                )


def _without_repeated(seen: Seen) -> Iterator[Clause]:
    """Yield the clauses; of a flood, none that was said so many times before: it says nothing new, and takes time."""
    if len(seen.clauses) <= FLOOD_CLAUSES_MIN:
        yield from seen.clauses
        return
    said: Counter[tuple[str, ...]] = Counter()
    for clause in seen.clauses:
        words = seen.said_in(clause)
        said[words] += 1
        if said[words] <= SAME_CLAUSES_MAX:
            yield clause


def _without_taken_back(found: Sequence[Candidate], seen: Seen) -> list[Candidate]:
    """Drop what is named only as the content of a request taken back: "cancel my request to delete my account"."""
    taken_back: set[int] = set()
    for one in found:
        if one.right is Right.WITHDRAWAL_OF_REQUEST and one.state is State.ASSERTED:
            clause = next(clause for clause in seen.clauses if clause.first <= one.first < clause.after)
            taken_back.update(_request_named(clause, one))
    if not taken_back:
        return list(found)
    return [
        one
        for one in found
        if one.right not in _TAKEN_BACK or not any(place in taken_back for place in range(one.first, one.after))
    ]


def _request_named(clause: Clause, one: Candidate) -> Iterator[int]:
    """Return the places of the request that is taken back: what follows its name, or stands before it.

    Hungarian and Turkish put the content before the request and the verb last: "hesap silme talebimi iptal ediyorum".
    """
    reach = range(one.first, min(one.after + REQUEST_NAMED_WORDS, clause.after))
    if any(sense.after == one.after for sense in clause.with_bits(_CANCELS)) and not any(
        sense.first == one.first for sense in clause.with_bits(_CANCELS)
    ):
        reach = range(max(one.first - REQUEST_NAMED_WORDS, clause.first), one.after)
    for place in reach:
        if clause.segment[place] == clause.segment[one.first]:
            yield place


def _from_idioms(seen: Seen, bank: Bank) -> Iterator[Candidate]:
    if not seen.idioms:
        return
    firsts = [clause.first for clause in seen.clauses]
    for hit in seen.idioms:
        idiom = bank.idioms[hit.payload]
        if idiom.strength is Strength.NEVER:
            continue
        clause = seen.clauses[bisect_right(firsts, hit.first) - 1]
        if hit.after > clause.after or _is_across_a_comma(clause, idiom, hit):
            continue
        if idiom.right is Right.ACCESS and asks_about_practice(clause, Sense(0, hit.first - 1, hit.after)):
            continue  # "who has access to my data" asks for no data; an idiom that itself begins with "who" may
        # An idiom may hold its own negator ("don't email me"): only what stands before it can refute it.
        anchor = Sense(0, hit.first, hit.after)
        state = state_of(clause, anchor, idiom.right, bank.negation, negative=_holds_negator(seen, clause, hit, bank))
        reason = f'idiom "{idiom.entry}"' if idiom.origin == "bank" else f'{TAUGHT} "{idiom.entry}"'
        score = SCORE_OF_STRENGTH[idiom.strength]
        if idiom.right is Right.ERASURE and state is State.ASSERTED and idiom.origin == "bank":
            takes = taken_by(seen, clause, hit)
            state = State.PART if takes in (Takes.OTHER, Takes.UNKNOWN_OF_NOBODY) else state
            score = min(score, PART_SCORE) if takes is Takes.UNKNOWN else score
        yield Candidate(idiom.right, score, hit.first, hit.after, state, True, reason)


def _is_across_a_comma(clause: Clause, idiom: Idiom, hit: Hit) -> bool:
    """Tell whether a request is "taken back" by words of two: "I do not use it any more, delete it"."""
    return (
        idiom.right is Right.WITHDRAWAL_OF_REQUEST
        and "..." not in idiom.entry
        and clause.segment[hit.first] != clause.segment[hit.after - 1]
    )


def _holds_negator(seen: Seen, clause: Clause, hit: Hit, bank: Bank) -> bool:
    """Tell whether an idiom is itself a denial; one that only has room for a negator is none ("account … wissen")."""
    inside = [sense for sense in clause.with_bits(_NOT_STOP) if hit.first <= sense.first < hit.after]
    if not inside or bank.idioms[hit.payload].right is not Right.ERASURE:
        return bool(inside)
    own = _words_of_entry(bank.idioms[hit.payload].entry)
    meanings = bank.words.meanings
    return any(meanings[form].payload & _NOT for form in own) or any(
        not sense.bits & _NOT or seen.words[sense.first].folded in own for sense in inside
    )


@lru_cache(maxsize=CACHED_ENTRIES_MAX)
def _words_of_entry(entry: str) -> frozenset[str]:
    return frozenset(word.folded for word in words_of(entry.replace("|", " ").replace("*", " ")))


def _from_rules(seen: Seen, clause: Clause, bank: Bank) -> Iterator[Candidate]:
    for rule in _rules_met(clause.bits):
        match = _best_match(clause, rule)
        if match is not None:
            anchor, first, after = match
            candidate = _judge(seen, clause, rule, anchor, first, after, bank)
            if candidate is not None:
                yield candidate


@lru_cache(maxsize=CACHED_CLAUSES_MAX)
def _rules_met(bits: int) -> tuple[Rule, ...]:
    """Return the rules whose every need is among the concepts `bits`, and none of what refutes them."""
    return tuple(
        rule
        for rule in RULES
        if bits & rule.needs[0] and not bits & rule.unless and all(bits & need for need in rule.needs[1:])
    )


def _best_match(clause: Clause, rule: Rule) -> tuple[Sense, int, int] | None:
    """Return the anchor and the stretch of words where the rule's needs stand closest together."""
    best: tuple[int, Sense, int, int] | None = None
    for anchor in clause.with_bits(rule.needs[0])[:HITS_PER_RULE_MAX]:
        first, after, spread = anchor.first, anchor.after, 0
        for need in rule.needs[1:]:
            nearest, gap = _nearest(clause, anchor, clause.with_bits(need))
            if nearest is None or gap > rule.near:
                break
            spread += gap
            first, after = min(first, nearest[1]), max(after, nearest[2])
        else:
            if best is None or spread < best[0]:
                best = (spread, anchor, first, after)
    return None if best is None else best[1:]


def _nearest(clause: Clause, anchor: Sense, senses: Sequence[Sense]) -> tuple[Sense | None, int]:
    """Return which of the senses stands nearest to the anchor, and how far from it; the first of several."""
    nearest, least = None, 0
    distance = clause.distance
    _, begins, ends = anchor
    for sense in senses:
        _, first, after = sense
        if first >= ends:
            gap = distance[first] - distance[ends - 1]
        elif begins >= after:
            gap = distance[begins] - distance[after - 1]
        else:
            gap = 0
        if nearest is None or gap < least:
            nearest, least = sense, gap
            if not gap:
                break
    return nearest, least


def _judge(
    seen: Seen, clause: Clause, rule: Rule, anchor: Sense, first: int, after: int, bank: Bank
) -> Candidate | None:
    requested = is_requested(clause, anchor)
    if rule.right is Right.ERASURE and _is_the_readers(clause, first, after):
        return None
    asks_practice = asks_about_practice(clause, anchor)
    if rule.right is Right.POLICY_QUESTION and not (
        asks_practice if _PRACTICE in rule.needs else _opens_as_question(clause)
    ):
        return None
    if rule.right is Right.ACCESS and asks_practice:
        return None
    in_account = rule.right is Right.ERASURE and bool(clause.bits & _ACCOUNT) and is_only_a_place(clause, anchor)
    if in_account and not clause.bits & _DATA:
        return None
    if rule.framed and not _is_framed(clause, anchor):
        return None
    if not rule.telling:
        if is_past(clause, anchor) and not clause.bits & _WANT_PLEASE:
            return None
        if _merely_asks(clause, anchor):
            return None
    state = state_of(clause, anchor, rule.right, bank.negation, negative=rule.negative)
    if rule.right in _TAKES_OBJECTS and takes_only_an_item(clause, anchor):
        state = State.PART
    if rule.right is Right.ERASURE and state is State.ASSERTED and takes_a_mistake(clause, anchor):
        state = State.PART
    score = rule.score if requested or rule.telling else rule.score - 0.1
    if rule.right is Right.ERASURE and may_be_another_thing(seen, clause, anchor):
        score = min(score, PART_SCORE)
    if in_account:
        # "Delete the second photo from my profile" is a part of the data: the person says which.
        score = min(score, PART_SCORE)
    return Candidate(rule.right, score, first, after, state, requested, f'rule "{rule.name}"', rule.weak)


def _is_the_readers(clause: Clause, first: int, after: int) -> bool:
    """Tell whether what goes is the reader's own, as in advice and in newsletters: "you can delete your account"."""
    if clause.bits & mask("my") or any(sense.first >= first for sense in clause.with_bits(_MY)):
        return False
    owned = {sense.after for sense in clause.with_bits(_YOU)}
    return any(first <= sense.first < after and sense.first in owned for sense in clause.with_bits(_OWNED))


def _opens_as_question(clause: Clause) -> bool:
    return clause.is_question or any(
        sense.first <= clause.first + QUESTION_OPENING_WORDS for sense in clause.with_bits(_QUESTION_OR_HOW)
    )


def _is_framed(clause: Clause, anchor: Sense) -> bool:
    """Tell whether words of request stand before the anchor or in its segment: "I want … deleted"."""
    return any(
        frame.first < anchor.first or clause.segment[frame.first] == clause.segment[anchor.first]
        for frame in clause.with_bits(_FRAMES)
    )


def _merely_asks(clause: Clause, anchor: Sense) -> bool:
    """Tell whether the clause asks about a fact ("do you delete my data after a year?") and requests nothing."""
    if clause.bits & _CAN_HOW_PLEASE_WANT_HEREBY:
        return False
    return any(sense.first <= anchor.first for sense in clause.with_bits(_QUESTION_PRACTICE))


def _from_pronoun(seen: Seen, clause: Clause, carried: Sequence[Clause], bank: Bank) -> Iterator[Candidate]:
    """Read "delete it" with the account of the sentence before."""
    if not clause.bits & _ERASE_CLOSE or not clause.bits & _THAT_EVERYTHING:
        return
    objects = _ACCOUNT_PERSONAL
    if clause.bits & (objects | _THING) and not clause.bits & _ACCOUNT:
        return
    before = any(
        (earlier.bits & objects or _names_what_is_held(earlier) or _names_details(earlier))
        and not earlier.bits & _THING
        for earlier in carried
    )
    if not before and not clause.bits & _ACCOUNT and not _names_what_is_held(clause):
        return
    # "schließt alle Dienste ein" closes nothing: a verb of closing needs the pronoun itself.
    verbs = _ERASE if clause.bits & _ERASE else mask("close")
    objects_named = mask("that", "everything") if verbs == _ERASE else mask("that")
    rule = Rule("erase it, the account named before", Right.ERASURE, (verbs, objects_named), score=0.88, near=4)
    if not all(clause.bits & need for need in rule.needs):
        return
    match = _best_match(clause, rule)
    if match is not None:
        anchor, first, after = match
        candidate = _judge(seen, clause, rule, anchor, first, after, bank)
        if candidate is not None:
            yield candidate


def _names_details(clause: Clause) -> bool:
    return bool(clause.bits & mask("field")) and bool(clause.bits & _MY) and bool(clause.bits & _YOU)


def _names_what_is_held(clause: Clause) -> bool:
    return all(clause.bits & need for need in (mask("hold"), mask("my", "me"), mask("what", "everything", "data")))
