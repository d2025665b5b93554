"""Ids that are derived from a cause, as text: version 5 of RFC 9562, as `uuid.uuid5` makes them.

A mail derives some twenty, and most of the time went into making an object of each that only its text was taken from.
"""

from __future__ import annotations

from hashlib import sha1
from uuid import UUID


def derived_text(namespace: UUID, name: str) -> str:
    """Return the text of `uuid5(namespace, name)`."""
    digest = bytearray(sha1(namespace.bytes + name.encode(), usedforsecurity=False).digest()[:16])
    digest[6] = digest[6] & 0x0F | 0x50
    digest[8] = digest[8] & 0x3F | 0x80
    text = digest.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
