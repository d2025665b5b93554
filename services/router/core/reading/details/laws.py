"""Which law a message names, and which place its writer says they live in."""

from __future__ import annotations

from services.router.core.reading.marks import LAW, PLACE, Mark, Page
from services.router.core.reading.verdict import Detail, Span

PLACE_WORDS_MAX = 4
SMALL_LETTERS_MAX = 3


def laws_of(page: Page) -> list[Detail]:
    """Return the laws named, then those of places where the writer lives, each once.

    Within each, the order is that of the vocabulary: a law of one place comes before one of many, so that "UK GDPR" is
    the UK's.
    """
    found: dict[str, Detail] = {}
    for prefix in (LAW, PLACE):
        named = [(name, mark) for name, mark in page.named if name.startswith(prefix)]
        for name, mark in named:
            if any(_holds(other, mark) for _, other in named):
                continue  # "Virginia Consumer Data Protection Act" names no Data Protection Act of the UK
            if prefix == PLACE and not _lives_there(page, mark.first):
                continue
            value = name.removeprefix(prefix).partition(" ")[2]
            kind = "law" if prefix == LAW else "place"
            span = Span(page.words[mark.first].start, page.words[mark.after - 1].end)
            order = name.removeprefix(prefix).partition(" ")[0]
            key = f"{prefix}{order}"
            if key not in found or span.start < found[key].span.start:
                found[key] = Detail(kind, value, span)
    return [found[key] for key in sorted(found)]


def _lives_there(page: Page, place: int) -> bool:
    """Tell whether the writer lives at a place: "I live in Curitiba, no Brasil" says the town first."""
    for at in range(place, max(-1, place - PLACE_WORDS_MAX - 1), -1):
        if page.ends(at, "resident") is not None:
            return True
        if not at or any(sign in page.between(at, at) for sign in ".;!?\n"):
            return False
        word = page.words[at - 1]
        told = page.text[word.start].isupper() or word.end - word.start <= SMALL_LETTERS_MAX or place - at < 1
        if not told:
            return False
    return False


def _holds(longer: Mark, mark: Mark) -> bool:
    inside = longer.first <= mark.first and mark.after <= longer.after
    return inside and longer.after - longer.first > mark.after - mark.first
