"""The heads and feet of printed pages in a plain text: nobody's words, though they stand among them."""

# A pattern is read as one line a case; broken up it is read by nobody.

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

_PAGE: Final = re.compile(
    r"(?i)\s*(?:[^.]{0,80}\s)?(?:page|seite|pagina|página|strona|sida|side|oldal|lpp\.?|pag\.|p\.)\s*(?P<number>\d{1,3})(?:\s*(?:of|von|sur|de|di|van|z|av|din|no|/)\s*\d{1,3})?(?:\s{2,}[^.]{0,60})?\s*\Z"
)
_BARE: Final = re.compile(r"\s*[-–—|]*\s*(?P<number>\d{1,3})\s*[-–—|]*\s*\Z")
_DIGITS: Final = re.compile(r"\d+")
LINE_CHARACTERS_MAX: Final = 120
PAGES_MIN: Final = 2
BARE_PAGES_MIN: Final = 3
"""Numbers that stand alone are pages only where several follow each other: two may be anything."""
LINES_BESIDE_MAX: Final = 2


def running_heads(lines: Sequence[str]) -> frozenset[int]:
    """Return which lines are page numbers, and which are the titles repeated beside them."""
    pages = frozenset([*_counted(lines, _PAGE, PAGES_MIN), *_counted(lines, _BARE, BARE_PAGES_MIN)])
    if not pages:
        return pages
    beside = Counter(title for page in pages for title in {_words(lines[near]) for near in _near(lines, page)})
    titles = {title for title, times in beside.items() if times >= PAGES_MIN}
    return pages | {at for at, line in enumerate(lines) if _words(line) in titles}


def _counted(lines: Sequence[str], pattern: re.Pattern[str], least: int) -> Iterator[int]:
    """Yield lines of one shape whose numbers go up one by one."""
    shapes: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for at, line in enumerate(lines):
        if len(line) <= LINE_CHARACTERS_MAX and (match := pattern.match(line)):
            shapes[_shape(line)].append((at, int(match["number"])))
    for found in shapes.values():
        rises = all(after == before + 1 for (_, before), (_, after) in pairwise(found))
        if len(found) >= least and rises:
            yield from (at for at, _ in found)


def _near(lines: Sequence[str], page: int) -> Iterator[int]:
    """Yield the short lines right above and below a page's number."""
    for near in range(max(page - LINES_BESIDE_MAX, 0), min(page + LINES_BESIDE_MAX + 1, len(lines))):
        line = lines[near].strip(" _=-*\t\xa0\x0c")
        if near != page and line and len(line) <= LINE_CHARACTERS_MAX and not line.endswith((".", ";", ":", ",")):
            yield near


def _shape(line: str) -> str:
    return _DIGITS.sub("#", _words(line))


def _words(line: str) -> str:
    return " ".join(line.lower().split())
