"""Names: the writer's, from what they say or how they sign, and those of people they write for.

The name in a salutation is the reader's, never the writer's: only what stands behind "my name is" or a letter's
closing is taken, and it must look like a name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from services.router.core.reading.marks import Mark, Page
from services.router.core.reading.verdict import Detail, Span

NAME_WORDS_MAX: Final = 5
LINE_CHARACTERS_MAX: Final = 60
NAMES_MAX: Final = 6
LOWER_NAME_WORDS_MAX: Final = 2

_PARTICLES_WRITTEN = "van von der den de da di do dos das del della la le el al bin ibn ben ter ten zu af av"
PARTICLES: Final = frozenset(_PARTICLES_WRITTEN.split())
_SELF_WRITTEN = "i ich je yo io ik ja eu es jag jeg en εγω ben"
SELF_WORDS: Final = frozenset(_SELF_WRITTEN.split())
SELF_WORDS_MAX: Final = 400
_DASH: Final = re.compile(r"\s*(?:\s[-–—]{1,2}|\n[-–—]{1,2})\s?")
_BESIDE: Final = re.compile(r"[ \t,.!:;–—-]*")
_JOINED: Final = re.compile(r"[ \t]|[’'-]|[ \t]&[ \t]")
_AFTER_SHORT: Final = re.compile(r"\.[ \t]?")
_WEAK_LEADS: Final = frozenset(
    {"this is", "its", "it's", "name", "hier ist", "hier schreibt", "tu", "yo", "ben", "es esmu"}
)
_TAIL: Final = re.compile(r"\s*[,.;:!?)\n]|\s*$")


def name_at(page: Page, place: int, *, words_max: int = NAME_WORDS_MAX) -> tuple[int, int] | None:
    """Return the words of a name that begins at a word: capitalised words, with particles and initials between them."""
    words, text = page.words, page.text
    at = last = place
    while at < len(words) and at - place < words_max:
        letters = text[words[at].start : words[at].end]
        if at > place and not _is_joined(page, at):
            break
        if letters[:1].isupper() and not any(letter.isdigit() for letter in letters):
            last = at + 1
        elif at == place or words[at].folded not in PARTICLES:
            break
        at += 1
    return (place, last) if last > place else None


def _is_joined(page: Page, at: int) -> bool:
    between = page.text[page.words[at - 1].end : page.words[at].start]
    if _JOINED.fullmatch(between):
        return True
    # "Dr. Felix", "T. Okafor": a full stop joins only an initial or a title.
    short = len(page.words[at - 1].folded) == 1 or page.ends(at, "title") is not None
    return short and _AFTER_SHORT.fullmatch(between) is not None


def names_of(page: Page) -> list[Detail]:
    """Return the names of who writes, in the order of the text."""
    found: dict[str, Detail] = {}
    for first, after in [*_said(page), *_signed(page)]:
        start, end = page.words[first].start, page.words[after - 1].end
        value = " ".join(page.text[start:end].split())
        found.setdefault(value.casefold(), Detail("name", value, Span(start, end)))
    return sorted(found.values(), key=lambda one: one.span.start)[:NAMES_MAX]


def _said(page: Page) -> Iterator[tuple[int, int]]:
    """Read "my name is Jane Doe", "I, Jane Doe, request", "Kovács Eszter vagyok"."""
    for place, word in enumerate(page.words[:SELF_WORDS_MAX]):
        if word.folded in SELF_WORDS and page.between(place + 1, place + 1) == ", ":
            found = name_at(page, place + 1)
            if found is not None and found[1] - found[0] > 1 and page.between(found[1], found[1]).startswith(","):
                yield found
    for lead in page.of("name_is"):
        if lead.after >= len(page.words) or "\n" in page.between(lead.after, lead.after):
            continue
        spoken = " ".join(word.folded for word in page.words[lead.first : lead.after])
        weak = spoken in _WEAK_LEADS
        if weak and lead.first and ":" not in page.between(lead.after, lead.after) and spoken == "name":
            continue  # "the name is wrong": only "Name: Jane Doe" says one
        found = _named_after(page, lead, weak=weak)
        if found is not None:
            yield found
    for tail in page.of("name_after"):
        for count in (3, 2):
            first = tail.first - count
            found = name_at(page, first, words_max=count) if first >= 0 else None
            if found is not None and found[1] == tail.first and not page.known[first]:
                yield found
                break


def _named_after(page: Page, lead: Mark, *, weak: bool) -> tuple[int, int] | None:
    found = name_at(page, lead.after)
    if found is not None:
        first, after = found
        if weak and (after - first < 2 or page.known[first]):
            return None
        return None if all(page.known[first:after]) and after - first < 2 else found
    return None if weak else _in_small_letters(page, lead.after)


def _in_small_letters(page: Page, place: int) -> tuple[int, int] | None:
    """Return a name that somebody typed without capitals: words that mean nothing else."""
    after = place
    while after < len(page.words) and after - place < LOWER_NAME_WORDS_MAX:
        word = page.words[after]
        if page.known[after] or not word.folded.isalpha() or page.begins(after, *_NO_NAME):
            break
        after += 1
        if page.text[word.end : word.end + 1] != " ":
            break
    return (place, after) if after > place else None


_NO_NAME: Final = ("and", "is", "not", "to", "from", "number", "account", "order", "determiner", "title", "closing")


def _signed(page: Page) -> Iterator[tuple[int, int]]:
    """Read the name behind a closing, on its line or on one of the next two."""
    behind = 0
    for closing in page.of("closing"):
        if closing.after >= len(page.words) or closing.after <= behind:
            continue  # "Grüßen" in "mit freundlichen Grüßen" is no closing of its own
        behind = closing.after
        end = page.words[closing.after - 1].end
        rest = page.text.find("\n", end)
        rest = len(page.text) if rest < 0 else rest
        if _BESIDE.fullmatch(page.text, end, rest):
            place = closing.after
            own_line = True
        else:
            place, own_line = closing.after, False
            if not _BESIDE.fullmatch(page.text, end, page.words[place].start):
                continue
        found = _signature(page, place, own_line=own_line)
        if found is not None:
            yield found
    dashed = _dashed(page)
    if dashed is not None:
        yield dashed


def _dashed(page: Page) -> tuple[int, int] | None:
    """Read "Please remove my data - Nadia" at the very end."""
    for place in range(len(page.words) - 1, max(0, len(page.words) - 1 - LOWER_NAME_WORDS_MAX), -1):
        if _DASH.fullmatch(page.between(place, place)):
            found = name_at(page, place)
            told = found is not None and found[1] == len(page.words) and not page.known[place]
            return found if told and _TAIL.match(page.text, page.words[-1].end) else None
    return None


def _signature(page: Page, place: int, *, own_line: bool) -> tuple[int, int] | None:
    start = page.words[place].start
    line_end = page.text.find("\n", start)
    line = page.text[start : len(page.text) if line_end < 0 else line_end]
    if len(line) > LINE_CHARACTERS_MAX or (
        (closing := page.begins(place, "closing")) is not None and not _is_more(closing, line)
    ):
        return None
    found = name_at(page, place)
    if found is None:
        # "gruss, heidi": the last words of the message, and no words that mean anything.
        small = _in_small_letters(page, place)
        return small if small is not None and small[1] == len(page.words) else None
    first, after = found
    if not _TAIL.match(page.text, page.words[after - 1].end) and not page.text.startswith(
        (" |", " -", " ("), page.words[after - 1].end
    ):
        return None
    if all(page.known[first:after]) and not (own_line and after - first > 1 and _ends_line(page, after)):
        return None
    return found if own_line or not page.known[first] or page.begins(first, "title") else None


def _is_more(closing: Mark, line: str) -> bool:
    # "Best" opens "Best regards", and is a name as well: a line of one closing is no name.
    return len(line.split()) > closing.after - closing.first


def _ends_line(page: Page, after: int) -> bool:
    end = page.words[after - 1].end
    return page.text[end : end + 1] in ("", "\n")
