"""Values that events share: a citation, a claim, a count."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from schemas.base import Id, Moment, Value, VaultRef
from schemas.rights import Outcome, Right


class Citation(Value):
    """What a verdict rests on: a clause of a policy by its offsets, or a rule of law by its name; no person's words."""

    kind: str = Field(pattern="^(policy|law)$")
    policy: str = ""
    version: str = ""
    clause: str = ""
    start: int = 0
    end: int = 0
    rule: str = ""
    source: str = ""


class Claimed(Value):
    """One right, used once, for one person."""

    claim_id: Id
    right: Right
    due: Moment
    rule: str
    citation: Citation


class ClaimState(Value):
    """Where a claim stands, in a snapshot. One that is completed without an outcome was found to be no claim."""

    claim_id: Id
    right: Right
    state: str
    received: Moment
    due: Moment
    completed: Moment | None = None
    paused: bool = False
    outcome: Outcome | None = None


class CompletedClaim(Value):
    """A claim's end, inside CaseCompleted."""

    claim_id: Id
    right: Right
    outcome: str
    due: Moment
    completed: Moment
    margin_seconds: int


class ReceiptSummary(Value):
    """What a step left behind: counts and a salted hash, no values."""

    step_id: Id
    system: str
    action: str
    count: int = Field(ge=0)
    withheld: int = Field(default=0, ge=0)
    digest: str = ""
    reason: str = ""


class SkippedStep(Value):
    """A step that an officer decided not to carry out: which system or delegate, and the reasons the person reads."""

    step: str = Field(min_length=1, max_length=128)
    reasons: VaultRef


class Held(StrEnum):
    """Why a mail waits for a human instead of being read."""

    UNREADABLE = "unreadable"
    TOO_LARGE = "too_large"
    TOO_DEEP = "too_deep"
    AUTOMATIC = "automatic"
