"""The figures as they are shown: read off the picture at a moment, in plain values that JSON can carry."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import Any

from services.watch.core.arrivals import Arrivals, minute_of
from services.watch.core.picture import ControllerRow, Picture, RightRow
from services.watch.core.tally import DAY_SECONDS, DAYS, Dues, Times


def figures(picture: Picture, now: int, due_soon_days: int) -> dict[str, Any]:
    """Return everything that is shown of this moment."""
    names = sorted(picture.rows.keys() | picture.arrivals.controllers())
    arrived = _arrived(picture.arrivals, names, now)
    since = picture.completed_since
    return {
        "moment": _written(now),
        "due_soon_days": due_soon_days,
        "completed_since": None if since is None else _written(since),
        "controllers": {
            name: {
                **_controller(picture.rows.get(name, ControllerRow()), now, due_soon_days),
                "messages": arrived[name],
            }
            for name in names
        },
    }


def open_counts(dues: Dues, now: int, due_soon_days: int) -> dict[str, int]:
    """Return how many are open, and how near they are; one whose clock stands is open and neither near nor past."""
    return {
        "open": dues.open(),
        "due_soon": dues.due_by(now, now + due_soon_days * DAY_SECONDS),
        "overdue": dues.overdue(now),
        "paused": dues.paused,
    }


def _controller(row: ControllerRow, now: int, due_soon_days: int) -> dict[str, Any]:
    rights = sorted(row.rights.items())
    return {
        "cases": {**open_counts(row.dues, now, due_soon_days), "completed": row.completed},
        "rights": {right: _right(counted, now, due_soon_days) for right, counted in rights},
    }


def _right(row: RightRow, now: int, due_soon_days: int) -> dict[str, Any]:
    return {
        **open_counts(row.dues, now, due_soon_days),
        "completed": row.times.count,
        "completed_late": row.times.late,
        "completed_by_outcome": {name: count for name, count in sorted(row.outcomes.items()) if count},
        "days_to_complete": _times(row.times),
    }


def _times(times: Times) -> dict[str, Any]:
    bounds = [*(str(days) for days in DAYS), "more"]
    return {
        "mean": _rounded(times.mean_days()),
        "p50": _rounded(times.quantile_days(0.5)),
        "p90": _rounded(times.quantile_days(0.9)),
        "up_to": {bound: count for bound, count in zip(bounds, times.buckets, strict=True) if count},
    }


def _arrived(arrivals: Arrivals, names: list[str], now: int) -> dict[str, dict[str, Any]]:
    minutes = arrivals.a_minute(now)
    last = minutes.get(minute_of(now) - 1, Counter())
    return {
        name: {
            "last_minute": last[name],
            "last_hour": sum(counted[name] for counted in minutes.values()),
            "a_minute": {_written(minute * 60): counted[name] for minute, counted in minutes.items() if counted[name]},
        }
        for name in names
    }


def _rounded(days: float | None) -> float | None:
    return None if days is None else round(days, 2)


def _written(moment: int) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat().replace("+00:00", "Z")
