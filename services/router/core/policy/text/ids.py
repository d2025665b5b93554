"""Ids for clauses, made of their own first words, so that they survive edits elsewhere in the text.

An id says where a clause stands and how it begins: "your-rights.you-have-the-right-to-access". Numbers of sections are
left out: they change when a section is added before. Where a clause's beginning itself is edited, the import finds the
old clause by likeness and keeps its id (see `versions`).
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from typing import Final

SECTION_WORDS: Final = 4
CLAUSE_WORDS: Final = 6
WORD_CHARACTERS_MAX: Final = 16

_WORD: Final = re.compile(r"[^\W_]+")
_NUMBERING: Final = re.compile(
    r"^\W*(?:(?:article|section|artikel|abschnitt|§)\s*)?(?:\d{1,3}(?:\.\d{1,3})*|[ivxIVX]{1,4}(?=[.)])|[a-zA-Z](?=[.)]))[.):]*\s+"
)


def clause_id(heading: tuple[str, ...], plain: str, taken: set[str]) -> str:
    """Return an id not yet taken for a clause under a heading, and take it."""
    section = slug(heading[-1], SECTION_WORDS) if heading else "top"
    wanted = f"{section}.{slug(plain, CLAUSE_WORDS)}"
    found, number = wanted, 2
    while found in taken:
        found, number = f"{wanted}.{number}", number + 1
    taken.add(found)
    return found


def slug(words: str, count: int) -> str:
    """Return the first words in ASCII; words of other alphabets become a short digest of themselves."""
    bare = _NUMBERING.sub("", words[:400])
    chosen = _WORD.findall(bare)[:count] or _WORD.findall(words)[:count]
    ascii_words = [_ascii(word)[:WORD_CHARACTERS_MAX] for word in chosen]
    if all(ascii_words) and ascii_words:
        return "-".join(ascii_words)
    return "x" + hashlib.blake2s(" ".join(chosen).casefold().encode(), digest_size=5).hexdigest()


_UNDECOMPOSED: Final = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "æ": "ae", "œ": "oe", "ı": "i", "þ": "th"}
)


def _ascii(word: str) -> str:
    decomposed = unicodedata.normalize("NFKD", word.casefold().translate(_UNDECOMPOSED))
    return "".join(character for character in decomposed if character.isascii() and character.isalnum())
