"""Words that look like somebody's name where nothing says that they are one: capitals that no other reason explains.

"On Monday Petra Schmidt called me" holds no title, no address and no relation. What is left is that the two words are
written large, inside a sentence, and are none of the words that we know. Too much is taken out rather than too little:
what was taken out on suspicion is marked as that, and an officer who reads it can leave a word in.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Final

_WORD: Final = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_NOUNS_LARGE: Final = frozenset({"de", "lb"})
"""Languages that write every noun large: there one large word alone says nothing."""
_OPENS: Final = re.compile(r"(?:^|[.!?:;…\n]|[-–—•*>|]\s)[\s\"'“”„‚«»‘’()\[\]-]*$")
_JOINS: Final = re.compile(r"[ \t]|[ \t]?\.[ \t]|-")
_PARTICLES: Final = frozenset(
    {"van", "von", "der", "den", "de", "di", "da", "del", "della", "la", "le", "ten", "ter", "zu"}
)
_LETTERS_MIN: Final = 3
NAMES_MAX: Final = 500


def bare_names(text: str, language: str, known: Collection[str]) -> frozenset[str]:
    """Return the words of a text that look like names; `known` are words in small letters that are none."""
    words = list(_WORD.finditer(text))
    small = {word[0] for word in words if word[0].islower()}
    found: set[str] = set()
    for run in _runs(text, words):
        alone = len(run) == 1
        if alone and (language in _NOUNS_LARGE or _opens(text, run[0])):
            continue
        found.update(
            word[0] for word in run if _unexplained(word[0], small, known) and not (alone and _is_short(word[0]))
        )
        if len(found) >= NAMES_MAX:
            break
    return frozenset(sorted(found)[:NAMES_MAX])


def _runs(text: str, words: list[re.Match[str]]) -> Iterator[list[re.Match[str]]]:
    """Yield large words that stand together, with the particles between them left out."""
    run: list[re.Match[str]] = []
    end = -1
    for word in words:
        joined = run and _JOINS.fullmatch(text, end, word.start())
        if _large(word[0]):
            if run and not joined:
                yield run
                run = []
            run.append(word)
        elif not (joined and word[0] in _PARTICLES):
            if run:
                yield run
            run = []
        end = word.end()
    if run:
        yield run


def _large(word: str) -> bool:
    return word[0].isupper() and not word.isupper() and len(word) > 1


def _is_short(word: str) -> bool:
    return len(word) < _LETTERS_MIN


def _opens(text: str, word: re.Match[str]) -> bool:
    """Tell whether a word begins a sentence, a line or a heading: there every word is written large."""
    return _OPENS.search(text, max(0, word.start() - 12), word.start()) is not None or word.start() == 0


def _unexplained(word: str, small: Collection[str], known: Collection[str]) -> bool:
    plain = word.lower()
    parts = [plain, *re.split(r"['’-]", plain)]
    return plain not in small and not any(part in known for part in parts if len(part) > 1)
