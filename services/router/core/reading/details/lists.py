"""Which lists somebody leaves: 'the "Garden Club" mailing list', "unsubscribe me from Weekly Deals"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from services.router.core.reading.concepts import mask
from services.router.core.reading.details.names import SELF_WORDS, name_at
from services.router.core.reading.marks import Page
from services.router.core.reading.seen import Seen
from services.router.core.reading.verdict import Detail, Span

LISTS_MAX: Final = 8
_QUOTED: Final = re.compile(r"[\"“”„«»‚‘]\s?([^\"“”„«»\n]{2,60}?)\s?[\"“”«»]|(?<!\w)['‘‚]([^'’\n]{2,60})['’](?!\w)")
_QUOTES: Final = "\"“”„«»‚‘'"
_LEAVES: Final = mask("unsubscribe", "list", "marketing")


def lists_of(page: Page, seens: Sequence[Seen]) -> list[Detail]:
    """Return the names of lists in sentences that speak of a list or of leaving one."""
    spoken_of = page.of("list") or any(clause.bits & _LEAVES for seen in seens[:1] for clause in seen.clauses)
    named = [*_quoted(page), *_called(page), *_behind(page), *_left(page)] if spoken_of else []
    if not named:
        return []
    leaving = _leaving(page, seens)
    found: dict[str, Detail] = {}
    for start, end in named:
        told = any(one.span.start <= start < one.span.end for one in found.values())
        if not told and any(begin <= start <= after for begin, after in leaving):
            value = page.text[start:end]
            found.setdefault(value.casefold(), Detail("list", value, Span(start, end)))
    return list(found.values())[:LISTS_MAX]


def _leaving(page: Page, seens: Sequence[Seen]) -> list[tuple[int, int]]:
    """Return the sentences that speak of a list or of leaving one."""
    starts = [page.words[mark.first].start for mark in page.of("list")]
    for seen in seens[:1]:
        for clause in seen.clauses:
            starts.extend(seen.words[sense.first].start for sense in clause.with_bits(_LEAVES))
    return list(dict.fromkeys(page.sentence(start) for start in starts))


def _quoted(page: Page) -> Iterator[tuple[int, int]]:
    if not any(sign in page.text for sign in _QUOTES):
        return
    for match in _QUOTED.finditer(page.text):
        group = 1 if match[1] is not None else 2
        yield match.span(group)


def _called(page: Page) -> Iterator[tuple[int, int]]:
    """Return what stands before the word for a list, as a name: "your Insider Digest newsletter"."""
    for mark in page.of("list"):
        if page.begins(mark.after, "list"):
            continue  # "Insider Digest newsletter": the last word says what it is
        first = mark.first
        while first and _is_capital(page, first - 1) and page.between(first, first) == " ":
            first -= 1
        while first < mark.first and page.begins(first, "determiner", "leaving"):
            first += 1
        if first < mark.first and page.ends(first, "determiner", "leaving") and not all(page.known[first : mark.first]):
            yield page.words[first].start, page.words[mark.first - 1].end


def _behind(page: Page) -> Iterator[tuple[int, int]]:
    """Return a name of two words or more behind the word for a list: "nyhetsbrevet Veckans Tips"."""
    for mark in page.of("list"):
        if mark.after >= len(page.words) or page.between(mark.after, mark.after) != " ":
            continue
        found = name_at(page, mark.after)
        if found is None or found[1] - found[0] < 2 or page.begins(mark.after, "closing", "name_is") is not None:
            continue
        if not page.nouns_are_capitals and not page.text[page.words[mark.first].start].isupper():
            yield page.words[found[0]].start, page.words[found[1] - 1].end


def _left(page: Page) -> Iterator[tuple[int, int]]:
    """Return a name of two words or more behind "from", "off the"."""
    for mark in page.of("leaving"):
        place = mark.after
        while (skipped := page.begins(place, "determiner", "list")) is not None and skipped.after <= len(page.words):
            place = skipped.after
        found = name_at(page, place) if place < len(page.words) else None
        if found is None or found[1] - found[0] < 2:
            continue
        if any(page.words[spot].folded in SELF_WORDS for spot in range(*found)):
            continue  # "In terms of POPIA I object"
        # Where every noun is written with a capital, two known nouns are no name.
        if not (page.nouns_are_capitals and all(page.known[slice(*found)])):
            yield page.words[found[0]].start, page.words[found[1] - 1].end


def _is_capital(page: Page, place: int) -> bool:
    return page.text[page.words[place].start].isupper()
