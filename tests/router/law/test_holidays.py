"""The kept library's calendars against lists that governments published. Each list names its source.

Sundays that are holidays too are left out where the publisher's list leaves them out: they change no working day.
"""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from services.router.laws import calendar

PUBLISHED = {
    # gov.uk/bank-holidays, England and Wales 2026
    ("GB-ENG", 2026): "01-01 04-03 04-06 05-04 05-25 08-31 12-25 12-28",
    # gov.uk/bank-holidays, England and Wales 2025
    ("GB-ENG", 2025): "01-01 04-18 04-21 05-05 05-26 08-25 12-25 12-26",
    # gov.uk/bank-holidays, Northern Ireland 2026
    ("GB-NIR", 2026): "01-01 03-17 04-03 04-06 05-04 05-25 07-13 08-31 12-25 12-28",
    # gov.uk/bank-holidays, Scotland 2025
    ("GB-SCT", 2025): "01-01 01-02 04-18 05-05 05-26 08-04 12-01 12-25 12-26",
    # Feiertagsgesetz Berlin 2026 (weekday ones)
    ("DE-BE", 2026): "01-01 04-03 04-06 05-01 05-14 05-25 12-25",
    # Feiertagsgesetz NW 2026 (weekday ones)
    ("DE-NW", 2026): "01-01 04-03 04-06 05-01 05-14 05-25 06-04 12-25",
    # Codul muncii Art. 139 with the Orthodox Easter of 12 April 2026 (weekday ones)
    ("RO", 2026): "01-01 01-02 01-06 01-07 04-10 04-13 05-01 06-01 11-30 12-01 12-25",
    # citizensinformation.ie, public holidays 2026 (weekday ones)
    ("IE", 2026): "01-01 02-02 03-17 04-06 05-04 06-01 08-03 10-26 12-25",
    # vd.ch, jours feries 2026 (weekday ones)
    ("CH-VD", 2026): "01-01 01-02 04-03 04-06 05-14 05-25 09-21 12-25",
    # opm.gov, federal holidays 2026
    ("US", 2026): "01-01 01-19 02-16 05-25 06-19 07-03 09-07 10-12 11-11 11-26 12-25",
    # likumi.lv/ta/id/72608, law on public holidays, 2026 (weekday ones)
    ("LV", 2026): "01-01 04-03 04-06 05-01 05-04 06-23 06-24 11-18 12-24 12-25 12-31",
    # Labour Code of Hungary (2012. I.), section 102(1), 2026 (weekday ones)
    ("HU", 2026): "01-01 04-03 04-06 05-01 05-25 08-20 10-23 12-25",
}


@pytest.mark.parametrize(("code", "year"), list(PUBLISHED))
def test_a_calendar_closes_exactly_the_weekdays_that_its_government_published(code: str, year: int) -> None:
    kept = calendar(code)
    day, closed = date(year, 1, 1), []
    while day.year == year:
        if day.weekday() < 5 and kept.closed(day):
            closed.append(day.strftime("%m-%d"))
        day += timedelta(days=1)
    assert " ".join(closed) == PUBLISHED[code, year]


@pytest.mark.parametrize("day", [date(2026, 1, 2), date(2026, 6, 22)])
def test_a_working_day_that_latvia_moved_for_its_own_offices_closes_nobody_else(day: date) -> None:
    # Cabinet order on moving working days in 2026, by Labour Law section 133(4): it binds institutions that the state
    # budget pays, and recommends the same to municipalities and companies (jauns.lv, 17 January 2026).
    assert calendar("LV").closed(day) is None


def test_a_holiday_that_was_itself_moved_to_a_weekday_closes_that_day() -> None:
    # Latvia's law gives a Monday for 4 May and 18 November on a weekend.
    assert calendar("LV").holiday(date(2025, 5, 5)) == "Restoration of Independence Day (observed)"
    # Russia's holiday of Saturday 3 January 2026 was given on 9 January: no working Saturday was made for it.
    assert calendar("RU").closed(date(2026, 1, 9)) is not None


def test_gb_alone_holds_only_what_every_nation_keeps() -> None:
    assert calendar("GB").holiday(date(2026, 4, 6)) is None
    assert calendar("GB").holiday(date(2026, 4, 3)) == "Good Friday"


def test_orthodox_and_western_easter_differ() -> None:
    assert calendar("RO").closed(date(2026, 4, 6)) is None
    assert calendar("RO").closed(date(2026, 4, 13)) is not None
    assert calendar("DE-BE").closed(date(2026, 4, 6)) == "Easter Monday"
