"""Find claims in one text with one bank: idioms first, then the clause rules, each with its evidence."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from services.router.core.reading.bank import Bank, Strength
from services.router.core.reading.concepts import mask
from services.router.core.reading.lexicon import Hit
from services.router.core.reading.rights import RIGHT_OF_ARTICLE, Right, State
from services.router.core.reading.rules import RULES, Rule
from services.router.core.reading.sentences import Clause, Sense, clauses_of
from services.router.core.reading.states import is_past, is_requested, state_of
from services.router.core.reading.words import Word

SCORE_OF_STRENGTH: Final = {Strength.ACT: 0.93, Strength.ASK: 0.65}
HITS_PER_RULE_MAX: Final = 8
OBJECT_CARRIED_CLAUSES: Final = 2

_TRIGGERS: Final = mask(
    "erase", "erased", "close", "give", "hold", "correct", "wrong", "restrict", "object", "withdraw", "stop", "contact",
    "move", "unsubscribe", "complain", "breach", "share", "sell", "use", "collect", "protect", "cancel", "keep", "copy",
    "format", "privacy", "waiting", "proof", "not", "see", "processing",
)  # fmt: skip
_ARTICLE: Final = re.compile(
    r"\b(?:art(?:icles?|ikel[ns]?|icolo|icolul(?:ui)?|ículos?|igos?|ykułu?|\.|t\.)?|čl(?:ánk[uůa]|\.|anka|an[ao]k)?|cl\.|"
    r"άρθρο[υ]?|άρθρ\.|madde(?:si)?|cikk|pant[sa]|članka?|člena?|artikla(?:n)?|член|чл\.|ст(?:атья|атьи|\.))\s{0,2}(\d{1,2})\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A claim before merging: words `first` to `after`, how they stand, and what found them."""

    right: Right
    score: float
    first: int
    after: int
    state: State
    requested: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Seen:
    """A text after the words have been looked up in one bank."""

    text: str
    words: Sequence[Word]
    concepts: Sequence[int]
    clauses: Sequence[Clause]
    idioms: Sequence[Hit]


def look(text: str, words: Sequence[Word], folded: Sequence[str], bank: Bank) -> Seen:
    """Look every word up in the bank; `folded` are the words' forms after typo repair."""
    concepts: list[int] = []
    atoms: list[frozenset[int]] = []
    for form in folded:
        bits, found = bank.words.meaning(form)
        concepts.append(bits)
        atoms.append(found)
    longer = bank.words.phrases(atoms)
    senses = [Sense(bits, place, place + 1) for place, bits in enumerate(concepts) if bits]
    senses.extend(Sense(hit.payload, hit.first, hit.after) for hit in longer)
    senses.sort(key=lambda sense: sense.first)
    ends: list[list[tuple[int, int]]] = [[] for _ in words]
    for hit in longer:
        ends[hit.first].append((hit.payload, hit.after))
    idiom_atoms = [bank.idiom_lexicon.meaning(form)[1] for form in folded]
    idioms = bank.idiom_lexicon.phrases(idiom_atoms, concepts, ends)
    return Seen(text, words, concepts, clauses_of(text, words, senses), idioms)


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
    for clause in seen.clauses:
        if clause.bits & _TRIGGERS:
            found.extend(_from_rules(clause, bank))
            found.extend(_from_pronoun(clause, carried, bank))
        found.extend(_from_articles(seen, clause))
        carried = [*carried, clause][-OBJECT_CARRIED_CLAUSES:]
    return [one for one in found if not any((one.right, place) in refuted for place in range(one.first, one.after))]


def _from_idioms(seen: Seen, bank: Bank) -> Iterator[Candidate]:
    by_place = {place: clause for clause in seen.clauses for place in range(clause.first, clause.after)}
    for hit in seen.idioms:
        idiom = bank.idioms[hit.payload]
        if idiom.strength is Strength.NEVER:
            continue
        clause = by_place[hit.first]
        if by_place[hit.after - 1] is not clause:
            continue
        # An idiom may hold its own negator ("don't email me"): only what stands before it can refute it.
        anchor = Sense(0, hit.first, hit.after)
        state = state_of(
            clause, anchor, (hit.first, hit.after), idiom.right, bank.negation, negative=_holds_negator(clause, hit)
        )
        reason = f'idiom "{idiom.entry}"' if idiom.origin == "bank" else f'taught phrase "{idiom.entry}"'
        yield Candidate(idiom.right, SCORE_OF_STRENGTH[idiom.strength], hit.first, hit.after, state, True, reason)


def _holds_negator(clause: Clause, hit: Hit) -> bool:
    return any(hit.first <= sense.first < hit.after for sense in clause.with_bits(mask("not", "stop")))


def _from_rules(clause: Clause, bank: Bank) -> Iterator[Candidate]:
    for rule in RULES:
        if clause.bits & rule.unless and _refuted(clause, rule):
            continue
        if all(clause.bits & need for need in rule.needs):
            match = _best_match(clause, rule)
            if match is not None:
                anchor, first, after = match
                candidate = _judge(clause, rule, anchor, first, after, bank)
                if candidate is not None:
                    yield candidate


def _refuted(clause: Clause, rule: Rule) -> bool:
    return bool(clause.bits & rule.unless)


def _best_match(clause: Clause, rule: Rule) -> tuple[Sense, int, int] | None:
    """Return the anchor and the stretch of words where the rule's needs stand closest together."""
    best: tuple[int, Sense, int, int] | None = None
    for anchor in clause.with_bits(rule.needs[0])[:HITS_PER_RULE_MAX]:
        first, after, spread = anchor.first, anchor.after, 0
        for need in rule.needs[1:]:
            nearest = min(clause.with_bits(need), key=lambda sense: _apart(clause, anchor, sense), default=None)
            if nearest is None or _apart(clause, anchor, nearest) > rule.near:
                break
            spread += _apart(clause, anchor, nearest)
            first, after = min(first, nearest.first), max(after, nearest.after)
        else:
            if best is None or spread < best[0]:
                best = (spread, anchor, first, after)
    return None if best is None else best[1:]


def _apart(clause: Clause, one: Sense, other: Sense) -> int:
    if other.first >= one.after:
        return clause.distance[other.first] - clause.distance[one.after - 1]
    if one.first >= other.after:
        return clause.distance[one.first] - clause.distance[other.after - 1]
    return 0


def _judge(clause: Clause, rule: Rule, anchor: Sense, first: int, after: int, bank: Bank) -> Candidate | None:
    requested = is_requested(clause, anchor)
    if rule.framed and not (clause.bits & mask("want", "please", "hereby", "can", "how")):
        return None
    if not rule.telling:
        if is_past(clause, anchor) and not clause.bits & mask("want", "please"):
            return None
        if _merely_asks(clause, anchor):
            return None
    state = state_of(clause, anchor, (first, after), rule.right, bank.negation, negative=rule.negative)
    score = rule.score if requested or rule.telling else rule.score - 0.1
    return Candidate(rule.right, score, first, after, state, requested, f'rule "{rule.name}"')


def _merely_asks(clause: Clause, anchor: Sense) -> bool:
    """Tell whether the clause asks about a fact ("do you delete my data after a year?") and requests nothing."""
    if clause.bits & mask("can", "how", "please", "want", "hereby"):
        return False
    return any(sense.first <= anchor.first for sense in clause.with_bits(mask("question")))


def _from_pronoun(clause: Clause, carried: Sequence[Clause], bank: Bank) -> Iterator[Candidate]:
    """Read "delete it" with the account of the sentence before."""
    if not clause.bits & mask("erase", "close") or not clause.bits & mask("that", "everything"):
        return
    objects = mask("account", "personal")
    if clause.bits & (objects | mask("thing")) and not clause.bits & mask("account"):
        return
    before = any(earlier.bits & objects and not earlier.bits & mask("thing") for earlier in carried)
    if not before and not clause.bits & mask("account"):
        return
    rule = Rule(
        "erase it, the account named before",
        Right.ERASURE,
        (mask("erase", "close"), mask("that", "everything")),
        score=0.88,
        near=4,
    )
    match = _best_match(clause, rule)
    if match is not None:
        anchor, first, after = match
        candidate = _judge(clause, rule, anchor, first, after, bank)
        if candidate is not None:
            yield candidate


def _from_articles(seen: Seen, clause: Clause) -> Iterator[Candidate]:
    """Read an article of the GDPR named in a sentence that requests something: it works in every language."""
    start, end = seen.words[clause.first].start, seen.words[clause.after - 1].end
    for match in _ARTICLE.finditer(seen.text, start, min(end + 4, len(seen.text))):
        right = RIGHT_OF_ARTICLE.get(int(match[1]))
        if right is None:
            continue
        inside = [
            place
            for place in range(clause.first, clause.after)
            if match.start() <= seen.words[place].start < match.end()
        ]
        if not inside:
            continue
        anchor = Sense(0, inside[0], inside[-1] + 1)
        state = state_of(clause, anchor, (anchor.first, anchor.after), right, "before", negative=False)
        asked = bool(clause.bits & mask("want", "please", "hereby", "exercise"))
        yield Candidate(
            right, 0.9 if asked else 0.3, anchor.first, anchor.after, state, asked, f"names article {match[1]}"
        )
