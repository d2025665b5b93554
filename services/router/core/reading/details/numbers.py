"""Numbers and what they are: a date, a customer's or an order's number, a phone number, or nothing of that kind.

What a word before a number calls it decides first; its shape only afterwards. So an order's number with dashes is no
phone number, and an amount or a year is none of both.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import Final

from services.router.core.reading.marks import Page
from services.router.core.reading.verdict import Detail, Span

RUNS_MAX: Final = 120
RUN_CHARACTERS_MAX: Final = 40
LABEL_STEPS_MAX: Final = 5
PHONE_DIGITS_MIN: Final = 8
PHONE_DIGITS_LABELLED_MIN: Final = 6
PHONE_DIGITS_MAX: Final = 15
FOUND_PER_KIND_MAX: Final = 20

_DIGITS: Final = re.compile(r"\d+")
_JOINS: Final = frozenset("-_/.+")
_DATE: Final = re.compile(
    r"(?:\d{4}-\d{2}-\d{2}|\d{1,2}[./-]\s?\d{1,2}[./-]\s?(?:\d{4}|\d{2}))\b(?![./-]\d)|\d{4}[年년]\s?\d{1,2}[月월]\s?\d{1,2}[日일]"
)
"""The French write telephone numbers with full stops too: "06.12.34.56.78" holds no date."""
_PHONE: Final = re.compile(r"\+?\(?\d[\d ()/.-]{4,20}\d(?![\w@])")
_YEAR: Final = re.compile(r"(?:19|20)\d\d")
_GROUPS: Final = re.compile(r"(?: \d{2,4}){1,4}(?![\w-]|[.,]\d)")
_BETWEEN_LABEL_AND_NUMBER: Final = re.compile(r"[\s.:#=()°ºª№*\"'“„«-]*")
_CALL: Final = re.compile(
    r"(?:tel|tlf|tfn|phone|fon|mobil|mobile|cell|fax|call|text|whatsapp|sms|ruf|handy|téléphone|móvil|cellulare|telef|puh|gsm|"
    r"τηλ|chiam|llam|appel|bel|ring|zadzwo|volaj|nazov|arayın)\w*[^\w\n]{0,4}(?:\w{1,12}[^\w\n]{1,3}){0,3}$",
    re.IGNORECASE,
)
_NUMBER_BEFORE: Final = re.compile(
    r"(?:number|nummer|numéro|numero|número|numer|numur|număr|numar|čísl|cisl|szám|szam|αριθμ|broj|numara)\w*[^\w\n]{1,4}$",
    re.IGNORECASE,
)
_HANDLE_AFTER: Final = re.compile(r"\s*(?::|=|-)?\s*[\"'“„«]?([\w.@-]{3,40})")


def runs_of(text: str) -> list[tuple[int, int]]:
    """Return the places of what holds a digit and no space: "4711-0815", "INV-2024-0031", "U_77120"."""
    found: list[tuple[int, int]] = []
    after = 0
    for match in _DIGITS.finditer(text):
        if match.start() < after:
            continue
        start, end = match.span()
        while start > after and end - start < RUN_CHARACTERS_MAX and _joins(text[start - 1]):
            start -= 1
        while end < len(text) and end - start < RUN_CHARACTERS_MAX and _joins(text[end]):
            end += 1
        after = end
        while text[end - 1] in _JOINS:
            end -= 1
        while text[start] in "-_/.":
            start += 1
        found.append((start, end))
        if len(found) == RUNS_MAX:
            break
    return found


def _joins(letter: str) -> bool:
    return letter.isalnum() or letter in _JOINS


def numbers_of(page: Page) -> list[Detail]:
    """Return the dates, labelled numbers, usernames and phone numbers of a text."""
    runs = runs_of(page.text)
    found = [*_dates(page, runs), *_usernames(page)]
    taken = [one.span for one in found]
    labelled = list(_labelled(page, runs, taken))
    found += labelled
    found += _phones(page.text, runs, [one.span for one in found])
    return found


def _dates(page: Page, runs: Sequence[tuple[int, int]]) -> list[Detail]:
    found = []
    for start, _ in runs:
        match = _DATE.match(page.text, start)
        if match is not None:
            found.append(Detail("date", match.group(), Span(*match.span())))
    found += _written_dates(page)
    return found[:FOUND_PER_KIND_MAX]


def _written_dates(page: Page) -> Iterator[Detail]:
    """Return "5. März 2024", "March 5th", "20 maja 2026": a month with a day before or behind it."""
    words, text = page.words, page.text
    for month in page.of("month"):
        first, after = month.first, month.after
        day = _day_before(page, first)
        if day is not None:
            first = day
        elif (
            after < len(words)
            and _is_day(words[after].folded)
            and not text[words[after - 1].end : words[after].start].strip(". ")
        ):
            after += 1
        else:
            continue
        for skip in (0, 1):
            year = after + skip
            if (
                year < len(words)
                and _YEAR.fullmatch(words[year].folded)
                and len(page.between(after, year).strip(" .,\n")) <= 4
            ):
                after = year + 1
                break
        start, end = words[first].start, words[after - 1].end
        yield Detail("date", text[start:end], Span(start, end))


def _day_before(page: Page, month: int) -> int | None:
    for back in (1, 2):
        place = month - back
        if place >= 0 and _is_day(page.words[place].folded):
            between = page.text[page.words[place].end : page.words[month].start]
            # "1 de septiembre", "5th of March"; a whole sentence between them is no date.
            return place if len(between) <= 5 and "\n" not in between else None
    return None


def _is_day(folded: str) -> bool:
    digits = folded.rstrip("abcdefghijklmnopqrstuvwxyzº")
    return digits.isdecimal() and 1 <= int(digits[:3]) <= 31


def _labelled(page: Page, runs: Sequence[tuple[int, int]], taken: Sequence[Span]) -> Iterator[Detail]:
    if not page.of("account", "order") and "#" not in page.text:
        return
    starts = [word.start for word in page.words]
    before: tuple[int, str] | None = None
    for start, end in runs:
        if any(span.start < end and start < span.end for span in taken) or page.text[start : start + 1] == "+":
            continue
        if page.text[end : end + 1] == "@" or page.text[max(0, start - 1) : start] == "@":
            continue
        place = bisect_left(starts, start)
        kind = _label(page, place, start, end)
        if kind is None and before is not None and place - before[0] == 2 and page.begins(place - 1, "and"):
            kind = before[1]  # "customer numbers 30018 and 30019"
        if kind is None:
            continue
        if (
            page.text[start:end].isdigit()
            and (groups := _GROUPS.match(page.text, end)) is not None
            and end - start <= 4
        ):
            end = groups.end()
        while place < len(starts) and starts[place] < end:
            place += 1
        before = (place - 1, kind)
        yield Detail(kind, page.text[start:end], Span(start, end))


def _label(page: Page, place: int, start: int, end: int) -> str | None:
    """Return what the words before a number (or right behind it) call it: `account_id`, `order`, or nothing."""
    token = page.text[start:end]
    digits = sum(letter.isdigit() for letter in token)
    at, explicit = place, "#" in page.text[max(0, start - 2) : start]
    for _ in range(LABEL_STEPS_MAX):
        gap = page.text[page.words[at - 1].end : page.words[at].start] if 0 < at < len(page.words) else None
        if gap is None or not _BETWEEN_LABEL_AND_NUMBER.fullmatch(gap) or gap.count("\n") > 1:
            break
        explicit = explicit or ":" in gap or "#" in gap or "=" in gap
        label = page.ends(at, "account", "order")
        if label is not None:
            if not _is_worth_a_label(token, digits, explicit=explicit or _is_compound(page, label.first)):
                return None
            return "account_id" if _is_account(page, label.first, label.after) else "order"
        filler = page.ends(at, "number", "is", "determiner")
        if filler is None:
            break
        explicit = explicit or page.ends(at, "number") is not None
        at = filler.first
    if "#" in page.text[max(0, start - 2) : start] and digits >= 4:
        return "order"
    return _label_behind(page, place, end)


def _is_account(page: Page, first: int, after: int) -> bool:
    return page.ends(after, "account") is not None and page.ends(after, "order") is None and first >= 0


def _is_compound(page: Page, place: int) -> bool:
    """Tell whether the label says by itself that a number follows: "Kundennummer", "ordrenummer", "ügyfélszám"."""
    folded = page.words[place].folded
    return any(part in folded for part in ("nummer", "numer", "number", "nr", "zahl", "szam", "zeichen", "kennung"))


def _is_worth_a_label(token: str, digits: int, *, explicit: bool) -> bool:
    if digits < 2 or len(token) < 3:
        return False
    if explicit:
        return True
    return digits >= 4 and _YEAR.fullmatch(token) is None


def _label_behind(page: Page, place: int, end: int) -> str | None:
    """Read "12345 is my customer number"."""
    after = place
    while after < len(page.words) and page.words[after].start < end:
        after += 1
    joined = page.begins(after, "is")
    if joined is None:
        return None
    for spot in range(joined.after, min(joined.after + 3, len(page.words))):
        label = page.begins(spot, "account", "order")
        if label is not None and page.begins(label.after, "number"):
            return "account_id" if _is_account(page, label.first, label.after) else "order"
    return None


def _usernames(page: Page) -> Iterator[Detail]:
    for label in page.of("username"):
        joined = page.begins(label.after, "is")
        end = page.words[(joined or label).after - 1].end
        match = _HANDLE_AFTER.match(page.text, end)
        if match is None or not (joined or set(":=\"'“„«") & set(page.text[end : match.start(1)])):
            continue
        value = match[1].rstrip(".-")
        if len(value) >= 3:
            yield Detail("username", value, Span(match.start(1), match.start(1) + len(value)))


def _phones(text: str, runs: Sequence[tuple[int, int]], taken: Sequence[Span]) -> list[Detail]:
    found: list[Detail] = []
    after = 0
    earlier: tuple[int, int] | None = None
    for start, run_end in runs:
        previous, earlier = earlier, (start, run_end)
        begin = start - 1 if text[start - 1 : start] == "(" else start
        begin = begin - 1 if begin and text[begin - 1] == "+" else begin
        if begin < after or (match := _PHONE.match(text, begin)) is None:
            continue
        end = match.end()
        if any(span.start < end and begin < span.end for span in taken):
            # Where a date or a labelled number follows, the phone number ends before it.
            continue
        after = end
        if _is_phone(text, begin, match.group(), previous):
            found.append(Detail("phone", match.group().strip(), Span(begin, end)))
    return found[:FOUND_PER_KIND_MAX]


def _is_phone(text: str, begin: int, value: str, earlier: tuple[int, int] | None) -> bool:
    digits = sum(letter.isdigit() for letter in value)
    called = _CALL.search(text, max(0, begin - 45), begin) is not None
    if not (PHONE_DIGITS_LABELLED_MIN if called else PHONE_DIGITS_MIN) <= digits <= PHONE_DIGITS_MAX:
        return False
    if earlier is not None and begin - earlier[1] <= 1 and any(letter.isalpha() for letter in text[slice(*earlier)]):
        return False  # the groups of an IBAN
    groups = _DIGITS.findall(value)
    called = called or _NUMBER_BEFORE.search(text, max(0, begin - 24), begin) is not None
    return called or value[0] in "+(0" or (len(groups) >= 3 and max(map(len, groups)) <= 4 and digits >= 9)
