"""A record's headers as one text column, byte for byte: what could not be read must be kept as it came."""

from __future__ import annotations

import json

Headers = tuple[tuple[str, bytes], ...]


def to_text(headers: Headers) -> str:
    """Return the headers as JSON; Latin-1 maps every byte to one character and back."""
    return json.dumps([[name, value.decode("latin-1")] for name, value in headers], separators=(",", ":"))


def from_text(text: str) -> Headers:
    """Return the headers that `to_text` wrote."""
    return tuple((name, value.encode("latin-1")) for name, value in json.loads(text))
