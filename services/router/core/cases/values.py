"""The values that case commands, events and state share. None of them can hold a name, an address or a person's
words."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from schemas.base import Id, Moment, VaultRef
from schemas.rights import Right

Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._/-]{0,63}$")]
"""A word from one of our own lists: a ground, a template, a method, a reason."""


class Frozen(BaseModel):
    """A frozen value; fields that a newer release added are read over."""

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)


class Stage(StrEnum):
    """Where a claim stands. The transition table in `table.py` says how it gets from one to the next."""

    RECEIVED = "received"
    AWAITING_PERSON = "awaiting_person"  # who they are, or what they mean
    WAITING_TURN = "waiting_turn"
    ROUTED = "routed"
    AWAITING_HUMAN = "awaiting_human"
    PARKED = "parked"
    ANSWERING = "answering"
    COMPLETED = "completed"


class Role(StrEnum):
    """Whether the controller answers for itself or carries a request out for its customer (Art. 28(3)(e) GDPR)."""

    CONTROLLER = "controller"
    PROCESSOR = "processor"


class Asker(StrEnum):
    """Who asks. Anyone but the person needs a human to look at their authority."""

    PERSON = "person"
    AGENT = "agent"  # with a mandate: EDPB Guidelines 01/2022, section 3.4
    PARENT = "parent"  # for a minor
    MINOR = "minor"  # a child for itself
    HEIR = "heir"  # for the deceased: recital 27 GDPR, and national law


LINK: Final = "link"
LINK_AND_FACTOR: Final = "link_and_factor"
DOCUMENT: Final = "document"
"""The methods by which a person is asked who they are; a document is an officer's to ask for, with the reason."""

OWN: Final = frozenset({Asker.PERSON, Asker.MINOR})
"""Who asks for themselves."""


class Assurance(StrEnum):
    """How sure it is that the asker is who they say they are; a later one is stronger."""

    NONE = "none"
    ALIGNED_MAIL = "aligned_mail"  # from the address on file, with aligned DKIM
    SESSION = "session"  # an identity that the controller's own site has signed
    LINK = "link"  # a signed link or one-time code to the address on file
    LINK_AND_FACTOR = "link_and_factor"  # and something only they know, an order number
    DOCUMENT = "document"  # an officer has seen a document, with the reason


class WaitKind(StrEnum):
    """What the person was asked for."""

    IDENTITY = "identity"
    CLARIFICATION = "clarification"
    FEE = "fee"


class LawChoice(Frozen):
    """Which laws apply to this case, and why: the controller's seat, the person's stated place, or an officer."""

    laws: tuple[str, ...] = Field(min_length=1)
    because: tuple[str, ...] = ()
    officer: Id | None = None


class Asked(Frozen):
    """One right that a message uses."""

    claim_id: Id
    right: Right
    subject: VaultRef | None = None  # what this message said about it, where it is not the one that opened the case


class Due(Frozen):
    """A worked-out deadline, as it is recorded: `due` is the first moment that is too late."""

    due: Moment
    day: date | None = None
    law: str
    rule: str
    source: str
    by_promise: bool = False
    promise: str = ""  # the citation of the promise that set it, when one did
    extended: bool = False
    suspended_days: int = 0
    paused_since: Moment | None = None
    steps: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


class Happened(Frozen):
    """An asking, giving or extension that moved a claim's clock; kept so that a corrected law can be applied again."""

    kind: Code
    moment: Moment
    ground: Code | None = None
    until: date | None = None  # the day that an extension's notice names


class Letter(Frozen):
    """A letter that was asked for and has not been delivered yet, and what its delivery brings about."""

    letter_id: Id
    template: Code
    claim_ids: tuple[Id, ...] = ()
    completes: tuple[Id, ...] = ()
