"""Words that are nobody's name: those of the shipped phrases and laws, of a policy, and of places.

Evidence is searched for names by leaving out what is known to be none; see `core/evidence/bare_names.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Final
from zoneinfo import available_timezones

_WORD: Final = re.compile(r"[^\W\d_]{2,}")
_KNOWLEDGE: Final = Path(__file__).resolve().parents[2] / "knowledge"
_FILES: Final = ("phrases/{language}.toml", "details/{language}.toml", "answers/glossary/{language}.toml")
_EVERYWHERE: Final = ("details/any.toml", "answers/concepts.toml", "grounds/refusal.toml")


def words_of(texts: Iterable[str]) -> frozenset[str]:
    """Return the words of texts in small letters."""
    return frozenset(word.lower() for text in texts for word in _WORD.findall(text))


def small_words_of(texts: Iterable[str]) -> frozenset[str]:
    """Return the words that texts write small somewhere: a policy's address lines hold people's names, too."""
    return frozenset(word for text in texts for word in _WORD.findall(text) if word.islower())


@cache
def vocabulary(language: str) -> frozenset[str]:
    """Return the words that are known of a language, with those of English, of the laws and of cities."""
    paths = [_KNOWLEDGE / name.format(language=each) for each in {language, "en"} for name in _FILES]
    paths += [_KNOWLEDGE / name for name in _EVERYWHERE]
    paths += sorted((_KNOWLEDGE / "laws").glob("*.toml"))
    found = words_of(path.read_text("utf-8") for path in paths if path.is_file())
    return found | words_of(name.replace("_", " ") for name in available_timezones())
