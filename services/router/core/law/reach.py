"""How far a period reaches from a day, with the words for every step: the part of a deadline that is arithmetic alone.

Many requests arrive on one day at one seat, and of several thousand cases most share theirs with others, so the last
answers are remembered: the same period from the same day reaches as far every time.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

from services.router.core.law.arithmetic import last_day
from services.router.core.law.calendars import REMEMBERED_MAX, Calendar
from services.router.core.law.model import Period
from services.router.core.law.words import count_words, day_words


class Reach(NamedTuple):
    """How far a period reaches: its last day before the roll and after it, with the words for both."""

    unrolled: date
    day: date
    steps: tuple[str, ...]


@lru_cache(maxsize=REMEMBERED_MAX)
def reach(
    calendar: Calendar, length: Period, start: date, suspended: int, counts_first_day: bool, rolls: bool
) -> Reach:  # fmt: skip
    """Count a period from its start, add the suspended days to the unrolled date, and roll the result once."""
    unrolled = last_day(start, length, calendar, counts_first_day=counts_first_day)
    first = " counting the first day" if counts_first_day else ""
    steps = [f"+{length.words}{first} = {day_words(unrolled)}"]
    if suspended:
        unrolled += timedelta(days=suspended)
        steps.append(f"+{count_words(suspended, 'suspended day')} = {day_words(unrolled)}")
    day = unrolled
    if rolls:
        closed = calendar.closed(unrolled)
        if closed is None:
            steps.append("working day")
        else:
            # Reg. 1182/71 Art. 3(4): the period ends with the last hour of the following working day.
            day = calendar.working_day_from(unrolled)
            steps.append(f"{_why_closed(calendar, unrolled, day)}; next working day {day_words(day)}")
    return Reach(unrolled, day, tuple(steps))


def _why_closed(calendar: Calendar, first: date, working: date) -> str:
    reasons = []
    while first < working:
        reasons.append(f"{day_words(first)} is {calendar.closed(first)}")
        first += timedelta(days=1)
    return ", ".join(reasons)
