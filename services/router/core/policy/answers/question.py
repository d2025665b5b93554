"""What a question asks: its words by weight, its concepts, and the kind of thing that would answer it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from services.router.core.policy.answers.index import PolicyIndex, Row
from services.router.core.policy.answers.lexicon import Lexicon, Reading, read
from services.router.core.policy.answers.meant import add_meant, without_chance
from services.router.core.policy.answers.wordings import features_of
from services.router.core.policy.answers.words import words

QUESTION_CHARACTERS_MAX: Final = 2_000
"""What a question is read up to: more is a letter, and the reader of messages cuts letters into questions."""

WORDS_MAX: Final = 120
TYPO_RATIO_MIN: Final = 82
SOFT_RATIO_MIN: Final = 82
SOFTENED_MAX: Final = 12
OBJECT_WEIGHT: Final = 0.4
OBJECT_WORD_WEIGHT: Final = 0.3
"""What an object's concept and its words still weigh: of two clauses on sharing, the one on addresses is nearer."""

Hit = tuple[int, int, int]
"""A concept, and from which to which word it is shown."""

NAME_MEANS: Final = ("compani", "you")
PARTIAL_KINDS: Final = ("topic", "absent")
"""A single word of these kinds says nothing when it stands inside a longer phrase of them."""

FIT_ROWS: Final = {"duration": 0, "contact_data": 1, "place": 2, "server_location": 2, "format": 3}
"""The concepts of a question that want a clause with a time, an address, a place or a format in it."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question, read for one policy."""

    text: str
    language: str
    terms: tuple[tuple[str, float, float], ...]
    """(term in the policy, weight by rarity, likeness 0..1) for every word that the policy has, exactly or nearly."""
    pairs: tuple[tuple[str, str], ...]
    weights: Row
    """One number a concept: 1 where the question shows it, less where a shown one implies it."""
    direct: frozenset[int]
    objects: frozenset[int]
    """Those of them that only name the person's data: a clause on personal data at large answers."""
    asked: tuple[int, ...]
    """The kinds of promises it asks for."""
    wanted: Row
    meant: Row
    """How likely each meaning of `wordings.toml` is."""
    particular: Row
    """How likely each entry of `particulars.toml` is what exactly is asked."""
    missing: tuple[tuple[str, float, tuple[int, ...]], ...]
    """The content words that the policy lacks altogether, with their weight and the concepts they show."""
    content: int
    reading: Reading


def ask(text: str, language: str, index: PolicyIndex, lexicon: Lexicon) -> Question:
    """Read a question against the words of one policy."""
    text = text[:QUESTION_CHARACTERS_MAX]
    reading = heard(mend(read_capped(text, language, lexicon), index, lexicon), index, lexicon)
    features = tuple(features_of(reading))
    meant = lexicon.wordings.meant_by(features)
    particular = lexicon.particulars.wordings.meant_by(features)
    reading = without_chance(reading, meant, lexicon)
    terms: list[tuple[str, float, float]] = []
    missing: list[tuple[str, float, tuple[int, ...]]] = []
    shown = _shown(reading)
    weights, direct = concept_weights(reading, lexicon)
    add_meant(weights, meant, lexicon)
    objects = objects_in(direct, lexicon)
    weights[list(objects)] *= OBJECT_WEIGHT
    kept = list(dict.fromkeys(term for term in reading.pivot if term not in lexicon.stop))
    kept += [term for term in dict.fromkeys(reading.own) if term in index.rarity and language == index.language]
    softened = 0
    for term in kept:
        if term in index.rarity:
            terms.append((term, index.rarity[term], 1.0))
            continue
        near = index.vocabulary.nearest(term, SOFT_RATIO_MIN) if len(term) > 3 and softened < SOFTENED_MAX else None
        if near is not None and lexicon.knows(term) and not _begins(term, near[0]):
            near = None  # a word that is known is no slip of the pen: "contact" is not "contract"
        softened += 1
        if near is not None:
            terms.append((near[0], index.rarity[near[0]], near[1] / 100))
        weight = _weight(term, reading, language, lexicon)
        if not objects.isdisjoint(shown.get(term, ())):
            weight = min(weight, OBJECT_WORD_WEIGHT)
        if near is None:
            missing.append((term, weight, shown.get(term, ())))
    return Question(
        text=text,
        language=language,
        terms=tuple(terms),
        pairs=_pairs([term for term, _, _ in terms]),
        weights=weights,
        direct=direct,
        objects=objects,
        asked=tuple(number for number, asking in enumerate(lexicon.askings) if asking.asked_by(direct)),
        wanted=_wanted(direct, lexicon),
        meant=meant,
        particular=particular,
        missing=tuple(missing),
        content=sum(1 for term in kept if term not in lexicon.generic and term not in lexicon.everyday),
        reading=reading,
    )


def _weight(term: str, reading: Reading, language: str, lexicon: Lexicon) -> float:
    """Return how much it says that a policy lacks a word: words of talk and words without translation say little."""
    if term in lexicon.everyday:
        return 0.15
    if term in lexicon.generic or (language != "en" and term in reading.unknown):
        return 0.3
    return 1.0


def _shown(reading: Reading) -> dict[str, tuple[int, ...]]:
    """Return the concepts that each word takes part in showing."""
    shown: dict[str, tuple[int, ...]] = {}
    for concept, start, end in reading.concepts:
        for term in reading.pivot[start:end]:
            shown[term] = (*shown.get(term, ()), concept)
    return shown


def read_capped(text: str, language: str, lexicon: Lexicon) -> Reading:
    """Read a question, no more than its first words."""
    spoken = words(text, language)[:WORDS_MAX]
    return read(" ".join(spoken), language, lexicon)


def mend(reading: Reading, index: PolicyIndex, lexicon: Lexicon) -> Reading:
    """Repair typing errors: a word that neither policy nor lexicon knows becomes the known word it is nearest to."""
    mended: list[str] = []
    changed = False
    for term in reading.pivot:
        if len(term) < 5 or term in index.rarity or lexicon.knows(term):
            mended.append(term)
            continue
        best = lexicon.mendable.nearest(term, TYPO_RATIO_MIN) if term not in lexicon.generic else None
        if best is None:
            mended.append(term)
        else:
            mended.append(best[0])
            changed = True
    if not changed:
        return reading
    return Reading(tuple(mended), reading.own, reading.unknown, tuple(lexicon.concepts_in(mended)))


def heard(reading: Reading, index: PolicyIndex, lexicon: Lexicon) -> Reading:
    """Return what a question means to show: a controller's name is "you" and "your company", and the longest
    phrase is the one that was meant ("phone home" asks for no phone number)."""
    found = set(reading.concepts)
    if not index.names.isdisjoint(reading.pivot):
        for stand_in in NAME_MEANS:
            row = [stand_in if term in index.names else term for term in reading.pivot]
            found.update(lexicon.concepts_in(row))
    kept = tuple(
        (concept, start, end)
        for concept, start, end in sorted(found, key=lambda hit: (hit[1], hit[2], hit[0]))
        if end - start > 1
        or lexicon.kinds[concept] not in PARTIAL_KINDS
        or not any(
            other != concept
            and first <= start
            and end <= last
            and last - first > 1
            and lexicon.kinds[other] in PARTIAL_KINDS
            for other, first, last in found
        )
    )
    return Reading(reading.pivot, reading.own, reading.unknown, _without_parts_of_objects(kept, lexicon))


def _without_parts_of_objects(hits: tuple[Hit, ...], lexicon: Lexicon) -> tuple[Hit, ...]:
    """Drop what only a part of an object shows: the address in "sell my email address" is nowhere to write to."""
    named = objects_in(frozenset(concept for concept, _, _ in hits), lexicon)
    spans = [(start, end) for concept, start, end in hits if concept in named]
    return tuple(
        (concept, start, end)
        for concept, start, end in hits
        if concept in named or not any(first <= start and end <= last for first, last in spans)
    )


def objects_in(direct: frozenset[int], lexicon: Lexicon) -> frozenset[int]:
    """Return the concepts that stand for the person's data as such, in a question that asks what is done with it."""
    return frozenset(concept for concept in direct if not lexicon.objects.get(concept, frozenset()).isdisjoint(direct))


def _begins(one: str, other: str) -> bool:
    """Return whether one word is the other's beginning, as "complain" is of "complaint"."""
    return one.startswith(other) or other.startswith(one)


def concept_weights(reading: Reading, lexicon: Lexicon) -> tuple[Row, frozenset[int]]:
    """Return the weight of every concept in a question, those it implies included at their share."""
    weights = np.zeros(len(lexicon.names), dtype=np.float32)
    direct = frozenset(concept for concept, _, _ in reading.concepts)
    for concept in direct:
        weights[concept] = 1.0
    for concept in direct:
        for other, share in lexicon.implied.get(concept, ()):
            weights[other] = max(weights[other], share)
    return weights, direct


def _pairs(terms: list[str]) -> tuple[tuple[str, str], ...]:
    return tuple((a, b) if a < b else (b, a) for at, a in enumerate(terms) for b in terms[at + 1 : at + 3])


def _wanted(direct: frozenset[int], lexicon: Lexicon) -> Row:
    wanted = np.zeros(4, dtype=np.float32)
    for concept in direct:
        row = FIT_ROWS.get(lexicon.names[concept])
        if row is not None:
            wanted[row] = 1.0
    return wanted
