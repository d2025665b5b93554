"""From bytes to letters: what a mail declares, read as browsers read it, and what may be done where that is wrong.

Programs declare less than they use: ISO-8859-1 for Windows' quotation marks, GB 2312 for letters that it does not have,
nothing at all for UTF-8. The WHATWG's Encoding Standard names the wider charset of each, which is what all of them
mean.
"""

from __future__ import annotations

import codecs
import re
from typing import Final

_WIDER: Final = {
    "iso8859-1": "cp1252", "iso8859-9": "cp1254", "iso8859-11": "cp874", "tis-620": "cp874",
    "gb2312": "gb18030", "gbk": "gb18030", "shift_jis": "cp932", "euc_kr": "cp949", "big5": "big5hkscs",
}  # fmt: skip
"""By the names that Python's codecs have for themselves (https://encoding.spec.whatwg.org/#names-and-labels)."""
_NO_CHARSETS: Final = frozenset({"unicode-escape", "raw-unicode-escape", "idna", "punycode", "undefined"})
"""Codecs that Python has besides, and that no mail is written in."""
_MANY_BYTES: Final = frozenset(
    {"gb18030", "cp932", "cp949", "big5hkscs", "euc_jp", "iso2022_jp", "iso2022_kr", "hz", "utf-16", "utf-7"}
)
"""Charsets whose letters take several bytes: one that is broken is one letter, and no reason to read all as another."""
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)  # fmt: skip
_JAPANESE: Final = (b"\x1b$B", b"\x1b$@", b"\x1b(J")
_HALVES: Final = re.compile("[\ud800-\udfff]")
_META: Final = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]{2,40})", re.IGNORECASE)
META_BYTES: Final = 2_048


def decoded(content: bytes, declared: str | None) -> str:
    """Return the letters of these bytes. Nothing is dropped: a byte that is no letter becomes a mark in its place."""
    name = next((charset for mark, charset in _MARKS if content.startswith(mark)), "") or _known(declared)
    if not name and any(sign in content for sign in _JAPANESE):
        name = "iso2022_jp"
    if name and name != "utf-8":
        try:
            return whole(content.decode(name))
        except (UnicodeError, ValueError):
            if name in _MANY_BYTES:
                return whole(content.decode(name, "replace"))
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return _undeclared(content, name)


def declared_in_html(content: bytes) -> str | None:
    """Return the charset that a page names itself; a mail's own header goes before it."""
    found = _META.search(content[:META_BYTES])
    return found[1].decode("ascii") if found else None


def whole(text: str) -> str:
    """Return the text without halves of letters, which can be neither stored nor sent."""
    return _HALVES.sub("\ufffd", text)


def _known(declared: str | None) -> str:
    """Return the charset to read with; nothing where none is declared that a mail could be written in."""
    if not declared:
        return ""
    # Some programs write `utf-8; reply-type=original` or `"utf-8` where a charset stands alone.
    label = re.split(r"[;,\s]", declared.strip("\"' \t"), maxsplit=1)[0][:40]
    try:
        found = codecs.lookup(label)
    except (LookupError, ValueError):
        return ""
    if found.name == "ascii":
        return ""  # what is no ASCII was declared by nobody
    # A codec from bytes to bytes is none (Python says so when text is decoded with it, by LookupError).
    if found.name in _NO_CHARSETS or not getattr(found, "_is_text_encoding", True):
        return ""
    return _WIDER.get(found.name, found.name)


def _undeclared(content: bytes, name: str) -> str:
    """Return bytes that are not UTF-8 throughout: as UTF-8 with a few broken letters, or as Western letters."""
    text = content.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    if sum(1 for letter in text if letter > "\x7f") > 2 * broken:
        return text
    try:
        return content.decode("cp1252")
    except UnicodeDecodeError:
        return content.decode("latin-1") if name != "utf-8" else content.decode("cp1252", "replace")
