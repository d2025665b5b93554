"""A passage as the readers' patterns expect it: letters composed, words whole. What is quoted stays as published."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

_CEDILLAS: Final = str.maketrans("şţŞŢ", "șțȘȚ")
"""Romanian is written with a comma below, and was typed with the Turkish cedilla for twenty years."""
_HYPHENATED: Final = re.compile(
    r"(?<=[^\W\d_])- (?!(?:and|or|und|oder|bzw|et|ou|e|o|y|en|of|i|lub|și|och|eller|és|vagy|un|vai)\b)(?=[a-zà-öø-ÿ])"
)
"""A word that a line's end has cut: "the Infor- mation Commissioner", and not "pre- and post-contract"."""


@lru_cache(maxsize=4_096)
def readable(text: str) -> str:
    """Return a text with composed letters, Romanian's own commas and without the hyphens of line ends."""
    if text.isascii():
        return _HYPHENATED.sub("", text) if "- " in text else text
    composed = unicodedata.normalize("NFC", text).translate(_CEDILLAS)
    return _HYPHENATED.sub("", composed) if "- " in composed else composed


def plain_letters(text: str) -> str:
    """Return a text without Romanian's marks, which half of what is written in Romanian leaves out."""
    return text.translate(_UNMARKED)


_UNMARKED: Final = str.maketrans("ășțâîĂȘȚÂÎ", "astaiASTAI")
ROMANIAN: Final = frozenset("ășț")
