"""E-mail addresses, and those that somebody spells so that no machine should find them: "eva (at) example (dot) org".

A spelled address is returned as an address; its span says how it stood. The bare word "at" joins one only where a dot
is spelled as well: "meet me at example.org" names none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from services.router.core.reading.verdict import Detail, Span
from services.router.core.reading.words import ELIDED

EMAILS_MAX: Final = 20
LOCAL_PART_MAX: Final = 65
SIGNS_MAX: Final = 300
DOMAIN_MAX: Final = 450

# Latin, Greek and Cyrillic letters: scripts without spaces would run into the address ("邮箱eva@example.org请").
_LETTER: Final = r"A-Za-z0-9\u00c0-\u024f\u0370-\u03ff\u0400-\u04ff"
_LOCAL: Final = rf"(?<![{_LETTER}_.+-])[{_LETTER}_][{_LETTER}_.+'’-]{{0,63}}"
_LABEL: Final = rf"[{_LETTER}-]{{1,63}}"
_EMAIL: Final = re.compile(rf"{_LOCAL}@{_LABEL}(?:\.{_LABEL}){{1,6}}(?![{_LETTER}_@])")
_SPELLED_LOCAL: Final = re.compile(rf"{_LOCAL}$")
_PLAINLY_AT: Final = (
    "arobase|arroba|chiocciola|małpa|malpa|apenstaartje|apestaartje|zavináč|zavinac|kukac|παπάκι|παπακι|snabel-a|"
    "snabela|affenschwanz|klammeraffe|собака"
)
_AT: Final = re.compile(
    rf"\s?[(\[{{<]\s?(?:@|at|ät|{_PLAINLY_AT})\s?[)\]}}>]\s?|\s(?P<bare>at|ät)\s|\s(?:{_PLAINLY_AT})\s", re.IGNORECASE
)
_DOT_WORDS: Final = (
    "dot|punkt|punto|point|ponto|punt|kropka|tečka|tecka|pont|τελεία|τελεια|nokta|točka|tocka|punct|punkts"
)
_DOT: Final = rf"(?:\.|\s?[(\[{{<]\s?(?:\.|{_DOT_WORDS})\s?[)\]}}>]\s?|\s(?:{_DOT_WORDS})\s)"
_SPELLED_DOMAIN: Final = re.compile(rf"{_LABEL}(?:{_DOT}{_LABEL}){{1,4}}(?![{_LETTER}_@])", re.IGNORECASE)
_SPELLED_DOT: Final = re.compile(_DOT, re.IGNORECASE)
_TOP_LEVEL: Final = re.compile(r"(?:[^\W\d_]{2,24}|xn--[a-z0-9-]{2,40})", re.IGNORECASE)
_COMMON_WRITTEN = "com org net edu gov info eu io co uk de fr es pl nl pt ro lv se dk cz hu gr hr tr ch ie fi ca au nz"
_COMMON: Final = frozenset(_COMMON_WRITTEN.split())


def emails_of(text: str) -> list[Detail]:
    """Return the addresses of a text in its order, written or spelled."""
    found = [*_written(text), *_spelled(text)]
    return sorted(found, key=lambda one: one.span.start)[:EMAILS_MAX]


def _written(text: str) -> Iterator[Detail]:
    at, after, count = text.find("@"), 0, 0
    for _ in range(SIGNS_MAX):
        if at < 0 or count == EMAILS_MAX:
            return
        end = min(len(text), at + DOMAIN_MAX)
        dotted = text.find(".", at, end) >= 0  # no address is without a full stop behind its sign
        match = _EMAIL.search(text, max(after, at - LOCAL_PART_MAX), end) if dotted else None
        if match is not None:
            start = match.start() + _leaning(match.group())
            yield Detail("email", text[start : match.end()], Span(start, match.end()))
            count, after = count + 1, match.end()
        at = text.find("@", max(at + 1, after))


def _spelled(text: str) -> Iterator[Detail]:
    for count, joint in enumerate(_AT.finditer(text)):
        if count == EMAILS_MAX:
            return
        local = _SPELLED_LOCAL.search(text, max(0, joint.start() - LOCAL_PART_MAX), joint.start())
        domain = _SPELLED_DOMAIN.match(text, joint.end(), min(len(text), joint.end() + DOMAIN_MAX))
        if local is None or domain is None:
            continue
        labels = _SPELLED_DOT.split(domain.group())
        if _TOP_LEVEL.fullmatch(labels[-1]) is None or (joint["bare"] and not _is_spelled(domain.group(), labels)):
            continue
        start = local.start() + _leaning(local.group())
        value = f"{text[start : joint.start()]}@{'.'.join(labels)}"
        yield Detail("email", value, Span(start, domain.end()))


def _is_spelled(domain: str, labels: list[str]) -> bool:
    """Tell whether a dot is spelled and the end is one that everybody knows: "at the dot on the map" is no address."""
    return len(labels) > domain.count(".") + 1 and labels[-1].casefold() in _COMMON


def _leaning(address: str) -> int:
    """Return how many letters lean on an address: "d'eva@example.org" is eva's, "o'neil@example.org" is O'Neil's."""
    head = re.match(r"([^\W\d_]{1,4})['’]", address)
    return head.end() if head is not None and head[1].casefold() in ELIDED else 0
