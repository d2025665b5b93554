"""Texts as signs are compared with them: small letters without marks above them, one blank between words."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_APOSTROPHES: Final = str.maketrans(dict.fromkeys("’‘´`ʼ", "'"))
_BLANKS: Final = re.compile(r"\s+")


def folded(text: str) -> str:
    """Return a text as it is compared."""
    parts = unicodedata.normalize("NFKD", text.translate(_APOSTROPHES).casefold())
    return _BLANKS.sub(" ", "".join(each for each in parts if not unicodedata.combining(each))).strip()


def any_of(written: tuple[str, ...]) -> str:
    """Return a pattern for any of these, the longest first."""
    return "|".join(re.escape(folded(each)) for each in sorted(written, key=len, reverse=True))
