"""HTML as a person reads it, with what a program marks as quoted shown as quoted.

In HTML a quotation is a margin or a line at its side, and mail programs mark it for each other. As text it would stand
there as if the writer had written it now.
"""

from __future__ import annotations

import re
from typing import Final

HTML_CHARACTERS_MAX: Final = 400_000
QUOTATIONS_MAX: Final = 50
_QUOTED: Final = (
    'blockquote[type="cite"]', "blockquote[cite]", "blockquote.gmail_quote", "blockquote.protonmail_quote",
    "div.yahoo_quoted", "div.moz-forward-container", "blockquote.tutanota_quote", "blockquote.zmail_extra",
)  # fmt: skip
_HINTS: Final = ("cite", "_quote", "yahoo_quoted", "moz-forward", "zmail_extra")
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


def _words(page: str) -> str:
    from inscriptis import get_text  # with its parser 5 MB, and most mails say it in plain text too
    from inscriptis.model.config import ParserConfig

    try:
        return str(get_text(page, ParserConfig(display_links=False)))
    except (ValueError, RecursionError, AssertionError):
        # The parser gave up on this HTML: strip its tags rather than lose the person's words.
        return re.sub(r"<[^<>]{0,2000}>", " ", page)
