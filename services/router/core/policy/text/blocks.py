"""The pieces a file falls into before anybody reads them, and what their shape says.

A scanner (Markdown and plain text, or HTML) yields blocks in order; `sections` makes clauses of them. Shape is judged
here, on plain words, because headings look the same whatever they are written in.
"""

# A pattern is read as one line a case; broken up it is read by nobody.
# ruff: noqa: E501

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

HEADING_WORDS_MAX: Final = 14
SHORT_WORDS_MAX: Final = 5
BOLD_LEVEL: Final = 25
ITEM_TITLE_LEVEL: Final = 40
QUESTION_LEVEL: Final = 28
PLAIN_LEVEL: Final = 30


class BlockKind(StrEnum):
    """What a scanner saw."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    ITEM = "item"
    ROW = "row"
    ADDRESS = "address"
    NOTICE = "notice"
    NAVIGATION = "navigation"


@dataclass(frozen=True, slots=True)
class Block:
    """A run of the file: where it stands, what it is, how deep, and the words it reads on from."""

    kind: BlockKind
    start: int
    end: int
    plain: str
    level: int = 0
    lead: str = ""
    marker: str = ""
    """The style of an item's marker, which tells a list from the list inside its items."""
    alone: bool = False
    """A paragraph of one line that nothing else was written beside, so it may be a heading."""

    @property
    def words(self) -> int:
        """Return how many words a person would count."""
        return len(self.plain.split())

    def as_kind(self, kind: BlockKind, level: int = 0) -> Block:
        """Return the block, seen as something else."""
        return replace(self, kind=kind, level=level)


_NUMBER: Final = re.compile(
    r"^\s*(?:(?:article|section|artikel|abschnitt|teil|§|artículo|articolo|artykuł|artigo|art\.?)\s*)?"
    r"(?P<number>\d{1,2}(?:\.\d{1,2}){0,3}|[IVX]{1,5}|[A-Z])(?P<stop>[.):]|\.\))?\s+(?=\S)",
    re.IGNORECASE,
)
_ENDS_SENTENCE: Final = re.compile(r"[.!;,…][\"”’'»)]*$")
_ADDRESS: Final = re.compile(
    r"(?i)\b(?:phone|telephone|tel|fax|e-?mail|website|web|address|telefon|téléphone|teléfono|telefono|adresse|"
    r"dirección|indirizzo|adres|endereço|adresa|courriel|correo|p\.?\s?o\.? box)\b(?:\s*:|\.\s*[\d+(:])|[\w.+-]+\s?(?:@|\(at\)|\[at\])\s?[\w-]+\.\w|"
    r"^\W*(?:\+|00)\d[\d .()/-]{6,}\W*$|^\W*[\w ,.-]*\b\d{4,6}\b[\w ,.-]*$|\b[A-Z]{1,2}\d{1,2}[A-Z]?\s?\d[A-Z]{2}\b"
)
_LABELLED: Final = re.compile(
    r"^(?!(?:section|article|part|chapter|q|question|step)\b)[^\W\d][\w .'-]{0,28}:\s+\S", re.IGNORECASE
)
_ASKS: Final = re.compile(
    r"(?i)(?:how|what|where|when|why|who|whom|which|do|does|can|may|is|are|wie|was|wo|wer|wann|warum|comment|quelles?|qui|où|"
    r"pourquoi|cómo|qué|dónde|quién|come|quali|dove|chi|hoe|wat|waar|wie|jak|gdzie|como|onde|quem|cum|unde|ce)\b"
)
_IDENTIFIER: Final = re.compile(r"^(?:[A-Z0-9]{5,}|\S*_\S+|[a-z]+[A-Z]\w*)$|\b\w+[a-z][A-Z]{2,}[a-z]\w*\b")


def is_heading_like(plain: str) -> bool:
    """Whether a lone line reads as a heading: short, begun like a title, not ended like a sentence."""
    words = plain.split()
    if not words or len(words) > HEADING_WORDS_MAX or len(plain) > 120 or _ENDS_SENTENCE.search(plain):
        return False
    if is_address_like(plain) or _LABELLED.match(plain) or "http://" in plain or "https://" in plain:
        return False
    first = next((character for character in plain if character.isalpha()), "")
    return bool(first) and (not first.islower() or bool(_NUMBER.match(plain)))


def is_address_like(plain: str) -> bool:
    """Whether a line says how somebody is reached: a label, a number, a postal code or a mail address."""
    return len(plain.split()) <= 16 and bool(_ADDRESS.search(plain))


def is_titled(plain: str) -> bool:
    """Whether a short line is numbered, in capitals or labelled, as headings and dates are and addresses are not."""
    letters = [character for character in plain if character.isalpha()]
    capitals = len(letters) > 8 and all(character.isupper() for character in letters)
    numbered = re.match(r"\s*\d{1,2}(?:\.\d{1,2})*[.)]\s", plain)
    return capitals or bool(numbered) or bool(_LABELLED.match(plain))


def is_identifier(plain: str) -> bool:
    """Whether a line is a name that only a machine would read, like a cookie's in a ruined table."""
    return bool(_IDENTIFIER.search(plain.strip()))


def number_of(plain: str) -> str | None:
    """Return the numbering a line begins with ("7", "1.2", "IV"), if it has one."""
    match = _NUMBER.match(plain)
    if match is None:
        return None
    number = match["number"]
    if not number[0].isdigit() and (match["stop"] is None or not number.isupper()):
        return None
    return number


def level_of(plain: str) -> int:
    """Return how deep a heading without markup stands, by its numbering and its capitals."""
    number = number_of(plain)
    if number is not None and number[0].isdigit():
        return 20 + 2 * number.count(".")
    if number is not None:
        return 19 if number != "I" and len(number) == 1 and number not in "IVX" else 18
    letters = [character for character in plain if character.isalpha()]
    if len(letters) > 3 and all(character.isupper() for character in letters):
        return 16
    if plain.rstrip().endswith("?") or _ASKS.match(plain):
        return QUESTION_LEVEL
    return PLAIN_LEVEL - 1 if plain.rstrip().endswith(":") else PLAIN_LEVEL
