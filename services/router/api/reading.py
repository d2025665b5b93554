"""The public door of reading: one message in, one verdict out, as values or as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from services.router.core.reading.bank import Bank, BankError
from services.router.core.reading.concepts import MEANING_OF_CONCEPT
from services.router.core.reading.reader import read
from services.router.core.reading.rights import Right, State, Tier
from services.router.core.reading.verdict import Claim, Reading, Span
from services.router.reading import Banks, load_banks, shipped_banks

__all__ = [
    "Bank", "BankError", "Banks", "Claim", "MEANING_OF_CONCEPT", "Reading", "Right", "Span", "State", "Tier",
    "as_json", "banks_for", "load_banks", "read", "read_message",
]  # fmt: skip

_NO_BANKS: Final[tuple[Path, ...]] = ()


def banks_for(knowledge: Sequence[Path] = _NO_BANKS) -> Banks:
    """Return the phrase banks: the shipped ones, extended by those under the given knowledge folders."""
    return load_banks(knowledge) if knowledge else shipped_banks()


def read_message(text: str, *, subject: str = "", language: str | None = None, banks: Banks | None = None) -> Reading:
    """Read one message with the given banks, or the shipped ones."""
    return read(text, banks=shipped_banks() if banks is None else banks, subject=subject, language=language)


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
    }
