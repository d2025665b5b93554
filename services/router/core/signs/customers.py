"""Whether a message is about the list of a customer of ours: mail that another sends through us.

Who is a processor carries such a request out for its customer, whose list it is, and tells the customer
(Art. 28(3)(e) GDPR).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from services.router.core.signs.folding import any_of, folded

TEXT_CHARACTERS_MAX: Final = 20_000


@dataclass(frozen=True, slots=True)
class CustomerWords:
    """How one language says that somebody mails through us."""

    us: tuple[str, ...]
    through: tuple[str, ...]
    ours: tuple[str, ...]
    mail: tuple[str, ...]
    own: tuple[str, ...] = ()
    """How the writer says that they are our customer themselves."""


def of_a_customer(text: str, language: str, names: tuple[str, ...], words: Mapping[str, CustomerWords]) -> bool:
    """Tell whether the writer speaks of what a customer of ours sends them."""
    read = folded(text[:TEXT_CHARACTERS_MAX])
    return any(each in words and _found(read, words[each], names) for each in dict.fromkeys((language, "en")))


def _found(read: str, words: CustomerWords, names: tuple[str, ...]) -> bool:
    ours, through, mail = _patterns(words, names)
    if words.own:
        read = re.sub(any_of(words.own), " ", read)
    if ours.search(read):
        return True
    return bool(mail.search(read)) and through.search(read) is not None


@lru_cache(maxsize=256)
def _patterns(words: CustomerWords, names: tuple[str, ...]) -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    us = f"(?:{any_of((*words.us, *filter(None, names)))})"
    through = "|".join(re.escape(folded(each)).replace(r"\{us\}", us) for each in words.through)
    return (
        re.compile(rf"(?<!\w)(?:{any_of(words.ours)})(?!\w)"),
        re.compile(rf"(?<!\w)(?<!\bi )(?<!\bich )(?:{through})(?!\w)"),
        re.compile(rf"(?<!\w)(?:{any_of(words.mail)})(?!\w)"),
    )
