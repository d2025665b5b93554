"""The tables of a page: a row is one clause of its cells, and the rows a merged cell holds together are one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from services.router.core.policy.text.blocks import BOLD_LEVEL, Block, BlockKind
from services.router.core.policy.text.plain import Markup, plain_words

ROW_WORDS_MAX: Final = 150


@dataclass(slots=True)
class _Row:
    """A table row while it is read: the blocks of each of its cells, and how many rows its cells reach over."""

    cells: list[list[Block]] = field(default_factory=list)
    header: bool = True
    reach: int = 1


@dataclass(slots=True)
class _Table:
    """A table while it is read: its header, and the rows a merged cell still holds together."""

    header: str = ""
    begun: bool = False
    merged: list[Block] = field(default_factory=list)
    left: int = 0
    rows: list[_Row] = field(default_factory=list)


class Tables:
    """The tables that are open, one inside the other; what they yield goes to the cell around them or to the page."""

    def __init__(self, text: str, blocks: list[Block]) -> None:
        self._text = text
        self._blocks = blocks
        self._tables: list[_Table] = []

    def __bool__(self) -> bool:
        return bool(self._tables)

    def begin(self) -> None:
        """Open a table."""
        self._tables.append(_Table())

    def begin_row(self) -> None:
        """Open a row; one left open is finished first."""
        self.end_row()
        self._tables[-1].rows.append(_Row())

    def take(self, block: Block) -> bool:
        """Put a block into the cell that is open, if one is."""
        row = self._tables[-1].rows[-1] if self._tables and self._tables[-1].rows else None
        if row is None or not row.cells:
            return False
        row.cells[-1].append(block)
        return True

    def begin_cell(self, tag: str, attributes: dict[str, str | None]) -> None:
        """Open a cell of the row, or of one that the page forgot to open."""
        table = self._tables[-1]
        if not table.rows:
            table.rows.append(_Row())
        row = table.rows[-1]
        row.cells.append([])
        row.header = row.header and tag == "th"
        reach = attributes.get("rowspan") or "1"
        row.reach = max(row.reach, int(reach) if reach.isdigit() and len(reach) < 4 else 1)

    def end_row(self) -> None:
        """Finish a row: a header, one clause of its cells, one more line of a merged cell, or a page's layout."""
        table = self._tables[-1]
        if not table.rows:
            return
        row = table.rows.pop()
        blocks = [block for cell in row.cells for block in cell]
        if not blocks:
            return
        first, table.begun = not table.begun, True
        bold = all(block.level == BOLD_LEVEL and block.kind is BlockKind.PARAGRAPH for block in blocks)
        if (row.header or (first and bold and len(blocks) == len(row.cells))) and len(row.cells) > 1:
            table.header = " | ".join(block.plain for block in blocks)
            return
        nested = any(block.kind in (BlockKind.HEADING, BlockKind.ROW) for block in blocks)
        layout = nested or any(len(cell) > 6 for cell in row.cells) or sum(map(_words, blocks)) > ROW_WORDS_MAX
        if layout and (len(row.cells) < 2 or nested or any(len(cell) > 6 for cell in row.cells)):
            self._emit(blocks)
            return
        self._merge(table, _joined(self._text, blocks, table.header), row.reach)

    def _merge(self, table: _Table, block: Block, reach: int) -> None:
        if table.left:
            table.left -= 1
            joined = _joined(self._text, [*table.merged, block], table.header)
            if _words(joined) <= ROW_WORDS_MAX:
                table.merged = [joined]
            else:
                lead = table.merged[0].plain[:120]
                table.merged.append(Block(BlockKind.ROW, block.start, block.end, block.plain, lead=lead))
            if not table.left:
                self._emit(table.merged)
                table.merged = []
            return
        if reach > 1:
            table.merged, table.left = [block], reach - 1
            return
        self._emit([block])

    def end(self) -> None:
        """Finish a table with the row left open."""
        self.end_row()
        table = self._tables.pop()
        self._emit(table.merged)

    def _emit(self, blocks: list[Block]) -> None:
        outer = next((t.rows[-1] for t in reversed(self._tables[:-1]) if t.rows and t.rows[-1].cells), None)
        (outer.cells[-1] if outer is not None else self._blocks).extend(blocks)


def _words(block: Block) -> int:
    return block.words


def _joined(text: str, blocks: list[Block], header: str) -> Block:
    start, end = blocks[0].start, blocks[-1].end
    return Block(BlockKind.ROW, start, end, plain_words(text, start, end, Markup.HTML), lead=header)
