"""The short answer a promise gives, where data answers better than a paragraph: "within 30 days", an address.

Only a promise proved by the very clause that is quoted is used, so that the short answer never says more than the
quotation under it; one that nobody has confirmed yet says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from services.router.core.policy.answers.askings import Asking
from services.router.core.policy.answers.frames import Frame
from services.router.core.policy.answers.index import Passage
from services.router.core.policy.answers.lexicon import Lexicon
from services.router.core.policy.answers.question import Question
from services.router.core.policy.model import Policy, Promise, PromiseKind

CONFIDENCE_MIN: Final = 0.7
SAID_MAX: Final = 3
_ADDRESS_FIELDS: Final = ("name", "address", "phone", "email", "website", "url")
_ACTIONS: Final = {"keep": "kept_for", "archive": "archived_after", "delete": "deleted_after"}
_UNITS: Final = frozenset({"hour", "day", "business_day", "week", "month", "year"})


@dataclass(frozen=True, slots=True)
class Promised:
    """What is said in short, and the promises that prove it."""

    line: str
    promises: tuple[Promise, ...]


NOTHING: Final = Promised("", ())


def promised_in_short(
    asked: Question, passages: Sequence[Passage], policies: Sequence[Policy], lexicon: Lexicon, frame: Frame
) -> Promised:
    """Return what the quoted clauses' promises answer in one line, or nothing."""
    for number in asked.asked:
        asking = lexicon.askings[number]
        said: dict[str, Promise] = {}
        for promise in _proved(asking, passages, policies):
            words = _words(promise, frame)
            if words and len(said) < SAID_MAX:
                said.setdefault(words, promise)
        if said:
            line = frame.say("short", what="; ".join(said))
            unconfirmed = not all(promise.confirmed for promise in said.values())
            note = f" {frame.say('unconfirmed')}" if unconfirmed else ""
            return Promised(line + note, tuple(said.values()))
    return NOTHING


def _proved(asking: Asking, passages: Sequence[Passage], policies: Sequence[Policy]) -> Iterable[Promise]:
    for passage in passages:
        for promise in policies[passage.document].promises:
            inside = passage.start <= promise.start and promise.end <= passage.end
            trusted = promise.confirmed or promise.confidence >= CONFIDENCE_MIN
            if inside and trusted and asking.answered_by(promise):
                yield promise


def _words(promise: Promise, frame: Frame) -> str:
    """Return one promise in words; what is not a time, an address or a list of formats is left to the quotation."""
    value = promise.value
    match promise.kind:
        case PromiseKind.ANSWER_DEADLINE | PromiseKind.BREACH_NOTICE:
            return _period(promise, frame)
        case PromiseKind.RETENTION:
            period, sentence = _period(promise, frame), _ACTIONS.get(str(value.get("action")), "")
            return frame.say(sentence, period=period) if period and frame.has(sentence) else ""
        case PromiseKind.PORTABILITY_FORMAT:
            return ", ".join(str(each) for each in value.get("formats", ()))
        case PromiseKind.AUTHORITY:
            return ", ".join(_plain(value[name]) for name in _ADDRESS_FIELDS if value.get(name))
        case PromiseKind.CONTACT:
            return _plain(value.get("address", ""))
        case PromiseKind.STORAGE_PLACE:
            return _plain(value.get("place", ""))
        case _:
            return ""


def _period(promise: Promise, frame: Frame) -> str:
    amount, unit, least = (promise.value.get(name) for name in ("amount", "unit", "amount_min"))
    if not isinstance(amount, int) or unit not in _UNITS:
        return ""
    longest = frame.period(amount, str(unit))
    return f"{least}–{longest}" if isinstance(least, int) and least < amount else longest


def _plain(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
