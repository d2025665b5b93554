"""A message as it arrived, made readable and short enough to be read in time, with the way back to its offsets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Self

from services.router.core.reading.normal import Plain, plain
from services.router.core.reading.words import words_in

TEXT_HEAD_CHARACTERS_MAX: Final = 9_000
TEXT_TAIL_CHARACTERS_MAX: Final = 3_000
WORDS_MAX: Final = 2_400
"""Time goes by words: text of one letter each must not take four times as long as prose of the same length."""
SHORTENED_TIMES_MAX: Final = 3


@dataclass(frozen=True, slots=True)
class Arrived:
    """A text made readable, and the way back to the offsets of the text as it arrived."""

    plain: Plain
    cut_at: int
    cut_characters: int
    notes: tuple[str, ...]

    @classmethod
    def of(cls, text: str) -> Self:
        head, tail = _kept(text)
        if head + tail >= len(text):
            return cls(plain(text), len(text), 0, ())
        kept = text[:head] + "\n\n" + text[len(text) - tail :]
        note = "only the beginning and the end of a very long text were read"
        return cls(plain(kept), head, len(text) - len(kept), (note,))

    @property
    def is_as_read(self) -> bool:
        """Tell whether every offset is the same in both."""
        return self.plain.offsets is None and not self.cut_characters

    def original(self, start: int, end: int) -> tuple[int, int]:
        first, after = self.plain.original(start, end)
        moved = self.cut_characters if first >= self.cut_at else 0
        return first + moved, after + (self.cut_characters if after > self.cut_at else 0)


def _kept(text: str) -> tuple[int, int]:
    """Return how much of a text's beginning and of its end is read: all of it, unless it is very long."""
    head, tail = TEXT_HEAD_CHARACTERS_MAX, TEXT_TAIL_CHARACTERS_MAX
    if len(text) <= head + tail:
        head, tail = len(text), 0
    for _ in range(SHORTENED_TIMES_MAX):
        if (
            head + tail <= WORDS_MAX
            or (count := words_in(text[:head]) + words_in(text[len(text) - tail :])) <= WORDS_MAX
        ):
            break
        shorter = (head + tail) * WORDS_MAX // count
        tail = shorter // 4
        head = shorter - tail
    return head, tail
