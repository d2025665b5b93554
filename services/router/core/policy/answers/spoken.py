"""Wordings by many hands: plain text files that anybody can read, and add a line to.

Those in the tables are by whoever wrote the tables, and people write otherwise than any one author. So beside them lie
files, one a hand or a language: the name of an entry in brackets, and under it a question a line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

Spoken = tuple[str, str]
"""A language, and a question in it."""

_NAME: Final = re.compile(r"\[(\w+)\]")


def spoken_in(language: str, text: str) -> dict[str, list[Spoken]]:
    """Return the questions of one file under the names of their entries."""
    found: dict[str, list[Spoken]] = {}
    lines: list[Spoken] = []
    for line in map(str.strip, text.splitlines()):
        named = _NAME.fullmatch(line)
        if named is not None:
            lines = found.setdefault(named[1], [])
        elif line and not line.startswith("#"):
            lines.append((language, line))
    return found


def spoken_by(files: Iterable[tuple[str, str]]) -> dict[str, list[Spoken]]:
    """Return the questions of all files, each a language and its text, under the names of their entries."""
    found: dict[str, list[Spoken]] = {}
    for language, text in files:
        for name, lines in spoken_in(language, text).items():
            found.setdefault(name, []).extend(lines)
    return found


def strangers(spoken: Iterable[str], *tables: Mapping[str, object]) -> Sequence[str]:
    """Return the names that no table has: a name misspelled, whose questions would be likened to nothing."""
    return sorted(name for name in spoken if not any(name in table for table in tables))
