"""Words of a text and where they stand in it, folded so that case, accents and spelling habits do not matter."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Final, NamedTuple

WORD_CHARACTERS_MAX: Final = 40
"""A longer run of letters is no word; it is kept as a place-holder that matches nothing."""

# Chinese and Japanese are written without spaces: every sign is a word, and a bank's word of two signs a phrase.
_SIGN = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
# French and Italian small words lean on the next one: "l'accès" is two words, "don't" is one.
_LEANING = "l d j n s c t m v qu un dell all sull nell dall quell quest jusqu lorsqu puisqu gl"
_ELIDED: Final = frozenset(_LEANING.split())
_SIGNS: Final = re.compile(f"[{_SIGN}]")
_WORD: Final = re.compile(r"([^\W_]+(?:['’][^\W\d_]+)*)")
_WORD_OR_SIGN: Final = re.compile(rf"([{_SIGN}]|[^\W_{_SIGN}]+(?:['’][^\W\d_]+)*)")
_made: Final = tuple.__new__
_PLAIN_LETTER: Final = str.maketrans(
    {"ß": "ss", "ı": "i", "ł": "l", "ø": "o", "đ": "d", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d", "ς": "σ", "’": "'"}
)


class Word(NamedTuple):
    """One word: its folded form and its place in the text, as offsets."""

    folded: str
    start: int
    end: int


@lru_cache(maxsize=20_000)
def fold(word: str) -> str:
    """Return `word` without case, accents and letters that keyboards lack: "Löschen" and "loschen" are the same."""
    if word.isascii():
        return word.lower()
    plain = word.casefold().translate(_PLAIN_LETTER)
    decomposed = unicodedata.normalize("NFD", plain)
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def words_of(text: str) -> list[Word]:
    """Return the words of `text` in order; a run too long to be a word is folded to nothing."""
    if text.isascii():
        return _words(_WORD, text.lower(), _as_it_is)
    return _words(_WORD_OR_SIGN if _SIGNS.search(text) else _WORD, text, fold)


def _as_it_is(word: str) -> str:
    return word


def _words(pattern: re.Pattern[str], text: str, folded: Callable[[str], str]) -> list[Word]:
    # Splitting yields what stands between the words and the words in turn, far faster than one match after another.
    parts = pattern.split(text)
    found: list[tuple[str, int, int]] = []
    end = 0
    for between, word in zip(parts[0::2], parts[1::2], strict=False):
        start = end + len(between)
        end = start + len(word)
        if end - start > WORD_CHARACTERS_MAX:
            found.append(("", start, end))
        elif "'" in word or "’" in word:
            found.extend(_leaning(word, start, end, folded))
        else:
            found.append((folded(word), start, end))
    return [_made(Word, parts) for parts in found]


def _leaning(word: str, start: int, end: int, folded: Callable[[str], str]) -> Iterator[tuple[str, int, int]]:
    """Cut "l'accès" into two words; "don't" stays one."""
    head = min(place for sign in "'’" if (place := word.find(sign)) >= 0)
    if word[:head].casefold() in _ELIDED:
        yield folded(word[:head]), start, start + head
        start, word = start + head + 1, word[head + 1 :]
    yield folded(word), start, end
