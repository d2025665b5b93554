"""What a controller's officers taught the reader: an append-only file a controller, undone line by line.

A line adds a phrase, records a decided message, or undoes an earlier line. Nothing is rewritten, so that what was
taught when, and by whom, can be shown.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from services.router.core.reading.bank import BankError, Idiom, Strength, compile_bank
from services.router.core.reading.rights import Right
from services.router.core.reading.teaching import Known

LINES_MAX: Final = 20_000
PHRASE_CHARACTERS_MAX: Final = 200
EXAMPLE_CHARACTERS_MAX: Final = 20_000
_CONTROLLER = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


class TeachingError(ValueError):
    """A phrase that cannot be taught, or a lesson that cannot be found; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """One phrase that an officer taught, with the message it was taught for."""

    number: int
    language: str
    right: Right
    strength: Strength
    phrase: str
    example: str | None
    taught_at: str
    taught_by: str

    @property
    def idiom(self) -> Idiom:
        return Idiom(self.right, self.strength, self.phrase, f"lesson {self.number}")

    @property
    def known(self) -> Known | None:
        """Return the decided message as something to be read right from now on."""
        if self.example is None:
            return None
        rights = frozenset() if self.strength is Strength.NEVER else frozenset({self.right})
        return Known(self.example, rights, frozenset(), self.language, f"lesson {self.number}")


class Lessons:
    """The lessons of one controller, in its file under the home."""

    def __init__(self, home: Path, controller: str) -> None:
        if not _CONTROLLER.fullmatch(controller):
            raise TeachingError(f"{controller!r} is not a controller's id: small letters, digits, - and _")
        self._path = _file_of(home, controller)

    def active(self) -> list[Lesson]:
        """Return the lessons that were not undone, oldest first."""
        lessons: dict[int, Lesson] = {}
        for line in self._lines():
            if line.get("undoes") is not None:
                lessons.pop(int(line["undoes"]), None)
            else:
                lesson = _lesson(line)
                lessons[lesson.number] = lesson
        return list(lessons.values())

    def add(self, lesson: Lesson) -> None:
        """Append a lesson."""
        self._append(
            {
                "number": lesson.number,
                "language": lesson.language,
                "right": lesson.right.value,
                "strength": lesson.strength.value,
                "phrase": lesson.phrase,
                "example": lesson.example,
                "at": lesson.taught_at,
                "by": lesson.taught_by,
            }
        )

    def undo(self, number: int | None, at: datetime) -> Lesson:
        """Undo a lesson, the last one unless a number is given."""
        active = self.active()
        chosen = next((lesson for lesson in reversed(active) if number in (None, lesson.number)), None)
        if chosen is None:
            raise TeachingError("there is no such lesson to undo; `habeas phrases list` shows them")
        self._append({"undoes": chosen.number, "at": at.isoformat(timespec="seconds")})
        return chosen

    def next_number(self) -> int:
        """Return the number of the next lesson; numbers are never given twice."""
        return 1 + max((int(line.get("number", 0)) for line in self._lines()), default=0)

    def _lines(self) -> list[dict[str, Any]]:
        if not self._path.exists():
            return []
        lines = self._path.read_text("utf-8").splitlines()[:LINES_MAX]
        try:
            return [json.loads(line) for line in lines if line.strip()]
        except ValueError:
            raise TeachingError(f"{self._path.name} holds a line that is not JSON; restore it from a backup") from None

    def _append(self, line: dict[str, Any]) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("a", encoding="utf-8") as opened:
            opened.write(json.dumps(line, ensure_ascii=False) + "\n")
            opened.flush()
            os.fsync(opened.fileno())


def idioms_by_language(lessons: Iterable[Lesson]) -> dict[str, list[Idiom]]:
    """Return the taught phrases as a bank takes them."""
    taught: dict[str, list[Idiom]] = {}
    for lesson in lessons:
        taught.setdefault(lesson.language, []).append(lesson.idiom)
    return taught


def lessons_stamp(home: Path, controller: str) -> tuple[int, int] | None:
    """Return what changes whenever something is taught or undone; None where nothing ever was."""
    if not _CONTROLLER.fullmatch(controller):
        return None
    try:
        seen = _file_of(home, controller).stat()
    except OSError:
        return None
    return seen.st_mtime_ns, seen.st_size


def _file_of(home: Path, controller: str) -> Path:
    return home / "taught" / f"{controller}.jsonl"


def lesson_of(
    number: int,
    *,
    language: str,
    right: str,
    strength: str,
    phrase: str,
    example: str | None,
    at: datetime,
    by: str,
) -> Lesson:
    """Return a lesson from what an officer typed, or say what is wrong with it."""
    if right not in tuple(Right):
        raise TeachingError(f"{right!r} is no right; one of {', '.join(Right)}")
    if not phrase.strip() or len(phrase) > PHRASE_CHARACTERS_MAX:
        raise TeachingError(f"a phrase has between 1 and {PHRASE_CHARACTERS_MAX} characters")
    if example is not None and len(example) > EXAMPLE_CHARACTERS_MAX:
        raise TeachingError(f"an example has at most {EXAMPLE_CHARACTERS_MAX} characters")
    lesson = Lesson(
        number,
        language,
        Right(right),
        Strength(strength),
        phrase.strip(),
        example,
        at.isoformat(timespec="seconds"),
        by,
    )
    try:
        compile_bank({"language": language}, [lesson.idiom])
    except BankError as fault:
        raise TeachingError(str(fault)) from None
    return lesson


def shipped_known(folder: Path) -> list[Known]:
    """Return the labelled messages that habeas ships with, all its own."""
    return [known for path in sorted(folder.glob("*.jsonl")) for known in _known_in(path)]


def _known_in(path: Path) -> Sequence[Known]:
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]
    return [
        Known(
            row["text"],
            frozenset(Right(label) for label in row["labels"] if label != "none"),
            frozenset(Right(label) for label in row.get("optional", ()) if label != "none"),
            path.stem,
        )
        for row in rows
    ]


def _lesson(line: dict[str, Any]) -> Lesson:
    return Lesson(
        int(line["number"]),
        line["language"],
        Right(line["right"]),
        Strength(line["strength"]),
        line["phrase"],
        line.get("example"),
        line["at"],
        line.get("by", ""),
    )
