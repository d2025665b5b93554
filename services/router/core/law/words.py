"""How a deadline's steps are worded, so that somebody with a wall calendar can follow them."""

from __future__ import annotations

from datetime import date, datetime, tzinfo
from functools import lru_cache
from typing import Final

_WEEKDAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@lru_cache(maxsize=8192)
def day_words(day: date) -> str:
    """Return `Tue 31 Mar 2026`."""
    return f"{_WEEKDAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]} {day.year}"


@lru_cache(maxsize=512)
def place_words(zone: tzinfo) -> str:
    """Return the city a zone is named after."""
    return str(zone).rpartition("/")[2].replace("_", " ")


def moment_words(moment: datetime) -> str:
    """Return `Tue 31 Mar 2026 09:00`, in the moment's own zone."""
    seconds = f":{moment.second:02d}" if moment.second else ""
    return f"{day_words(moment.date())} {moment.hour:02d}:{moment.minute:02d}{seconds}"


def count_words(count: int, noun: str) -> str:
    """Return `1 day`, `6 days`."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
