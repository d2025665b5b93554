"""How a person wants to get their copy: with a mail, or fetched by a link.

"By e-mail" counts in the sentence that asks for the copy alone: elsewhere it is how an answer shall come. Who wants it
fetched, or not mailed, is believed before who speaks of mail: a copy that was not mailed can still be.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from services.router.core.reading.marks import Mark, Page
from services.router.core.reading.rights import Right
from services.router.core.reading.verdict import Claim, Detail, Span

COPIES: Final = frozenset({Right.ACCESS, Right.PORTABILITY})


def delivery_of(page: Page, claims: Sequence[Claim]) -> list[Detail]:
    """Return the wish, `mail` or `link`, with its place; none where no copy is asked for, or nothing is said of it."""
    wanted = [claim for claim in claims if claim.right in COPIES and not claim.negated]
    if not wanted:
        return []
    fetched = page.of("by_link")
    if fetched:
        return [Detail("delivery", "link", _span(page, fetched[0]))]
    asked = [
        page.sentence(span.start)
        for claim in wanted
        for span in claim.spans
        if span.part == "text" and span.start < len(page.text)
    ]
    said = [mark for mark in page.of("by_mail") if any(a <= page.words[mark.first].start <= b for a, b in asked)]
    mailed = [*page.of("attached"), *said]
    return [Detail("delivery", "mail", _span(page, mailed[0]))] if mailed else []


def _span(page: Page, mark: Mark) -> Span:
    return Span(page.words[mark.first].start, page.words[mark.after - 1].end)
