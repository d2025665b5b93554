"""Where a long paragraph can be cut without breaking what it says."""

# A pattern is read as one line a case; broken up it is read by nobody.
# ruff: noqa: E501

from __future__ import annotations

import re
from typing import Final

PARAGRAPH_WORDS_MAX: Final = 150
GROUP_WORDS: Final = 90

_STOP: Final = re.compile(
    # The mark comes first: what may not stand before it is looked at only there.
    r"[.!?…]"
    r"(?<![\s(][A-Za-z].)(?<!\be\.g.)(?<!\bi\.e.)(?<!\bNo.)(?<!\bArt.)(?<!\bart.)(?<!\bInc.)(?<!\bLtd.)(?<!\bbzw.)"
    r"(?<!\bz\.B.)(?<!\bca.)(?<!\bStr.)(?<!str.)(?<!\bTel.)(?<!\btālr.)(?<!\bTālr.)(?<!\btlf.)(?<!\breģ.)(?<!\bust.)(?<!\bpkt.)(?<!\btelef.)(?<!\btel.)(?<!\btél.)(?<!\bTél.)(?<!\bul.)(?<!\bal.)(?<!\bpl.)(?<!\bav.)(?<!\bAv.)(?<!\bnr.)(?<!\bnp.)(?<!\blit.)(?<!\bmed.)(?<!\bdent.)"
    r"(?<!\bProf.)(?<!\bNr.)(?<!\betc.)(?<!\bCo.)(?<!\bSt.)(?<!\bDr.)(?<!\bMr.)(?<!\bMs.)(?<!\bvs.)(?<!\bAbs.)"
    r"(?<!\bSec.)"
    r"[\"”’»)\]*_]*(?:</[a-zA-Z]{1,10}>)*(?:\s|&nbsp;)+(?!(?:Januar|Februar|März|April|Mai|Juni|Juli|August|September|Oktober|November|Dezember|Lebensjahr|Geburtstag))(?=[\"“«(\[*_<]{0,3}(?:<[a-zA-Z][^<>]{0,200}>)?[^\sa-z,;:.)])"
)


def sentence_spans(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Return the spans of the sentences in text[start:end], without the blanks between them."""
    spans = []
    begin = start
    for match in _STOP.finditer(text, start, end):
        stop = match.end()
        while stop > match.start() and text[stop - 1].isspace():
            stop -= 1
        if text.endswith("&nbsp;", begin, stop):
            stop -= 6
        if stop > begin:
            spans.append((begin, stop))
        begin = match.end()
    if begin < end:
        spans.append((begin, end))
    return spans


def split_long(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Return a passage's span, cut at sentences into groups of about `GROUP_WORDS` if it is too long to be an answer."""
    words = len(text[start:end].split())
    if words <= PARAGRAPH_WORDS_MAX:
        return [(start, end)]
    share = words / max(round(words / GROUP_WORDS), 1)
    groups: list[tuple[int, int]] = []
    begin, previous, count = start, start, 0
    for first, stop in sentence_spans(text, start, end):
        length = len(text[first:stop].split())
        if count and count + length / 2 > share:
            groups.append((begin, previous))
            begin, count = first, 0
        count += length
        previous = stop
    groups.append((begin, end))
    return groups
