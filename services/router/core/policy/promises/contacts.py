"""Addresses as published: mail addresses plain or hidden from robots, telephone numbers, pages, postal lines."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_AT = r"\s?(?:@|\(at\)|\[at\]|\{at\}|\(@\)|\[@\]|\s(?:at|AT)\s(?=\w[\w.-]*\.\w{2,4}\b|\w+\s?[\[(]dot))\s?"
_DOT = r"\s?(?:\.|\(dot\)|\[dot\]|\{dot\}|\(punkt\)|\[punkt\]|\(point\)|\sdot\s)\s?"
_MAIL: Final = re.compile(
    rf"(?<![\w.@/])(?P<local>[a-zA-Z0-9][\w.+-]{{0,62}}){_AT}(?P<domain>[a-zA-Z0-9-]{{1,63}}(?:{_DOT}[a-zA-Z0-9-]{{1,63}}){{0,3}}{_DOT}[a-zA-Z]{{2,24}})\b",
    re.IGNORECASE,
)
_PHONE: Final = re.compile(r"(?<![\w/.-])(?:\(?(?:\+|00)\d{1,3}\)?|\(?0\d{2,5}\)?)[\d\s().\xa0-]{5,18}\d(?![\w/-])")
_PAGE: Final = re.compile(
    r"(?<![\w@])(?:https?://[^\s<>()\"'\]]{4,300}|www\.[\w-]+(?:\.[\w-]+)+(?:/[^\s<>()\"'\]]{0,200})?)"
)
_POSTAL: Final = re.compile(
    r"(?:\b\d{1,4}\w?,?\s+(?:[A-Z][\w.'-]+\s+){1,4}(?:Street|St|Road|Rd|Avenue|Ave|Lane|Drive|Square|Boulevard|Blvd|Way|Court|Place)\b"
    r"|\b[A-ZÄÖÜ][\w.äöüß-]*(?:straße|strasse|str\.|weg|platz|allee|gasse)\s+\d|\b\d{1,4}(?: ?bis)?,?\s+(?:rue|avenue|boulevard|place|chemin|impasse)\b"
    r"|\b(?:calle|avenida|via|viale|piazza|ul\.|ulica|rua|strada|str\.)\s+[A-Z]|\bP\.?\s?O\.? Box\b|\b[A-Z]{2}-\d{4}\b|[A-Z][\w-]+ \d{1,4}[a-z]?, [A-Z][a-z]+, [A-Z]{2}-?\d{4})",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Contact:
    """One way to reach somebody: its address in the form a program can use, and as it was published."""

    channel: str
    address: str
    published: str
    start: int
    end: int


def contacts(text: str) -> list[Contact]:
    """Return the mail addresses, telephone numbers and pages a text names."""
    found = [_mail(match) for match in _MAIL.finditer(text)]
    taken = [(contact.start, contact.end) for contact in found]
    for channel, pattern in (("phone", _PHONE), ("web", _PAGE)):
        for match in pattern.finditer(text):
            if any(match.start() < end and start < match.end() for start, end in taken):
                continue
            published = match.group().rstrip(".,;:")
            if channel == "phone" and not 7 <= sum(map(str.isdigit, published)) <= 15:
                continue
            taken.append((match.start(), match.start() + len(published)))
            found.append(Contact(channel, published, published, match.start(), match.start() + len(published)))
    return sorted(found, key=lambda contact: contact.start)


def has_postal(text: str) -> bool:
    """Whether a text names a street, a box or a postal code."""
    return bool(_POSTAL.search(text))


def _mail(match: re.Match[str]) -> Contact:
    domain = re.sub(_DOT, ".", match["domain"], flags=re.IGNORECASE)
    return Contact("email", f"{match['local']}@{domain}".lower(), match.group(), match.start(), match.end())
