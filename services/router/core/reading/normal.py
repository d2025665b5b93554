"""Undo what hides words: zero-width letters, soft hyphens, direction marks and look-alike alphabets.

Every change keeps the text's length, so that a span in the cleaned text is the same span in the text as it arrived.
Characters that should vanish are handled where words are cut: a word is closed over them.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

_INVISIBLE_SIGNS: Final = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff"
)
_INVISIBLE: Final = re.compile(f"[{_INVISIBLE_SIGNS}\U000e0000-\U000e0fff]")
_TAGS_FROM: Final = "\U000e0000"
_FULL_WIDTH: Final[dict[int, int | str | None]] = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_SPACES: Final[dict[int, int | str | None]] = dict.fromkeys(
    map(ord, "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"), " "
)
_CONTROLS: Final[dict[int, int | str | None]] = dict.fromkeys(
    [*range(9), 11, 12, *range(14, 32), *range(127, 160)], " "
)
_PLAIN: Final[dict[int, int | str | None]] = {
    **_FULL_WIDTH,
    **_SPACES,
    **_CONTROLS,
    0x2028: "\n",
    0x2029: "\n",
    0x0D: " ",
}
_CYRILLIC_GREEK_TO_LATIN: Final = str.maketrans(
    "асеорхуіјѕһԁԛԝнтмвкαοριυνκΑΒΕΖΗΙΚΜΝΟΡΤΥΧАВЕКМНОРСТХУІЈЅ", "aceopxyijshdqwhtmbkaopiuvkABEZHIKMNOPTYXABEKMHOPCTXYIJS"
)
_UNPLAIN: Final = frozenset(map(chr, _PLAIN))
_HIDDEN: Final = frozenset(
    chr(code)
    for first, last in re.findall("(.)(?:-(.))?", _INVISIBLE_SIGNS)
    for code in range(ord(first), ord(last or first) + 1)
)
_WORD_LIKE: Final = re.compile(r"\w{2,40}")
_MARKS: Final = frozenset(map(chr, range(0x300, 0x370)))
_ACCENTED: Final = re.compile("[^\\W\\d_][\u0300-\u034e\u0350-\u036f]{1,3}")
_LATIN: Final = re.compile("[A-Za-z]")
_LOOKALIKE: Final = re.compile("[\u0370-\u03ff\u0400-\u052f]")
_LOOKALIKE_FIRST, _LOOKALIKE_LAST = "\u0370", "\u052f"


@dataclass(frozen=True, slots=True)
class Plain:
    """A text that can be read, and the map from its offsets to those of the text as it arrived (None: the same)."""

    text: str
    offsets: tuple[int, ...] | None
    tampered: bool

    def original(self, start: int, end: int) -> tuple[int, int]:
        """Return the same stretch in the text as it arrived."""
        if self.offsets is None or not self.offsets:
            return start, end
        last = (
            self.offsets[min(end, len(self.offsets)) - 1] + 1
            if end > start
            else self.offsets[min(start, len(self.offsets) - 1)]
        )
        return self.offsets[min(start, len(self.offsets) - 1)], last


def _composed(text: str) -> tuple[str, tuple[int, ...]]:
    """Put letters and their accents together again (some mail programs send "o" and "¨"), with each one's place."""
    pieces: list[str] = []
    places: list[int] = []
    after = 0
    for match in _ACCENTED.finditer(text):
        whole = unicodedata.normalize("NFC", match.group())
        pieces += [text[after : match.start()], whole]
        places += [*range(after, match.start()), *[match.start()] * len(whole)]
        after = match.end()
    return "".join([*pieces, text[after:]]), (*places, *range(after, len(text)))


def plain(text: str) -> Plain:
    """Return `text` without invisible characters and with look-alikes of other alphabets made Latin again."""
    # Which letters a text holds is known far sooner than where: most texts need nothing of what follows.
    letters = set(text)
    if text.isascii():
        return Plain(text if letters.isdisjoint(_UNPLAIN) else text.translate(_PLAIN), None, tampered=False)
    offsets: tuple[int, ...] | None = None
    cleaned = text
    if not letters.isdisjoint(_MARKS):
        cleaned, offsets = _composed(text)
        text, letters = cleaned, set(cleaned)
    if not letters.isdisjoint(_HIDDEN) or max(letters) >= _TAGS_FROM:
        kept = [place for place, letter in enumerate(text) if not _INVISIBLE.match(letter)]
        cleaned = "".join(text[place] for place in kept)
        offsets = tuple(kept) if offsets is None else tuple(offsets[place] for place in kept)
    if not letters.isdisjoint(_UNPLAIN):
        cleaned = cleaned.translate(_PLAIN)
    mixed = 0

    def latin(match: re.Match[str]) -> str:
        nonlocal mixed
        word = match.group()
        if not (_LATIN.search(word) and _LOOKALIKE.search(word)):
            return word
        mixed += 1
        return word.translate(_CYRILLIC_GREEK_TO_LATIN)

    if any(_LOOKALIKE_FIRST <= letter <= _LOOKALIKE_LAST for letter in letters):
        cleaned = _WORD_LIKE.sub(latin, cleaned)
    return Plain(cleaned, offsets, tampered=mixed > 0)
