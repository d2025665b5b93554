"""Period arithmetic on days and moments, after Reg. (EEC, Euratom) 1182/71 Art. 3."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from typing import Final

from services.router.core.law.calendars import Calendar
from services.router.core.law.model import Period, Unit

_MONTH_DAYS: Final = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
YEARS: Final = (1970, 2150)
"""The years a date may lie in: before them no law here was in force, after them no calendar is known."""

_LAST_MONTH: Final = 12
_FEBRUARY: Final = 2


def days_in_month(year: int, month: int) -> int:
    """Return the length of a month."""
    if month == _FEBRUARY and year % 4 == 0 and (year % 100 != 0 or year % 400 == 0):
        return 29
    return _MONTH_DAYS[month - 1]


def add_months(day: date, count: int) -> date:
    """Return the same date some months later, or the last day of a shorter month (Reg. 1182/71 Art. 3(2)(c))."""
    carried, month = divmod(day.month - 1 + count, _LAST_MONTH)
    year = day.year + carried
    return date(year, month + 1, min(day.day, days_in_month(year, month + 1)))


def last_day(start: date, length: Period, calendar: Calendar, *, counts_first_day: bool = False) -> date:
    """Return the last day of a period in days, months or years, before any rolling.

    The day of the event is not counted (Reg. 1182/71 Art. 3(1)), unless the statute says `beginning with the day`.
    """
    match length.unit:
        case Unit.DAYS:
            last = start + timedelta(days=length.count)
        case Unit.BUSINESS_DAYS:
            if counts_first_day and calendar.closed(start) is None:
                return calendar.add_working_days(start, length.count - 1)
            return calendar.add_working_days(start, length.count)
        case Unit.MONTHS:
            last = add_months(start, length.count)
        case Unit.YEARS:
            last = add_months(start, _LAST_MONTH * length.count)
        case Unit.HOURS:
            raise ValueError("a period in hours ends at a moment, not on a day")
    return last - timedelta(days=1) if counts_first_day else last


@lru_cache(maxsize=8192)
def end_of(day: date, zone: tzinfo) -> datetime:
    """Return the first moment after a day's last hour, in UTC: where the clock stands at 24:00, whatever DST does."""
    return datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC)


def start_of(day: date, zone: tzinfo) -> datetime:
    """Return a local day's first moment, in UTC."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def hours_after(moment: datetime, count: int) -> datetime:
    """Return the moment so many elapsed hours later, in UTC: hours are not lengthened by a change of clocks."""
    return moment.astimezone(UTC) + timedelta(hours=count)
