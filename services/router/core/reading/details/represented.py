"""The name of whom a message speaks for: "acting for Ms Priya Nair", "as the mother of Jack Mills"."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from services.router.core.reading.details.names import name_at
from services.router.core.reading.marks import Page
from services.router.core.reading.verdict import Detail, Span

NAME_STEPS_MAX: Final = 11
ACTING: Final = ("heir", "agent", "processor", "lawyer", "parent_of", "superior", "represented")


def represented(page: Page, relation: Span, behalf: Span | None, own: Sequence[Detail], *, marked: bool) -> str | None:
    """Return the name behind what says that somebody is spoken for: "acting for Ms Priya Nair"."""
    told = [(mark.first, mark.after) for mark in page.of(*ACTING) if page.words[mark.first].start >= relation.start]
    for span in (relation, behalf) if marked else ():
        if span is not None:
            first = next((place for place, word in enumerate(page.words) if word.end > span.start), len(page.words))
            after = next(
                (place for place in range(first, len(page.words)) if page.words[place].start >= span.end), None
            )
            told.append((first, after if after is not None else len(page.words)))
    for first, after in sorted(set(told)):
        name = _named_behind(page, first, min(after, first + 2), own)
        if name is not None:
            return name
    return None if marked else _named_beside(page, relation, own)


def _named_beside(page: Page, relative: Span, own: Sequence[Detail]) -> str | None:
    """Return the name a word or two behind a relative, between commas: "mi hija menor, Lucía Ferrer,"."""
    first = next((place for place, word in enumerate(page.words) if word.start >= relative.end), len(page.words))
    for place in range(first, min(first + 2, len(page.words))):
        if page.between(place, place) == ", " and not page.known[place]:
            return _named_behind(page, place, place, own)
    return None


def _named_behind(page: Page, first: int, after: int, own: Sequence[Detail]) -> str | None:
    _, end = page.sentence(page.words[first].start)
    place = after
    while place < min(after + NAME_STEPS_MAX, len(page.words)) and page.words[place].start <= end:
        if (title := page.begins(place, "title")) is not None:
            place = title.after
            titled = True
        else:
            titled = page.ends(place, "title") is not None
        found = name_at(page, place, words_max=4) if place < len(page.words) else None
        law = any(mark.first <= place < mark.after for _, mark in page.named)
        if found is None or law or not (titled or _is_name(page, *found)):
            place += 1
            continue
        start = page.words[found[0]].start
        if any(one.span.start <= start < one.span.end for one in own):
            return None  # the lawyer's own name
        return page.text[start : page.words[found[1] - 1].end]
    return None


def _is_name(page: Page, first: int, after: int) -> bool:
    if (
        page.known[first]
        or len(page.words[first].folded) < 2
        or page.begins(first, "month", "weekday", "name_is", "closing") is not None
    ):
        return False
    return not page.nouns_are_capitals or after - first > 1
