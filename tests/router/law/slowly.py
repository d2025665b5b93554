"""A second clock, written from the rules alone and as slowly as one counts on a wall calendar.

It shares nothing with the product's: it walks from day to day, asks the `holidays` library itself, and knows each law
by a line of its own table. Where the two disagree, one of them is wrong.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import holidays

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Written:
    """One rule as a lawyer would note it on a card."""

    months: int = 0
    days: int = 0
    working_days: int = 0
    longest_months: int = 0
    longest_days: int = 0
    rolls: bool = False
    from_the_day_itself: bool = False
    identity: str = "runs on"
    clarification: str = "runs on"


EU = Written(months=1, longest_months=3, rolls=True, identity="left out", clarification="left out")
UK = Written(months=1, longest_months=3, rolls=True, identity="begins", clarification="both days left out")
CARDS: dict[tuple[str, str], Written] = {
    ("eu-gdpr", "access"): EU,
    ("eu-gdpr", "erasure"): EU,
    ("uk-gdpr", "access"): UK,
    ("uk-gdpr", "erasure"): Written(months=1, longest_months=3, rolls=True, identity="begins"),
    ("uk-dpa-complaint", "complaint_ack"): Written(days=30, from_the_day_itself=True),
    ("us-ccpa", "access"): Written(days=45, longest_days=90),
    ("us-ccpa", "ack"): Written(working_days=10),
    ("us-ccpa", "opt_out"): Written(working_days=15),
    ("us-ctdpa", "access"): Written(days=45, longest_days=90),
    ("us-fdbr", "access"): Written(days=45, longest_days=60),
    ("us-icdpa", "access"): Written(days=90, longest_days=135),
    ("br-lgpd", "access"): Written(days=15),
    ("ca-qc-law25", "access"): Written(days=30),
    ("ca-pipeda", "access"): Written(days=30, longest_days=60),
}


@cache
def feasts(calendar: str, year: int) -> frozenset[date]:
    """Return the public holidays of a year."""
    country, _, region = calendar.partition("-")
    return frozenset(holidays.country_holidays(country, subdiv=region or None, years=year))


def works(day: date, calendar: str) -> bool:
    """Tell whether people work on this day."""
    return day.isoweekday() < 6 and day not in feasts(calendar, day.year)


def months_on(day: date, months: int) -> date:
    """Return the same date some months on, going back from it while that month has no such date."""
    year, month = day.year, day.month
    for _ in range(months):
        month += 1
        if month == 13:
            year, month = year + 1, 1
    for number in range(day.day, 27, -1):
        try:
            return date(year, month, number)
        except ValueError:
            continue
    return date(year, month, day.day)


def reach(start: date, card: Written, left_out: int, calendar: str, *, longest: bool = False) -> date:
    """Return the last day of a period."""
    months, days = (card.longest_months, card.longest_days) if longest else (card.months, card.days)
    last = months_on(start, months)
    for _ in range(days + left_out):
        last += DAY
    counted = 0
    while counted < card.working_days:
        last += DAY
        counted += works(last, calendar)
    if card.from_the_day_itself:
        last -= DAY
    while card.rolls and not works(last, calendar):
        last += DAY
    return last


Event = tuple[str, datetime, str]


def due(law: str, right: str, received: datetime, zone: str, calendar: str, events: Sequence[Event]) -> date:
    """Return the day on which the answer is due, everything having happened in this order."""
    card = CARDS[law, right]
    local = ZoneInfo(zone)
    begun = received.astimezone(local).date()
    start, prompt_from = begun, begun
    out: list[tuple[date, date]] = []
    asked: dict[str, tuple[date, bool]] = {}
    told: list[date] = []
    for kind, moment, reasons in events:
        day = moment.astimezone(local).date()
        if kind == "extension_notified" and reasons:
            told.append(day)
        what, _, done = kind.partition("_")
        if what not in {"identity", "clarification"}:
            continue
        rule = card.identity if what == "identity" else card.clarification
        if done == "requested" and what not in asked:
            counts = rule != "left out" or not late(prompt_from, day, calendar)
            waiting = any(held and rule_of(card, other) != "runs on" for other, (_, held) in asked.items())
            if not waiting and day > end_after(card, start, out, told, calendar):
                counts = False  # what is overdue already, no question makes younger
            asked[what] = (day, counts)
        elif done == "received" and what in asked:
            first, counts = asked.pop(what)
            if counts and rule == "begins":
                start = max(start, day)
            elif counts and rule != "runs on":
                out.append((first if rule == "both days left out" else first + DAY, day))
            if counts and rule != "runs on":
                prompt_from = max(prompt_from, day)
    open_since = [first for what, (first, counts) in asked.items() if counts and rule_of(card, what) != "runs on"]
    return end_after(card, start, out, told, calendar, min(open_since, default=None))


def rule_of(card: Written, what: str) -> str:
    """Return what waiting for this does under this law."""
    return card.identity if what == "identity" else card.clarification


def end_after(
    card: Written, start: date, out: Sequence[tuple[date, date]], told: Sequence[date], calendar: str,
    open_since: date | None = None,
) -> date:  # fmt: skip
    """Return where the period ends, by what is known so far: longer if the person was told of more time in time."""
    end = reach(start, card, len(days_of(out, start)), calendar)
    if not (card.longest_months or card.longest_days):
        return end
    for day in told:
        before = len(days_of([span for span in out if span[0] <= day], start))
        waiting = open_since is not None and open_since <= day
        if waiting or day <= reach(start, card, before, calendar):
            return max(end, reach(start, card, len(days_of(out, start)), calendar, longest=True))
    return end


def days_of(spans: Sequence[tuple[date, date]], start: date) -> set[date]:
    """Return the days of these spans after the start, each once."""
    found: set[date] = set()
    for first, last in spans:
        while first <= last:
            found.add(first)
            first += DAY
    return {day for day in found if day > start}


def late(since: date, asked: date, calendar: str) -> bool:
    """Tell whether a question came after more than five working days."""
    day, counted = since, 0
    while day < asked:
        day += DAY
        counted += works(day, calendar)
    return counted > 5 or (counted == 5 and not works(asked, calendar) and day == asked)
