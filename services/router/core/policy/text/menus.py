"""Which of a document's blocks are a site's and nobody's words: menus before and after the text, buttons within."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import zip_longest
from typing import Final

from services.router.core.policy.text.addresses import is_reached
from services.router.core.policy.text.blocks import SHORT_WORDS_MAX, Block, BlockKind, is_address_like, is_titled

MENU_LINES_MIN: Final = 3


def menus(blocks: list[Block]) -> list[Block]:
    """Mark runs of short lines before the first sentence and after the last as navigation."""
    blocks = [block.as_kind(BlockKind.NAVIGATION) if _is_menu_line(block) else block for block in blocks]
    first = next((index for index, block in enumerate(blocks) if _is_prose(block)), len(blocks))
    last = next((index for index in range(len(blocks) - 1, -1, -1) if _is_prose(blocks[index])), -1)
    head = _menu(blocks[:first], leading=True)
    tail = _menu(blocks[last + 1 :], leading=False) if last >= first else []
    return _joined_menus(head + blocks[first : last + 1] + tail)


def _is_menu_line(block: Block) -> bool:
    """Whether one line holds a whole menu: "Home | Shop | Contact"."""
    parts = re.split(r"\s[|»·•/]\s", block.plain)
    told = block.kind is not BlockKind.PARAGRAPH or block.plain.rstrip().endswith(("?", ".", "!"))
    return not told and len(parts) >= MENU_LINES_MIN and all(len(p.split()) <= 3 for p in parts)


def _joined_menus(blocks: list[Block]) -> list[Block]:
    """Make one block of neighbouring menu lines: nobody will cite them one by one."""
    result: list[Block] = []
    for block in blocks:
        before = result[-1] if result else None
        if before is not None and before.kind is block.kind is BlockKind.NAVIGATION:
            result[-1] = replace(before, end=block.end, plain=f"{before.plain} {block.plain}")
        else:
            result.append(block)
    return result


def _menu(blocks: list[Block], *, leading: bool) -> list[Block]:
    if leading and blocks and blocks[0].words == 1 and blocks[0].plain.startswith(("http://", "https://", "www.")):
        return [blocks[0].as_kind(BlockKind.NOTICE), *_menu(blocks[1:], leading=True)]
    begin = next((index for index, block in enumerate(blocks) if _is_menu_entry(block)), len(blocks))
    stop = begin
    while stop < len(blocks) and _is_menu_entry(blocks[stop]):
        stop += 1
    if stop - begin < MENU_LINES_MIN:
        return blocks
    if not leading and any(is_reached(block) for block in blocks[begin:stop]):
        return blocks
    return [*blocks[:begin], *(block.as_kind(BlockKind.NAVIGATION) for block in blocks[begin:stop]), *blocks[stop:]]


def _is_menu_entry(block: Block) -> bool:
    """Whether a line could stand in a menu: a few words that are no section's title, no label and no address."""
    listed = block.kind in (BlockKind.PARAGRAPH, BlockKind.ITEM)
    return listed and block.words <= SHORT_WORDS_MAX and not is_titled(block.plain) and not is_address_like(block.plain)


def once(blocks: list[Block]) -> list[Block]:
    """Take the first of two equal short lines for a button: a page that folds its sections repeats each title."""
    return [
        block.as_kind(BlockKind.NAVIGATION)
        if after is not None
        and block.kind in (BlockKind.PARAGRAPH, BlockKind.HEADING)
        and block.words <= SHORT_WORDS_MAX
        and block.plain.casefold() == after.plain.casefold()
        else block
        for block, after in zip_longest(blocks, blocks[1:])
    ]


def _is_prose(block: Block) -> bool:
    if block.kind not in (BlockKind.PARAGRAPH, BlockKind.ITEM):
        return (
            block.kind in (BlockKind.ROW, BlockKind.HEADING)
            and block.level <= 6
            and block.kind is not BlockKind.HEADING
        )
    return block.words > 9 or (block.words > 3 and block.plain.rstrip().endswith((".", "!", "?")))
