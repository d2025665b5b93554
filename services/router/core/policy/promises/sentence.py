"""A sentence as the readers of promises see it, and what a reader finds in one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from services.router.core.policy.model import ClauseKind, PromiseKind
from services.router.core.policy.promises import rights_words
from services.router.core.policy.promises.needles import may_match


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence with what stands around it: its clause's heading and lead-in, and the whole clause."""

    text: str
    heading: str
    lead: str
    clause: str
    kind: ClauseKind = ClauseKind.PARAGRAPH

    @property
    def around(self) -> str:
        """Return heading, lead-in and sentence, where a word's meaning may depend on any of them."""
        return f"{self.heading}. {self.lead} {self.text}"

    @property
    def above(self) -> str:
        """Return what stands above it."""
        return f"{self.heading}. {self.lead}"


def cell_under(header: str, sentence: Sentence) -> str | None:
    """Return the cell under the first header that matches, where the sentence is a row of such a table."""
    headers, cells = sentence.lead.split(" | "), re.split(r"\s*\|\s*", sentence.text)
    if sentence.kind is not ClauseKind.ROW or len(headers) < 2 or len(headers) > len(cells):
        return None
    at = next((at for at, name in enumerate(headers) if says_above(header, name)), None)
    return None if at is None else cells[at].strip() or None


Found = tuple[PromiseKind, dict[str, Any], float]
Reader = Callable[[Sentence], Iterator[Found]]


@lru_cache(maxsize=4_096)
def rights_in(text: str) -> tuple[str, ...]:
    """Return the rights a text names."""
    return tuple(right for right, pattern in rights_words.RIGHTS.items() if pattern.search(text))


def with_rights(value: dict[str, Any], rights: Sequence[str]) -> dict[str, Any]:
    """Return a value with the rights it is about, if any."""
    return {**value, "rights": tuple(rights)} if rights else value


@lru_cache(maxsize=2_048)
def says_above(pattern: str, text: str) -> bool:
    """Return the same for a heading or a lead-in, which many sentences share."""
    return says(pattern, text)


def says(pattern: str, text: str) -> bool:
    """Return whether a pattern is found, whatever the capitals."""
    return may_match(pattern, text) and _compiled(pattern).search(text) is not None


@lru_cache(maxsize=2_048)
def _compiled(pattern: str) -> re.Pattern[str]:
    """Return a pattern ready to search; the library's own shelf is too short for all of ours."""
    return re.compile(pattern, re.IGNORECASE)
