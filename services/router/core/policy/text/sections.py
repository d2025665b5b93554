"""From blocks to sections: what is a menu, what is a heading, what belongs together to be an answer."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from services.router.core.policy.model import ClauseKind
from services.router.core.policy.text.addresses import addresses, is_reached
from services.router.core.policy.text.blocks import (
    PLAIN_LEVEL,
    QUESTION_LEVEL,
    SHORT_WORDS_MAX,
    Block,
    BlockKind,
    is_heading_like,
    is_identifier,
    level_of,
)
from services.router.core.policy.text.menus import menus, once

LIST_WORDS_MAX: Final = 110
ITEM_WORDS_SHORT: Final = 18
TINY_WORDS_MAX: Final = 10
LEAD_CHARACTERS_MAX: Final = 400


@dataclass(frozen=True, slots=True)
class Passage:
    """A clause before it has an id: its span, its headings, and what it reads on from."""

    kind: ClauseKind
    start: int
    end: int
    heading: tuple[str, ...]
    lead: str = ""


def passages(blocks: Sequence[Block]) -> list[Passage]:
    """Return the passages of a document in order."""
    marked = _headings(addresses(_ruined_tables(once(menus(list(blocks))), _shouts(blocks))))
    found: list[Passage] = []
    path: list[tuple[int, str]] = []
    section: list[Block] = []
    for block in marked:
        if block.kind is not BlockKind.HEADING:
            section.append(block)
            continue
        found += _section(section, path)
        section = []
        # Questions and plain lines are headings of one rank, whichever of the two a text began with.
        while path and (path[-1][0] >= block.level or (block.level == PLAIN_LEVEL and path[-1][0] == QUESTION_LEVEL)):
            path.pop()
        path.append((block.level, block.plain))
    found += _section(section, path)
    return found


def _shouts(blocks: Sequence[Block]) -> bool:
    """Whether titles of several words are in capitals: then one of a single word is a title, and no cookie's name."""
    lone = [block.plain for block in blocks if block.kind is BlockKind.PARAGRAPH and block.alone and " " in block.plain]
    return any(len(plain) >= 8 and plain.isupper() and is_heading_like(plain) for plain in lone)


def _ruined_tables(blocks: list[Block], shouts: bool) -> list[Block]:
    """Join the short lines a ruined table leaves, a machine's name among them, with the sentence they belong to."""
    result: list[Block] = []
    index = 0
    while index < len(blocks):
        stop = index
        while stop < len(blocks) and blocks[stop].kind is BlockKind.PARAGRAPH and _is_cell(blocks[stop]):
            stop += 1
        run = blocks[index:stop]
        named = any(is_identifier(block.plain) and not (shouts and block.plain.isalpha()) for block in run)
        columns = len(run) >= 3 and all(block.words <= 3 for block in run) and not all(b.plain.isupper() for b in run)
        if (named or columns) and stop < len(blocks) and not any(map(is_reached, run)):
            following = blocks[stop]
            if following.kind is BlockKind.PARAGRAPH and following.words > SHORT_WORDS_MAX:
                plain = " ".join(block.plain for block in [*run, following])
                result.append(Block(BlockKind.ROW, run[0].start, following.end, plain))
                index = stop + 1
                continue
        result.append(blocks[index])
        index += 1
    return result


def _is_cell(block: Block) -> bool:
    return block.alone and block.words <= SHORT_WORDS_MAX and not set(".!?:;").intersection(block.plain)


def _headings(blocks: list[Block]) -> list[Block]:
    """Mark the lone lines that are headings without saying so."""
    result = []
    for index, block in enumerate(blocks):
        following = blocks[index + 1] if index + 1 < len(blocks) else None
        result.append(_as_heading(block) if _is_heading(block, following) else block)
    return result


_GOES_ON: Final = re.compile(
    r"(?i)\b(?:to|where|when|if|that|which|by|for|of|with|and|or|the|your|following|zu|wenn|dass|auf|für|und|oder|die|de|du|des"
    r"|d'|à|pour|si|que|lorsque|où|et|ou|para|cuando|di|a|e|se|te|om|als|do|gdy|jeśli|oraz|lub)\W*$"
)
"""How a sentence ends that the list below it completes: no title ends so."""


def _is_heading(block: Block, following: Block | None) -> bool:
    if block.kind is not BlockKind.PARAGRAPH or not block.alone or not is_heading_like(block.plain):
        return False
    if following is None or following.kind in (BlockKind.NAVIGATION, BlockKind.NOTICE):
        return False
    if block.level:  # the whole line is bold
        return True
    if following.kind is BlockKind.ITEM and _GOES_ON.search(block.plain):
        return False
    if block.plain.rstrip().endswith(":"):
        return following.kind is BlockKind.PARAGRAPH and block.words <= 10
    return following.kind is not BlockKind.HEADING


def _as_heading(block: Block) -> Block:
    if block.kind is BlockKind.HEADING:
        return block
    natural = level_of(block.plain)
    return block.as_kind(BlockKind.HEADING, min(natural, block.level) if block.level else natural)


def _section(blocks: list[Block], path: list[tuple[int, str]]) -> list[Passage]:
    """Return the passages under one heading: lists with their lead-ins, addresses, joined short lines."""
    heading = tuple(plain for _, plain in path)
    found: list[Passage] = []
    index = 0
    while index < len(blocks):
        block = blocks[index]
        if block.kind is BlockKind.ITEM:
            stop = _run(blocks, index, BlockKind.ITEM)
            found += _items(blocks[index:stop], heading, "")
        elif block.kind is BlockKind.PARAGRAPH:
            stop, some = _paragraph(blocks, index, heading)
            found += some
        else:
            stop = index + 1
            found.append(Passage(_KINDS[block.kind], block.start, block.end, heading, block.lead))
        index = stop
    return found


_KINDS: Final = {
    BlockKind.ROW: ClauseKind.ROW,
    BlockKind.ADDRESS: ClauseKind.ADDRESS,
    BlockKind.NOTICE: ClauseKind.NOTICE,
    BlockKind.NAVIGATION: ClauseKind.NAVIGATION,
}


def _run(blocks: list[Block], index: int, kind: BlockKind) -> int:
    while index < len(blocks) and blocks[index].kind is kind:
        index += 1
    return index


def _paragraph(blocks: list[Block], index: int, heading: tuple[str, ...]) -> tuple[int, list[Passage]]:
    """Return what a paragraph begins: an address, a list it leads into, or itself with the tiny ones around it."""
    block = blocks[index]
    following = blocks[index + 1] if index + 1 < len(blocks) else None
    if following is not None and (_leads(block) or (following.kind is BlockKind.ITEM and _is_unfinished(block))):
        if following.kind is BlockKind.ITEM:
            stop = _run(blocks, index + 1, BlockKind.ITEM)
            return stop, _list(block, blocks[index + 1 : stop], heading)
        if following.kind is BlockKind.ADDRESS and block.words <= LIST_WORDS_MAX:
            return index + 2, [Passage(ClauseKind.PARAGRAPH, block.start, following.end, heading)]
    stop = index + 1
    while stop < len(blocks) and blocks[stop - 1].words <= TINY_WORDS_MAX and blocks[stop].kind is BlockKind.PARAGRAPH:
        if blocks[stop].marker == "numbered":
            break
        if stop + 1 < len(blocks) and blocks[stop + 1].kind is BlockKind.ITEM and _leads(blocks[stop]):
            break
        stop += 1
    return stop, [Passage(ClauseKind.PARAGRAPH, block.start, blocks[stop - 1].end, heading)]


def _leads(block: Block) -> bool:
    return block.plain.rstrip().endswith((":", "：", ",", "…"))


def _is_unfinished(block: Block) -> bool:
    """Whether a sentence goes on in the list below it: "We may decline to act where"."""
    return block.words > 2 and block.plain.rstrip()[-1:].isalnum()


def _list(lead: Block, items: list[Block], heading: tuple[str, ...]) -> list[Passage]:
    """Return a list with its lead-in: as one clause where only the whole answers, else item by item."""
    words = lead.words + sum(item.words for item in items)
    colon = _leads(lead) or _is_unfinished(lead)
    brief = all(item.words <= ITEM_WORDS_SHORT for item in items)
    if colon and brief and words <= LIST_WORDS_MAX:
        return [Passage(ClauseKind.LIST, lead.start, items[-1].end, heading)]
    first = Passage(ClauseKind.PARAGRAPH, lead.start, lead.end, heading)
    return [first, *_items(items, heading, lead.plain if colon else "")]


def _items(items: list[Block], heading: tuple[str, ...], lead: str) -> list[Passage]:
    """Return the items; one that leads into items of another style keeps them, where that is short enough."""
    found: list[Passage] = []
    index = 0
    while index < len(items):
        item = items[index]
        stop = index + 1
        while stop < len(items) and items[stop].marker != item.marker:
            stop += 1
        inner = items[index + 1 : stop]
        words = sum(block.words for block in items[index:stop])
        if inner and words > LIST_WORDS_MAX:
            found.append(_item(item, item.end, heading, lead))
            found += _items(inner, heading, item.plain[:LEAD_CHARACTERS_MAX])
        else:
            found.append(_item(item, items[stop - 1].end, heading, lead))
        index = stop
    return found


def _item(item: Block, end: int, heading: tuple[str, ...], lead: str) -> Passage:
    kind = ClauseKind.ITEM if end == item.end else ClauseKind.LIST
    return Passage(kind, item.start, end, heading, lead[:LEAD_CHARACTERS_MAX])
