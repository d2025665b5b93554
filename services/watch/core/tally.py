"""Counts of one controller, or of one of its rights. Whatever was put in can be taken out again, exactly."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

DAY_SECONDS: Final = 86_400
DAYS: Final = (1, 2, 3, 5, 7, 10, 14, 21, 28, 31, 45, 60, 90)
"""The upper bounds of the histogram of days to complete; one month (Art. 12(3) GDPR) lies between two of them."""


@dataclass(slots=True)
class Dues:
    """Due moments of what is open, sorted: how many are near or past depends on when one looks."""

    moments: list[int] = field(default_factory=list)
    paused: int = 0

    def put(self, due: int | None) -> None:
        """Add one that is open; None is one whose clock stands."""
        if due is None:
            self.paused += 1
        else:
            insort(self.moments, due)

    def take(self, due: int | None) -> None:
        """Take one out that was put in."""
        if due is None:
            self.paused -= 1
        else:
            at = bisect_left(self.moments, due)
            assert self.moments[at] == due, "only what was put in is taken out"
            del self.moments[at]

    def open(self) -> int:
        """Return how many are open."""
        return len(self.moments) + self.paused

    def overdue(self, now: int) -> int:
        """Return how many due moments have passed."""
        return bisect_left(self.moments, now)

    def due_by(self, now: int, until: int) -> int:
        """Return how many are due from now until then."""
        return bisect_right(self.moments, until) - bisect_left(self.moments, now)


@dataclass(slots=True)
class Times:
    """How long the completed ones took, in a bounded histogram."""

    count: int = 0
    late: int = 0
    seconds: int = 0
    buckets: list[int] = field(default_factory=lambda: [0] * (len(DAYS) + 1))

    def put(self, took: int, *, late: bool, sign: int = 1) -> None:
        """Count one; a sign of -1 takes it out again."""
        self.count += sign
        self.late += sign * late
        self.seconds += sign * took
        self.buckets[bucket(took)] += sign

    def mean_days(self) -> float | None:
        """Return the mean, where there is one."""
        return self.seconds / self.count / DAY_SECONDS if self.count else None

    def quantile_days(self, share: float) -> float | None:
        """Return the days within which this share was completed, interpolated inside its bucket."""
        return quantile(self.buckets, share) if self.count else None


def bucket(took: int) -> int:
    """Return which bucket a duration falls into; a bound belongs to the bucket below it."""
    return bisect_left(DAYS, took / DAY_SECONDS)


def quantile(buckets: Sequence[int], share: float) -> float:
    """Return the quantile as Prometheus reads it; beyond the last bound it is that bound."""
    rank = share * sum(buckets)
    below = 0
    for number, count in enumerate(buckets[: len(DAYS)]):
        if count and below + count >= rank:
            low = DAYS[number - 1] if number else 0
            return low + (DAYS[number] - low) * max(rank - below, 0) / count
        below += count
    return float(DAYS[-1])
