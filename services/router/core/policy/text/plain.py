"""The words of a passage without its markup, and the way back to the file.

Reading, matching and showing work on plain words; citing needs the file. So a rendering keeps, for each piece of its
plain text, where the piece stands in the file as published, and can name the published span of any plain span.
"""

# A pattern is read as one line a case; broken up it is read by nobody.
# ruff: noqa: E501

from __future__ import annotations

import html
import re
from bisect import bisect_right
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Markup(StrEnum):
    """How a file is written. Plain text is read as Markdown: people use its bullets and rules without knowing it."""

    MARKDOWN = "markdown"
    HTML = "html"


SUFFIXES: Final = {Markup.MARKDOWN: ".md", Markup.HTML: ".html"}

# A lone space stays where it is: most are, and a piece for each would cost more than all the rest.
_INVISIBLE = r"\u200b\u200c\u200d\u2060\ufeff\u00ad"
_BLANK = rf"[\s{_INVISIBLE}]{{2,}}|[^\S ]|[{_INVISIBLE}]"

_MARKDOWN: Final = re.compile(
    rf"""
      (?P<blank>{_BLANK})
    | (?P<image>!\[(?P<image_text>[^\]\n]{{0,300}})\]\([^()\s]{{0,2000}}\))
    | (?P<link>\[(?P<link_text>(?:[^\[\]]|\\[\[\]]){{1,600}})\]\((?:[^()\s]|\([^()\s]{{0,200}}\)){{0,2000}}(?:\s+"[^"]{{0,200}}")?\))
    | (?P<autolink><(?P<autolink_text>(?:https?://|mailto:)?[^<>\s]{{3,500}}[.@][^<>\s]{{1,500}})>)
    | (?P<tag></?(?!(?:at|dot)>)[a-zA-Z][a-zA-Z0-9]{{0,12}}(?:\s[^<>]{{0,500}})?/?>)
    | \\(?P<escaped>[\\`*_{{}}\[\]()\#+.!|>~-])
    | (?P<entity>&(?:\#\d{{1,7}}|\#x[0-9a-fA-F]{{1,6}}|[a-zA-Z][a-zA-Z0-9]{{1,30}});)
    | (?P<strong>\*{{1,4}}|~~|`{{1,3}})
    | (?P<emphasis>(?<![^\W_])_{{1,3}}(?=[^\s_](?:[^_]{{0,600}}[^\s_])?_{{1,3}}(?![^\W_]))|_{{1,3}}(?![^\W_]))
    """,
    re.VERBOSE,
)
_HTML: Final = re.compile(
    rf"""
      (?P<blank>{_BLANK})
    | (?P<hidden><!--.*?(?:-->|\Z)|<(?P<raw>script|style|svg|template|noscript)\b.*?(?:</(?P=raw)\s*>|\Z))
    | (?P<break><(?:br|p|/p|div|/div|li|/li|tr|/tr|td|/td|th|/th|h[1-6]|/h[1-6]|dd|dt|/dd|/dt|ul|/ul|ol|/ol)\b[^<>]*>)
    | (?P<tag></?[a-zA-Z!?][^<>]*>)
    | (?P<entity>&(?:\#\d{{1,7}}|\#x[0-9a-fA-F]{{1,6}}|[a-zA-Z][a-zA-Z0-9]{{1,30}});?)
    """,
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
_MARKERS: Final = r"(?:(?:>[ \t]?)+|\#{1,6}[ \t]+|[*+•·▪‣◦–—-][ \t\xa0]+)+"
_LINE_MARKER: Final = re.compile(rf"^[ \t]*{_MARKERS}", re.MULTILINE)
_FIRST_MARKER: Final = re.compile(_MARKERS)
"""The marker a passage itself begins with: where its line is moved in, the passage begins inside the line."""


@dataclass(frozen=True, slots=True)
class Plain:
    """Plain words with their way back: `pieces` are (plain start, published start, published end, verbatim)."""

    text: str
    starts: tuple[int, ...]
    pieces: tuple[tuple[int, int, bool], ...]

    def published(self, start: int, end: int) -> tuple[int, int]:
        """Return the span in the file that a span of the plain words was read from."""
        if not self.starts:
            return 0, 0
        return self._at(start)[0], self._at(end - 1)[1]

    def _at(self, position: int) -> tuple[int, int]:
        index = max(bisect_right(self.starts, position) - 1, 0)
        begin, stop, verbatim = self.pieces[index]
        if not verbatim:
            return begin, stop
        offset = begin + position - self.starts[index]
        return offset, offset + 1


def render(text: str, start: int, end: int, markup: Markup) -> Plain:
    """Return the plain words of text[start:end]."""
    pieces = _html_pieces(text, start, end) if markup is Markup.HTML else _markdown_pieces(text, start, end)
    return _joined(pieces)


def plain_words(text: str, start: int, end: int, markup: Markup) -> str:
    """Return only the plain words, for those who do not need the way back."""
    return render(text, start, end, markup).text


Piece = tuple[str, int, int, bool]


def _joined(pieces: list[Piece]) -> Plain:
    words: list[str] = []
    starts: list[int] = []
    spans: list[tuple[int, int, bool]] = []
    length = 0
    blank = True
    for word, begin, stop, verbatim in pieces:
        if blank and word.startswith(" "):
            word, begin = word[1:], begin + 1
        if not word:
            continue
        words.append(word)
        starts.append(length)
        spans.append((begin, stop, verbatim))
        length += len(word)
        blank = word.endswith(" ")
    return Plain("".join(words).rstrip(" "), tuple(starts), tuple(spans))


def _markdown_pieces(text: str, start: int, end: int) -> list[Piece]:
    markers = {match.start(): match.end() for match in _LINE_MARKER.finditer(text, start, end)}
    if start not in markers and not text[text.rfind("\n", 0, start) + 1 : start].strip(" \t"):
        first = _FIRST_MARKER.match(text, start, end)
        markers |= {start: first.end()} if first else {}
    pieces: list[Piece] = []
    position = start
    for begin in [*sorted(markers), end]:
        if begin > position:
            _markdown_run(text, position, begin, pieces)
        if begin in markers:
            bullet = text[begin : markers[begin]].strip()
            inside = begin > start and bullet and bullet[-1] not in ">#"
            pieces.append((" ", begin, begin, False))
            if inside:
                pieces.append(("• ", begin, markers[begin], False))
            position = markers[begin]
    return pieces


def _markdown_run(text: str, start: int, end: int, pieces: list[Piece]) -> None:
    position = start
    for match in _MARKDOWN.finditer(text, start, end):
        begin, stop = match.span()
        if begin > position:
            pieces.append((text[position:begin], position, begin, True))
        kind = match.lastgroup
        if kind == "blank":
            pieces.append((_blank(match.group()), begin, stop, False))
        elif kind == "escaped":
            pieces.append((match["escaped"], begin, stop, False))
        elif kind == "entity":
            pieces.append((_entity(match.group()), begin, stop, False))
        elif match["link"] is not None:
            _markdown_run(text, match.start("link_text"), match.end("link_text"), pieces)
        elif match["image"] is not None:
            pieces.append((match["image_text"], match.start("image_text"), match.end("image_text"), True))
        elif match["autolink"] is not None:
            pieces.append((match["autolink_text"], match.start("autolink_text"), match.end("autolink_text"), True))
        elif match["tag"] is not None and match["tag"][1:3].lower() == "br":
            pieces.append((" ", begin, stop, False))
        position = stop
    if position < end:
        pieces.append((text[position:end], position, end, True))


def _html_pieces(text: str, start: int, end: int) -> list[Piece]:
    pieces: list[Piece] = []
    position = start
    for match in _HTML.finditer(text, start, end):
        begin, stop = match.span()
        if begin > position:
            pieces.append((text[position:begin], position, begin, True))
        if match["blank"] is not None:
            pieces.append((_blank(match.group()), begin, stop, False))
        elif match["break"] is not None:
            bullet = match["break"][1:3].lower() == "li" and begin > start
            cell = match["break"][1:3].lower() in ("td", "th") and begin > start
            pieces.append((" ", begin, stop, False))
            if bullet or cell:
                pieces.append(("• " if bullet else "| ", begin, stop, False))
        elif match["entity"] is not None:
            pieces.append((_entity(match.group()), begin, stop, False))
        position = stop
    if position < end:
        pieces.append((text[position:end], position, end, True))
    return pieces


def _entity(reference: str) -> str:
    character = html.unescape(reference)
    return character if character.isprintable() and not character.isspace() else _blank(character)


def _blank(run: str) -> str:
    """Return a space for a run that separates words, nothing for one that only hints where to break them."""
    return " " if any(character.isspace() for character in run) else ""
