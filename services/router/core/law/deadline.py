"""What is asked of the clock, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from enum import StrEnum
from typing import NamedTuple

from services.router.core.law.calendars import Calendar
from services.router.core.law.model import Period
from services.router.core.law.occurrences import Occurrence


class Status(StrEnum):
    """How a deadline stands at a moment."""

    OPEN = "open"
    PAUSED = "paused"
    MET = "met"
    OVERDUE = "overdue"


@dataclass(frozen=True, slots=True)
class AnswerPromise:
    """What the controller's own policy promises about the time of an answer, and where it says so."""

    period: Period
    citation: str
    extends_with_law: bool | None = None
    """Whether the statute's extension lengthens it too: true where the policy reserves it, false where it gives it up.
    Where nobody said, only a promise of the statute's own period does: it repeats the law and gives up nothing."""

    def yields_to(self, statute: Period) -> bool:
        """Tell whether an extension of the statute's period is one of this promise as well."""
        return self.period == statute if self.extends_with_law is None else self.extends_with_law


class Matter(NamedTuple):
    """One request before the clock: when and where it arrived, which right it uses, and what happened since.

    `received` is the arrival at the controller, never the letter's own date. `zone` and `calendar` are the
    controller's: where the person is when they write changes nothing (Reg. 1182/71 Art. 3(4): the seat's holidays).
    """

    received: datetime
    zone: tzinfo
    calendar: Calendar
    right: str
    occurrences: tuple[Occurrence, ...] = ()
    promises: tuple[AnswerPromise, ...] = ()
    now: datetime | None = None
    undue_delay_working_days: int | None = None


class Deadline(NamedTuple):
    """When a request must be answered, which rule says so, and how the date came about.

    `due` is the first moment that is too late, in UTC. A period in days ends with the last hour of `due_day`; a period
    in hours has no day of its own.
    """

    law: str
    rule: str
    source: str
    right: str
    received: datetime
    counted_from: date
    due: datetime
    due_day: date | None
    status: Status
    steps: tuple[str, ...]
    warnings: tuple[str, ...] = ()
    extended: bool = False
    suspended_days: int = 0
    paused_since: datetime | None = None
    answered: datetime | None = None
    by_promise: bool = False
    others: tuple[str, ...] = ()

    def due_text(self, zone: tzinfo) -> str:
        """Return the due day, or the moment where the period is in hours."""
        if self.due_day is not None:
            return self.due_day.isoformat()
        return self.due.astimezone(zone).isoformat(timespec="seconds")
