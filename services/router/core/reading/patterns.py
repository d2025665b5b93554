"""The small language in which phrase banks are written, and its compiled form.

    delete*         a word that begins so          *konto*     a word that holds so (compounds)
    my|the          either word                    my?         the word may be missing
    ...             up to three words of any kind  <data>      any word of that concept (in idioms only)

Case and accents never matter. Words between spaces follow each other in the text.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from services.router.core.reading.concepts import BIT
from services.router.core.reading.words import WORD_CHARACTERS_MAX, words_of

GAP_WORDS_MAX: Final = 3
EXPANSIONS_MAX: Final = 32
ELEMENTS_MAX: Final = 12
ELEMENTS_SHARED_MAX: Final = 20_000
HEADLESS_LETTERS_MIN: Final = 3
TAILLESS_LETTERS_MIN: Final = 2

_CONCEPT = re.compile(r"<([a-z_]+)>")


class PatternError(ValueError):
    """An entry of a phrase bank that cannot be understood; the message says what to write instead."""


@dataclass(frozen=True, slots=True)
class Element:
    """One place in a phrase: word forms (with wildcards) or a concept, possibly after a gap of free words."""

    forms: tuple[str, ...] = ()
    concept: int = 0
    after_gap: bool = False


def compile_entry(entry: str, *, concepts_allowed: bool = False) -> tuple[tuple[Element, ...], ...]:
    """Return every phrase that `entry` stands for, optional words spelled out."""
    phrases: list[tuple[Element, ...]] = [()]
    gap = False
    for part in entry.split():
        if part in ("...", "…"):
            gap = True
            continue
        readings = _readings(part.removesuffix("?"), entry, gap=gap, concepts_allowed=concepts_allowed)
        longer = [(*phrase, *reading) for phrase in phrases for reading in readings]
        phrases = phrases + longer if part.endswith("?") else longer
        gap = False
        if len(phrases) > EXPANSIONS_MAX:
            raise PatternError(
                f"{entry!r} stands for more than {EXPANSIONS_MAX} phrases; split it into several entries"
            )
    kept = tuple(dict.fromkeys(phrase for phrase in phrases if phrase))
    if not kept or any(len(phrase) > ELEMENTS_MAX for phrase in kept):
        raise PatternError(f"{entry!r} must have between 1 and {ELEMENTS_MAX} words")
    return kept


def _readings(part: str, entry: str, *, gap: bool, concepts_allowed: bool) -> list[tuple[Element, ...]]:
    """Return the sequences of elements that one part of an entry stands for."""
    if (named := _CONCEPT.fullmatch(part)) is not None:
        if not concepts_allowed:
            raise PatternError(f"{entry!r}: a concept in <angle brackets> is allowed in idioms, not in word lists")
        if named[1] not in BIT:
            raise PatternError(f"{entry!r}: there is no concept <{named[1]}>; docs/reading.md lists them")
        return [(Element(concept=BIT[named[1]], after_gap=gap),)]
    if (plain := _plain_forms(part)) is not None:
        return [(_element(plain, gap),)]
    single: list[str] = []
    readings: list[tuple[Element, ...]] = []
    for forms in (_forms(spelling, entry) for word in part.split("|") for spelling in _spellings(word)):
        if len(forms) == 1:
            single.append(forms[0])
        else:
            # An elided word ("l'accès"), a hyphen, or signs written without spaces: several words of the text.
            readings.append(tuple(_element((form,), gap and place == 0) for place, form in enumerate(forms)))
    if single:
        readings.append((_element(tuple(dict.fromkeys(single)), gap),))
    return list(dict.fromkeys(readings))


@lru_cache(maxsize=ELEMENTS_SHARED_MAX)
def _element(forms: tuple[str, ...], after_gap: bool) -> Element:
    """Return an element; the same one for the same words, because banks repeat them by the hundred."""
    return Element(forms, 0, after_gap)


def _plain_forms(part: str) -> tuple[str, ...] | None:
    """Return the forms of a part that needs no care: words of plain letters, a wildcard behind them at most."""
    if not part.isascii():
        return None
    forms = part.lower().split("|")
    for form in forms:
        stem = form.removesuffix("*")
        if not stem.isalpha() or not (TAILLESS_LETTERS_MIN if stem != form else 1) <= len(stem) <= WORD_CHARACTERS_MAX:
            return None
    return tuple(dict.fromkeys(forms))


def _forms(word: str, entry: str) -> list[str]:
    head, tail = ("*" if word.startswith("*") else ""), ("*" if word.endswith("*") else "")
    folded = [found.folded for found in words_of(word.strip("*"))]
    if not folded or not all(folded):
        raise PatternError(f"{entry!r}: {word!r} holds no word")
    if (head and len(folded[0]) < HEADLESS_LETTERS_MIN) or (tail and len(folded[-1]) < TAILLESS_LETTERS_MIN):
        raise PatternError(f"{entry!r}: {word!r} would match almost any word; write more of it beside the *")
    folded[0] = head + folded[0]
    folded[-1] += tail
    return folded


def _spellings(word: str) -> tuple[str, ...]:
    """Return the ways `word` is typed on a keyboard without its letters: "löschen" is also "loeschen"."""
    # Folding case can take a letter apart ("ΐ"), which would cut the word in two.
    lowered = unicodedata.normalize("NFC", word.casefold())
    german = lowered.replace("ä", "ae").replace("ö", "oe").replace("ü", "ue")
    nordic = lowered.replace("ø", "oe").replace("å", "aa")
    return tuple(dict.fromkeys((lowered, german, nordic)))
