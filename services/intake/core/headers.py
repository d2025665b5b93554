"""A mail's headers as people wrote them: encoded words, raw UTF-8 (RFC 6532), and bytes that nobody declared."""

from __future__ import annotations

import email.errors
import re
from email.header import decode_header
from email.message import Message
from email.utils import getaddresses
from typing import Final

from services.intake.core.charsets import decoded, whole

HEADER_CHARACTERS_MAX: Final = 20_000
ADDRESS_HEADER_CHARACTERS_MAX: Final = 10_000
ADDRESSES_MAX: Final = 100
_CONTROLS: Final = re.compile(r"[\x00-\x1f\x7f]+")
_ESCAPED: Final = re.compile("[\udc80-\udcff]")


def header(message: Message, name: str) -> str:
    """Return a header's words; control characters become spaces, so that no header brings a line of its own."""
    return unworded(raw_header(message, name))


def raw_header(message: Message, name: str) -> str:
    """Return a header as it stands, its bytes as letters and its encoded words as they are."""
    found: object = message.get(name, "")
    if not isinstance(found, str):
        # The parser's own access puts a mark in the place of every byte that is not ASCII.
        wanted = name.lower()
        found = next(str(value) for known, value in message.raw_items() if known.lower() == wanted)
    text = str(found)[:HEADER_CHARACTERS_MAX]
    if not text.isascii() and _ESCAPED.search(text):
        text = decoded(text.encode("utf-8", "surrogateescape"), None)
    return text


def unworded(value: str) -> str:
    """Return a header's value with its encoded words decoded (RFC 2047)."""
    if "=?" in value:
        try:
            pieces = decode_header(value)
        except (email.errors.HeaderParseError, ValueError):  # malformed base64 in an encoded word
            pieces = [(value, None)]
        value = "".join(_piece(piece, charset) for piece, charset in pieces)
    return _CONTROLS.sub(" ", whole(value)).strip()


def addresses(message: Message, *names: str) -> list[tuple[str, str]]:
    """Return names and addresses.

    The header is taken apart before its encoded words are decoded: a name may hold commas and brackets, and must not
    become an address by it (RFC 2047 section 6.2).
    """
    values = [raw_header(message, name)[:ADDRESS_HEADER_CHARACTERS_MAX] for name in names]
    found = getaddresses([_CONTROLS.sub(" ", value) for value in values if value])[:ADDRESSES_MAX]
    return [(unworded(name), whole(address.strip())) for name, address in found]


def _piece(piece: str | bytes, charset: str | None) -> str:
    if isinstance(piece, str):
        return piece
    if charset is not None:
        return decoded(piece, charset)
    # What stands between encoded words was letters already; the library hands it on as escaped bytes.
    try:
        return piece.decode("raw-unicode-escape" if b"\\u" in piece.lower() else "latin-1")
    except UnicodeDecodeError:
        return piece.decode("latin-1")
