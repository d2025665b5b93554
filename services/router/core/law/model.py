"""The law of deadlines as values: periods, rules, pauses, extensions, and the book that holds them.

Nothing here knows a statute. Every number comes from `knowledge/laws/*.toml`, where each rule names its source; this
file only gives those numbers a shape that cannot be half-filled.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final


class LawFault(ValueError):
    """A question the law's data cannot answer: an unknown law, right, period or date. The message says what to do."""


class Unit(StrEnum):
    """What a period counts."""

    HOURS = "hours"
    DAYS = "days"
    BUSINESS_DAYS = "business days"
    MONTHS = "months"
    YEARS = "years"


_PERIOD: Final = re.compile(
    r"^\s*(?P<count>\d{1,4})\s*(?:calendar\s+)?(?P<unit>hour|day|(?:business|working)[ _-]?day|week|month|year)s?\s*$",
    re.IGNORECASE,
)
_ISO: Final = re.compile(r"^P(?:(?P<years>\d{1,2})Y|(?P<months>\d{1,3})M|(?P<weeks>\d{1,3})W|(?P<days>\d{1,4})D|"
                         r"T(?P<hours>\d{1,4})H)$", re.IGNORECASE)  # fmt: skip
COUNT_MAX: Final = 3660


@dataclass(frozen=True, slots=True)
class Period:
    """A length of time as a statute writes it: `1 month`, `10 business days`, `72 hours`."""

    count: int
    unit: Unit
    words: str = field(init=False, compare=False, repr=False, default="")

    def __post_init__(self) -> None:
        word = self.unit.value if self.count != 1 else self.unit.value[:-1]
        object.__setattr__(self, "words", f"{self.count} {word}")

    def __str__(self) -> str:
        return self.words


def period(text: str) -> Period:
    """Read a period as people write it (`45 days`) or as ISO 8601 does (`P45D`)."""
    found = _PERIOD.match(text)
    if found:
        count, word = int(found["count"]), found["unit"].lower()
        if word.startswith(("business", "working")):
            return _bounded(Period(count, Unit.BUSINESS_DAYS), text)
        if word == "week":
            return _bounded(Period(7 * count, Unit.DAYS), text)
        return _bounded(Period(count, Unit(word + "s")), text)
    iso = _ISO.match(text.strip())
    if iso:
        name, digits = next((name, digits) for name, digits in iso.groupdict().items() if digits)
        if name == "weeks":
            return _bounded(Period(7 * int(digits), Unit.DAYS), text)
        return _bounded(Period(int(digits), Unit(name)), text)
    raise LawFault(f"cannot read the period {text[:40]!r}: write for example '1 month', '45 days' or '72 hours'")


def _bounded(found: Period, text: str) -> Period:
    if not 1 <= found.count <= COUNT_MAX:
        raise LawFault(f"the period {text[:40]!r} is out of range: 1 to {COUNT_MAX} days, or the like")
    return found


class Effect(StrEnum):
    """What asking the person for something does to the clock."""

    NONE = "none"  # it runs on
    SUSPENDS = "suspends"  # the days of waiting do not count
    STARTS = "starts"  # it starts only when what was asked for is given


class DayCount(StrEnum):
    """Which days of a suspension are left out of the period."""

    ASKED_TO_RECEIVED = "asked to received"  # one end day counts: 4 to 10 March are 6 days
    BOTH_ENDS = "both ends"  # both end days are left out: 4 to 10 March are 7 days


@dataclass(frozen=True, slots=True)
class PauseRule:
    """Whether waiting for the person stops the clock, and under which condition."""

    effect: Effect
    source: str
    days: DayCount = DayCount.ASKED_TO_RECEIVED
    rights: frozenset[str] = frozenset()  # empty: every right of the rule
    within_working_days: int | None = None  # asked later than this, it is undue delay and suspends nothing


@dataclass(frozen=True, slots=True)
class Extension:
    """How far a period may be extended, counted from where the period itself is counted from."""

    to: Period | None  # None: the law sets no limit, the notice must name the day
    source: str
    reasons_required: bool = True


@dataclass(frozen=True, slots=True)
class Rule:
    """One period that a law sets for some rights."""

    id: str
    rights: frozenset[str]
    period: Period
    source: str
    rolls: bool = False
    counts_first_day: bool = False
    starts_at_awareness: bool = False
    assumed: bool = False
    in_force: date | None = None
    note: str = ""
    extension: Extension | None = None
    identity: PauseRule | None = None
    clarification: PauseRule | None = None
    fee: PauseRule | None = None

    def __hash__(self) -> int:
        """Hash by the name: what is remembered about a rule is looked up for every line."""
        return hash(self.id)


ANY_RIGHT: Final = "*"


@dataclass(frozen=True, slots=True)
class Law:
    """One regime: its rules by right, and where it is at home."""

    id: str
    title: str
    rules: tuple[Rule, ...]
    aliases: frozenset[str] = frozenset()
    calendar: str = ""
    tz: str = ""
    in_force: date | None = None
    notes: tuple[str, ...] = ()
    seats: frozenset[str] = frozenset()
    persons: frozenset[str] = frozenset()
    by_right: Mapping[str, Rule] = field(default_factory=dict, compare=False, repr=False)
    child_under: int = 0
    """Below which age this law asks for a parent's word; 0 where it names none."""
    grants: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)
    """Where this law gives each right: what a person is told when the policy does not say."""

    def __hash__(self) -> int:
        """Hash by the name, as a rule."""
        return hash(self.id)

    def rule_for(self, right: str) -> Rule:
        """Return the rule that sets this right's period."""
        found = self.by_right.get(right) or self.by_right.get(ANY_RIGHT)
        if found is None:
            known = ", ".join(sorted(self.by_right))
            raise LawFault(f"{self.id} sets no period for {right!r}; it has one for: {known}")
        return found


@dataclass(frozen=True, slots=True)
class Lawbook:
    """Every law that is known, by id and by the other names people give it."""

    laws: Mapping[str, Law]
    names: Mapping[str, str]

    def law(self, name: str) -> Law:
        """Return the law of this name, whatever the capitals, blanks and underscores."""
        wanted = self.names.get(name) or self.names.get(folded(name))
        if wanted is None:
            raise LawFault(f"unknown law {name[:40]!r}; the laws known here are: {', '.join(sorted(self.laws))}")
        return self.laws[wanted]


def folded(name: str) -> str:
    """Return a name as it is compared: small letters, words joined by hyphens."""
    return re.sub(r"[\s_./-]+", "-", name.strip().lower())
