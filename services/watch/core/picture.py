"""The figures of every controller, from the latest state of each case and the arrivals of the last hour.

Only differences are applied: what a case contributed is taken out, what it contributes now is put in. So a snapshot
that comes twice, late or again after a restart changes nothing, and looking costs no more than a look at each row.
"""

from __future__ import annotations

import heapq
import sys
from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from services.watch.core.arrivals import Arrivals
from services.watch.core.entry import CaseEntry, newer
from services.watch.core.tally import Dues, Times

SETTLED_MAX: Final = 50_000
"""How many completed cases are kept one by one; beyond, the oldest leave the figures and `completed_since` says so."""


@dataclass(slots=True)
class RightRow:
    """The claims of one right of one controller."""

    dues: Dues = field(default_factory=Dues)
    times: Times = field(default_factory=Times)
    outcomes: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class ControllerRow:
    """One controller: its cases, and its claims by right."""

    dues: Dues = field(default_factory=Dues)
    completed: int = 0
    rights: dict[str, RightRow] = field(default_factory=dict)


class Picture:
    """What the figures are read from."""

    def __init__(self, settled_max: int = SETTLED_MAX) -> None:
        self.arrivals: Final = Arrivals()
        self.rows: Final[dict[str, ControllerRow]] = {}
        self._cases: dict[str, CaseEntry] = {}
        self._settled_max = settled_max
        self._settled: list[tuple[int, str]] = []
        self._settled_count = 0
        self._floor: tuple[int, str] = (-1, "")

    @property
    def completed_since(self) -> int | None:
        """Return since when completed cases are counted, where not all of them are."""
        return None if self._floor[0] < 0 else self._floor[0]

    def put(self, case_id: str, told: CaseEntry) -> bool:
        """Take in a case's state if it is newer than what is known; tell whether it was."""
        known = self._cases.get(case_id)
        if not newer(known, told):
            return False
        self._out(case_id)
        settled = told.settled
        if settled is not None and (settled, case_id) <= self._floor:
            return False
        self._cases[case_id] = told
        self._count(told, 1)
        if settled is not None:
            heapq.heappush(self._settled, (settled, case_id))
            self._settled_count += 1
            self._let_the_oldest_go()
        return True

    def forget(self, case_id: str) -> None:
        """Take a case out: its retention ended, or its partition is another instance's now."""
        self._out(case_id)

    def _out(self, case_id: str) -> None:
        known = self._cases.pop(case_id, None)
        if known is not None:
            self._count(known, -1)
            self._settled_count -= known.settled is not None

    def _let_the_oldest_go(self) -> None:
        while self._settled_count > self._settled_max:
            oldest = heapq.heappop(self._settled)
            if self._is_settled(oldest):
                self._out(oldest[1])
                self._floor = max(self._floor, oldest)
        if len(self._settled) > 2 * self._settled_count + 1000:
            # Cases that were reopened or forgotten left their places behind.
            self._settled = sorted({one for one in self._settled if self._is_settled(one)})

    def _is_settled(self, place: tuple[int, str]) -> bool:
        known = self._cases.get(place[1])
        return known is not None and known.settled == place[0]

    def _count(self, entry: CaseEntry, sign: int) -> None:
        row = self.rows.setdefault(sys.intern(entry.controller), ControllerRow())
        if entry.open:
            _move(row.dues, _earliest(entry), sign)
        elif entry.claims:
            row.completed += sign
        for claim in entry.claims:
            counted = row.rights.setdefault(claim.right, RightRow())
            if claim.completed is None:
                _move(counted.dues, None if claim.paused else claim.due, sign)
            else:
                took = max(claim.completed - claim.received, 0)
                counted.times.put(took, late=claim.completed > claim.due, sign=sign)
                counted.outcomes[claim.outcome] += sign


def _move(dues: Dues, due: int | None, sign: int) -> None:
    if sign > 0:
        dues.put(due)
    else:
        dues.take(due)


def _earliest(entry: CaseEntry) -> int | None:
    """Return when the case's first open claim is due; None while all their clocks stand."""
    waiting = [claim.due for claim in entry.claims if claim.completed is None and not claim.paused]
    return min(waiting, default=None)
