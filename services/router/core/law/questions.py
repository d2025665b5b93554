"""A line that asks for a deadline, read into a matter: every field checked, every fault said in a sentence.

A line is a JSON object as the worked vectors write it: `regime` (or `regimes`), `right`, `received`, `tz`, `calendar`,
`events`, and optionally `now`, `promise` and `period`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, tzinfo
from typing import Any, Final, NamedTuple

from services.router.core.law.arithmetic import YEARS
from services.router.core.law.calendars import Calendar
from services.router.core.law.choose import choose
from services.router.core.law.deadline import AnswerPromise, Matter
from services.router.core.law.model import ANY_RIGHT, Law, Lawbook, LawFault, Rule, period
from services.router.core.law.occurrences import Kind, Occurrence, kind_of
from services.router.core.law.rights import PLAIN_PERIOD, clock_right

_NUMBERS: Final = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_QUOTED_PERIOD: Final = re.compile(
    rf"\b(\d{{1,4}}|{'|'.join(_NUMBERS)})[ -]((?:(?:calendar|business|working) )?(?:hour|day|week|month|year))s?\b",
    re.IGNORECASE,
)
_WHEN: Final = ("at", "time", "when", "moment", "date", "ts", "timestamp", "on")
_ORDINARY: Final = frozenset({"t", "type", "reasons"})
"""The fields of an event that says nothing but when, what and why."""

EVENTS_MAX: Final = 1000
TEXT_CHARS_MAX: Final = 4000
PROMISES_MAX: Final = 20
LAWS_MAX: Final = 8
SETTLED_MAX: Final = 4096
ODD_NAMES_MAX: Final = 5
NAME_CHARS_MAX: Final = 40
_READ: Final = frozenset(
    {"id", "regime", "regimes", "law", "laws", "seat", "person", "right", "received", "tz", "timezone", "zone",
     "calendar", "events", "occurrences", "now", "promise", "promises", "period", "undue_delay_working_days", "aware",
     "awareness", "aware_at"}
    # what worked examples say about themselves
    | {"due", "status", "kind", "source", "note", "rule", "steps", "warnings", "comment", "title", "description"}
)  # fmt: skip
"""The fields of a line: those that are read, and those that tell a reader where it comes from."""


class Question(NamedTuple):
    """A matter, the laws to ask, and what was odd about the line."""

    matter: Matter
    laws: tuple[Law, ...]
    warnings: tuple[str, ...]
    because: tuple[str, ...] = ()  # why these laws, where the line named places instead of laws


@dataclass(frozen=True, slots=True)
class Places:
    """How a line's names become values: the shell looks zones and calendars up, the core only asks for them."""

    book: Lawbook
    zone: Callable[[str], tzinfo]
    calendar: Callable[[str], Calendar]
    settled: dict[tuple[str, str, str, str], Setting] = field(default_factory=dict, compare=False, repr=False)
    """What lines said before about law, zone, calendar and right: of a thousand lines most say the same."""


class Setting(NamedTuple):
    """What a line says before it says when: under which laws, where, and which right; the same for many lines."""

    laws: tuple[Law, ...]
    because: tuple[str, ...]
    zone: tzinfo
    calendar: Calendar
    right: str
    warnings: tuple[str, ...]


def question(line: Mapping[str, Any], places: Places) -> Question:
    """Return the question that a line asks, or say which field is wrong and what it should hold."""
    laws, because, zone, calendar, right, noted = _settled(line, places)
    warnings = [*_unread(line), *noted]
    given = line.get("period")
    if given is None and right == PLAIN_PERIOD:
        # Plain arithmetic has no statute: a judgment is quoted with its period, such as "152/85 (3 calendar months)".
        quoted = _QUOTED_PERIOD.search(str(line.get("source") or line.get("note") or "")[:TEXT_CHARS_MAX])
        given = f"{_number(quoted[1])} {quoted[2]}" if quoted else None
    if given is not None:
        laws = tuple(_with_period(law, right, str(given)) for law in laws)
    occurrences = _occurrences(line.get("events", line.get("occurrences")), zone, warnings)
    aware = line.get("aware", line.get("awareness", line.get("aware_at")))
    if aware is not None:
        occurrences = (*occurrences, Occurrence(Kind.AWARENESS, moment(aware, zone, "aware")))
    received = moment(line.get("received"), zone, "received")
    now = None if line.get("now") is None else moment(line["now"], zone, "now")
    if now is not None and now < received:
        warnings.append("now lies before the receipt: nothing was owed yet")
    matter = Matter(
        received=received,
        zone=zone,
        calendar=calendar,
        right=right,
        occurrences=occurrences,
        promises=_promises(line),
        now=now,
        undue_delay_working_days=_undue(line),
    )
    return Question(matter, laws, tuple(warnings), because)


def _settled(line: Mapping[str, Any], places: Places) -> Setting:
    """Return a line's setting, looked up where an earlier line named the same four."""
    regime, tz, calendar, right = line.get("regime"), line.get("tz"), line.get("calendar"), line.get("right")
    if not (isinstance(regime, str) and isinstance(tz, str) and isinstance(calendar, str) and isinstance(right, str)):
        return _setting(line, places)
    named = (regime, tz, calendar, right)
    found = places.settled.get(named)
    if found is None:
        found = _setting(line, places)
        # What decides besides these four is looked at only where one of them is empty.
        if all(named) and len(places.settled) < SETTLED_MAX:
            places.settled[named] = found
    return found


def _setting(line: Mapping[str, Any], places: Places) -> Setting:
    laws, because = _laws(line, places.book)
    warnings: list[str] = []
    zone = places.zone(_zone_name(line, laws, warnings))
    calendar = places.calendar(_calendar_name(line, laws, warnings))
    return Setting(laws, because, zone, calendar, clock_right(_text(line, "right")), tuple(warnings))


def _unread(line: Mapping[str, Any]) -> list[str]:
    """Warn about names that nothing reads: a misspelt promise would otherwise be a promise that nobody kept."""
    if line.keys() <= _READ:
        return []
    odd = [str(name)[:NAME_CHARS_MAX] for name in line if name not in _READ]
    more = f" and {len(odd) - ODD_NAMES_MAX} more" if len(odd) > ODD_NAMES_MAX else ""
    return [f"not read, because no such field is known: {', '.join(odd[:ODD_NAMES_MAX])}{more}"]


def _number(written: str) -> str:
    word = written.lower()
    return str(_NUMBERS.index(word) + 1) if word in _NUMBERS else written


def _laws(line: Mapping[str, Any], book: Lawbook) -> tuple[tuple[Law, ...], tuple[str, ...]]:
    """Return the laws that a line names, or those of its seat and person with the reasons."""
    seat = line.get("seat")
    if isinstance(seat, str) and seat and not any(line.get(key) for key in ("regime", "regimes", "law", "laws")):
        person = line.get("person")
        if person is not None and not isinstance(person, str):
            raise LawFault("person must be text: an ISO 3166 place such as US-CA")
        chosen = choose(book, seat, person)
        return tuple(book.laws[name] for name in chosen.laws), chosen.because
    return _named_laws(line, book), ()


def _named_laws(line: Mapping[str, Any], book: Lawbook) -> tuple[Law, ...]:
    named = line.get("regime", line.get("regimes", line.get("law", line.get("laws"))))
    if isinstance(named, str):
        try:
            return (book.law(named),)
        except LawFault:
            names = [part for part in named.replace("+", ",").split(",") if part.strip()]
            if len(names) < 2:
                raise
            named = names
    if not isinstance(named, Sequence) or not named or not all(isinstance(each, str) for each in named):
        raise LawFault(f"regime is missing: name a law, one of {', '.join(sorted(book.laws))}")
    if len(named) > LAWS_MAX:
        raise LawFault(f"{len(named)} laws are named; at most {LAWS_MAX} can be compared")
    return tuple(book.law(each) for each in named)


def _zone_name(line: Mapping[str, Any], laws: Sequence[Law], warnings: list[str]) -> str:
    named = line.get("tz", line.get("timezone", line.get("zone")))
    if named is not None:
        if not isinstance(named, str):
            raise LawFault("tz must be text: an IANA name such as Europe/Berlin")
        return named
    home = next((law.tz for law in laws if law.tz), "")
    if not home:
        raise LawFault("tz is missing: give the controller's time zone, such as Europe/Berlin")
    warnings.append(f"no tz given: {home} is assumed")
    return home


def _calendar_name(line: Mapping[str, Any], laws: Sequence[Law], warnings: list[str]) -> str:
    named = line.get("calendar")
    if named is not None and not isinstance(named, str):
        raise LawFault("calendar must be text: an ISO 3166 country and region such as DE-BE")
    if named:
        if named.strip().upper() in {"GB", "UK"}:
            warnings.append(
                "calendar GB holds only the holidays that every nation shares: give GB-ENG, GB-SCT or GB-NIR"
            )
        return named
    home = next((law.calendar for law in laws if law.calendar), "")
    if not home and any(rule.rolls for law in laws for rule in law.rules):
        warnings.append("no calendar given: only Saturdays and Sundays roll; give the seat's, such as DE-BE")
    return home


def moment(value: object, zone: tzinfo, name: str) -> datetime:
    """Return the moment that a field holds; one without an offset is the controller's local time."""
    if isinstance(value, str):
        try:
            found = datetime.fromisoformat(value.strip())
        except ValueError:
            raise LawFault(f"{name} {value[:40]!r} is no date: write 2026-03-31 or 2026-03-31T09:00:00+02:00") from None
    elif isinstance(value, datetime):
        found = value
    elif isinstance(value, date):
        found = datetime.combine(value, time())
    else:
        said = "is missing" if value is None else "must be text"
        raise LawFault(f"{name} {said}: write 2026-03-31 or 2026-03-31T09:00:00+02:00")
    if found.tzinfo is None:
        found = found.replace(tzinfo=zone)
    if not YEARS[0] <= found.year <= YEARS[1]:
        raise LawFault(f"{name} {str(value)[:40]!r} is out of range: {YEARS[0]} to {YEARS[1]}")
    return found if found.tzinfo is UTC else found.astimezone(UTC)


def _occurrences(listed: object, zone: tzinfo, warnings: list[str]) -> tuple[Occurrence, ...]:
    if listed is None or listed == []:
        return ()
    if not isinstance(listed, Sequence) or isinstance(listed, str):
        raise LawFault("events must be a list of objects with t and type")
    if len(listed) > EVENTS_MAX:
        raise LawFault(f"{len(listed)} events are more than {EVENTS_MAX}")
    found = []
    for number, each in enumerate(listed, 1):
        if not isinstance(each, dict | Mapping):
            raise LawFault(f"event {number} must be an object with t and type")
        name = each["type"] if "type" in each else each.get("kind", each.get("event", each.get("name")))
        if not isinstance(name, str) or not name.strip():
            raise LawFault(f"event {number} has no type: for example id_requested or extension_notified")
        when = each["t"] if "t" in each else next((each[key] for key in _WHEN if key in each), None)
        at = moment(when, zone, f"event {number}'s t")
        kind = kind_of(name)
        if kind is None:
            warnings.append(f"event {name[:40]!r} is not known to the clock: left out, which never gives more time")
            continue
        found.append(_occurrence(each, kind, at, number))
    return tuple(found)


def _occurrence(each: Mapping[str, Any], kind: Kind, at: datetime, number: int) -> Occurrence:
    if each.keys() <= _ORDINARY:
        return Occurrence(kind, at, _reasons(each)) if len(each) > 2 else Occurrence(kind, at)
    until = each.get("until", each.get("to", each.get("new_due")))
    length = each.get("by", each.get("period"))
    if length is None:
        length = next((f"{each[unit]} {unit}" for unit in ("months", "days", "weeks") if unit in each), None)
    return Occurrence(
        kind,
        at,
        reasons=_reasons(each),
        until=None if until is None else _day(until, number),
        by=None if length is None else period(str(length)),
        needed=each.get("needed", each.get("truly_needed", True)) is not False,
    )


def _reasons(each: Mapping[str, Any]) -> str:
    given = each["reasons"] if "reasons" in each else each.get("reason", each.get("ground", each.get("grounds")))
    if isinstance(given, str):
        return given[:TEXT_CHARS_MAX]
    if isinstance(given, Sequence):
        return "; ".join(str(part) for part in given if part)[:TEXT_CHARS_MAX]
    return ""


def _day(value: object, number: int) -> date:
    try:
        return datetime.fromisoformat(str(value)).date()
    except ValueError:
        raise LawFault(f"event {number}: {str(value)[:40]!r} is no date: write 2026-06-30") from None


def _promises(line: Mapping[str, Any]) -> tuple[AnswerPromise, ...]:
    given = line.get("promises", line.get("promise"))
    if given is None:
        return ()
    listed = given if isinstance(given, Sequence) and not isinstance(given, str) else [given]
    if len(listed) > PROMISES_MAX:
        raise LawFault(f"{len(listed)} promises are more than {PROMISES_MAX}")
    return tuple(_promise(each) for each in listed)


def _promise(given: object) -> AnswerPromise:
    if isinstance(given, int) and not isinstance(given, bool):
        return AnswerPromise(period(f"{given} days"), "the controller's policy")
    if isinstance(given, str):
        return AnswerPromise(period(given), "the controller's policy")
    if not isinstance(given, Mapping):
        raise LawFault("promise must be a period such as '30 days', or an object with period and source")
    length = given.get("period", given.get("value"))
    if length is None:
        units = ("hours", "days", "business_days", "working_days", "weeks", "months")
        length = next((f"{given[unit]} {unit.replace('_', ' ')}" for unit in units if unit in given), None)
    if length is None:
        raise LawFault("promise needs a period, such as '30 days'")
    source = given.get("source", given.get("citation", given.get("quotation", "the controller's policy")))
    return AnswerPromise(period(str(length)), str(source)[:TEXT_CHARS_MAX], _said(given, "extends_with_law"))


def _said(given: Mapping[str, Any], key: str) -> bool | None:
    """Return a yes or a no; None where nothing is said."""
    found = given.get(key)
    return found if isinstance(found, bool) else None


def _undue(line: Mapping[str, Any]) -> int | None:
    given = line.get("undue_delay_working_days")
    if given is None:
        return None
    if not isinstance(given, int) or isinstance(given, bool) or not 0 <= given <= 30:
        raise LawFault("undue_delay_working_days must be a whole number from 0 to 30")
    return given


def _with_period(law: Law, right: str, text: str) -> Law:
    """Replace a right's period by the one the line names: only plain arithmetic takes its period from the asker."""
    if right != PLAIN_PERIOD:
        raise LawFault("period is only for right n/a; a right's period comes from its law, a shorter one is a promise")
    rule: Rule = replace(law.rule_for(right), period=period(text))
    return replace(law, by_right={right: rule, ANY_RIGHT: rule})


def _text(line: Mapping[str, Any], key: str) -> str:
    found = line.get(key)
    if not isinstance(found, str) or not found.strip():
        raise LawFault(f"{key} is missing")
    return found
