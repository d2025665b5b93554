"""What a case can be told to do. Imperative; time, ids and randomness arrive as fields.

`cause` is the id of the message, event, timer or officer's action that the command comes from: every id of the events
that follow is derived from it, so that deciding twice gives the same events.
"""

from __future__ import annotations

from datetime import date

from pydantic import Field

from schemas.base import ControllerId, Id, Moment, VaultRef
from schemas.rights import Channel, Outcome
from services.router.core.cases.values import (
    LINK,
    Asked,
    Asker,
    Assurance,
    Code,
    Frozen,
    Happened,
    LawChoice,
    Role,
    WaitKind,
)  # fmt: skip


class Command(Frozen):
    """A command to one case."""

    case_id: Id
    cause: Id
    at: Moment

    @classmethod
    def name(cls) -> str:
        """Return the command's name."""
        return cls.__name__


class ByOfficer(Command):
    """A command that only a human gives."""

    officer: Id


class OpenCase(Command):
    """Open a case for the claims of a message, a letter, a call or an import."""

    controller: ControllerId
    message_id: Id
    correspondent: Id
    person: Id
    channel: Channel
    received: Moment
    language: str = "en"
    policy_version: str
    law: LawChoice
    asked: tuple[Asked, ...] = Field(min_length=1)
    subject: VaultRef  # where the vault keeps who it is about
    asker: Asker = Asker.PERSON
    assurance: Assurance = Assurance.NONE
    role: Role = Role.CONTROLLER
    customer: VaultRef | None = None
    challenge: str = ""  # the keyed digest of the one-time code; the code itself is in the vault
    officer: Id | None = None  # set when an officer opened it
    body: VaultRef | None = None  # where the vault keeps what the person wrote or said
    of_a_customer: bool = False  # the person speaks of the list of a customer of ours
    acknowledged: bool = False  # the person has a receipt already, from wherever the case was before


class JoinMessage(Command):
    """Add a further message of the same person to the case: its new claims open, its repeats are noted."""

    message_id: Id
    received: Moment
    asked: tuple[Asked, ...] = ()
    assurance: Assurance = Assurance.NONE
    same_writer: bool = True  # the message shows that whoever was confirmed wrote it: a signed mail, the same chat
    answers_clarification: bool = False  # the message answers what the person was asked
    challenge: str = ""
    body: VaultRef | None = None
    officer: Id | None = None


class RequestIdentity(ByOfficer):
    """Ask the person to prove who they are, by a method that an officer chose."""

    claim_ids: tuple[Id, ...] = ()
    method: Code = LINK
    reasons: VaultRef | None = None  # documents need a reason (Art. 12(6), 5(1)(c) GDPR)
    challenge: str = ""


class AnswerIdentity(Command):
    """Weigh an answer to an identity check: the digest of a code, or a link that was followed."""

    check_id: Id
    method: Code
    digest: str = ""
    assurance: Assurance = Assurance.LINK


class EndCheck(Command):
    """End an identity check that cannot be weighed: nobody's fault, so a human goes on and the clock runs."""

    check_id: Id
    reason: Code


class KeepDocument(Command):
    """Keep an identity document that the person sent because an officer had asked for it; an officer must look."""

    document_id: Id
    ref: VaultRef
    received: Moment
    message_id: Id | None = None
    officer: Id | None = None  # set when it came by post, or was shown at the counter


class RecordDestroyed(Command):
    """Record that identity documents were destroyed, because nobody has to look at them any more."""

    document_ids: tuple[Id, ...] = Field(min_length=1)


class ConfirmIdentity(ByOfficer):
    """Accept the person's identity, by an officer who says on which ground."""

    ground: Code
    assurance: Assurance = Assurance.DOCUMENT


class RequestClarification(Command):
    """Ask the person what they mean, because the claim cannot be carried out without it."""

    claim_ids: tuple[Id, ...] = Field(min_length=1)
    question: VaultRef
    ground: Code  # why it is truly needed
    officer: Id | None = None


class ReceiveClarification(Command):
    """Record that the person answered what they were asked."""

    claim_ids: tuple[Id, ...] = ()
    message_id: Id | None = None
    officer: Id | None = None  # set when the person told an officer: by post, on the phone


class PauseDeadline(ByOfficer):
    """Stop the clock while the person owes something that the law lets it wait for."""

    claim_id: Id
    kind: WaitKind
    ground: Code | None = None
    reasons: VaultRef | None = None


class ResumeDeadline(ByOfficer):
    """Let the clock run again."""

    claim_id: Id
    kind: WaitKind


class ExtendDeadline(ByOfficer):
    """Extend a claim's period; it takes effect when the person has been told, inside the first period."""

    claim_id: Id
    ground: Code | None = None  # complexity or number_of_requests
    reasons: VaultRef | None = None
    until: date | None = None  # an earlier day than the law allows, or the day where the law sets no limit


class RefuseClaims(ByOfficer):
    """Refuse claims on a ground in law, with reasons that the person will read.

    After the first period a refusal is too late (Art. 12(4) GDPR). `late` says that the officer knows, and refuses all
    the same because the person must be told something: the deadline stays missed.
    """

    claim_ids: tuple[Id, ...] = Field(min_length=1)
    ground: Code
    reasons: VaultRef | None = None
    late: bool = False


class RecordFulfilment(Command):
    """Record that the handler carried a claim out."""

    claim_id: Id
    outcome: Outcome
    result: VaultRef | None = None
    receipts_count: int = Field(default=0, ge=0)
    withheld_count: int = Field(default=0, ge=0)
    recipients_count: int = Field(default=0, ge=0)  # told after rectification, erasure or restriction (Art. 19)
    recipients: tuple[VaultRef, ...] = ()  # whom we write to
    recipients_by_hand: VaultRef | None = None  # whom only a human can tell
    withheld_ground: Code | None = None
    customers: tuple[VaultRef, ...] = ()  # whose data it was, where we only process it


class RecordRefusal(Command):
    """Record that the handler found a ground to refuse."""

    claim_id: Id
    ground: Code
    citation: str


class RecordTask(Command):
    """Record that only a human can go on."""

    task_id: Id
    claim_id: Id
    reason: Code
    due: Moment | None = None
    preview: VaultRef | None = None


class RecordReapplied(Command):
    """Record that what was carried out for a claim was carried out again, after a restore."""

    claim_id: Id
    systems: tuple[str, ...]
    since: Moment
    count: int
    whole: bool
    officer: Id | None = None


class CompleteTask(ByOfficer):
    """Record what a human did about a task."""

    task_id: Id
    outcome: Outcome | None = None  # None: the claim goes on where it was
    ground: Code | None = None
    reasons: VaultRef | None = None
    result: VaultRef | None = None


class ParkClaim(Command):
    """Record that a claim's event could not be handled and waits with its cause."""

    claim_id: Id
    reason: Code


class ReplayClaim(Command):
    """Route a parked claim again."""

    claim_id: Id
    officer: Id | None = None


class RecordReplySent(Command):
    """Record that the relay accepted a letter, or the chat took it. `moment` is when, `at` when the case heard of it.

    `completes` names the claims of a letter that somebody else asked for, such as the handler.
    """

    letter_id: Id
    moment: Moment
    completes: tuple[Id, ...] = ()
    officer: Id | None = None  # set when an officer posted the letter by hand
    evidence: VaultRef | None = None


class RecordReplyBounced(Command):
    """Record that a letter did not arrive, for good."""

    letter_id: Id
    status: str = Field(default="", max_length=32)
    completes: tuple[Id, ...] = ()
    officer: Id | None = None  # set when a posted letter came back to an officer


class ResendAnswer(ByOfficer):
    """Write the answer of claims again, after its letter bounced."""

    claim_ids: tuple[Id, ...] = Field(min_length=1)


class WithdrawClaims(Command):
    """Take claims back, because the person no longer asks. Empty means all."""

    claim_ids: tuple[Id, ...] = ()
    message_id: Id | None = None
    officer: Id | None = None  # set when the person told an officer


class SkipStep(ByOfficer):
    """Leave one system or delegate out of a claim, which is then carried out in part; the person is told why."""

    claim_id: Id
    step: str = Field(min_length=1, max_length=128)
    reasons: VaultRef | None = None


class TransferClaims(ByOfficer):
    """Hand claims to the controller who must answer, and tell the person."""

    claim_ids: tuple[Id, ...] = ()
    to: VaultRef
    ground: Code


class ReopenClaim(ByOfficer):
    """Open a completed claim again."""

    claim_id: Id
    ground: Code


class CompleteByHand(ByOfficer):
    """Record that the person was answered outside habeas: by post, on the phone, at the counter."""

    claim_id: Id
    outcome: Outcome
    answered: Moment
    evidence: VaultRef
    ground: Code | None = None


class CorrectLaw(ByOfficer):
    """Say which laws apply; every open date is worked out again and the change explained."""

    law: LawChoice
    reasons: VaultRef | None = None


class CorrectClaims(ByOfficer):
    """Say which rights the message really used."""

    add: tuple[Asked, ...] = ()
    drop: tuple[Id, ...] = ()
    ground: Code


class RecordAwareness(ByOfficer):
    """Record when the controller became aware of a breach: the 72 hours run from there (Art. 33(1) GDPR)."""

    claim_id: Id
    aware: Moment


class RecordHistory(ByOfficer):
    """Record what was asked, given and told before the case came here from another system: the clock counts it."""

    claim_id: Id
    happened: tuple[Happened, ...] = Field(min_length=1)
    ground: Code


class RecordAuthority(ByOfficer):
    """Record that somebody may ask for the person: a mandate, parental authority, heirs. Or that they may not."""

    asker: Asker
    accepted: bool
    ground: Code


class LiftRestriction(ByOfficer):
    """End a restriction; it ends on the systems only after the person was told (Art. 18(3) GDPR)."""

    claim_id: Id
    reasons: VaultRef | None = None


class RecordRole(ByOfficer):
    """Record whether we answer for ourselves or for a customer, whose data it is (Art. 28(3)(e) GDPR)."""

    role: Role
    customer: VaultRef | None = None
    ground: Code


class AssignCase(ByOfficer):
    """Give the case to an officer."""

    to: Id


class AddNote(ByOfficer):
    """Keep a note with the case; its words stay in the vault."""

    note: VaultRef


class JoinCase(ByOfficer):
    """Join this case to another of the same person; its open claims end there as duplicates."""

    into: Id


class PassTime(Command):
    """Let time pass up to `at`: everything that became due is said once, in order, with its true moment."""


AnyCommand = (
    OpenCase | JoinMessage | RequestIdentity | AnswerIdentity | EndCheck | KeepDocument | RecordDestroyed |
    ConfirmIdentity | RequestClarification |
    ReceiveClarification | PauseDeadline | ResumeDeadline | ExtendDeadline | RefuseClaims | RecordFulfilment |
    ResendAnswer | RecordRefusal | RecordTask | CompleteTask | ParkClaim | ReplayClaim | SkipStep | RecordReplySent |
    RecordHistory | RecordReplyBounced | WithdrawClaims | TransferClaims | ReopenClaim | CompleteByHand | CorrectLaw |
    CorrectClaims | RecordAwareness | RecordAuthority | RecordRole | LiftRestriction | AssignCase | AddNote |
    JoinCase | RecordReapplied | PassTime
)  # fmt: skip
