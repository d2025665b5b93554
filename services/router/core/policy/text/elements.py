"""What an element of a page is: seen or hidden, a menu, a heading, an item of a list a word processor wrote."""

from __future__ import annotations

import re
from typing import Final

VOID: Final = frozenset("area base br col embed hr img input link meta param source track wbr".split())  # noqa: SIM905
UNSEEN: Final = frozenset("script style template svg noscript head select button iframe object canvas math".split())  # noqa: SIM905
_FOLDING: Final = re.compile(
    r"(?i)accordion|collaps|toggle|expand|panel|\bfaq|fold|disclosure|(?:^|[\s_-])tabs?(?:$|[\s_-])"
)
"""What elements call themselves that a page opens at a click: they are hidden, and text nonetheless."""


MENU: Final = frozenset("nav footer aside menu".split())  # noqa: SIM905
BLOCKS: Final = frozenset(
    [
        "p",
        "div",
        "section",
        "article",
        "main",
        "header",
        "footer",
        "nav",
        "aside",
        "ul",
        "ol",
        "li",
        "dl",
        "dt",
        "dd",
        "table",
        "thead",
        "tbody",
        "tfoot",
        "tr",
        "td",
        "th",
        "caption",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "blockquote",
        "pre",
        "address",
        "figure",
        "figcaption",
        "form",
        "fieldset",
        "details",
        "summary",
        "body",
        "html",
        "hr",
        "center",
        "menu",
    ]
)


_MENU_NAMES: Final = re.compile(
    r"(?i)(?:^|[\s_-])(?:nav|navbar|navigation|menu|topbar|footer|breadcrumbs?|sitemap|skip-?link|catlinks|printfooter|cookie-?(?:banner|bar|consent))"
    r"(?:$|[\s_-])"
)


HEADINGS: Final = {"h1": 1, "h2": 2, "h3": 3, "h4": 4, "h5": 5, "h6": 6, "dt": 35, "summary": 35, "caption": 36}
BOLD: Final = frozenset(("b", "strong", "u"))


def is_hidden(attributes: dict[str, str | None]) -> bool:
    style = (attributes.get("style") or "").replace(" ", "").lower()
    return "hidden" in attributes or "display:none" in style or "visibility:hidden" in style


def is_folding(attributes: dict[str, str | None]) -> bool:
    """Whether an element unfolds at a click, or is the button that unfolds another."""
    if "aria-expanded" in attributes or "aria-controls" in attributes:
        return True
    names = f"{attributes.get('id') or ''} {attributes.get('class') or ''} {attributes.get('role') or ''}"
    return bool(_FOLDING.search(f"{names} {' '.join(name for name in attributes if name.startswith('data-'))}"))


def is_written_item(tag: str, attributes: dict[str, str | None]) -> bool:
    """Whether a paragraph is an item of a list, as Word exports them."""
    if tag != "p":
        return False
    style = (attributes.get("style") or "").replace(" ", "").lower()
    return (attributes.get("class") or "").startswith("MsoListParagraph") or "mso-list:l" in style


def is_named_menu(tag: str, attributes: dict[str, str | None]) -> bool:
    """Whether an element calls itself a menu, a footer, a trail of crumbs or a cookie banner."""
    if tag not in ("div", "ul", "ol", "section", "span", "p", "table"):
        return False
    return bool(_MENU_NAMES.search(f"{attributes.get('id') or ''} {attributes.get('class') or ''}"))
