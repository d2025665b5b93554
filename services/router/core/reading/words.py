"""Words of a text and where they stand in it, folded so that case, accents and spelling habits do not matter."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import lru_cache, partial
from itertools import accumulate
from typing import Final, NamedTuple

WORD_CHARACTERS_MAX: Final = 40
"""A longer run of letters is no word; it is kept as a place-holder that matches nothing."""

# Chinese and Japanese are written without spaces: every sign is a word, and a bank's word of two signs a phrase.
_SIGN = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
# French and Italian small words lean on the next one: "l'accès" is two words, "don't" is one.
_LEANING = "l d j n s c t m v qu un dell all sull nell dall quell quest jusqu lorsqu puisqu gl"
ELIDED: Final = frozenset(_LEANING.split())
_SIGNS: Final = re.compile(f"[{_SIGN}]")
_WORD: Final = re.compile(r"([^\W_]+(?:['’][^\W\d_]+)*)")
_WORD_OR_SIGN: Final = re.compile(rf"([{_SIGN}]|[^\W_{_SIGN}]+(?:['’][^\W\d_]+)*)")
_BEGINNING: Final = re.compile(rf"[{_SIGN}]|[^\W_{_SIGN}]+")
_PLAIN_WORD: Final = re.compile(r"([a-z0-9]+(?:'[a-z]+)*)")
"""The same in small letters that every keyboard has: a fifth of the time."""
_PLAIN_LETTER: Final = str.maketrans(
    {"ß": "ss", "ı": "i", "ł": "l", "ø": "o", "đ": "d", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d", "ς": "σ", "’": "'"}
)


class Word(NamedTuple):
    """One word: its folded form and its place in the text, as offsets."""

    folded: str
    start: int
    end: int


_word: Final = partial(tuple.__new__, Word)


@lru_cache(maxsize=20_000)
def fold(word: str) -> str:
    """Return `word` without case, accents and letters that keyboards lack: "Löschen" and "loschen" are the same."""
    if word.isascii():
        return word.lower()
    plain = word.casefold().translate(_PLAIN_LETTER)
    decomposed = unicodedata.normalize("NFD", plain)
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def words_in(text: str) -> int:
    """Return how many words a text holds, about: what is counted is where one begins."""
    return len(_BEGINNING.findall(text))


def words_of(text: str) -> list[Word]:
    """Return the words of `text` in order; a run too long to be a word is folded to nothing."""
    if text.isascii():
        return _words(_PLAIN_WORD, text.lower(), None)
    return _words(_WORD_OR_SIGN if _SIGNS.search(text) else _WORD, text, fold)


def _words(pattern: re.Pattern[str], text: str, fold_one: Callable[[str], str] | None) -> list[Word]:
    # Splitting yields what stands between the words and the words in turn, far faster than one match after another;
    # and their places are sums of their lengths.
    parts = pattern.split(text)
    lengths = list(map(len, parts))
    ends = list(accumulate(lengths))
    written = parts[1::2]
    forms = written if fold_one is None else list(map(fold_one, written))
    found = list(map(_word, zip(forms, ends[0::2], ends[1::2], strict=False)))
    if "'" in text or "’" in text or max(lengths[1::2], default=0) > WORD_CHARACTERS_MAX:
        # From the last one on, so that the places of those before it stay.
        for place in range(len(written) - 1, -1, -1):
            one = written[place]
            if len(one) > WORD_CHARACTERS_MAX:
                found[place] = found[place]._replace(folded="")
            elif "'" in one or "’" in one:
                found[place : place + 1] = _leaning(one, *found[place][1:], fold_one or str)
    return found


def _leaning(word: str, start: int, end: int, fold_one: Callable[[str], str]) -> Iterator[Word]:
    """Cut "l'accès" into two words; "don't" stays one."""
    head = min(place for sign in "'’" if (place := word.find(sign)) >= 0)
    if word[:head].casefold() in ELIDED:
        yield Word(fold_one(word[:head]), start, start + head)
        start, word = start + head + 1, word[head + 1 :]
    yield Word(fold_one(word), start, end)
