"""How old the writer says that they are, where it is the age of a child.

A child's rights are their own, and nobody is refused for an age (recital 38, Art. 12 GDPR). But what a policy says
about children, and what the law says about their consent (Art. 8, 17(1)(f) GDPR), is for a human to look at.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from services.router.core.signs.folding import any_of, folded

ADULT: Final = 18
YOUNGEST: Final = 4
"""Who says a smaller number says something else with it."""
TEXT_CHARACTERS_MAX: Final = 20_000


@dataclass(frozen=True, slots=True)
class AgeWords:
    """How one language says an age."""

    says: tuple[str, ...]
    years: tuple[str, ...]
    goes_on: tuple[str, ...] = ()


def age_said(text: str, language: str, words: Mapping[str, AgeWords]) -> int | None:
    """Return the age under 18 that the writer gives as their own; None where none is said."""
    read = folded(text[:TEXT_CHARACTERS_MAX])
    for each in dict.fromkeys((language, "en")):
        if each not in words:
            continue
        for match in _pattern(words[each]).finditer(read):
            age = int(next(group for group in match.groups() if group))
            if YOUNGEST <= age < ADULT:
                return age
    return None


@lru_cache(maxsize=64)
def _pattern(words: AgeWords) -> re.Pattern[str]:
    number = r"(\d{1,2})"
    says = [re.escape(folded(each)).replace(r"\{n\}", number) for each in words.says]
    years = rf"[ -]?(?:{any_of(words.years)})(?!\w)"
    # Without the word for years the number must end the thought: "I am 13 and want …", never "I am 13 miles away".
    ends = rf"(?: (?:{any_of(words.goes_on)})(?!\w)| ?[.,;:!?()]|$)" if words.goes_on else None
    after = f"(?:{years}|{ends})" if ends else years
    return re.compile(rf"(?<!\w)(?:{'|'.join(says)}){after}")
