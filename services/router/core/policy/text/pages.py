"""HTML to blocks, with every block's place in the file.

The standard library's parser is used because it says where each token stands in the source; the faster ones do not.
Nothing of a page is executed, fetched or kept but its visible words.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Final

from services.router.core.policy.text.blocks import BOLD_LEVEL, Block, BlockKind
from services.router.core.policy.text.elements import (
    BLOCKS,
    BOLD,
    HEADINGS,
    MENU,
    UNSEEN,
    VOID,
    is_folding,
    is_hidden,
    is_named_menu,
    is_written_item,
)
from services.router.core.policy.text.plain import Markup, plain_words
from services.router.core.policy.text.tables import Tables

DEPTH_MAX: Final = 400
PAGE_WORDS_MIN: Final = 60
MENU_WORDS_MAX: Final = 40
"""A longer run is text, whatever the element around it calls itself."""

_BULLETS: Final = frozenset("·•§o-–●▪○■")
_LINK: Final = re.compile(r"(?i)<a\s")
"""The first link of a block stands before its words; two more inside it make a menu of three."""


@dataclass(slots=True)
class _Run:
    """Visible words between two block boundaries."""

    start: int
    end: int
    letters: int = 0
    bold: int = 0
    linked: int = 0


def scan(text: str) -> list[Block]:
    """Return the blocks of an HTML file."""
    blocks = _read(text, menus=True)
    said = sum(block.words for block in blocks if block.kind is not BlockKind.NAVIGATION)
    if said >= PAGE_WORDS_MIN or sum(block.words for block in blocks) < 2 * PAGE_WORDS_MIN:
        return blocks
    # A menu that was never closed swallows the page: what it holds is read as text.
    return _read(text, menus=False)


def _read(text: str, *, menus: bool) -> list[Block]:
    reader = _Reader(text, menus=menus)
    reader.feed(text)
    reader.close()
    return reader.finished()


class _Reader(HTMLParser):
    def __init__(self, text: str, *, menus: bool) -> None:
        super().__init__(convert_charrefs=False)
        self._menus = menus
        self._named_menu_at: int | None = None
        self._text = text
        self._line_starts = [0]
        position = text.find("\n")
        while position >= 0:
            self._line_starts.append(position + 1)
            position = text.find("\n", position + 1)
        self._open: list[str] = []
        self._hidden_at: int | None = None
        self._item_at: int | None = None
        self._folds = "aria-expanded" in text or "aria-controls" in text
        self._run: _Run | None = None
        self._break_at = -1
        self._blocks: list[Block] = []
        self._tables = Tables(text, self._blocks)

    def finished(self) -> list[Block]:
        """Return what was read, a row left open included."""
        self._flush()
        while self._tables:
            self._tables.end()
        return _link_lists(self._text, self._blocks)

    def _offset(self) -> int:
        line, column = self.getpos()
        return self._line_starts[line - 1] + column

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "br":
            self._line_break()
            return
        if tag in BLOCKS:
            self._flush()
        if tag in VOID:
            return
        if tag in ("li", "p", "td", "th", "tr", "dt", "dd"):
            self._close_implied(tag)
        if len(self._open) < DEPTH_MAX:
            self._open.append(tag)
            self._mark(tag, dict(attrs))
        if tag == "table":
            self._tables.begin()
        elif self._tables and tag == "tr":
            self._tables.begin_row()
        elif self._tables and tag in ("td", "th"):
            self._tables.begin_cell(tag, dict(attrs))

    def _mark(self, tag: str, attributes: dict[str, str | None]) -> None:
        """Remember where something hidden, a menu or a word processor's list item begins."""
        depth = len(self._open)
        if self._hidden_at is None and self._is_unseen(tag, attributes):
            self._hidden_at = depth
        if self._named_menu_at is None and is_named_menu(tag, attributes):
            self._named_menu_at = depth
        if self._item_at is None and is_written_item(tag, attributes):
            self._item_at = depth

    def _is_unseen(self, tag: str, attributes: dict[str, str | None]) -> bool:
        """Whether nobody can see an element; what a click unfolds, and the button that does, are seen."""
        if tag == "button":
            return not (HEADINGS.keys() & set(self._open) or is_folding(attributes))
        if tag in UNSEEN or "mw-editsection" in (attributes.get("class") or ""):
            return True
        return is_hidden(attributes) and not (self._folds or is_folding(attributes))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in BLOCKS:
            self._flush()
        if tag in self._open:
            while self._open and self._open.pop() != tag:
                pass
            self._left()
        if self._tables and tag == "tr":
            self._tables.end_row()
        elif self._tables and tag == "table":
            self._tables.end()

    def handle_data(self, data: str) -> None:  # the name is the parser's own
        if self._hidden_at is not None or not data.strip():
            return
        if self._item_at is not None and self._run is None and data.strip() in _BULLETS:
            return
        offset = self._offset()
        begin = offset + len(data) - len(data.lstrip())
        self._extend(begin, offset + len(data.rstrip()), sum(map(str.isalnum, data)))

    def handle_entityref(self, name: str) -> None:
        self._reference(len(name) + 1)

    def handle_charref(self, name: str) -> None:
        self._reference(len(name) + 2)

    def _reference(self, length: int) -> None:
        offset = self._offset()
        if self._text.startswith(";", offset + length):
            length += 1
        blank = self._text[offset : offset + length] in ("&nbsp;", "&#160;", "&#xa0;", "&#xA0;")
        if self._hidden_at is None and not blank:
            self._extend(offset, offset + length, 1)

    def _extend(self, begin: int, end: int, letters: int) -> None:
        if self._run is None:
            self._run = _Run(begin, end)
        run = self._run
        run.end = end
        run.letters += letters
        if BOLD.intersection(self._open):
            run.bold += letters
        if "a" in self._open:
            run.linked += letters

    def _line_break(self) -> None:
        """End the block at a bold line or at two breaks in a row; one break alone stays inside it."""
        run = self._run
        if run is None:
            return
        gap = self._text[run.end : self._offset()].lower()
        if "<br" in gap or (run.letters and run.bold == run.letters):
            self._flush()

    def _flush(self) -> None:
        run, self._run = self._run, None
        if run is None:
            return
        plain = plain_words(self._text, run.start, run.end, Markup.HTML)
        if not plain or not run.letters:
            return
        block = self._block(run, plain)
        if not self._tables.take(block):
            self._blocks.append(block)

    def _block(self, run: _Run, plain: str) -> Block:
        tag = next((name for name in reversed(self._open) if name in HEADINGS or name in ("li", "button")), None)
        if self._in_menu(plain):
            return Block(BlockKind.NAVIGATION, run.start, run.end, plain)
        if tag == "button":
            tag = next((name for name in reversed(self._open) if name in HEADINGS), "summary")
        if tag in HEADINGS:
            return Block(BlockKind.HEADING, run.start, run.end, plain, HEADINGS[tag])
        linked = "link" if run.linked >= run.letters else ""
        if tag == "li" or self._item_at is not None:
            depth = sum(name in ("ul", "ol", "menu") for name in self._open)
            return Block(BlockKind.ITEM, run.start, run.end, plain, depth, marker=linked or f"depth{depth}")
        bold = bool(run.letters) and run.bold == run.letters
        level = BOLD_LEVEL if bold else 0
        return Block(BlockKind.PARAGRAPH, run.start, run.end, plain, level, marker=linked, alone=True)

    def _close_implied(self, tag: str) -> None:
        """Close what a page forgot to: a list item before the next, a cell before the next, a paragraph."""
        stops = {"li": ("ul", "ol", "menu"), "dt": ("dl",), "dd": ("dl",)}.get(tag, ("table", "td", "th", "li", "div"))
        rivals = {"dt": ("dt", "dd"), "dd": ("dt", "dd"), "td": ("td", "th"), "th": ("td", "th"), "tr": ("tr",)}.get(
            tag, (tag,)
        )
        for index in range(len(self._open) - 1, -1, -1):
            if self._open[index] in rivals:
                del self._open[index:]
                self._left()
                return
            if self._open[index] in stops:
                return

    def _left(self) -> None:
        """Forget what was hidden or a menu once its element has ended."""
        if self._hidden_at is not None and len(self._open) < self._hidden_at:
            self._hidden_at = None
        if self._named_menu_at is not None and len(self._open) < self._named_menu_at:
            self._named_menu_at = None
        if self._item_at is not None and len(self._open) < self._item_at:
            self._item_at = None

    def _in_menu(self, plain: str) -> bool:
        if not self._menus:
            return False
        named = self._named_menu_at is not None and len(plain.split()) <= MENU_WORDS_MAX
        return named or bool(MENU.intersection(self._open))


def _link_lists(text: str, blocks: list[Block]) -> list[Block]:
    """Mark runs of three or more items that are nothing but links as navigation: menus and tables of contents."""
    result = [
        block.as_kind(BlockKind.NAVIGATION)
        if block.marker == "link"
        and block.words <= MENU_WORDS_MAX
        and len(_LINK.findall(text, block.start, block.end)) >= 2
        else block
        for block in blocks
    ]
    index = 0
    while index < len(result):
        stop = index
        while stop < len(result) and result[stop].marker == "link" and result[stop].words <= 12:
            stop += 1
        if stop - index >= 3:
            result[index:stop] = [block.as_kind(BlockKind.NAVIGATION) for block in result[index:stop]]
        index = max(stop, index + 1)
    return result
