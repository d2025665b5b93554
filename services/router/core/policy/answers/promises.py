"""The short answer a promise gives, where data answers better than a paragraph: "within 30 days", an address.

Only a promise proved by the very clause that is quoted is used, so that the short answer never says more than the
quotation under it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from services.router.core.law.model import LawFault, period
from services.router.core.policy.answers.frames import Frame
from services.router.core.policy.answers.index import Passage
from services.router.core.policy.answers.lexicon import Lexicon
from services.router.core.policy.answers.question import Question
from services.router.core.policy.model import Policy, Promise, PromiseKind

CONFIDENCE_MIN: Final = 0.8
WANTED: Final[tuple[tuple[frozenset[str], PromiseKind], ...]] = (
    (frozenset({"respond"}), PromiseKind.ANSWER_DEADLINE),
    (frozenset({"duration"}), PromiseKind.ANSWER_DEADLINE),
    (frozenset({"format", "export"}), PromiseKind.PORTABILITY_FORMAT),
    (frozenset({"complain"}), PromiseKind.AUTHORITY),
    (frozenset({"contact", "contact_data", "dpo", "rights"}), PromiseKind.CONTACT),
)
"""Which promise is the answer's core when a question shows one of these concepts; the first that fits is said."""


def promised_line(asked: Question, passage: Passage, policy: Policy, lexicon: Lexicon, frame: Frame) -> str:
    """Return the promise of the quoted clause that answers the question in one line, or nothing."""
    shown = {lexicon.names[concept] for concept in asked.direct}
    proved = [
        p for p in policy.promises if p.clause == passage.clause and (p.confirmed or p.confidence >= CONFIDENCE_MIN)
    ]
    for concepts, kind in WANTED:
        if shown & concepts:
            for promise in proved:
                line = _line(promise, frame) if promise.kind is kind else ""
                if line:
                    return line
    return ""


def _line(promise: Promise, frame: Frame) -> str:
    value: Mapping[str, Any] = promise.value
    if promise.kind is PromiseKind.ANSWER_DEADLINE:
        return _period(value, frame)
    if promise.kind is PromiseKind.PORTABILITY_FORMAT:
        formats = value.get("formats", ())
        return frame.say("short", what=", ".join(str(each) for each in formats)) if formats else ""
    if promise.kind in (PromiseKind.AUTHORITY, PromiseKind.CONTACT):
        found = [
            str(value[key]) for key in ("name", "address", "phone", "email", "mail", "url", "value") if value.get(key)
        ]
        return frame.say("short", what=", ".join(found)) if found else ""
    return ""


def _period(value: Mapping[str, Any], frame: Frame) -> str:
    try:
        length = period(str(value.get("period", "")))
    except LawFault:
        return ""
    return frame.say("short", what=frame.period(length.count, length.unit.value))
