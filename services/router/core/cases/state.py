"""A case as it stands: what `evolve` builds from the events, what the snapshot row keeps, what `decide` looks at.

Everything is bounded by the number of claims and open letters, never by the number of events.
"""

from __future__ import annotations

from datetime import date, datetime

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
    Letter,
    Role,
    Stage,
    WaitKind,
)  # fmt: skip


class Task(Frozen):
    """Something only a human can do."""

    task_id: Id
    reason: Code
    due: Moment
    preview: VaultRef | None = None


class IdentityCheck(Frozen):
    """An identity check that waits for its answer."""

    check_id: Id
    method: Code
    challenge: str
    asked: Moment
    expires: Moment
    attempts_left: int
    claim_ids: tuple[Id, ...]


class IdentityDocument(Frozen):
    """A document that a person sent because an officer asked for it; it is kept only while somebody has to look."""

    document_id: Id
    ref: VaultRef
    received: Moment


class Acknowledgement(Frozen):
    """The confirmation of receipt that a law asks for by a day of its own."""

    due: Due
    sent: Moment | None = None
    missed: bool = False


class PendingExtension(Frozen):
    """An extension that waits for its letter to be delivered."""

    letter_id: Id
    ground: Code
    until: date | None = None

    def told(self, moment: datetime) -> Happened:
        """Return what it is to the clock, once the person was told at this moment."""
        return Happened(kind="extension_notified", moment=moment, ground=self.ground, until=self.until)


class Claim(Frozen):
    """One right, used once, for one person, with its own clock."""

    claim_id: Id
    right: Right
    stage: Stage
    received: Moment
    message_id: Id
    subject: VaultRef | None = None
    due: Due | None = None
    acknowledgement: Acknowledgement | None = None
    follows: tuple[Id, ...] = ()
    unproven: bool = False
    happened: tuple[Happened, ...] = ()
    waits: tuple[WaitKind, ...] = ()
    aware: Moment | None = None
    extension: PendingExtension | None = None
    tasks: tuple[Task, ...] = ()
    attempts: int = 0
    approved_by: tuple[Id, ...] = ()
    orders: VaultRef | None = None
    skipped: tuple[SkippedStep, ...] = ()
    answered: Moment | None = None  # when its answer was delivered
    outcome: Outcome | None = None
    ground: Code | None = None
    result: VaultRef | None = None
    reasons: VaultRef | None = None  # what an officer wrote for the person about this end
    to: VaultRef | None = None  # whom the claim was handed to
    approached: int = 0  # how many of the approaching notices were given for this due moment
    missed: bool = False
    completed: Moment | None = None
    times_reopened: int = 0
    lifting: Id | None = None  # the letter that tells of a restriction's end

    @property
    def open(self) -> bool:
        """Whether the person still waits for an answer."""
        return self.stage is not Stage.COMPLETED


class Case(Frozen):
    """The life of the claims of one message thread."""

    case_id: Id
    controller: ControllerId
    correspondent: Id
    person: Id
    channel: Channel
    opened: Moment
    received: Moment
    language: str
    policy_version: str
    law: LawChoice
    subject: VaultRef
    role: Role
    asker: Asker
    authority: bool = True  # False while somebody else's authority to ask is not accepted
    assurance: Assurance = Assurance.NONE
    claims: tuple[Claim, ...] = ()
    check: IdentityCheck | None = None
    documents: tuple[IdentityDocument, ...] = ()
    document_asked: Moment | None = None  # when an officer last asked for one, answered or not
    letters: tuple[Letter, ...] = ()
    delivered: tuple[Letter, ...] = ()  # answers that were delivered: a late bounce reopens their claims
    customer: VaultRef | None = None  # for whom we process
    of_a_customer: bool = False  # the person speaks of a customer's list, and nobody said yet whose it is
    officer: Id | None = None
    joined_into: Id | None = None
    completed: Moment | None = None
    version: int = 0  # the number of events so far

    def claim(self, claim_id: Id) -> Claim | None:
        """Return a claim by its id."""
        return next((each for each in self.claims if each.claim_id == claim_id), None)

    @property
    def state(self) -> str:
        """The case's state in one word, for lists and snapshots."""
        if self.joined_into is not None:
            return "joined"
        return "completed" if self.completed is not None else "open"
