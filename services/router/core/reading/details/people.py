"""For whom a message speaks: its writer, somebody else, or several people at once.

A second person must never be dropped, so "for me and my daughter Anna" names both. Whoever is not the writer needs a
human to look at the authority (EDPB Guidelines 01/2022, section 3.4).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from services.router.core.reading.bank import Bank
from services.router.core.reading.concepts import mask
from services.router.core.reading.details.listed import named_in
from services.router.core.reading.details.names import SELF_WORDS, name_at
from services.router.core.reading.details.represented import represented
from services.router.core.reading.marks import Page
from services.router.core.reading.rights import Right, Tier
from services.router.core.reading.seen import Seen
from services.router.core.reading.verdict import Claim, Detail, Span

PEOPLE_MAX: Final = 8
JOIN_WORDS_MAX: Final = 6
SELF: Final = "self"
TOGETHER: Final = "together"
"""Two who write as one: which of them does is not said."""
_MY: Final = mask("my")
_OF_HIMSELF: Final = frozenset({Right.ERASURE, Right.UNSUBSCRIBE})
_OWN_BY_ENDING: Final = frozenset({"hu", "tr"})
"""Languages whose words for relatives say by their ending whose they are: "anyám" is my mother."""
_OWN_BEHIND: Final = frozenset({"el", "ro"})
"""Languages that say "the father my"."""
_BREAK: Final = re.compile(r"[.,:;!?\n]")
_ME: Final = mask("me", "my")
_RELATION_OF_MARK: Final = (
    ("heir", "deceased"), ("agent", "agent"), ("processor", "customer"), ("lawyer", "client"), ("parent_of", "child"),
    ("superior", "employer"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Person:
    """One person that a message speaks for: their name, where it is said, and what they are to the writer."""

    name: str | None
    relation: str
    span: Span


@dataclass(frozen=True, slots=True)
class Spoken:
    """For whom the message speaks. `people` are listed only where there are several."""

    relation: Detail | None
    represented: str | None
    people: tuple[Person, ...]


def spoken_for(
    page: Page, seens: Sequence[tuple[Bank, Seen]], claims: Sequence[Claim], own: Sequence[Detail]
) -> Spoken:
    """Return for whom the message speaks; `own` are the names of who writes."""
    relatives = _relatives(page, seens)
    several = _several(page, seens, relatives)
    marked = _marked(page)
    behalf = _behalf(seens)
    if marked is None and behalf is None and not several and _are_own(page, seens, claims, relatives):
        relatives = []  # "My wife told me of your shop. Delete my account."
    if marked is None and behalf is None and not relatives and not several:
        return Spoken(None, None, ())
    if marked is not None:
        relation = marked
    elif relatives:
        relation = Detail("relation", relatives[0].relation, relatives[0].span)
    elif behalf is not None:
        relation = Detail("relation", "person_represented", behalf)
    else:
        relation = Detail("relation", several[-1].relation, several[-1].span)
    named = next((one.name for one in relatives if one.name), None)
    return Spoken(
        relation,
        named or represented(page, relation.span, behalf, own, marked=marked is not None or behalf is not None),
        several,
    )


def _are_own(
    page: Page, seens: Sequence[tuple[Bank, Seen]], claims: Sequence[Claim], relatives: Sequence[Person]
) -> bool:
    """Tell whether every claim says by itself that it is the writer's: "delete my account", "unsubscribe me"."""
    seen = next((one for _, one in seens if len(one.words) == len(page.words)), None)
    spans = [
        (claim.right, span)
        for claim in claims
        if not claim.negated and claim.tier is not Tier.REVIEW
        for span in claim.spans
        if span.part == "text"
    ]
    if seen is None or not spans:
        return False
    starts = [one.span.start for one in relatives]
    for right, span in spans:
        if any(span.start <= start < span.end for start in starts):
            return False
        inside = [
            place
            for place, word in enumerate(page.words)
            if span.start <= word.start < span.end
            # "The data of my children": this "my" is theirs.
            and not any(following.start in starts for following in page.words[place + 1 : place + 3])
        ]
        wanted = _ME if right in _OF_HIMSELF else _MY
        if not any(seen.concepts[place] & wanted for place in inside):
            return False
    return True


def _marked(page: Page) -> Detail | None:
    for mark_name, relation in _RELATION_OF_MARK:
        # "Our member numbers are …" names no member of a service.
        marks = [mark for mark in page.of(mark_name) if page.begins(mark.after, "number") is None]
        for mark in marks[:1]:
            span = Span(page.words[mark.first].start, page.words[mark.after - 1].end)
            return Detail("relation", relation, span)
    return None


def _behalf(seens: Sequence[tuple[Bank, Seen]]) -> Span | None:
    for _, seen in seens:
        for clause in seen.clauses:
            for sense in clause.with_bits(mask("behalf")):
                return Span(seen.words[sense.first].start, seen.words[sense.after - 1].end)
    return None


def _relatives(page: Page, seens: Sequence[tuple[Bank, Seen]]) -> list[Person]:
    """Return the relatives that the writer calls their own: "my daughter Anna", "on behalf of my mother, Carmen"."""
    found: dict[int, Person] = {}
    for bank, seen in seens:
        bits = 0
        for clause in seen.clauses:
            bits |= clause.bits
        if not bits & mask("relative") or len(seen.words) != len(page.words):
            continue
        for relation, first, after in named_in(seen.words, bank.relations, bank.relation_names):
            own = (
                bank.code in _OWN_BY_ENDING
                or any(_is_own(page, seen, place, first) for place in range(max(0, first - 2), first))
                or (bank.code in _OWN_BEHIND and after < len(page.words) and bool(seen.concepts[after] & _MY))
            )
            if own and not any(first <= one < after or one == first for one in found):
                behind = bank.code in _OWN_BEHIND and after < len(page.words) and seen.concepts[after] & _MY
                found[first] = _person(page, relation, first, after + 1 if behind else after)
        if found:
            break
    return [found[place] for place in sorted(found)][:PEOPLE_MAX]


def _is_own(page: Page, seen: Seen, place: int, relative: int) -> bool:
    between = page.text[page.words[place].end : page.words[relative].start]
    return bool(seen.concepts[place] & _MY) and not _BREAK.search(between)


def _person(page: Page, relation: str, first: int, after: int) -> Person:
    named = None
    if after < len(page.words) and page.text[page.words[after - 1].end : page.words[after].start] in (" ", ", "):
        named = name_at(page, after, words_max=4)
    if named is not None and (
        page.begins(named[0], "month", "weekday") or (page.known[named[0]] and named[1] - named[0] < 2)
    ):
        named = None
    end = page.words[(named[1] if named else after) - 1].end
    title = page.begins(named[0], "title") if named else None
    begin = title.after if named and title is not None and title.after < named[1] else named[0] if named else 0
    name = page.text[page.words[begin].start : end] if named else None
    return Person(name, relation, Span(page.words[first].start, end))


def _several(page: Page, seens: Sequence[tuple[Bank, Seen]], relatives: Sequence[Person]) -> tuple[Person, ...]:
    couple = _couple(page)
    if couple:
        return couple
    if not relatives or not seens:
        return ()
    seen = next((one for _, one in seens if len(one.words) == len(page.words)), None)
    self_span = _self_beside(page, seen, relatives) if seen is not None else None
    if self_span is not None:
        return (Person(None, SELF, self_span), *relatives)
    joined = len(relatives) > 1 and len({(one.relation, one.name) for one in relatives}) > 1
    return tuple(relatives) if joined and _are_joined(page, relatives) else ()


def _self_beside(page: Page, seen: Seen, relatives: Sequence[Person]) -> Span | None:
    """Return where the writer names themselves beside a relative: "me and my son", "my wife and I"."""
    starts = {word.start: place for place, word in enumerate(page.words)}
    for person in relatives:
        first = starts[person.span.start]
        after = next(
            place
            for place in range(first, len(page.words) + 1)
            if place == len(page.words) or page.words[place].start >= person.span.end
        )
        for joint in page.of("and"):
            if first - JOIN_WORDS_MAX <= joint.first < first:
                for place in range(joint.first - 1, max(-1, joint.first - JOIN_WORDS_MAX - 1), -1):
                    own = seen.concepts[place] & _ME
                    if own and not _is_of_a_relative(starts, place, relatives) and _same_sentence(page, place, first):
                        return Span(page.words[place].start, page.words[place].end)
            elif joint.first == after and after + 1 < len(page.words) and _is_i(page, seen, joint.after):
                return Span(page.words[joint.after].start, page.words[joint.after].end)
    return None


def _is_i(page: Page, seen: Seen, place: int) -> bool:
    return place < len(page.words) and (
        bool(seen.concepts[place] & mask("me")) or page.words[place].folded in SELF_WORDS
    )


def _is_of_a_relative(starts: dict[int, int], place: int, relatives: Sequence[Person]) -> bool:
    """Tell whether a "my" is that of "my son"."""
    return any(0 < starts[one.span.start] - place <= 1 for one in relatives)


def _same_sentence(page: Page, one: int, other: int) -> bool:
    begin, end = page.sentence(page.words[one].start)
    return begin <= page.words[other].start <= end


def _are_joined(page: Page, relatives: Sequence[Person]) -> bool:
    first, last = relatives[0].span, relatives[-1].span
    joints = [page.words[joint.first].start for joint in page.of("and")]
    return any(first.end <= start <= last.start for start in joints) and "\n\n" not in page.text[first.end : last.start]


def _couple(page: Page) -> tuple[Person, ...]:
    """Read "we, Tom and Lisa Grant," and "wir, Hans und Greta Vogel,"."""
    for we in page.of("we"):
        one = name_at(page, we.after, words_max=3)
        joint = page.begins(one[1], "and") if one is not None else None
        other = name_at(page, joint.after, words_max=3) if joint is not None else None
        if one is None or other is None:
            continue
        texts = [page.text[page.words[first].start : page.words[after - 1].end] for first, after in (one, other)]
        surname = texts[1].split()[-1]
        if one[1] - one[0] == 1 and other[1] - other[0] > 1:
            texts[0] += f" {surname}"
        spans = [Span(page.words[first].start, page.words[after - 1].end) for first, after in (one, other)]
        return (Person(texts[0], TOGETHER, spans[0]), Person(texts[1], TOGETHER, spans[1]))
    return ()
