"""What a policy is: a text as published, the clauses it is made of, and the promises those clauses make.

Every offset counts Unicode code points of the unmodified file, archive header and non-breaking spaces included, so that
`policy.text[clause.start:clause.end] == clause.text` holds for every clause and every promise, always: what habeas
quotes can be found in the file by anyone. What a person reads (`plain`) leaves the markup out; what is cited keeps it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, Final

UNKNOWN_VERSION: Final = "unknown"
CONFIRMED: Final = 1.0


class ClauseKind(StrEnum):
    """What a clause is in its document."""

    PARAGRAPH = "paragraph"
    ITEM = "item"  # one item of a list, which reads on from its lead-in
    LIST = "list"  # a short list with its lead-in: an answer only as a whole
    ROW = "row"  # one row of a table, its merged cells joined
    ADDRESS = "address"  # where somebody is reached: short lines that belong together
    NOTICE = "notice"  # what an archive put above the text; not the controller's words
    NAVIGATION = "navigation"  # menus, footers and link lists around the text


class DocumentKind(StrEnum):
    """Which of a controller's documents a text is."""

    PRIVACY_POLICY = "privacy-policy"
    COOKIE_POLICY = "cookie-policy"
    RETENTION_SCHEDULE = "retention-schedule"
    PROCESSING_AGREEMENT = "dpa"
    TERMS = "terms"
    OTHER = "other"


class PromiseKind(StrEnum):
    """What a clause can bind its controller to, or say about its processing. `docs/policies.md` lists the values."""

    ANSWER_DEADLINE = "answer_deadline"
    CONTACT = "contact"
    PORTABILITY_FORMAT = "portability_format"
    DIRECT_TRANSFER = "direct_transfer"
    RETENTION = "retention"
    AUTHORITY = "authority"
    COMPLAINT_FIRST = "complaint_first"
    IDENTITY_PROOF = "identity_proof"
    SELF_SERVICE = "self_service"
    RIGHT = "right"
    NOTIFICATION = "notification"
    REFUSAL_GROUND = "refusal_ground"
    ROLE = "role"
    BREACH_NOTICE = "breach_notice"
    RECIPIENT = "recipient"
    SALE = "sale"
    PURPOSE = "purpose"
    LEGAL_BASIS = "legal_basis"
    DATA_CATEGORY = "data_category"
    COOKIE = "cookie"
    CHILDREN = "children"
    STORAGE_PLACE = "storage_place"
    TRANSFER = "transfer"
    POLICY_CHANGE = "policy_change"
    SECURITY = "security"
    DUTY = "duty"  # what the person must do
    LAW = "law"
    IDENTITY = "identity"


@dataclass(frozen=True, slots=True)
class Clause:
    """One addressable passage: `text` is the slice of the file, `plain` the same words without markup."""

    id: str
    heading: tuple[str, ...]
    kind: ClauseKind
    start: int
    end: int
    text: str
    plain: str
    lead: str = ""
    """The words a list item or table row reads on from: the lead-in sentence, or the table's header."""

    @property
    def citable(self) -> bool:
        """Whether these are the controller's words, not an archive's or a menu's."""
        return self.kind not in (ClauseKind.NOTICE, ClauseKind.NAVIGATION)


@dataclass(frozen=True, slots=True)
class Promise:
    """What one clause binds its controller to, with the quotation that proves it.

    `value` is JSON-like: strings, numbers, booleans, and tuples or mappings of them. `confidence` is how sure the
    extraction was, and 1.0 once an officer confirmed it.
    """

    kind: PromiseKind
    value: Mapping[str, Any] = field(hash=False)
    clause: str
    start: int
    end: int
    quote: str
    confidence: float
    confirmed: bool

    @property
    def rights(self) -> tuple[str, ...]:
        """Return the rights this is about; empty means all of them."""
        return tuple(self.value.get("rights", ()))


@dataclass(frozen=True, slots=True)
class Seat:
    """Who answers under a version, and where: what sets its clock and its law."""

    entity: str
    address: str
    country: str
    zone: str
    holidays: str
    laws: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """One version of one document of a controller."""

    controller: str
    kind: DocumentKind
    version: str
    effective: date | None
    language: str
    seat: Seat
    text: str
    sha256: str
    source: str
    clauses: tuple[Clause, ...]
    promises: tuple[Promise, ...]

    def clause(self, clause_id: str) -> Clause | None:
        """Return the clause of that id, if this version has it."""
        return next((clause for clause in self.clauses if clause.id == clause_id), None)

    def promised(self, *kinds: PromiseKind) -> tuple[Promise, ...]:
        """Return the promises of these kinds, in the order of the text."""
        return tuple(promise for promise in self.promises if promise.kind in kinds)


@dataclass(frozen=True, slots=True)
class Controller:
    """The organisation that must answer: what does not change from version to version."""

    id: str
    name: str
    website: str
    seat: Seat
    contacts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class InForce:
    """The policy that was in force on a day, and a warning where none was yet."""

    policy: Policy
    warning: str | None


@dataclass(frozen=True, slots=True)
class KnowledgeBase:
    """All controllers with all versions of their documents; `policies` may load a controller when it is first asked."""

    controllers: Mapping[str, Controller]
    policies: Mapping[str, Sequence[Policy]]

    def versions(self, controller: str, kind: DocumentKind = DocumentKind.PRIVACY_POLICY) -> tuple[Policy, ...]:
        """Return the versions of a document, oldest first; one without a date stands before all."""
        versions = [policy for policy in self.policies[controller] if policy.kind is kind]
        return tuple(sorted(versions, key=lambda policy: policy.effective or date.min))

    def policy_in_force(self, controller: str, on: date, kind: DocumentKind = DocumentKind.PRIVACY_POLICY) -> InForce:
        """Return the version that bound the controller on that day.

        A case cites the version in force on the day it was received. Before the first version the earliest is
        cited, with a warning: saying nothing would leave the person without an answer.
        """
        versions = self.versions(controller, kind)
        if not versions:
            raise LookupError(
                f"the controller {controller!r} has no {kind.value}; import one with `habeas policy import`"
            )
        begun = [policy for policy in versions if policy.effective is None or policy.effective <= on]
        if begun:
            policy = begun[-1]
            return InForce(policy, _undated_warning(policy))
        first = versions[0]
        return InForce(
            first,
            f"no version was in force on {on.isoformat()}; the earliest, of {first.version}, is cited instead",
        )

    def documents_in_force(self, controller: str, on: date) -> tuple[InForce, ...]:
        """Return every document of a controller in force on that day, its privacy policy first."""
        kinds = {policy.kind for policy in self.policies[controller]}
        return tuple(self.policy_in_force(controller, on, kind) for kind in DocumentKind if kind in kinds)


def _undated_warning(policy: Policy) -> str | None:
    if policy.effective is not None:
        return None
    return "this policy names no date; it is cited as the only version known"
