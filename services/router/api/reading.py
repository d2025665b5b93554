"""The public door of reading: one message in, one verdict out, as values or as JSON."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from services.router.adviser import ChatAdviser
from services.router.core.reading.bank import Bank, BankError
from services.router.core.reading.concepts import MEANING_OF_CONCEPT
from services.router.core.reading.opinion import SecondOpinion
from services.router.core.reading.reader import Heard, heard_in, read
from services.router.core.reading.rights import Right, State, Tier
from services.router.core.reading.teaching import Difference, Known, differences, misread
from services.router.core.reading.verdict import Claim, Reading, Span
from services.router.reading import SHIPPED, Banks, load_banks, shipped_banks, shipped_opinions
from services.router.teaching import Lesson, Lessons, TeachingError, idioms_by_language, lesson_of, shipped_known

__all__ = [
    "MEANING_OF_CONCEPT",
    "Bank",
    "BankError",
    "Banks",
    "ChatAdviser",
    "Claim",
    "Difference",
    "Heard",
    "Known",
    "Lesson",
    "Lessons",
    "Reading",
    "Right",
    "SecondOpinion",
    "Span",
    "State",
    "TeachingError",
    "Tier",
    "advised",
    "as_json",
    "banks_for",
    "heard_in",
    "known_messages",
    "lesson_of",
    "lessons_of",
    "load_banks",
    "misread_known",
    "read",
    "read_message",
    "trial",
]

_NO_BANKS: Final[tuple[Path, ...]] = ()


def banks_for(knowledge: Sequence[Path] = _NO_BANKS, lessons: Sequence[Lesson] = ()) -> Banks:
    """Return the phrase banks: the shipped ones, extended by those under the given folders and by officers' lessons."""
    if not knowledge and not lessons:
        return shipped_banks()
    banks = load_banks(knowledge) if knowledge else shipped_banks()
    return banks.with_lessons(idioms_by_language(lessons))


def lessons_of(home: Path, controller: str) -> Lessons:
    """Return what a controller's officers taught, kept under the home."""
    return Lessons(home, controller)


def known_messages(lessons: Sequence[Lesson] = ()) -> list[Known]:
    """Return every message whose rights are known: shipped ones and those officers decided."""
    decided = [known for lesson in lessons if (known := lesson.known) is not None]
    return [*shipped_known(SHIPPED / "phrases" / "known"), *decided]


def trial(lesson: Lesson, lessons: Sequence[Lesson], knowledge: Sequence[Path] = _NO_BANKS) -> list[Difference]:
    """Return every known message that is read otherwise once `lesson` is taught."""
    before, after = banks_for(knowledge, lessons), banks_for(knowledge, [*lessons, lesson])
    if lesson.language not in after:
        # It would be kept and never heard.
        raise TeachingError(f"there is no phrase bank for {lesson.language!r}; give a language's code, such as de")
    return differences(known_messages([*lessons, lesson]), _reader(before), _reader(after))


def misread_known(
    lessons: Sequence[Lesson] = (), knowledge: Sequence[Path] = _NO_BANKS
) -> tuple[int, list[Difference]]:
    """Return how many messages are known, and those read wrong."""
    known = known_messages(lessons)
    return len(known), misread(known, _reader(banks_for(knowledge, lessons)))


def _reader(banks: Banks) -> Callable[[Known], Reading]:
    return lambda known: read(known.text, banks=banks, language=known.language)


def read_message(
    text: str,
    *,
    subject: str = "",
    language: str | None = None,
    banks: Banks | None = None,
    opinions: Sequence[SecondOpinion] | None = None,
) -> Reading:
    """Read one message with the given banks and second opinions, or the shipped ones."""
    return read(
        text,
        banks=shipped_banks() if banks is None else banks,
        subject=subject,
        language=language,
        opinions=shipped_opinions() if opinions is None else opinions,
    )


def advised(reading: Reading, text: str, adviser: SecondOpinion) -> Reading:
    """Return a reading that goes to a human, with an adviser's suggestion; any other reading is left as it is."""
    if reading.tier is not Tier.REVIEW:
        return reading
    heard = adviser.opine(text, reading.language.code)
    known = {claim.right for claim in reading.claims}
    suggestions = tuple(
        Claim(one.right, Tier.REVIEW, 0.4, (), f"suggested by the {one.origin}")
        for one in heard
        if one.right is not None and one.right not in known
    )
    return replace(reading, claims=(*reading.claims, *suggestions))


def as_json(reading: Reading) -> dict[str, Any]:
    """Return a reading in the shape of `habeas match --jsonl`, without the id."""
    answer: dict[str, Any] = {
        "claims": [_claim_json(claim) for claim in reading.claims],
        "language": reading.language.code,
        "details": {
            **reading.details,
            "language_confidence": reading.language.confidence,
            "found": [
                {"kind": one.kind, "value": one.value, "span": [one.span.start, one.span.end]} for one in reading.found
            ],
        },
        "tier": reading.tier.value,
    }
    if reading.questions:
        answer["questions"] = [
            {"right": asked.right.value, "text": asked.text, "answers": [asked.yes, asked.no]}
            for asked in reading.questions
        ]
    if reading.notes:
        answer["notes"] = list(reading.notes)
    return answer


def _claim_json(claim: Claim) -> dict[str, Any]:
    spans = [[span.start, span.end] for span in claim.spans if span.part == "text"]
    in_subject = [[span.start, span.end] for span in claim.spans if span.part == "subject"]
    return {
        "right": claim.right.value,
        "tier": claim.tier.value,
        "score": claim.score,
        "spans": spans,
        "reason": claim.reason,
        "negated": claim.negated,
        **({"subject_spans": in_subject} if in_subject else {}),
        **({"for": [{"name": one.name, "relation": one.relation} for one in claim.persons]} if claim.persons else {}),
    }
