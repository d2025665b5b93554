"""The deadline that a person sets: "within 14 days", "bis zum 5. März", "by Friday", "30 gün içinde"."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from services.router.core.reading.marks import Page
from services.router.core.reading.verdict import Detail, Span

AMOUNT_DIGITS_MAX: Final = 3
WORDS_BETWEEN_MAX: Final = 3
KIND_LETTERS_MIN: Final = 5
WEEKDAY_WORDS_MAX: Final = 2


def deadlines_of(page: Page, dates: Sequence[Detail]) -> list[Detail]:
    """Return the deadlines of a text, in its order."""
    found = sorted(
        [*_spans_of_time(page), *_days(page, dates), *_weekdays(page), *_said_whole(page)],
        key=lambda one: (one.span.start, -one.span.end),
    )
    # "By Friday 3 March" is one deadline, not "by Friday" as well.
    return [one for place, one in enumerate(found) if not place or one.span.start >= found[place - 1].span.end]


def _spans_of_time(page: Page) -> Iterator[Detail]:
    for period in page.of("period"):
        amount = _amount_before(page, period.first)
        if amount is None:
            continue
        before = page.ends(amount, "within")
        if before is not None:
            yield _detail(page, before.first, _over_their_kind(page, period.after))
            continue
        behind = page.begins(period.after, "within_after") or page.begins(period.after - 1, "within_after")
        if behind is not None:
            yield _detail(page, amount, max(behind.after, period.after))


def _over_their_kind(page: Page, place: int) -> int:
    """Return the word behind "hábiles" in "10 días hábiles": many languages say behind days which days they are."""
    kind = page.begins(place, "between") if page.between(place, place) == " " else None
    return kind.after if kind is not None and len(page.words[place].folded) >= KIND_LETTERS_MIN else place


def _amount_before(page: Page, place: int) -> int | None:
    """Return where the number before a period stands, over words such as "working" or "of the next"."""
    at = place
    for _ in range(WORDS_BETWEEN_MAX):
        if at <= 0 or "\n\n" in page.between(at, at):
            return None
        folded = page.words[at - 1].folded
        if (folded.isdecimal() and len(folded) <= AMOUNT_DIGITS_MAX) or page.ends(at, "numeral"):
            return at - 1
        between = page.ends(at, "between")
        if between is None:
            return None
        at = between.first
    return None


def _days(page: Page, dates: Sequence[Detail]) -> Iterator[Detail]:
    for date in dates:
        place = next((spot for spot, word in enumerate(page.words) if word.start >= date.span.start), None)
        if place is None:
            continue
        last = next((spot for spot in range(place, len(page.words)) if page.words[spot].end >= date.span.end), place)
        first = _until_before(page, place)
        if first is not None:
            yield _detail(page, first, last + 1)


def _weekdays(page: Page) -> Iterator[Detail]:
    for day in page.of("weekday"):
        first = _until_before(page, day.first)
        if first is not None:
            yield _detail(page, first, day.after)


def _said_whole(page: Page) -> Iterator[Detail]:
    for mark in page.of("by_then"):
        yield _detail(page, mark.first, mark.after)


def _until_before(page: Page, place: int) -> int | None:
    """Return where the word "until" before a day stands, over words such as "the" or "next"."""
    for at in range(place, max(0, place - WEEKDAY_WORDS_MAX) - 1, -1):
        before = page.ends(at, "until")
        if before is not None:
            # Danish "i stedet for" is no "før".
            return before.first if page.ends(at, "instead") is None else None
        if not at or not page.ends(at, "weekday", "determiner", "between"):
            return None
    return None


def _detail(page: Page, first: int, after: int) -> Detail:
    start, end = page.words[first].start, page.words[after - 1].end
    return Detail("deadline", page.text[start:end], Span(start, end))
