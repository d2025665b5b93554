"""What has happened to a case: its own record, append-only and chained by hash in the store.

These are the case's own events; the router's shell maps them to the events on the bus (`schemas/events.py`), and where
both mean the same they have the same name. A released event may only grow; `version` is raised when a field is added.
"""

from __future__ import annotations

import json
from datetime import date
from typing import Any, ClassVar, Final

from schemas.base import ControllerId, Id, Moment, VaultRef
from schemas.rights import Channel, Outcome, Right
from schemas.values import SkippedStep
from services.router.core.cases.values import (
    Asker,
    Assurance,
    Code,
    Due,
    Frozen,
    Happened,
    LawChoice,
    Role,
    WaitKind,
)  # fmt: skip


class CaseEvent(Frozen):
    """A fact about one case. `at` is when it was decided; a `moment` field is when it was true."""

    version: ClassVar[int] = 1

    at: Moment
    cause: Id

    @classmethod
    def name(cls) -> str:
        """Return the event's name."""
        return cls.__name__


class ClaimEvent(CaseEvent):
    """A fact about one claim."""

    claim_id: Id


class CaseOpened(CaseEvent):
    """A case began."""

    case_id: Id
    controller: ControllerId
    message_id: Id
    correspondent: Id
    person: Id
    channel: Channel
    received: Moment
    language: str
    policy_version: str
    law: LawChoice
    subject: VaultRef
    asker: Asker
    assurance: Assurance
    role: Role
    officer: Id | None = None
    customer: VaultRef | None = None  # for whom we process, where we do (Art. 28 GDPR)
    body: VaultRef | None = None
    of_a_customer: bool = False  # the person speaks of a customer's list, and it is not known whose


class MessageJoined(CaseEvent):
    """A further message belongs to the case. `repeated` are rights that were already open: not opened twice."""

    message_id: Id
    received: Moment
    repeated: tuple[Right, ...] = ()
    body: VaultRef | None = None
    officer: Id | None = None


class ClaimOpened(ClaimEvent):
    """A right was used."""

    right: Right
    received: Moment
    message_id: Id
    subject: VaultRef | None = None  # what a later message said about it
    follows: tuple[Id, ...] = ()  # the claims that come first, such as the copy before the erasure
    unproven: bool = False  # nothing shows that whoever was confirmed before asks for this too


class DeadlineSet(ClaimEvent):
    """A claim has a due moment, or another one since the law, the awareness or the claim was corrected: `because`
    says."""

    due: Due
    because: Code = "received"


class AcknowledgementDue(ClaimEvent):
    """The law sets a day of its own for confirming the receipt."""

    due: Due


class Acknowledged(ClaimEvent):
    """The letter that confirms the receipt was accepted."""

    due: Moment
    moment: Moment
    margin_seconds: int


class AcknowledgementMissed(ClaimEvent):
    """Nothing confirmed the receipt in time."""

    due: Moment
    moment: Moment


class IdentityRequested(CaseEvent):
    """The person was asked to prove who they are."""

    check_id: Id
    method: Code
    challenge: str
    expires: Moment
    attempts: int
    claim_ids: tuple[Id, ...]
    reasons: VaultRef | None = None


class IdentityFailed(CaseEvent):
    """An answer was wrong."""

    check_id: Id
    attempts_left: int
    reason: Code


class IdentityConfirmed(CaseEvent):
    """The person is who they say they are, to this level."""

    check_id: Id | None
    method: Code
    assurance: Assurance
    officer: Id | None = None
    ground: Code | None = None


class IdentityExpired(CaseEvent):
    """Nobody answered in time, or the attempts were used up."""

    check_id: Id
    moment: Moment
    reason: Code


class IdentityDocumentReceived(CaseEvent):
    """The person showed the document that they were asked for; `moment` is when it arrived."""

    document_id: Id
    ref: VaultRef
    moment: Moment
    claim_ids: tuple[Id, ...] = ()  # whose clocks it lets run again
    message_id: Id | None = None
    officer: Id | None = None


class IdentityDocumentDestroyed(CaseEvent):
    """The documents are gone, and the key they were sealed with (Art. 5(1)(e) GDPR)."""

    document_ids: tuple[Id, ...]


class ClarificationRequested(CaseEvent):
    """The person was asked what they mean."""

    claim_ids: tuple[Id, ...]
    question: VaultRef
    ground: Code
    officer: Id | None = None


class ClarificationReceived(CaseEvent):
    """The person answered what they were asked."""

    claim_ids: tuple[Id, ...]
    message_id: Id | None = None
    officer: Id | None = None


class DeadlinePaused(ClaimEvent):
    """The clock stands, because the law lets it wait for the person."""

    kind: WaitKind
    ground: Code
    due: Due
    reasons: VaultRef | None = None
    officer: Id | None = None


class DeadlineResumed(ClaimEvent):
    """The clock runs again, and the days of waiting are added."""

    kind: WaitKind
    was_due: Moment
    due: Due
    officer: Id | None = None


class AskingLapsed(ClaimEvent):
    """What was asked never reached the person: the clock is as if nobody had asked."""

    kind: WaitKind


class PauseLapsed(ClaimEvent):
    """Waiting for the person does not stop this clock, and why: it runs on."""

    kind: WaitKind
    why: tuple[str, ...]


class ExtensionDecided(ClaimEvent):
    """An officer extends the period; the letter that tells the person is on its way."""

    letter_id: Id
    ground: Code
    reasons: VaultRef
    officer: Id
    until: date | None = None


class DeadlineExtended(ClaimEvent):
    """The person was told inside the first period, with reasons (Art. 12(3) GDPR)."""

    was_due: Moment
    due: Due
    ground: Code
    told: Moment
    until: date | None = None


class ExtensionLapsed(ClaimEvent):
    """The extension does not count, and why: the claim stays due."""

    rule: str
    why: str


class ClaimRouted(ClaimEvent):
    """The claim is on its way to its handler."""

    right: Right
    due: Moment
    attempt: int
    approved_by: tuple[Id, ...] = ()
    orders: VaultRef | None = None
    skipped: tuple[SkippedStep, ...] = ()


class StepSkipped(ClaimEvent):
    """An officer decided that a system or a delegate is left out; the claim can be carried out in part only."""

    step: str
    officer: Id
    reasons: VaultRef


class ClaimQueued(ClaimEvent):
    """The claim waits for another one to end first."""

    behind: tuple[Id, ...]


class TaskOpened(ClaimEvent):
    """Only a human can go on; the clock runs."""

    task_id: Id
    reason: Code
    due: Moment
    preview: VaultRef | None = None  # what the officer is shown before deciding


class TaskCompleted(ClaimEvent):
    """A human did it."""

    task_id: Id
    officer: Id
    outcome: Outcome | None = None
    ground: Code | None = None


class ClaimApproved(ClaimEvent):
    """An officer approved what a handler is about to do; where two must, the task waits for the second."""

    task_id: Id
    officer: Id
    ground: Code | None = None
    orders: VaultRef | None = None  # what the officer adds: which field gets which value, which purpose ends
    note: VaultRef | None = None


class ClaimResumed(ClaimEvent):
    """The handler goes on where a human helped."""


class ClaimParked(ClaimEvent):
    """The claim's event waits with its cause; an operator can replay it."""

    reason: Code


class ClaimFulfilled(ClaimEvent):
    """The claim was carried out, wholly or in part."""

    outcome: Outcome
    result: VaultRef | None = None
    receipts_count: int = 0
    withheld_count: int = 0
    recipients_count: int = 0
    withheld_ground: Code | None = None
    officer: Id | None = None


class ClaimRefused(ClaimEvent):
    """The claim is refused, with its ground in law."""

    ground: Code
    citation: str
    reasons: VaultRef | None = None
    officer: Id | None = None


class ClaimWithdrawn(ClaimEvent):
    """The person no longer asks."""

    message_id: Id | None = None
    officer: Id | None = None


class ClaimTransferred(ClaimEvent):
    """Another controller must answer; the person is told which."""

    to: VaultRef
    ground: Code
    officer: Id


class ClaimDropped(ClaimEvent):
    """The message did not use this right after all, or the claim lives on in another case."""

    ground: Code
    officer: Id
    into: Id | None = None


class ClaimNotIdentified(ClaimEvent):
    """The claim ends because the person could not be identified (Art. 11(2), 12(2) GDPR)."""


class LetterRequested(CaseEvent):
    """A letter is to be written; `completes` are the claims that are answered once it is delivered."""

    letter_id: Id
    template: Code
    claim_ids: tuple[Id, ...] = ()
    completes: tuple[Id, ...] = ()
    reasons: VaultRef | None = None
    to_customer: bool = False  # the processor's customer, not the person
    customer: VaultRef | None = None  # which one, where it is not the case's


class LetterSent(CaseEvent):
    """The relay accepted the letter, or an officer posted it."""

    letter_id: Id
    moment: Moment
    completes: tuple[Id, ...] = ()
    officer: Id | None = None
    evidence: VaultRef | None = None


class LetterBounced(CaseEvent):
    """The letter did not arrive."""

    letter_id: Id
    status: str
    completes: tuple[Id, ...] = ()
    officer: Id | None = None


class DeadlineApproaching(ClaimEvent):
    """The due moment is near. `moment` is when this became true, even if it is said later."""

    moment: Moment
    due: Moment
    step: int
    days_left: int


class DeadlineMissed(ClaimEvent):
    """The due moment passed unanswered."""

    moment: Moment
    due: Moment


class DeadlineMet(ClaimEvent):
    """The person was answered in time."""

    due: Moment
    completed: Moment
    margin_seconds: int


class ClaimCompleted(ClaimEvent):
    """The law's clock stopped: the person was answered."""

    right: Right
    outcome: Outcome
    received: Moment
    due: Moment
    completed: Moment
    margin_seconds: int
    rule: str
    source: str
    by_promise: bool = False


class ClaimReopened(ClaimEvent):
    """A completed claim is open again; its deadline is what it was."""

    reason: Code
    due: Moment
    officer: Id | None = None


class CaseCompleted(CaseEvent):
    """Every claim of the case has ended."""

    completed: Moment
    claim_ids: tuple[Id, ...]


class LawCorrected(CaseEvent):
    """An officer said which laws apply."""

    law: LawChoice
    was: LawChoice
    officer: Id
    reasons: VaultRef | None = None


class AwarenessRecorded(ClaimEvent):
    """An officer said when the controller became aware of the breach."""

    aware: Moment
    officer: Id


class HistoryRecorded(ClaimEvent):
    """What had been asked, given and told before the case came here from another system."""

    happened: tuple[Happened, ...]
    ground: Code
    officer: Id


class AuthorityRecorded(CaseEvent):
    """Whether somebody may ask for the person."""

    asker: Asker
    accepted: bool
    ground: Code
    officer: Id


class LiftingDecided(ClaimEvent):
    """An officer ends a restriction; the letter that tells the person is on its way."""

    letter_id: Id
    officer: Id


class RestrictionLifted(ClaimEvent):
    """The person was told: the restriction may be taken off the systems."""

    moment: Moment


class ActReapplied(ClaimEvent):
    """What was carried out was carried out again, after systems came back from a backup (Art. 32(1)(b), 17(1) GDPR)."""

    systems: tuple[str, ...]
    since: Moment
    count: int
    whole: bool
    officer: Id | None = None  # nobody's order: the system's own marker showed the restore


class RoleRecorded(CaseEvent):
    """Whether we answer for ourselves, or carry the request out for a customer (Art. 28(3)(e) GDPR)."""

    role: Role
    customer: VaultRef | None = None
    ground: Code
    officer: Id


class CaseAssigned(CaseEvent):
    """An officer looks after the case."""

    to: Id
    officer: Id


class NoteAdded(CaseEvent):
    """A note was kept."""

    note: VaultRef
    officer: Id


class CaseJoined(CaseEvent):
    """The case lives on in another one."""

    into: Id
    officer: Id


EVENTS: Final[dict[str, type[CaseEvent]]] = {
    kind.name(): kind
    for kind in (
        CaseOpened, MessageJoined, ClaimOpened, DeadlineSet, AcknowledgementDue, Acknowledged,
        AcknowledgementMissed, IdentityRequested, IdentityFailed, IdentityConfirmed, IdentityExpired,
        IdentityDocumentReceived, IdentityDocumentDestroyed,
        ClarificationRequested, ClarificationReceived, DeadlinePaused, DeadlineResumed, PauseLapsed, AskingLapsed,
        ExtensionDecided, DeadlineExtended, ExtensionLapsed, ClaimRouted, StepSkipped, ClaimQueued, TaskOpened,
        ClaimApproved, TaskCompleted, ClaimResumed, ClaimParked, ClaimFulfilled, ClaimRefused, ClaimWithdrawn,
        ClaimTransferred,
        ClaimDropped, ClaimNotIdentified, LetterRequested, LetterSent, LetterBounced, DeadlineApproaching,
        DeadlineMissed, DeadlineMet, ClaimCompleted, ClaimReopened, CaseCompleted, LawCorrected, AwarenessRecorded,
        HistoryRecorded, AuthorityRecorded, RoleRecorded, LiftingDecided, RestrictionLifted, ActReapplied,
        CaseAssigned, NoteAdded, CaseJoined,
    )
}  # fmt: skip


class UnknownEvent(ValueError):
    """A stored event that this release does not know."""


def to_json(event: CaseEvent) -> str:
    """Return the event as canonical JSON: the same event is the same bytes, on any machine."""
    # Defaults are left out, so that a field added by a later release does not change the bytes of an earlier event.
    fields = {"event": event.name(), "version": event.version, **event.model_dump(mode="json", exclude_defaults=True)}
    return json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def from_json(text: str) -> CaseEvent:
    """Return the event that canonical JSON holds."""
    fields: dict[str, Any] = json.loads(text)
    kind = EVENTS.get(fields.pop("event", ""))
    if kind is None:
        raise UnknownEvent("the case holds an event of a newer release: upgrade before reading it")
    return kind.model_validate(fields)
