"""What a list is narrowed by, and the filters that officers keep under a name."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import delete, insert, select

from schemas.rights import Right
from services.router.desk.base import Refused
from services.router.tables import FILTERS
from services.runtime.store import Transaction

ME: Final = "me"
NOBODY: Final = "nobody"
LIMIT_DEFAULT: Final = 500
LIMIT_MAX: Final = 10_000
_LENGTH: Final = re.compile(r"^(\d{1,4})\s*(h|d|w)$")
_UNITS: Final = {"h": "hours", "d": "days", "w": "weeks"}
_NAME: Final = re.compile(r"^[a-z0-9][a-z0-9._-]{0,39}$")
FILTERS_MAX: Final = 200


@dataclass(frozen=True, slots=True)
class Criteria:
    """Which cases are meant. Everything that is given must hold."""

    state: str = "open"
    controller: str = ""
    overdue: bool = False
    due_within: str = ""
    right: str = ""
    assigned: str = ""  # an officer, `me`, or `nobody`
    human: bool = False  # something waits for a human
    task: str = ""
    limit: int = LIMIT_DEFAULT

    def __post_init__(self) -> None:
        """Refuse what could match nothing by a slip."""
        if self.state not in {"open", "completed", "joined", "all"}:
            raise Refused(f"unknown state {self.state[:40]}; known are: open, completed, joined, all", "filter")
        if self.right and self.right not in set(Right):
            raise Refused(f"unknown right {self.right[:40]}; known are: {', '.join(Right)}", "filter")
        if not 1 <= self.limit <= LIMIT_MAX:
            raise Refused(f"a list shows 1 to {LIMIT_MAX} cases", "filter")
        if self.due_within:
            self.within()

    def by(self, officer: str) -> Criteria:
        """Return the criteria with `me` as the officer who asks."""
        return replace(self, assigned=officer) if self.assigned == ME else self

    def within(self) -> timedelta | None:
        """Return how near the deadline must be."""
        if not self.due_within:
            return None
        read = _LENGTH.match(self.due_within.strip().lower())
        if read is None:
            raise Refused(f"{self.due_within[:40]} is no length of time: write 36h, 7d or 2w", "filter")
        return timedelta(**{_UNITS[read[2]]: int(read[1])})

    def fields(self) -> dict[str, Any]:
        """Return what differs from a list of everything open."""
        plain = asdict(Criteria())
        return {name: value for name, value in asdict(self).items() if value != plain[name]}


class Filters:
    """The saved filters in the store."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def all(self) -> dict[str, Criteria]:
        """Return every filter by its name."""
        rows = self._transaction.execute(select(FILTERS.c.name, FILTERS.c.criteria).order_by(FILTERS.c.name))
        return {row.name: read_criteria(json.loads(row.criteria)) for row in rows}

    def save(self, name: str, criteria: Criteria, officer: str) -> None:
        """Keep a filter; one of that name is replaced."""
        if not _NAME.match(name):
            raise Refused(f"{name[:40]} is no name for a filter: use a-z, 0-9, . _ -", "filter")
        known = self.all()
        if name not in known and len(known) >= FILTERS_MAX:
            raise Refused(f"there are {FILTERS_MAX} filters already; remove one with --forget", "filter")
        self.remove(name)
        row = {"name": name, "officer": officer, "criteria": json.dumps(criteria.fields(), sort_keys=True)}
        self._transaction.execute(insert(FILTERS).values(**row))

    def remove(self, name: str) -> None:
        """Remove a filter."""
        self._transaction.execute(delete(FILTERS).where(FILTERS.c.name == name))


def read_criteria(fields: Mapping[str, Any]) -> Criteria:
    """Return criteria from their fields; what a newer release added is read over."""
    known = asdict(Criteria())
    return Criteria(**{name: value for name, value in fields.items() if name in known})
