"""The terms a controller answers under, as one value: laws, seat, promises, identity, order and notices.

The shell builds it once a controller and policy version, from `knowledge/` and the settings; nothing in it is code of a
controller's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta, tzinfo
from typing import Final

from schemas.rights import Right
from services.router.core.cases.grounds import Ground
from services.router.core.cases.values import LINK, Assurance, Code
from services.router.core.law.calendars import Calendar
from services.router.core.law.deadline import AnswerPromise
from services.router.core.law.model import Law

LOW_RISK: Final = frozenset({Right.CONSENT_WITHDRAWAL, Right.UNSUBSCRIBE, Right.OPT_OUT_OF_SALE, Right.OBJECTION})
NEEDS_NO_IDENTITY: Final = frozenset({Right.COMPLAINT, Right.BREACH_REPORT, Right.UNSUBSCRIBE})
TOLD_TO_RECIPIENTS: Final = frozenset({Right.RECTIFICATION, Right.ERASURE, Right.RESTRICTION})  # Art. 19 GDPR


def default_levels() -> dict[Right, Assurance]:
    """Return the assurance each right needs where a controller sets none: as little as the right's risk allows."""
    levels = dict.fromkeys(Right, Assurance.LINK)
    levels |= dict.fromkeys(LOW_RISK, Assurance.ALIGNED_MAIL)
    levels |= dict.fromkeys(NEEDS_NO_IDENTITY, Assurance.NONE)
    return levels


@dataclass(frozen=True, slots=True)
class Terms:
    """What a controller's cases are decided by."""

    controller: str
    zone: tzinfo
    calendar: Calendar
    laws: Mapping[str, Law]  # by id, for every law that a case of this controller can name
    promises: Mapping[Right, tuple[AnswerPromise, ...]] = field(default_factory=dict)
    levels: Mapping[Right, Assurance] = field(default_factory=default_levels)
    first: Mapping[Right, tuple[Right, ...]] = field(
        default_factory=lambda: {Right.ERASURE: (Right.ACCESS, Right.PORTABILITY)}
    )
    grounds: Mapping[Code, Ground] = field(default_factory=dict)
    identity_method: Code = LINK
    identity_attempts_max: int = 5
    factor: str = ""  # the number that is asked for beside a link
    identity_expires_after: timedelta = timedelta(days=14)
    approach_working_days: tuple[int, ...] = (10, 5, 2, 1)  # notices this many working days before the due day
    approach_hours: tuple[int, ...] = (24, 12, 4)  # and before a moment, where the period is in hours
    clarification_expires_after: timedelta = timedelta(days=30)
    handler_writes_letters: bool = False  # the handler asks for its own answers
    handled: frozenset[Right] = frozenset(Right)  # rights that have a handler; the rest become a task
    approvals: int = 1  # how many officers must approve what cannot be undone
    undue_delay_working_days: int | None = None
