"""Lines that say where somebody is reached: which they are, and which of them belong together."""

from __future__ import annotations

from typing import Final

from services.router.core.policy.text.blocks import Block, BlockKind, is_address_like, is_titled

_COMPANY_FORMS: Final = frozenset(
    [
        "Ltd",
        "Limited",
        "GmbH",
        "AG",
        "SRL",
        "SARL",
        "SA",
        "SAS",
        "Inc",
        "LLC",
        "BV",
        "KG",
        "eV",
        "UG",
        "Oy",
        "AB",
        "AS",
        "SpA",
        "Srl",
        "Kft",
    ]
)


def _is_imprint(plain: str) -> bool:
    """Whether a short line has a house number or a company's form, as addresses do and menus do not."""
    if is_titled(plain):
        return False
    words = plain.replace(",", " ").replace(".", " ").split()
    return any(word.isdigit() for word in words) or ("©" not in plain and bool(_COMPANY_FORMS.intersection(words[1:])))


def is_reached(block: Block) -> bool:
    return is_address_like(block.plain) or _is_imprint(block.plain)


def addresses(blocks: list[Block]) -> list[Block]:
    """Join the lines that say where somebody is reached."""
    result: list[Block] = []
    index = 0
    while index < len(blocks):
        stop = _address_end(blocks, index)
        if stop > index:
            run = blocks[index:stop]
            plain = " ".join(block.plain for block in run)
            result.append(Block(BlockKind.ADDRESS, run[0].start, run[-1].end, plain))
        else:
            stop = index + 1
            result.append(blocks[index])
        index = stop
    return result


def _address_end(blocks: list[Block], index: int) -> int:
    """Return where a cluster of address lines ends, or `index` where none begins."""
    stop = index
    while stop < len(blocks) and blocks[stop].kind is BlockKind.PARAGRAPH and _is_address_line(blocks[stop]):
        stop += 1
    # The last line before a sentence is that sentence's heading, unless it is plainly part of the address.
    while stop > index and not is_reached(blocks[stop - 1]) and stop < len(blocks) and _is_text(blocks[stop]):
        stop -= 1
    # One line before it may be the name; more than that is another matter.
    first = next((block for block in blocks[index:stop] if is_reached(block)), None)
    if first is None or blocks.index(first) - index > 1:
        return index
    run = blocks[index:stop]
    reached = sum(map(is_reached, run))
    return stop if len(run) >= 2 and reached * 3 >= len(run) else index


def _is_text(block: Block) -> bool:
    return block.kind not in (BlockKind.HEADING, BlockKind.NAVIGATION, BlockKind.NOTICE)


def _is_address_line(block: Block) -> bool:
    if block.words > 14:
        return False
    if is_titled(block.plain) and not is_address_like(block.plain):
        return False
    ended = block.plain.rstrip().endswith((".", "?", "!", ";", ":"))
    return is_address_like(block.plain) or (block.alone and block.words <= 8 and not ended) or _is_short_imprint(block)


def _is_short_imprint(block: Block) -> bool:
    return block.words <= 7 and _is_imprint(block.plain)
