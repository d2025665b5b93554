"""The router's door to the clock: one question in, one answer out, as plain values."""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator, Mapping
from datetime import tzinfo
from functools import cache
from typing import Any, Final, NamedTuple

from pydantic_core import from_json, to_json

from services.router import laws
from services.router.core.law.clock import earliest
from services.router.core.law.deadline import Deadline
from services.router.core.law.model import LawFault
from services.router.core.law.questions import Places, question

LINE_BYTES_MAX: Final = 1024 * 1024
UnusableQuestion = LawFault


@cache
def places() -> Places:
    """Return the shipped laws, with zones and calendars looked up as they are asked for."""
    return Places(laws.shipped_laws(), laws.zone, laws.calendar)


class Answer(NamedTuple):
    """A deadline, the zone it is told in, and everything an officer should be warned about."""

    deadline: Deadline
    zone: tzinfo
    calendar: str
    warnings: tuple[str, ...]
    because: tuple[str, ...] = ()

    def fields(self) -> dict[str, Any]:
        """Return the answer as JSON would write it."""
        found = self.deadline
        return {
            "due": found.due_text(self.zone),
            "status": found.status.value,
            "rule": found.rule,
            "source": found.source,
            "steps": list(found.steps),
            "warnings": list(self.warnings),
            "law": found.law,
            "right": found.right,
            "due_before": found.due.isoformat(),
            "calendar": self.calendar,
            "extended": found.extended,
            "suspended_days": found.suspended_days,
            "by_promise": found.by_promise,
            "because": list(self.because),
        }


def deadline(line: Mapping[str, Any]) -> Answer:
    """Work out the deadline that a line of fields asks for; a fault says which field is wrong."""
    asked = question(line, places())
    found = earliest(asked.matter, asked.laws)
    return Answer(
        found, asked.matter.zone, asked.matter.calendar.code, (*asked.warnings, *found.warnings), asked.because
    )


def answer_lines(lines: Iterable[str | bytes]) -> Iterator[str]:
    """Answer JSON lines in order, one line each; a bad line is answered with its error and stops nothing."""
    for raw in lines:
        if raw.strip():
            yield to_json(_answer(raw)).decode()


def answered(lines: Iterable[bytes]) -> bytes:
    """Answer these JSON lines in order, one line each."""
    found: list[bytes] = []
    for raw in lines:
        if raw.strip():
            found += (to_json(_answer(raw)), b"\n")
    return b"".join(found)


def _answer(raw: str | bytes) -> dict[str, Any]:
    if len(raw) > LINE_BYTES_MAX:
        return {"id": None, "error": f"the line is longer than {LINE_BYTES_MAX} bytes"}
    try:
        # Some editors begin a file with a mark.
        line = from_json(raw.removeprefix(BOM_UTF8) if isinstance(raw, bytes) else raw.removeprefix("\ufeff"),
                         allow_inf_nan=False)  # fmt: skip
    except ValueError:
        return {"id": None, "error": "the line is not JSON: write one object a line"}
    if not isinstance(line, dict):
        return {"id": None, "error": "the line is not a JSON object"}
    number = line.get("id")
    try:
        return {"id": number, **deadline(line).fields()}
    except LawFault as fault:
        return {"id": number, "error": str(fault)}
