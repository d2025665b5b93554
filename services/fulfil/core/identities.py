"""Who is asked about: the identities as given, cleaned and bounded."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from services.fulfil.core.maps.model import DataMap, identity_name

VALUE_LENGTH_MAX: Final = 1_000
VALUES_MAX: Final = 100
DIGITS_MIN: Final = 6
DIGITS_MAX: Final = 15
_UNSEEN: Final = frozenset("\u00ad\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff")
FOLDED: Final = frozenset({"email"})

Identities = Mapping[str, tuple[str, ...]]


class IdentityFault(ValueError):
    """An identity cannot be used; the message says why and never repeats its value."""


def read_identities(given: Iterable[str]) -> Identities:
    """Read `name=value` pairs; a value given twice counts once."""
    found: dict[str, list[str]] = {}
    for pair in given:
        name, equals, value = pair.partition("=")
        name, value = identity_name(name), _typed(value)
        if not equals or not name or not value:
            raise IdentityFault("An identity is written name=value, for example email=ann@example.org.")
        if any("\ud800" <= letter <= "\udfff" for letter in value):
            raise IdentityFault(f"The {name} is not text in UTF-8; look at the terminal's or the file's encoding.")
        if len(value) > VALUE_LENGTH_MAX or "\x00" in value:
            raise IdentityFault(f"The {name} is longer than {VALUE_LENGTH_MAX} characters or holds a null character.")
        values = found.setdefault(name, [])
        if value not in values:
            values.append(value)
    if not found:
        raise IdentityFault("Say whom to look for: --identity email=ann@example.org.")
    if sum(map(len, found.values())) > VALUES_MAX:
        raise IdentityFault(f"More than {VALUES_MAX} identities were given; one request is about one person.")
    return {name: tuple(dict.fromkeys(s for v in values for s in spellings(name, v))) for name, values in found.items()}


def _typed(value: str) -> str:
    """Return a value without what nobody types: letters of no width come along when an address is copied."""
    return "".join(letter for letter in value if letter not in _UNSEEN).strip()


def spellings(name: str, value: str) -> tuple[str, ...]:
    """Return the ways in which systems write one value: a phone number with and without its spaces, `+` or `00`."""
    if re.fullmatch(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", value):
        return tuple(dict.fromkeys((value, value.lower(), value.upper())))
    digits = re.sub(r"\D", "", value)
    if name != "phone_number" or not DIGITS_MIN <= len(digits) <= DIGITS_MAX or re.search(r"[^\d+\s()./-]", value):
        return (value,)
    compact = re.sub(r"[^\d+]", "", value)
    ways = [value, compact]
    if compact.startswith("+"):
        ways += [f"00{digits}", digits]
    elif compact.startswith("00"):
        ways += [f"+{digits[2:]}", digits[2:]]
    return tuple(dict.fromkeys(ways))


def unknown_to(identities: Identities, maps: Sequence[DataMap]) -> str:
    """Return what to say if no map knows one of these identities, or nothing."""
    known = sorted({f.identity for m in maps for t in m.tables for _, f in t.identities() if f.identity})
    missing = [name for name in identities if name not in known]
    if not missing:
        return ""
    return f"No map has a field for the identity {', '.join(missing)}; the maps know: {', '.join(known)}."


def known_to(identities: Identities, maps: Sequence[DataMap]) -> bool:
    """Whether any map has a field for any of these identities."""
    return any(f.identity in identities for m in maps for t in m.tables for _, f in t.identities())
