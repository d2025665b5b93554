"""A concept of policies as one pattern, with a quick way to see that a sentence cannot hold it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from services.router.core.policy.promises.needles import may_match
from services.router.core.policy.promises.readable import ROMANIAN, plain_letters

_TOKEN: Final = re.compile(r"[^\W_]+")
_LITERAL: Final = re.compile(r"[^\W\d_]{1,6}(?![?*])")
_BETWEEN: Final = re.compile(r"\s{2,}|\n")
PREFIX_MAX: Final = 6


@lru_cache(maxsize=4_096)
def _prefixes(text: str) -> frozenset[str]:
    return frozenset().union(*map(_beginnings_of, _tokens(text)))


@lru_cache(maxsize=4_096)
def _tokens(text: str) -> frozenset[str]:
    return frozenset(_TOKEN.findall(text.lower()))


@lru_cache(maxsize=4_096)
def _placed(text: str) -> tuple[tuple[int, frozenset[str]], ...]:
    """Return where each word stands, and how it begins."""
    return tuple((found.start(), _beginnings_of(found.group().lower())) for found in _TOKEN.finditer(text))


@lru_cache(maxsize=16_384)
def _beginnings_of(word: str) -> frozenset[str]:
    return frozenset(word[:length] for length in range(1, PREFIX_MAX + 1))


@dataclass(frozen=True, slots=True)
class Concept:
    """One pattern with the beginnings its matches can have: most sentences are dismissed by a set, not by a search."""

    pattern: re.Pattern[str]
    beginnings: frozenset[str] | None
    others: frozenset[str] | None = None
    """Beginnings of a second word that must be there too, where a pattern spans both."""
    at_words: bool = False
    """Whether every match begins with a word that begins so: then it is looked for there and nowhere else."""

    def search(self, text: str) -> re.Match[str] | None:
        """Return the first place the concept is named."""
        if self.beginnings is not None and self.beginnings.isdisjoint(_prefixes(text)):
            return None
        if self.others is not None and self.others.isdisjoint(_prefixes(text)):
            return None
        if not self.at_words or self.beginnings is None:
            return self.pattern.search(text) if may_match(self.pattern.pattern, text) else None
        for start, beginnings in _placed(text):
            if not self.beginnings.isdisjoint(beginnings) and (found := self.pattern.match(text, start)):
                return found
        return None


@dataclass(frozen=True, slots=True)
class Particle:
    """A pattern of short whole words, such as "no" and "ne", with which half of all other words begin."""

    pattern: re.Pattern[str]
    whole: frozenset[str]
    beginnings: frozenset[str]

    def search(self, text: str) -> re.Match[str] | None:
        """Return the first place one of the words stands."""
        if self.whole.isdisjoint(_tokens(text)) and self.beginnings.isdisjoint(_prefixes(text)):
            return None
        return self.pattern.search(text)


def any_of(block: str) -> Concept:
    """Return the concept that any of a block's patterns names; two blanks or a line end stand between patterns."""
    written = [stem for stem in _BETWEEN.split(block.strip()) if stem]
    stems = [*written, *(plain_letters(stem) for stem in written if not ROMANIAN.isdisjoint(stem))]
    beginnings = [_LITERAL.match(stem) for stem in stems]
    known = None if None in beginnings else frozenset(found.group().lower() for found in beginnings if found)
    pattern = re.compile(rf"(?<!\w)(?:{'|'.join(stems)})", re.IGNORECASE)
    return Concept(pattern, known, at_words=known is not None)


def gated(pattern: str, beginnings: str) -> Concept:
    """Return a concept of a pattern that spans words, one of which begins like one of these."""
    return Concept(re.compile(pattern), frozenset(word[:PREFIX_MAX] for word in beginnings.split()))
