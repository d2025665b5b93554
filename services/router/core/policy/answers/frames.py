"""The sentences around a quotation, in the person's language.

They are data (`frames.toml`) and filled by plain replacement of named places: no template language runs, so nothing in
a question or a policy can ever be taken for code.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

FALLBACK: Final = "en"
SIBLINGS: Final[dict[str, str]] = {
    "no": "da",
    "nb": "da",
    "nn": "da",
    "sr": "hr",
    "bs": "hr",
    "sk": "cs",
    "gl": "pt",
    "mo": "ro",
}
"""Languages without sentences of their own that read a sibling's more easily than English."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One language's sentences."""

    language: str
    sentences: Mapping[str, str]
    fallback: Mapping[str, str]

    def say(self, name: str, **places: str) -> str:
        """Return a sentence with its places filled; values are never read for places themselves."""
        sentence = self.sentences.get(name) or self.fallback[name]
        pieces: list[str] = []
        rest = sentence
        while "{" in rest:
            before, _, after = rest.partition("{")
            name_of_place, _, rest = after.partition("}")
            pieces += [before, places.get(name_of_place, "")]
        return "".join((*pieces, rest))

    def has(self, name: str) -> bool:
        """Return whether this language has a sentence of its own."""
        return name in self.sentences

    def period(self, count: int, unit: str) -> str:
        """Return a length of time in words: "30 days", "1 Monat"."""
        key = unit.rstrip("s").replace(" ", "_") + ("" if count == 1 else "s")
        return self.say(key, n=str(count))


@dataclass(frozen=True, slots=True)
class Frames:
    """Every language's sentences."""

    by_language: Mapping[str, Mapping[str, str]]

    def of(self, language: str) -> Frame:
        """Return the sentences of a language, of the one its readers read best, or English."""
        chosen = language if language in self.by_language else SIBLINGS.get(language, FALLBACK)
        return Frame(chosen, self.by_language[chosen], self.by_language[FALLBACK])


def frames_from(table: Mapping[str, Any]) -> Frames:
    """Build the frames from the table of `frames.toml`."""
    return Frames({language: dict(sentences) for language, sentences in table.items()})
