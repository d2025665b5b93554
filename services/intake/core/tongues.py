"""Which of our languages a browser asks for (RFC 9110, 12.5.4)."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

HEADER_CHARACTERS_MAX: Final = 500


def preferred(accepted: str, ours: Collection[str], otherwise: str) -> str:
    """Return the first of the languages that are asked for most that we have; a region counts as its language."""
    asked: dict[str, float] = {}
    for part in accepted[:HEADER_CHARACTERS_MAX].split(","):
        name, _, rest = part.partition(";")
        language = name.strip().partition("-")[0].casefold()
        if language in ours:
            asked[language] = max(asked.get(language, 0.0), _weight(rest))
    best = max(asked, key=asked.__getitem__, default=otherwise)
    return best if asked.get(best) else otherwise


def _weight(parameters: str) -> float:
    """Return what `q=0.8` says: 1 where it is silent, nothing where it makes no sense."""
    name, _, number = parameters.partition("=")
    if name.strip().casefold() != "q":
        return 1.0
    digits = number.strip()
    return float(digits) if digits.replace(".", "", 1).isascii() and digits.replace(".", "", 1).isdigit() else 0.0
