"""The words of which a match of a pattern must hold one: looked for first, because most sentences hold none.

A search for ten alternatives tries each of them at every letter; looking for ten short words in the sentence costs a
hundredth of that. Where a pattern demands no word of three letters, nothing is known and it is always searched.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

LETTERS_MIN: Final = 3
_OPTIONAL: Final = ("?", "*", "{")
_GROUP: Final = re.compile(r"\((?:\?(?:[a-zA-Z]*:|P<\w+>)|(?!\?))")


@lru_cache(maxsize=2_048)
def needles(pattern: str) -> tuple[str, ...] | None:
    """Return small-letter words of which every match holds one, or None where there is no telling."""
    found: list[str] = []
    for branch in _split(re.sub(r"^\(\?[a-zA-Z]+\)", "", pattern)):
        demanded = _demanded(branch)
        if demanded is None:
            return None
        found += demanded
    return tuple(dict.fromkeys(found))


def may_match(pattern: str, text: str) -> bool:
    """Return whether a text holds one of a pattern's needles; capitals do not count."""
    wanted = needles(pattern)
    if wanted is None:
        return True
    small = _small(text)
    for needle in wanted:  # noqa: SIM110 — half the time of `any`, a hundred thousand times a policy
        if needle in small:
            return True
    return False


@lru_cache(maxsize=4_096)
def _small(text: str) -> str:
    return text.lower()


def _demanded(branch: str) -> list[str] | None:
    literal, groups = _read(branch)
    if len(literal) >= LETTERS_MIN:
        return [literal.lower()]
    for inner in groups:
        found = needles(inner)
        if found:
            return list(found)
    return None


def _read(branch: str) -> tuple[str, list[str]]:
    """Return a branch's longest run of plain letters, and what stands in the groups it must match."""
    best, run, groups, at = "", "", [], 0
    while at < len(branch):
        mark = branch[at]
        after, width = branch[at + 1 : at + 2], 1
        if mark in "([":
            width = _length(branch, at)
            after = branch[at + width : at + width + 1]
            head = _GROUP.match(branch, at)
            if mark == "(" and head is not None and after not in _OPTIONAL:
                groups.append(branch[head.end() : at + width - 1])
        elif mark == "\\":
            width = 2
        elif (mark.isalpha() or mark == " ") and after not in _OPTIONAL:
            run += mark
            best = max(best, run.strip(), key=len)
            at += 1
            continue
        run = ""
        at += width
    return best, groups


def _length(text: str, at: int) -> int:
    """Return how long the group or class is that begins here."""
    depth, position, inside = 0, at, False
    while position < len(text):
        mark = text[position]
        if mark == "\\":
            position += 2
            continue
        if inside:
            inside = mark != "]" or text[position - 1] == "["
        elif mark == "[":
            inside = True
        elif mark == "(":
            depth += 1
        elif mark == ")":
            depth -= 1
        position += 1
        if not inside and depth == 0:
            break
    return position - at


def _split(pattern: str) -> list[str]:
    """Return the alternatives of a pattern at its outermost level."""
    branches, begin, at = [], 0, 0
    while at < len(pattern):
        mark = pattern[at]
        if mark == "|":
            branches.append(pattern[begin:at])
            begin = at + 1
            at += 1
        else:
            at += _length(pattern, at) if mark in "([" else 2 if mark == "\\" else 1
    return [*branches, pattern[begin:]]
