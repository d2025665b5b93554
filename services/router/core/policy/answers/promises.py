"""The short answer a promise gives, where data answers better than a paragraph: "within 30 days", an address.

Only a promise proved by the very clause that is quoted is used, so that the short answer never says more than the
quotation under it; one that nobody has confirmed yet says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from services.router.core.policy.answers.askings import Answering
from services.router.core.policy.answers.frames import Frame
from services.router.core.policy.answers.index import PolicyIndex
from services.router.core.policy.answers.lexicon import Lexicon
from services.router.core.policy.answers.question import Question
from services.router.core.policy.answers.subjects import names_it, subject_of
from services.router.core.policy.model import Promise, PromiseKind

CONFIDENCE_MIN: Final = 0.7
SAID_MAX: Final = 3
MEANT_MIN: Final = 0.5
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
    asked: Question, places: Sequence[int], index: PolicyIndex, lexicon: Lexicon, frame: Frame
) -> Promised:
    """Return what the quoted clauses' promises answer in one line, or nothing."""
    kinds = [lexicon.askings[number].answers for number in asked.asked]
    if len(asked.meant) and asked.meant.max() >= MEANT_MIN:
        meaning = lexicon.wordings.meanings[int(asked.meant.argmax())]
        kinds.append(meaning.answers)
    for answers in kinds:
        said: dict[str, Promise] = {}
        for promise in _richest(_proved(answers, places, index)):
            words = _words(promise, frame)
            if words and len(said) < SAID_MAX:
                said.setdefault(words, promise)
        if said:
            line = frame.say("short", what="; ".join(said))
            unconfirmed = not all(promise.confirmed for promise in said.values())
            note = f" {frame.say('unconfirmed')}" if unconfirmed else ""
            return Promised(line + note, tuple(said.values()))
    return NOTHING


def is_beside_the_question(promised: Promised, asked: Question) -> bool:
    """Return whether all that is said in short is how long things are kept that the question does not name."""
    return all(
        promise.kind is PromiseKind.RETENTION
        and (subject := subject_of(promise)) != ""
        and not names_it(asked.reading.pivot, subject)
        for promise in promised.promises
    )


def _proved(answers: Sequence[Answering], places: Sequence[int], index: PolicyIndex) -> Iterable[Promise]:
    """Return the trusted promises of these kinds whose whole quotation stands in the quoted clauses."""
    for place in places:
        for promise in index.held[place]:
            trusted = promise.confirmed or promise.confidence >= CONFIDENCE_MIN
            if trusted and any(each.fits(promise) for each in answers) and _quoted_whole(promise, place, places, index):
                yield promise


def _quoted_whole(promise: Promise, place: int, places: Sequence[int], index: PolicyIndex) -> bool:
    """Return whether the clauses from the promise's beginning to its end are all quoted: an address may fill two."""
    document = index.passages[place].document
    if index.passages[place].start > promise.start:
        return False
    at = place
    while index.passages[at].end < promise.end:
        at += 1
        if at not in places or index.passages[at].document != document:
            return False
    return True


def _richest(proved: Iterable[Promise]) -> Iterable[Promise]:
    """Return the promises without what another says better: an authority named twice, a news that is another's."""
    found = list(proved)
    to_people = any("person" in str(promise.value.get("to", "")) for promise in found)
    for promise in found:
        name = promise.value.get("name")
        rivals = [other for other in found if other.kind is promise.kind and other.value.get("name") == name]
        if promise.kind is PromiseKind.AUTHORITY and max(rivals, key=lambda other: len(other.value)) is not promise:
            continue
        if promise.kind is PromiseKind.BREACH_NOTICE and to_people and promise.value.get("to") == "authority":
            continue
        yield promise


def _words(promise: Promise, frame: Frame) -> str:
    """Return one promise in words; what is not a time, an address or a list of formats is left to the quotation."""
    value = promise.value
    match promise.kind:
        case PromiseKind.ANSWER_DEADLINE | PromiseKind.BREACH_NOTICE:
            return _period(promise, frame)
        case PromiseKind.RETENTION:
            period, sentence = _period(promise, frame), _ACTIONS.get(str(value.get("action")), "")
            if not period or not frame.has(sentence):
                return ""
            since = f"since_{value.get('from')}"
            started = f" ({frame.say(since)})" if frame.has(since) else ""
            # A time that is for one thing is never said as if it were for all.
            what = f"{subject}: " if (subject := subject_of(promise)) else ""
            return f"{what}{frame.say(sentence, period=period)}{started}"
        case PromiseKind.PORTABILITY_FORMAT:
            return ", ".join(str(each) for each in value.get("formats", ()))
        case PromiseKind.AUTHORITY:
            return ", ".join(_plain(value[name]) for name in _ADDRESS_FIELDS if value.get(name))
        case PromiseKind.CONTACT:
            return _plain(value.get("address", ""))
        case PromiseKind.STORAGE_PLACE:
            return _plain(value.get("place", ""))
        case PromiseKind.RECIPIENT:
            return _plain(value.get("names", ""))
        case PromiseKind.IDENTITY_PROOF:
            return "" if value.get("required") == "no" else _plain(value.get("document", ""))
        case PromiseKind.SELF_SERVICE:
            return _plain(value.get("path", "")) if promise.confirmed else ""
        case PromiseKind.CHILDREN:
            return f"{value['age_min']}+" if isinstance(value.get("age_min"), int) else ""
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
