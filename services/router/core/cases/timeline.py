"""What happened to a case, told in sentences that a judge could read: when, what, by whom, and by which rule."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, tzinfo
from typing import Any, Final, NamedTuple

from schemas.rights import Channel
from services.router.core.cases import events as e
from services.router.core.cases.values import Due
from services.router.core.law.words import moment_words, place_words


class Entry(NamedTuple):
    """One line of a timeline. `moment` is when it was true, `recorded` when the case learned of it."""

    moment: datetime
    recorded: datetime
    event: str
    claim_id: str | None
    told: str
    details: tuple[str, ...] = ()  # the steps by which a date came about, and what to look at
    who: str = ""
    why: str = ""  # the rule of law, the clause or the ground that it rests on
    words: tuple[str, ...] = ()  # where the vault keeps what was written about it


def timeline(events: Iterable[e.CaseEvent], zone: tzinfo) -> tuple[Entry, ...]:
    """Return a case's events as sentences, in the order in which they were recorded, in the controller's local time."""
    rights: dict[str, str] = {}
    sources: dict[str, str] = {}
    letters: dict[str, str] = {}
    found: list[Entry] = []
    for event in events:
        if isinstance(event, e.ClaimOpened):
            rights[event.claim_id] = event.right.value.replace("_", " ")
        if isinstance(event, e.LetterRequested):
            letters[event.letter_id] = _words(event.template)
        claim_id = event.claim_id if isinstance(event, e.ClaimEvent) else None
        subject = f"{rights[claim_id]}: " if claim_id in rights and claim_id is not None else ""
        due = getattr(event, "due", None)
        details = (*due.steps, *due.warnings) if isinstance(due, Due) else ()
        if isinstance(due, Due) and claim_id is not None and isinstance(event, _SETS):
            sources[claim_id] = due.source
        told = subject + _TOLD[type(event)](event, zone)
        if isinstance(event, e.LetterSent | e.LetterBounced) and event.letter_id in letters:
            told = told.replace("letter ", f"letter of {letters[event.letter_id]} ", 1)
        why = _why(event, sources.get(claim_id or "", ""))
        found.append(
            Entry(
                _true_at(event),
                event.at,
                event.name(),
                claim_id,
                told,
                tuple(details),
                _who(event),
                why,
                _words_of(event),
            )
        )
    return tuple(found)


def line(entry: Entry, zone: tzinfo) -> str:
    """Return an entry as one line of text."""
    return f"{moment_words(entry.moment.astimezone(zone))} {place_words(zone)}  {entry.told}"


def _true_at(event: e.CaseEvent) -> datetime:
    for name in ("moment", "completed", "told"):
        found = getattr(event, name, None)
        if isinstance(found, datetime):
            return found
    return event.at


def moment_line(moment: datetime, zone: tzinfo) -> str:
    """Return a moment with its place and its distance from UTC: `Tue 31 Mar 2026 09:00 Bucharest (UTC+03:00)`."""
    local = moment.astimezone(zone)
    offset = local.strftime("%z")
    return f"{moment_words(local)} {place_words(zone)} (UTC{offset[:3]}:{offset[3:5]})"


_ACTORS: Final[dict[type[e.CaseEvent], str]] = {
    e.CaseOpened: "the person",
    e.MessageJoined: "the person",
    e.ClaimOpened: "the person",
    e.IdentityConfirmed: "the person",
    e.IdentityFailed: "somebody",
    e.IdentityDocumentReceived: "the person",
    e.ClarificationReceived: "the person",
    e.ClaimWithdrawn: "the person",
    e.ClaimFulfilled: "the handler",
    e.ClaimRefused: "the handler",
    e.LetterSent: "the relay",
    e.LetterBounced: "the relay",
}


def _who(event: e.CaseEvent) -> str:
    """Return who brought an event about; what the rules do by themselves is habeas's own."""
    officer = getattr(event, "officer", None)
    return f"officer {officer}" if officer else _ACTORS.get(type(event), "habeas")


_SETS: Final = (e.DeadlineSet, e.DeadlinePaused, e.DeadlineResumed, e.DeadlineExtended)
_BY_DEADLINE: Final = (
    e.DeadlineMet, e.DeadlineMissed, e.DeadlineApproaching, e.ExtensionDecided, e.PauseLapsed, e.AskingLapsed,
)  # fmt: skip


def _why(event: e.CaseEvent, source: str) -> str:
    """Return the rule or the ground behind an event; a deadline's is the one that set it."""
    due = getattr(event, "due", None)
    if isinstance(due, Due):
        return due.source
    for name in ("citation", "source", "rule"):
        found = getattr(event, name, None)
        if isinstance(found, str) and found:
            return found
    if isinstance(event, _BY_DEADLINE):
        return source
    if isinstance(event, e.IdentityDocumentDestroyed):
        return "Art. 5(1)(c), 5(1)(e) GDPR"
    return _words(getattr(event, "ground", None))


def _words_of(event: e.CaseEvent) -> tuple[str, ...]:
    named = (getattr(event, name, None) for name in ("reasons", "question", "note", "to", "evidence"))
    return tuple(each for each in named if isinstance(each, str) and each.startswith("vault:"))


def _moment(moment: datetime, zone: tzinfo) -> str:
    return moment_words(moment.astimezone(zone))


def _words(code: str | None) -> str:
    return (code or "").replace("_", " ")


def _by(officer: str | None) -> str:
    return f" by officer {officer}" if officer else ""


def _to(officer: str | None) -> str:
    return f", to officer {officer}" if officer else ""


def _margin(seconds: int) -> str:
    days, rest = divmod(abs(seconds), 86_400)
    length = f"{days} days {rest // 3600} hours"
    return f"{length} before the deadline" if seconds > 0 else f"{length} after the deadline"


def _count(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


_FROM: Final = {
    Channel.EMAIL: "an email",
    Channel.CHAT: "a chat",
    Channel.LETTER: "a letter",
    Channel.PHONE: "a call",
}


def _opened(event: e.CaseOpened, zone: tzinfo) -> str:
    because = f" ({'; '.join(event.law.because)})" if event.law.because else ""
    return (
        f"case opened from {_FROM[event.channel]} received {_moment(event.received, zone)}{_by(event.officer)}; "
        f"law: {', '.join(event.law.laws)}{because}; policy version {event.policy_version}"
    )


def _set(event: e.DeadlineSet, zone: tzinfo) -> str:
    return (
        f"due before {_moment(event.due.due, zone)} by {event.due.rule} ({event.due.source}); {_because(event.because)}"
    )


_BECAUSE: Final = {
    "received": "counted from the receipt",
    "law_corrected": "worked out again under the corrected law",
    "awareness": "counted from the awareness",
    "history": "with what happened before",
    "reopened": "as before the answer",
    "extension_not_delivered": "without the extension that was not delivered",
    "still_waiting": "while something is still awaited",
}


def _because(code: str) -> str:
    return _BECAUSE.get(code, _words(code))


def _law_corrected(event: e.LawCorrected, _zone: tzinfo) -> str:
    because = f": {'; '.join(event.law.because)}" if event.law.because else ""
    return f"law corrected from {', '.join(event.was.laws)} to {', '.join(event.law.laws)}{_by(event.officer)}{because}"


def _completed(event: e.ClaimCompleted, _zone: tzinfo) -> str:
    return f"completed as {_words(event.outcome.value)}, {_margin(event.margin_seconds)} ({event.source})"


def _reapplied(event: e.ActReapplied, zone: tzinfo) -> str:
    ended = "" if event.whole else "; not all of it could be done, and an officer must look"
    who = _by(event.officer) if event.officer else ", because a restore was seen"
    return (
        f"done again in {', '.join(event.systems)}{who}, as of a backup of {_moment(event.since, zone)}: "
        f"{_count(event.count, 'row')} changed{ended}"
    )


def _fulfilled(event: e.ClaimFulfilled, _zone: tzinfo) -> str:
    withheld = f", {_count(event.withheld_count, 'item')} withheld ({_words(event.withheld_ground)})"
    told = f", {_count(event.recipients_count, 'recipient')} told (Art. 19 GDPR)"
    return (
        f"{_words(event.outcome.value)}{_by(event.officer)}, {_count(event.receipts_count, 'receipt')}"
        f"{withheld if event.withheld_count else ''}{told if event.recipients_count else ''}"
    )


Telling = Callable[[Any, tzinfo], str]
_TOLD: Final[dict[type[e.CaseEvent], Telling]] = {
    e.CaseOpened: _opened,
    e.MessageJoined: lambda x, z: (
        f"a further message of {_moment(x.received, z)} joined"
        + (f"; asked again: {', '.join(_words(right.value) for right in x.repeated)}" if x.repeated else "")
    ),
    e.ClaimOpened: lambda x, z: f"asked for, received {_moment(x.received, z)}",
    e.DeadlineSet: _set,
    e.AcknowledgementDue: lambda x, z: (
        f"the receipt must be confirmed before {_moment(x.due.due, z)} by {x.due.rule} ({x.due.source})"
    ),
    e.Acknowledged: lambda x, _: f"receipt confirmed, {_margin(x.margin_seconds)}",
    e.AcknowledgementMissed: lambda *_: "the receipt was not confirmed in time",
    e.IdentityRequested: lambda x, z: f"identity asked by {_words(x.method)}, until {_moment(x.expires, z)}",
    e.IdentityFailed: lambda x, _: f"identity not proven: {_words(x.reason)}, {x.attempts_left} attempts left",
    e.IdentityConfirmed: lambda x, _: f"identity confirmed by {_words(x.method)}{_by(x.officer)}",
    e.IdentityExpired: lambda x, _: f"the identity request ended: {_words(x.reason)}",
    e.IdentityDocumentReceived: lambda x, _: (
        f"the identity document that was asked for arrived{_to(x.officer)}; an officer must look at it"
    ),
    e.IdentityDocumentDestroyed: lambda x, _: (
        f"{_count(len(x.document_ids), 'identity document')} destroyed, with the key: nobody has to look any more"
    ),
    e.ClarificationRequested: lambda x, _: f"the person was asked what they mean: {_words(x.ground)}{_by(x.officer)}",
    e.ClarificationReceived: lambda x, _: f"the person answered what they were asked{_to(x.officer)}",
    e.DeadlinePaused: lambda x, _: f"the clock stands, waiting for {x.kind.value}: {_words(x.ground)}{_by(x.officer)}",
    e.DeadlineResumed: lambda x, z: f"the clock runs again{_by(x.officer)}; due before {_moment(x.due.due, z)}",
    e.PauseLapsed: lambda x, _: f"the clock runs on while waiting for {x.kind.value}: {'; '.join(x.why)}",
    e.AskingLapsed: lambda x, _: f"the question about {x.kind.value} never arrived: nothing is suspended",
    e.ExtensionDecided: lambda x, _: f"extension decided{_by(x.officer)}: {_words(x.ground)}; the person is being told",
    e.DeadlineExtended: lambda x, z: (
        f"extended: {_words(x.ground)}; due before {_moment(x.due.due, z)}, was {_moment(x.was_due, z)}"
    ),
    e.ExtensionLapsed: lambda x, _: f"the extension does not count: {x.why} ({x.rule})",
    e.ClaimRouted: lambda x, _: f"sent to its handler, attempt {x.attempt}",
    e.ClaimQueued: lambda *_: "waits until what must come first has ended",
    e.TaskOpened: lambda x, _: f"a human is needed: {_words(x.reason)}",
    e.StepSkipped: lambda x, _: f"{x.step} is left out, so that this is carried out in part only{_by(x.officer)}",
    e.ClaimApproved: lambda x, _: f"approved{_by(x.officer)}",
    e.TaskCompleted: lambda x, _: f"task done{_by(x.officer)}",
    e.ClaimResumed: lambda *_: "the handler goes on",
    e.ClaimParked: lambda x, _: f"parked: {_words(x.reason)}",
    e.ClaimFulfilled: _fulfilled,
    e.ClaimRefused: lambda x, _: f"refused{_by(x.officer)}: {_words(x.ground)} ({x.citation})",
    e.ClaimWithdrawn: lambda x, _: f"withdrawn by the person{_to(x.officer)}",
    e.ClaimTransferred: lambda x, _: f"handed to another controller{_by(x.officer)}: {_words(x.ground)}",
    e.ClaimDropped: lambda x, _: f"dropped{_by(x.officer)}: {_words(x.ground)}",
    e.ClaimNotIdentified: lambda *_: "ended, because the person could not be identified (Art. 11(2), 12(2) GDPR)",
    e.LetterRequested: lambda x, _: (
        f"letter asked for: {_words(x.template)}{' to the customer' if x.to_customer else ''}"
    ),
    e.LetterSent: lambda x, _: (
        f"letter {x.letter_id} {f'posted by hand{_by(x.officer)}' if x.officer else 'accepted by the relay'}"
    ),
    e.LetterBounced: lambda x, _: f"letter {x.letter_id} did not arrive{f' ({x.status})' if x.status else ''}",
    e.DeadlineApproaching: lambda x, z: f"{_count(x.days_left, 'day')} left before {_moment(x.due, z)}",
    e.DeadlineMissed: lambda *_: "the deadline passed unanswered",
    e.DeadlineMet: lambda x, _: f"answered in time, {_margin(x.margin_seconds)}",
    e.ClaimCompleted: _completed,
    e.ClaimReopened: lambda x, _: f"opened again{_by(x.officer)}: {_words(x.reason)}",
    e.CaseCompleted: lambda x, _: f"case completed with {_count(len(x.claim_ids), 'claim')}",
    e.LawCorrected: _law_corrected,
    e.AwarenessRecorded: lambda x, z: f"the controller was aware at {_moment(x.aware, z)}{_by(x.officer)}",
    e.HistoryRecorded: lambda x, z: (
        f"from before, recorded{_by(x.officer)} ({_words(x.ground)}): "
        + "; ".join(f"{_words(each.kind)} {_moment(each.moment, z)}" for each in x.happened)
    ),
    e.AuthorityRecorded: lambda x, _: (
        f"authority of the {x.asker.value} {'' if x.accepted else 'not '}accepted{_by(x.officer)}: {_words(x.ground)}"
    ),
    e.LiftingDecided: lambda x, _: f"the restriction ends{_by(x.officer)}; the person is being told",
    e.RestrictionLifted: lambda *_: "the person was told, and the restriction is lifted (Art. 18(3) GDPR)",
    e.ActReapplied: _reapplied,
    e.RoleRecorded: lambda x, _: f"we act as {x.role.value}{_by(x.officer)}: {_words(x.ground)}",
    e.CaseAssigned: lambda x, _: f"given to officer {x.to}{_by(x.officer)}",
    e.NoteAdded: lambda x, _: f"note added{_by(x.officer)}",
    e.CaseJoined: lambda x, _: f"joined to case {x.into}{_by(x.officer)}",
}
