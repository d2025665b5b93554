"""Markdown and plain text to blocks, as found in the wild: converted pages, pasted text, one line a paragraph."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from services.router.core.policy.text.blocks import BOLD_LEVEL, ITEM_TITLE_LEVEL, Block, BlockKind, is_heading_like
from services.router.core.policy.text.furniture import running_heads
from services.router.core.policy.text.plain import Markup, plain_words

WRAPPED_CHARACTERS_MIN: Final = 55
WRAPPED_CHARACTERS_MAX: Final = 120
WRAPPED_LINES_MIN: Final = 3

_LINE: Final = re.compile(r"[^\r\n\u2028]*(?:\r\n|\r|\n|\u2028|\Z)")
_ATX: Final = re.compile(r"^ {0,3}(?P<level>#{1,6})(?:[ \t]+|$|(?=[^\W\d_]+(?:[ \t]|$)))")
"""A title's marks, the blank after them forgotten or not; "#1" is a number."""
_NUMBERED: Final = re.compile(r"^[ \t\xa0]*\d{1,2}(?:\.(?:\d{1,2}|[a-z](?=[\s.)]))){1,3}[.)]?[ \t\xa0]+\S")
"""A paragraph of a legal text: "2.1 You may…", "1.2.a This includes…"."""
CENTRED_BLANKS_MIN: Final = 12
LIST_LINES_MAX: Final = 40
NOTICE_WORDS_MAX: Final = 40
LINES_ABOVE_NOTICE_MAX: Final = 2
EARLY_LINES_MAX: Final = 20
_RULE: Final = re.compile(r"^[ \t]*(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,}|={3,}|—{3,}|~{3,})[ \t]*$")
_SETEXT: Final = re.compile(r"^ {0,3}(?:=+|-{2,})[ \t]*$")
_QUOTE: Final = re.compile(r"^ {0,3}>")
_DELIMITER: Final = re.compile(r"^[ \t]*\|?[ \t]*:?-{2,}:?[ \t]*(?:\|[ \t]*:?-{2,}:?[ \t]*)*\|?[ \t]*$")
_ITEM: Final = re.compile(
    r"^(?P<indent>[ \t\xa0]*)(?P<marker>\\?[*+•·▪‣◦●○■–—-]|"
    r"\**(?P<number>\(?(?:\d{1,3}|[a-zA-Z]|[ivx]{1,4})(?:\\?[.)])\**|\(\d{1,3}\)))"
    r"(?P<gap>[ \t\xa0]+)(?=\S)"
)
_SENTENCE: Final = re.compile(r"[^|]*(?:\w+[^|\w]+){7,}\w+[^|]*[.!?][\"”)]?\s*\Z")
"""A whole sentence without a cell's border below a table: what its writer said next."""
_BORDERED: Final = re.compile(r"\|[ \t\xa0]*(?P<cells>.+?)[ \t\xa0]*\|\Z", re.DOTALL)
_HARD_BREAK: Final = re.compile(r"(?: {2,}|\\)$")
_SENTENCE_END: Final = re.compile(r"[.!?:;…][\"”’')\]*_]*\s*$")
_ARCHIVE: Final = re.compile(
    r"(?i)wayback|archive\.org|web archive|archived (?:on|copy|version|page)|snapshot|retrieved (?:on|from)|extracted"
    r"|(?:page|copy|text) (?:was |is )?saved (?:on|from)|saved from url|cached (?:copy|version)"
)


_EMPHASISED: Final = re.compile(r"^(?P<mark>\*{1,3})\(?(?:\d{1,2}|[a-zA-Z]|[ivx]{1,4})\\?[.)][^*\n]{2,150}(?P=mark)$")
_BOLD: Final = re.compile(r"^_?\*{2,4}[^*\n]{2,150}\*{2,4}_?$|^__[^_\n]{2,150}__$")


@dataclass(frozen=True, slots=True)
class Line:
    """One line: its span without the line break, and its words as written."""

    start: int
    end: int
    text: str

    @property
    def blank(self) -> bool:
        """Whether the line separates."""
        return not self.text.strip(" \t\r\n\xa0\u200b\ufeff\x0c\\")


def scan(text: str) -> list[Block]:
    """Return the blocks of a Markdown or plain text file."""
    return list(_Scanner(text).blocks())


def lines_of(text: str) -> list[Line]:
    """Return the lines of a text with their offsets."""
    lines = []
    for match in _LINE.finditer(text):
        start, end = match.span()
        if start == end and start == len(text):
            break
        if not start and text.startswith("\ufeff"):
            start = 1  # a byte order mark is no letter of the title behind it
        content = text[start:end].rstrip("\r\n\u2028")
        lines.append(Line(start, start + len(content), content))
    return lines


class _Scanner:
    """Walks over the lines once; each rule takes the lines that are its own and says where to go on."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._lines = lines_of(text)
        self._wrap = _wrap_width(self._lines)
        self._heads = running_heads([line.text for line in self._lines])
        self._markdown = any(_ATX.match(line.text) or _DELIMITER.match(line.text) for line in self._lines)

    def blocks(self) -> Iterator[Block]:
        position = self._front_matter()
        if position:
            yield self._block(BlockKind.NOTICE, 0, position)
        while position < len(self._lines):
            line = self._lines[position]
            if line.blank or _RULE.match(line.text):
                position += 1
            elif position in self._heads:
                yield self._block(BlockKind.NAVIGATION, position, position + 1)
                position += 1
            elif heading := _ATX.match(line.text):
                title = self._block(BlockKind.HEADING, position, position + 1, len(heading["level"]))
                bare = title.plain.lstrip("#")  # "###How" is no title to a standard, and one to everybody else
                yield replace(title, start=title.start + len(title.plain) - len(bare), plain=bare)
                position += 1
            elif _QUOTE.match(line.text):
                stop = self._while(position, lambda text: bool(_QUOTE.match(text)))
                yield self._quote(position, stop)
                position = stop
            elif self._is_table(position):
                stop = self._while(position, lambda text: bool(text.strip()) and not _SENTENCE.match(text))
                yield from self._rows(position, stop)
                position = stop
            elif self._is_item(position):
                stop = self._item_end(position)
                yield from self._item(position, stop)
                position = stop
            elif self._is_setext(position):
                yield self._block(
                    BlockKind.HEADING, position, position + 1, 1 if "=" in self._lines[position + 1].text else 2
                )
                position += 2
            else:
                stop = self._paragraph_end(position)
                yield from self._paragraphs(position, stop)
                position = stop

    def _block(
        self, kind: BlockKind, first: int, stop: int, level: int = 0, lead: str = "", alone: bool = False
    ) -> Block:
        start, end = self._lines[first].start, self._lines[stop - 1].end
        start, end = trimmed(self._text, start, end)
        return Block(kind, start, end, plain_words(self._text, start, end, Markup.MARKDOWN), level, lead, alone=alone)

    def _front_matter(self) -> int:
        if not self._lines or self._lines[0].text.strip("\ufeff \t") != "---":
            return 0
        for position in range(1, min(len(self._lines), 60)):
            if self._lines[position].text.strip() in ("---", "..."):
                return position + 1
            if self._lines[position].text.strip() and ":" not in self._lines[position].text:
                return 0
        return 0

    def _while(self, position: int, holds: object) -> int:
        stop = position + 1
        while stop < len(self._lines) and holds(self._lines[stop].text):  # type: ignore[operator]
            stop += 1
        return stop

    def _quote(self, first: int, stop: int) -> Block:
        early = not any(not line.blank for line in self._lines[:first])
        block = self._block(BlockKind.PARAGRAPH, first, stop)
        return block.as_kind(BlockKind.NOTICE) if early and _ARCHIVE.search(block.plain) else block

    def _is_table(self, position: int) -> bool:
        if position + 1 >= len(self._lines) or not _DELIMITER.match(self._lines[position + 1].text):
            following = self._lines[position + 1].text if position + 1 < len(self._lines) else ""
            return self._lines[position].text.count("|") >= 2 and following.count("|") >= 2
        return "|" in self._lines[position].text or "|" in self._lines[position + 1].text

    def _rows(self, first: int, stop: int) -> Iterator[Block]:
        """Yield the rows of a table; lines whose answer cell is empty share the next one that is filled."""
        header = ""
        if first + 1 < stop and _DELIMITER.match(self._lines[first + 1].text):
            header = " | ".join(self._cells(first))
            first += 2
        elif self._is_header(first, stop):
            header = " | ".join(self._cells(first))
            first += 1
        if first >= stop:
            return
        bordered = self._lines[first].text.lstrip().startswith("|") and header.count("|") < self._pipes(first)
        pending = first
        for position in range(first, stop):
            if not self._is_answered(position, bordered) and position + 1 < stop:
                continue
            yield self._row(pending, position + 1, header)
            pending = position + 1

    def _is_header(self, first: int, stop: int) -> bool:
        """Whether a table without a rule begins with its columns' names: short, numberless, over rows with numbers."""
        cells = self._cells(first)
        rows = [self._lines[position].text for position in range(first + 1, stop)]
        named = len(cells) >= 2 and all(len(cell.split()) <= 4 and not re.search(r"[\d.]", cell) for cell in cells)
        return named and len(rows) >= 2 and sum(bool(re.search(r"\d", row)) for row in rows) * 2 > len(rows)

    def _row(self, first: int, stop: int, header: str) -> Block:
        """Return a row's block, from its first cell's words to its last's: a border is nobody's word."""
        row = self._block(BlockKind.ROW, first, stop, lead=header)
        inner = _BORDERED.match(self._text, row.start, row.end)
        if inner is None or not inner["cells"].strip("|: \t-"):
            return row
        start, end = trimmed(self._text, *inner.span("cells"))
        return replace(row, start=start, end=end, plain=plain_words(self._text, start, end, Markup.MARKDOWN))

    def _pipes(self, position: int) -> int:
        return self._lines[position].text.count("|")

    def _is_answered(self, position: int, bordered: bool) -> bool:
        """Whether a line fills a cell beside its first; the lines before one that does share its answer."""
        text = self._lines[position].text.strip()
        cells = (text.strip("|") if bordered else text).split("|")
        return any(cell.strip(" \t\xa0*_") for cell in cells[1:])

    def _cells(self, position: int) -> list[str]:
        line = self._lines[position]
        cells = re.split(r"(?<!\\)\|", line.text)
        return [words for cell in cells if (words := cell.replace("*", "").strip(" \t\xa0_"))]

    def _is_item(self, position: int) -> bool:
        match = _ITEM.match(self._lines[position].text)
        if match is None:
            return False
        number = match["number"]
        if number is None:
            return True
        if re.match(r"\**\(?[a-zA-Z]\\?\.", number):  # "A. Title" begins a section, "a) …" an item
            return not number.strip("*(")[0].isupper()
        return True

    def _item_end(self, position: int) -> int:
        """Return where an item ends: at the next marker, at a blank line, at a heading."""
        stop = position + 1
        while stop < len(self._lines):
            line = self._lines[stop]
            if line.blank:
                following = stop + 1
                if following < len(self._lines) and self._continues_item(position, stop, following):
                    stop = following + 1
                    continue
                return stop
            if stop in self._heads or _ATX.match(line.text) or self._is_item(stop) or _RULE.match(line.text):
                return stop
            deeper = _indent(line) > _indent(self._lines[position])
            if not self._markdown and not self._joins(stop - 1, stop) and not deeper:
                return stop
            if self._is_numbered(stop):
                return stop
            stop += 1
        return stop

    def _continues_item(self, _first: int, _blank: int, following: int) -> bool:
        line = self._lines[following]
        return line.text.startswith(("    ", "\t")) and not line.blank and not self._is_item(following)

    def _item(self, first: int, stop: int) -> Iterator[Block]:
        """Yield an item; a short title in its first line is the heading of what follows it."""
        match = _ITEM.match(self._lines[first].text)
        assert match is not None
        indent = len(match["indent"].expandtabs(4))
        numbered = match["number"] is not None
        title = self._block(BlockKind.HEADING, first, first + 1, ITEM_TITLE_LEVEL + indent)
        if stop - first == 1 and _EMPHASISED.match(self._lines[first].text.strip()) and is_heading_like(title.plain):
            # "**3. Why?**" is a heading even before "**4. How?**": an item of a list is not emphasised as a whole.
            yield Block(BlockKind.PARAGRAPH, title.start, title.end, title.plain, BOLD_LEVEL, alone=True)
            return
        if numbered and stop - first > 1 and _HARD_BREAK.search(self._lines[first].text) and title.words <= 9:
            yield title
            yield from self._paragraphs(first + 1, stop)
            return
        if numbered and stop - first == 1 and not indent and self._stands_alone(first) and is_heading_like(title.plain):
            yield Block(BlockKind.PARAGRAPH, title.start, title.end, title.plain, alone=True)
            return
        yield replace(self._block(BlockKind.ITEM, first, stop, indent), marker=_style(match, indent))

    def _stands_alone(self, position: int) -> bool:
        """Whether what follows is not one more item of the same list."""
        following = position + 1
        while following < len(self._lines) and self._lines[following].blank:
            following += 1
        return following < len(self._lines) and not self._is_item(following)

    def _is_setext(self, position: int) -> bool:
        following = position + 1
        if following >= len(self._lines) or not _SETEXT.match(self._lines[following].text):
            return False
        before = position == 0 or self._lines[position - 1].blank
        return before and len(self._lines[position].text) <= 150 and len(self._lines[following].text.strip()) >= 3

    def _paragraph_end(self, position: int) -> int:
        stop = position + 1
        while stop < len(self._lines):
            line = self._lines[stop]
            if line.blank or stop in self._heads or _ATX.match(line.text) or _RULE.match(line.text):
                return stop
            if self._is_table(stop):
                return stop
            if self._is_item(stop) and (not self._joins(stop - 1, stop) or self._begins_list(stop)):
                return stop
            if self._is_setext(stop):
                return stop
            stop += 1
        return stop

    def _paragraphs(self, first: int, stop: int) -> Iterator[Block]:
        """Yield the paragraphs of a run of lines: one, where they were wrapped, or one a line, where they were not."""
        begin = first
        for position in range(first + 1, stop + 1):
            if position < stop and self._joins(position - 1, position):
                continue
            block = self._block(BlockKind.PARAGRAPH, begin, position, alone=position - begin == 1)
            if _NUMBERED.match(self._lines[begin].text):
                block = replace(block, marker="numbered")
            if block.words <= NOTICE_WORDS_MAX and self._is_early(begin) and _ARCHIVE.search(block.plain):
                block = block.as_kind(BlockKind.NOTICE)
            yield replace(block, level=BOLD_LEVEL if _BOLD.match(self._text[block.start : block.end]) else 0)
            begin = position

    def _is_early(self, position: int) -> bool:
        """Whether nothing but a title stands above a line."""
        if position > EARLY_LINES_MAX:
            return False
        above = [line for line in self._lines[:position] if not line.blank and not _RULE.match(line.text)]
        return len(above) <= LINES_ABOVE_NOTICE_MAX and all(len(line.text) <= 80 for line in above)

    def _is_numbered(self, position: int) -> bool:
        """Whether a line begins a numbered paragraph: its number is no amount that was wrapped to a new line."""
        line = self._lines[position].text
        return bool(_NUMBERED.match(line)) and bool(_SENTENCE_END.search(self._lines[position - 1].text))

    def _begins_list(self, position: int) -> bool:
        """Whether a line is the first of a lettered list, whose second follows: "(a) … (b) …" after "where"."""
        match = _ITEM.match(self._lines[position].text)
        number = (match["number"] or "").strip("*(.)\\") if match else ""
        second = {"a": "b", "i": "ii", "1": "2"}.get(number)
        if match is None or second is None:
            return False
        wanted = match["marker"].replace(number, second, 1)
        following = self._lines[position + 1 : position + LIST_LINES_MAX]
        return any(line.text.strip().startswith(f"{wanted} ") for line in following)

    def _joins(self, before: int, after: int) -> bool:
        """Whether a line goes on in the next: wrapped by a program, or broken inside a sentence."""
        line, following = self._lines[before].text, self._lines[after].text
        if self._is_numbered(after):
            return False
        if min(_indent(self._lines[before]), _indent(self._lines[after])) >= CENTRED_BLANKS_MIN:
            return _indent(self._lines[before]) == _indent(self._lines[after])
        first = following.lstrip(" \t*_\"“'(")[:1]
        ended = bool(_SENTENCE_END.search(line))
        hangs = _NUMBERED.match(line) and _indent(self._lines[after]) > _indent(self._lines[before])
        if (first.islower() or hangs) and not ended:
            return True
        if _HARD_BREAK.search(line):
            return False
        if self._markdown and not is_heading_like(line.strip(" *_")):
            return True
        if self._wrap is None:
            return False
        if not ended and len(line.rstrip()) > self._wrap * 0.7:
            return True
        return len(line.rstrip()) + 1 + len(following.split(maxsplit=1)[0]) > self._wrap - 12


def _indent(line: Line) -> int:
    """Return how many columns a line is moved in."""
    expanded = line.text.expandtabs(4)
    return len(expanded) - len(expanded.lstrip(" \xa0"))


def _style(match: re.Match[str], indent: int) -> str:
    number = match["number"]
    kind = "bullet" if number is None else "digit" if any(map(str.isdigit, number)) else "letter"
    return f"{kind}{indent // 2}"


def _wrap_width(lines: list[Line]) -> int | None:
    """Return the column a program wrapped this text at, or nothing if every line is a paragraph.

    Only lines that another one follows say something: the last line of a paragraph ends where its words do.
    """
    pairs = pairwise(lines)
    inner = [len(line.text.rstrip()) for line, following in pairs if not line.blank and not following.blank]
    long = sorted(length for length in inner if length >= WRAPPED_CHARACTERS_MIN)
    if len(long) < WRAPPED_LINES_MIN or long[-1] > WRAPPED_CHARACTERS_MAX:
        return None
    return long[len(long) * 9 // 10]


def trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the span without blanks and bare line-break marks at its ends."""
    while start < end and (text[start].isspace() or text[start] in "\ufeff\u200b"):
        start += 1
    while end > start and (text[end - 1].isspace() or text[end - 1] in "\ufeff\u200b"):
        end -= 1
    return start, end
