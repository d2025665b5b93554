"""HTML as a person reads it, with what a program marks as quoted shown as quoted.

In HTML a quotation is a margin or a line at its side, and mail programs mark it for each other. As text it would stand
there as if the writer had written it now.
"""

from __future__ import annotations

import re
from html import unescape
from typing import Final

HTML_CHARACTERS_MAX: Final = 400_000
QUOTATIONS_MAX: Final = 50
_QUOTED: Final = (
    'blockquote[type="cite"]', "blockquote[cite]", "blockquote.gmail_quote", "blockquote.protonmail_quote",
    "div.yahoo_quoted", "div.moz-forward-container", "blockquote.tutanota_quote", "blockquote.zmail_extra",
)  # fmt: skip
_HINTS: Final = ("cite", "_quote", "yahoo_quoted", "moz-forward", "zmail_extra")
_UNSEEN: Final = re.compile(r"<(head|style|script|title)\b|<!--", re.IGNORECASE)
_SEEN_AGAIN: Final = {
    name: re.compile(f"</{name}" if name else "-->", re.IGNORECASE) for name in ("head", "style", "script", "title", "")
}
_TAG: Final = re.compile(r"<[^<>]{0,4000}>")
TAGS_OF_DEPTH_MIN: Final = 256
"""So deep the parser follows; what stands deeper it drops without a word."""
_PLACE: Final = "\ue0f1{}\ue0f2"
_PLACES: Final = re.compile("\ue0f1([0-9]{1,3})\ue0f2")


def readable(html: str) -> str:
    """Return a page's words, line by line, its quotations marked as in plain mail."""
    page = html[:HTML_CHARACTERS_MAX]
    if any(hint in page for hint in _HINTS):
        page, quotations = _set_apart(page)
        if quotations:
            text = _words(page)
            return _PLACES.sub(lambda found: _marked(quotations, int(found[1])), text)
    return _words(page)


def _set_apart(page: str) -> tuple[str, list[str]]:
    """Return the page with a mark in the place of each outermost quotation, and what stood there."""
    from selectolax.lexbor import LexborHTMLParser  # only for mails in HTML that quote

    tree = LexborHTMLParser(page)
    found = tree.css(",".join(_QUOTED))[:QUOTATIONS_MAX]
    known = {node.mem_id for node in found}
    quotations: list[str] = []
    for node in found:
        above = node.parent
        while above is not None and above.mem_id not in known:
            above = above.parent
        if above is not None:
            continue  # inside another one, which holds it
        quotations.append(node.html or "")
        node.replace_with(_PLACE.format(len(quotations) - 1))
    return (tree.html or page, quotations) if quotations else (page, [])


def _marked(quotations: list[str], number: int) -> str:
    if number >= len(quotations):
        return ""
    lines = _words(quotations[number]).strip("\n").split("\n")
    return "\n" + "\n".join(f"> {line.rstrip()}" for line in lines) + "\n"


def glanced(page: str) -> str:
    """Return a page's words as they come, its tags cut out: cheap, and it drops nothing that somebody sees."""
    return unescape(_TAG.sub(" ", _seen(page)))


def _seen(page: str) -> str:
    """Return a page without what nobody sees of it. Each closing is looked for once: what is never closed ends it."""
    pieces, after = [], 0
    while (opened := _UNSEEN.search(page, after)) is not None:
        pieces.append(page[after : opened.start()])
        closed = _SEEN_AGAIN[(opened[1] or "").lower()].search(page, opened.end())
        if closed is None:
            return " ".join(pieces)
        after = closed.end()
    return " ".join([*pieces, page[after:]])


def _words(page: str) -> str:
    from inscriptis import get_text  # with its parser 5 MB, and most mails say it in plain text too
    from inscriptis.model.config import ParserConfig

    try:
        text = str(get_text(page, ParserConfig(display_links=False)))
    except (ValueError, RecursionError, AssertionError):
        # The parser gave up on this HTML: cut out its tags rather than lose the person's words.
        return glanced(page)
    if page.count("<") > TAGS_OF_DEPTH_MIN:
        rough = glanced(page)
        if 2 * len(text.split()) < len(rough.split()) and "display" not in page:
            return rough
    return text
