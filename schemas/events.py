"""Every event of habeas, in the order of a message's way.

Up to CaseOpened an event is keyed by its correspondent (a keyed hash of the sender or the chat session), so that one
worker sees a person's messages in order; from CaseOpened on it is keyed by the case.
"""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from schemas.base import Event, Id, Moment, VaultRef
from schemas.rights import Channel, Outcome, Right
from schemas.topics import Topic, claims_topic
from schemas.values import Citation, Claimed, ClaimState, CompletedClaim, Held, ReceiptSummary, SkippedStep


class ByCorrespondent(Event):
    """An event from before there is a case."""

    correspondent: Id
    message_id: Id

    def key(self) -> str:
        return self.correspondent


class ByCase(Event):
    """An event of a case."""

    case_id: Id

    def key(self) -> str:
        return self.case_id


class MessageReceived(ByCorrespondent):
    """A message is durable and may be read. `received` is the arrival at the controller, never the mail's own date."""

    topic: ClassVar[Topic] = Topic.MESSAGES

    channel: Channel
    received: Moment
    body: VaultRef
    person: Id
    size_bytes: int = Field(ge=0)
    thread: Id | None = None
    automatic: bool = False
    aligned: bool = False
    identified: bool = False


class MessageHeld(ByCorrespondent):
    """A message arrived that cannot be read by rule; it is kept whole and a human is told."""

    topic: ClassVar[Topic] = Topic.MESSAGES

    reason: Held
    body: VaultRef
    received: Moment


class QuestionAnswered(ByCorrespondent):
    """A question was answered with citations, or left to a human because the policy does not say."""

    topic: ClassVar[Topic] = Topic.ANSWERS

    language: str
    citations: tuple[Citation, ...]
    abstained: bool
    score: float
    answer: VaultRef


class ReviewRequested(ByCorrespondent):
    """A human must read a message; the suggestions are ranked, best first."""

    topic: ClassVar[Topic] = Topic.REVIEWS

    review_id: Id
    reason: str
    suggestions: tuple[Right, ...] = ()
    body: VaultRef


class ReviewDecided(ByCorrespondent):
    """An officer read the message and said which rights it uses; none is a decision too."""

    topic: ClassVar[Topic] = Topic.REVIEWS

    review_id: Id
    rights: tuple[Right, ...]
    officer: Id


class CaseOpened(ByCase):
    """A thread made at least one claim; each has a deadline and the citation that set it."""

    topic: ClassVar[Topic] = Topic.CASES

    message_id: Id
    correspondent: Id
    person: Id
    channel: Channel
    received: Moment
    policy_version: str
    claims: tuple[Claimed, ...]


class CaseJoined(ByCase):
    """A further message belongs to an open case; claims it added are listed, repeats are not opened twice."""

    topic: ClassVar[Topic] = Topic.CASES

    message_id: Id
    added: tuple[Claimed, ...] = ()
    repeated: tuple[Right, ...] = ()


class ClaimWithdrawn(ByCase):
    """The person no longer asks for this."""

    topic: ClassVar[Topic] = Topic.CASES

    claim_id: Id
    right: Right


class ClaimDropped(ByCase):
    """The message did not use this right after all, or asked for it a second time: nothing is owed for this claim."""

    topic: ClassVar[Topic] = Topic.CASES

    claim_id: Id
    right: Right
    ground: str
    officer: Id
    into: Id | None = None


class CaseMerged(ByCase):
    """An officer saw that the case repeats another one of the same person: it lives on there."""

    topic: ClassVar[Topic] = Topic.CASES

    into: Id
    officer: Id


class RestrictionLifted(ByCase):
    """The person has been told that a restriction ends (Art. 18(3) GDPR): now it may be taken off the systems."""

    topic: ClassVar[Topic] = Topic.CASES

    claim_id: Id
    right: Right
    person: Id
    subject: VaultRef
    due: Moment


class ActReapplied(ByCase):
    """What was carried out for a claim was carried out again, because a system came back from a backup."""

    topic: ClassVar[Topic] = Topic.OUTCOMES

    claim_id: Id
    systems: tuple[str, ...]
    since: Moment
    count: int = Field(ge=0)
    whole: bool
    officer: Id | None = None


class ClaimReopened(ByCase):
    """A completed claim is open again, because its letter did not arrive or an officer said so."""

    topic: ClassVar[Topic] = Topic.CASES

    claim_id: Id
    right: Right
    reason: str
    due: Moment


class IdentityRequested(ByCase):
    """The person was asked to prove who they are, as little as the right needs (Art. 12(6), 11)."""

    topic: ClassVar[Topic] = Topic.IDENTITY

    check_id: Id
    method: str
    expires: Moment


class IdentityAnswered(ByCase):
    """Somebody followed the signed link or gave a code; the router decides whether that is proof."""

    topic: ClassVar[Topic] = Topic.IDENTITY

    check_id: Id
    method: str
    answer_digest: str


class FactorGiven(ByCase):
    """Beside the link, the person gave a number that only they and the controller's systems know; is it theirs?"""

    topic: ClassVar[Topic] = Topic.IDENTITY

    check_id: Id
    person: Id
    subject: VaultRef
    answer_digest: str


class FactorChecked(ByCase):
    """The number is one of the person's, or it differs from all of them, or the systems could not say."""

    topic: ClassVar[Topic] = Topic.IDENTITY

    check_id: Id
    matches: bool | None = None


class IdentityConfirmed(ByCase):
    """The person is who they say they are, to the level that the right needs."""

    topic: ClassVar[Topic] = Topic.IDENTITY

    check_id: Id
    method: str
    person: Id


class IdentityFailed(ByCase):
    """An answer was wrong, or the attempts are used up."""

    topic: ClassVar[Topic] = Topic.IDENTITY

    check_id: Id
    reason: str
    attempts_left: int = Field(ge=0)


class IdentityExpired(ByCase):
    """Nobody answered in time; the person is told and the claim ends unidentified."""

    topic: ClassVar[Topic] = Topic.IDENTITY

    check_id: Id


class ClaimRouted(ByCase):
    """A claim is on its way to its handler, on the topic of its right."""

    topic: ClassVar[Topic] = Topic.CLAIMS

    claim_id: Id
    right: Right
    person: Id
    subject: VaultRef
    language: str
    due: Moment
    attempt: int = Field(default=1, ge=1)
    approved_by: tuple[Id, ...] = ()
    orders: VaultRef | None = None
    skipped: tuple[SkippedStep, ...] = ()
    formats: tuple[str, ...] = ()
    policy_says: tuple[str, ...] = ()
    policy_language: str = ""
    authority: str = ""

    def destination(self) -> str:
        return claims_topic(self.right)


class ClaimFulfilled(ByCase):
    """A handler carried the claim out and verified it; the receipts hold counts and hashes, no values."""

    topic: ClassVar[Topic] = Topic.OUTCOMES

    claim_id: Id
    right: Right
    outcome: Outcome
    receipts: tuple[ReceiptSummary, ...]
    result: VaultRef | None = None
    withheld_ground: str = ""
    recipients: tuple[VaultRef, ...] = ()
    recipients_by_hand: VaultRef | None = None
    customers: tuple[VaultRef, ...] = ()


class ClaimRefused(ByCase):
    """A claim is refused, with its ground in law."""

    topic: ClassVar[Topic] = Topic.OUTCOMES

    claim_id: Id
    right: Right
    ground: str
    citation: Citation
    officer: Id | None = None


class TaskOpened(ByCase):
    """Only a human can do this; the clock runs on."""

    topic: ClassVar[Topic] = Topic.TASKS

    task_id: Id
    claim_id: Id
    right: Right
    reason: str
    due: Moment
    preview: VaultRef | None = None


class TaskCompleted(ByCase):
    """An officer did it; without an outcome the claim goes on where it was."""

    topic: ClassVar[Topic] = Topic.TASKS

    task_id: Id
    claim_id: Id
    right: Right
    outcome: Outcome | None = None
    officer: Id
    ground: str = ""


class ReplyRequested(Event):
    """A letter is to be sent: which template, and where the vault keeps its facts. Keyed like what it answers."""

    topic: ClassVar[Topic] = Topic.LETTERS

    letter_id: Id
    ordered_by: Id
    person: Id
    template: str
    language: str
    channel: Channel
    facts: VaultRef
    recipient: VaultRef
    in_reply_to: Id | None = None
    case_id: Id | None = None
    claim_ids: tuple[Id, ...] = ()
    completes: tuple[Id, ...] = ()

    def key(self) -> str:
        return self.ordered_by


class ReplySent(Event):
    """The relay accepted the letter, or the chat took it: from now on the person is answered."""

    topic: ClassVar[Topic] = Topic.DELIVERIES

    letter_id: Id
    ordered_by: Id
    template: str
    channel: Channel
    case_id: Id | None = None
    completes: tuple[Id, ...] = ()
    repeats_possible: bool = False

    def key(self) -> str:
        return self.ordered_by


class ReplyBounced(Event):
    """The letter did not arrive, for good."""

    topic: ClassVar[Topic] = Topic.DELIVERIES

    letter_id: Id
    ordered_by: Id
    case_id: Id | None = None
    completes: tuple[Id, ...] = ()
    status: str

    def key(self) -> str:
        return self.ordered_by


class DelegateAnswered(Event):
    """Somebody who was asked by mail about a claim acknowledged it, wrote back, or could not be reached."""

    topic: ClassVar[Topic] = Topic.DELIVERIES

    claim_id: Id
    delegate: Id
    means: str
    body: VaultRef | None = None

    def key(self) -> str:
        return self.claim_id


class DeadlineEvent(ByCase):
    """Something about one claim's clock."""

    topic: ClassVar[Topic] = Topic.DEADLINES

    claim_id: Id
    right: Right
    due: Moment
    rule: str


class DeadlineSet(DeadlineEvent):
    """A claim has a due moment, and this is the rule that set it."""

    received: Moment
    citation: Citation


class DeadlineApproaching(DeadlineEvent):
    """The due moment is near; `moment` is when this was true, even if told later."""

    moment: Moment
    days_left: int


class DeadlineExtended(DeadlineEvent):
    """Told to the person inside the first period, with reasons (Art. 12(3))."""

    was_due: Moment
    citation: Citation


class ExtensionLapsed(DeadlineEvent):
    """An extension does not count, because the person was not told of it in time or at all: `due` stands."""

    reason: str


class DeadlinePaused(DeadlineEvent):
    """The clock stands, because the person was asked something without undue delay."""

    ground: str
    citation: Citation


class DeadlineResumed(DeadlineEvent):
    """The clock runs again."""

    was_due: Moment


class DeadlineMissed(DeadlineEvent):
    """The due moment passed unanswered."""

    moment: Moment


class DeadlineMet(DeadlineEvent):
    """The person was answered in time."""

    completed: Moment
    margin_seconds: int


class AcknowledgementDue(DeadlineEvent):
    """The law sets a day of its own for confirming the receipt (11 CCR 7021(a); DPA 2018 s.164A)."""

    citation: Citation


class Acknowledged(DeadlineEvent):
    """The receipt was confirmed: the relay accepted the letter."""

    completed: Moment
    margin_seconds: int


class AcknowledgementMissed(DeadlineEvent):
    """The day for confirming the receipt passed, and no letter had been accepted."""

    moment: Moment


class ClaimCompleted(ByCase):
    """The law's clock stopped: the person was answered."""

    topic: ClassVar[Topic] = Topic.COMPLETIONS

    claim_id: Id
    right: Right
    outcome: Outcome
    received: Moment
    due: Moment
    completed: Moment
    margin_seconds: int
    rule: str
    citation: Citation


class CaseCompleted(ByCase):
    """Every claim of the case has ended."""

    topic: ClassVar[Topic] = Topic.COMPLETIONS

    claims: tuple[CompletedClaim, ...]
    completed: Moment


class CaseSnapshot(ByCase):
    """The latest state of a case, on the compacted topic; `revision` only grows."""

    topic: ClassVar[Topic] = Topic.SNAPSHOTS

    revision: int = Field(ge=1)
    state: str
    opened: Moment
    claims: tuple[ClaimState, ...]
