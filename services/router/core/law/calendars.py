"""Which days are working days at a seat. A calendar's holidays are given by year; weekends are Saturday and Sunday."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from functools import lru_cache
from typing import Final

SATURDAY: Final = 5
ONE_DAY: Final = timedelta(days=1)
CLOSED_DAYS_MAX: Final = 60
REMEMBERED_MAX: Final = 4096

HolidaysOfYear = Callable[[int], Mapping[date, str]]


class Calendar:
    """A seat's public holidays, asked for a year at a time and remembered: the same year always holds the same days."""

    __slots__ = ("_holidays_of", "_years", "code")

    def __init__(self, code: str, holidays_of: HolidaysOfYear) -> None:
        self.code = code
        self._holidays_of = holidays_of
        self._years: dict[int, Mapping[date, str]] = {}

    def holiday(self, day: date) -> str | None:
        """Return the public holiday's name, or None."""
        year = self._years.get(day.year)
        if year is None:
            year = self._years[day.year] = self._holidays_of(day.year)
        return year.get(day)

    def closed(self, day: date) -> str | None:
        """Return why nobody need work on this day: its holiday's name, `Saturday` or `Sunday`; None on a working
        day."""
        weekday = day.weekday()
        if weekday >= SATURDAY:
            return "Saturday" if weekday == SATURDAY else "Sunday"
        return self.holiday(day)

    def working_day_from(self, day: date) -> date:
        """Return this day, or the next working day when it is none."""
        for _ in range(CLOSED_DAYS_MAX):
            if self.closed(day) is None:
                return day
            day += ONE_DAY
        raise ValueError(f"calendar {self.code} has no working day in {CLOSED_DAYS_MAX} days")

    def add_working_days(self, day: date, count: int) -> date:
        """Return the count-th working day after this day; the day itself is not counted."""
        return _working_day_after(self, day, count)

    def working_days_before(self, day: date, count: int) -> date:
        """Return the count-th working day before this day."""
        while count > 0:
            day -= ONE_DAY
            if self.closed(day) is None:
                count -= 1
        return day


@lru_cache(maxsize=REMEMBERED_MAX)
def _working_day_after(calendar: Calendar, day: date, count: int) -> date:
    while count > 0:
        day += ONE_DAY
        if calendar.closed(day) is None:
            count -= 1
    return day


def weekends_only() -> Calendar:
    """Return the calendar of a seat that nobody named: Saturdays and Sundays, no holidays. It never gives more time."""
    return Calendar("weekends", lambda _year: {})
