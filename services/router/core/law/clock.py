"""When a request must be answered, which rule says so, and every step on the way to that date.

The order is always the same: where the period is counted from, how long it is, which suspended days are added, which
extension was granted, and only then, once, the roll to a working day where the regime has one. A policy's promise is a
second candidate beside the statute; the earlier of the two binds.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from operator import attrgetter
from typing import Final

from services.router.core.law.arithmetic import YEARS, end_of, hours_after, last_day
from services.router.core.law.calendars import REMEMBERED_MAX, Calendar
from services.router.core.law.deadline import AnswerPromise, Deadline, Matter, Status
from services.router.core.law.model import Law, LawFault, Period, Rule, Unit
from services.router.core.law.occurrences import ASKS, Kind, Occurrence
from services.router.core.law.pauses import Ended, Waits, waits
from services.router.core.law.reach import Reach, reach
from services.router.core.law.standing import standing
from services.router.core.law.words import day_words, moment_words, place_words

_BY_MOMENT: Final = attrgetter("moment")
_WAIT_KINDS: Final = frozenset(ASKS) | frozenset(ASKS.values())
_EXTENSIONS: Final = frozenset({Kind.EXTENSION_NOTIFIED, Kind.EXTENSION_DECIDED})


def earliest(matter: Matter, laws: Sequence[Law]) -> Deadline:
    """Return the deadline of the law that asks for the answer soonest, and name what the others would have asked."""
    if not laws:
        raise LawFault("no law was named: give at least one, for example eu-gdpr")
    if len(laws) == 1:
        return work_out(matter, laws[0])
    found: list[Deadline] = []
    faults: list[str] = []
    for law in laws:
        try:
            found.append(work_out(matter, law))
        except LawFault as fault:
            faults.append(str(fault))
    if not found:
        raise LawFault("; ".join(faults))
    first = min(found, key=attrgetter("due"))
    others = tuple(
        f"{other.law} would ask for it by {_due_words(other, matter)} ({other.source})"
        for other in found
        if other is not first
    )
    said = f"{first.law} asks for it first" if others else f"only {first.law} sets a period"
    return first._replace(steps=(*first.steps, *others, said), warnings=(*first.warnings, *faults), others=others)


def work_out(matter: Matter, law: Law) -> Deadline:
    """Return when this matter is due under one law and the controller's own promises."""
    rule = law.rule_for(matter.right)
    received = matter.received.astimezone(matter.zone)
    if not YEARS[0] <= received.year <= YEARS[1]:
        raise LawFault(f"the date {received.date().isoformat()} is out of range: {YEARS[0]} to {YEARS[1]}")
    if not matter.occurrences and not matter.promises and rule.period.unit is not Unit.HOURS:
        return _untouched(matter, law, rule, received)
    known, warnings = _known(matter, rule)
    warnings += _doubts(law, rule, received.date(), matter.right)
    steps = [f"received {moment_words(received)} {place_words(matter.zone)}"]
    if rule.period.unit is Unit.HOURS:
        return _in_hours(matter, law, rule, known, steps, warnings)
    return _in_days(matter, law, rule, known, steps, warnings, received)


def _untouched(matter: Matter, law: Law, rule: Rule, received: datetime) -> Deadline:
    """A request to which nothing has happened yet is due when every other of its day, seat and right is."""
    day = received.date()
    steps, warnings, due_day, due = _alone(law, rule, matter.right, day, matter.calendar, matter.zone)
    now = matter.now or matter.received
    return Deadline(
        law.id, rule.id, rule.source, matter.right, matter.received, day, due, due_day,
        Status.OVERDUE if now >= due else Status.OPEN,
        (f"received {moment_words(received)} {place_words(matter.zone)}", *steps), warnings,
    )  # fmt: skip


@lru_cache(maxsize=REMEMBERED_MAX)
def _alone(
    law: Law, rule: Rule, right: str, day: date, calendar: Calendar, zone: tzinfo
) -> tuple[tuple[str, ...], tuple[str, ...], date, datetime]:
    """Return the steps, warnings, last day and end of a period to which nothing has happened."""
    far = reach(calendar, rule.period, day, 0, rule.counts_first_day, rule.rolls)
    steps = (*far.steps, f"due {day_words(far.day)} 24:00 {place_words(zone)}")
    return steps, tuple(_doubts(law, rule, day, right)), far.day, end_of(far.day, zone)


def _known(matter: Matter, rule: Rule) -> tuple[tuple[Occurrence, ...], list[str]]:
    """Return what had happened by `now`, in order, and what was left out."""
    if not matter.occurrences:
        return (), []
    ordered = sorted(matter.occurrences, key=_BY_MOMENT)
    warnings: list[str] = []
    known = []
    now, received = matter.now, matter.received
    for occurrence in ordered:
        if now is not None and occurrence.moment > now:
            warnings.append(f"{occurrence.kind.value} lies after the moment that was asked about: left out")
        elif occurrence.moment < received and occurrence.kind not in {Kind.AWARENESS, Kind.NEUTRAL}:
            same_day = _local(occurrence.moment, matter) == _local(matter.received, matter)
            if not same_day:
                warnings.append(f"{occurrence.kind.value} lies before the receipt: left out")
            else:
                known.append(occurrence)
        else:
            known.append(occurrence)
    if not rule.starts_at_awareness and Kind.AWARENESS in [each.kind for each in known]:
        warnings.append(f"awareness does not move this clock ({rule.source})")
    return tuple(known), warnings


def _doubts(law: Law, rule: Rule, received: date, right: str) -> list[str]:
    warnings = []
    in_force = rule.in_force or law.in_force
    if in_force is not None and received < in_force:
        warnings.append(
            f"{rule.source} is in force only from {day_words(in_force)}: an officer should confirm that it applies"
        )
    if rule.assumed:
        warnings.append(
            f"{law.id} sets no period of its own for {right}; habeas applies {rule.period} ({rule.source}): "
            "an officer should confirm it"
        )
    return warnings


def _in_hours(
    matter: Matter, law: Law, rule: Rule, known: Sequence[Occurrence], steps: list[str], warnings: list[str]
) -> Deadline:
    """A period in hours counts elapsed hours from a moment; it never rolls and nothing suspends it."""
    start = matter.received
    if rule.starts_at_awareness:
        aware = min((each.moment for each in known if each.kind is Kind.AWARENESS), default=None)
        if aware is None:
            steps.append(
                "no officer has recorded when the controller became aware: counted from the report, to be safe"
            )
        else:
            start = aware
            steps.append(
                f"aware {moment_words(aware.astimezone(matter.zone))} {place_words(matter.zone)}: counted from there"
            )
    due = hours_after(start, rule.period.count)
    local = due.astimezone(matter.zone)
    steps.append(f"+{rule.period} = {moment_words(local)} (elapsed hours; no roll)")
    steps.append(f"due {moment_words(local)} {place_words(matter.zone)}")
    stands = standing(matter, rule, known, due, None)
    return Deadline(
        law=law.id, rule=rule.id, source=rule.source, right=matter.right, received=matter.received,
        counted_from=start.astimezone(matter.zone).date(), due=due, due_day=None, status=stands.status,
        steps=tuple(steps), warnings=(*warnings, *stands.warnings), answered=stands.answered,
    )  # fmt: skip


def _reach(matter: Matter, rule: Rule, length: Period, start: date, suspended: int, *, rolls: bool) -> Reach:
    return reach(matter.calendar, length, start, suspended, rule.counts_first_day, rolls)


def _in_days(
    matter: Matter, law: Law, rule: Rule, known: Sequence[Occurrence], steps: list[str], warnings: list[str],
    received: datetime,
) -> Deadline:  # fmt: skip
    day = received.date()
    asks = not _WAIT_KINDS.isdisjoint([each.kind for each in known])
    waited = waits(rule, matter, day, known, _ended(matter, rule, known)) if asks else Waits(day)
    steps += waited.steps
    warnings += waited.warnings
    suspended = waited.days()
    far = _reach(matter, rule, rule.period, waited.start, suspended, rolls=rule.rolls)
    longest = _extended(matter, rule, known, waited, steps, warnings) if known else None
    extended = longest is not None
    first_end = end_of(far.day, matter.zone) if extended else None
    if longest is not None:
        if longest.day < far.day:
            warnings.append(f"the extension names {day_words(longest.day)}, sooner than the period ends anyway")
        far = longest if longest.day > far.day else far
    steps += far.steps
    chosen, due_day, promise = _with_promises(matter, rule, waited, suspended, far, extended, steps, warnings)
    due = end_of(due_day, matter.zone)
    steps.append(f"due {day_words(due_day)} 24:00 {place_words(matter.zone)}")
    running = waited.running
    if running is not None:
        since = running[1].astimezone(matter.zone)
        steps.append(f"the clock stands still since {moment_words(since)}: every day until the person answers is added")
    stands = standing(matter, rule, known, due, running[1] if running else None, first_end)
    return Deadline(
        law=law.id, rule=rule.id, source=chosen, right=matter.right, received=matter.received,
        counted_from=waited.start, due=due, due_day=due_day, status=stands.status, steps=tuple(steps),
        warnings=(*warnings, *stands.warnings), extended=extended, suspended_days=suspended,
        paused_since=running[1] if running else None, answered=stands.answered, by_promise=promise is not None,
    )  # fmt: skip


def _ended(matter: Matter, rule: Rule, known: Sequence[Occurrence]) -> Ended:
    """Return how to tell whether the period, extended where it was by then, was over when something was asked."""

    def ended(so_far: Waits, asked: Occurrence) -> bool:
        told = next(
            (
                each
                for each in known
                if each.kind in _EXTENSIONS
                and each.moment < asked.moment
                and extension_fault(matter, rule, each, so_far, already=False) is None
            ),
            None,
        )
        far = _reach(matter, rule, rule.period, so_far.start, so_far.days(), rolls=rule.rolls)
        if told is not None:
            far = max(far, _granted(matter, rule, told, so_far), key=attrgetter("day"))
        return asked.moment >= end_of(far.day, matter.zone)

    return ended


def _extended(
    matter: Matter, rule: Rule, known: Sequence[Occurrence], waited: Waits, steps: list[str], warnings: list[str]
) -> Reach | None:
    """Return how far the first lawful extension reaches; warn about each that the law does not allow."""
    granted: Reach | None = None
    for each in known:
        if each.kind not in _EXTENSIONS:
            continue
        told = each.moment.astimezone(matter.zone)
        fault = extension_fault(matter, rule, each, waited, already=granted is not None)
        if fault is not None:
            warnings.append(f"extension of {day_words(told.date())} refused: {fault}")
            continue
        assert rule.extension is not None
        granted = _granted(matter, rule, each, waited)
        if each.until is not None and granted.day < each.until:
            warnings.append(
                f"the person was told {day_words(each.until)}, later than the law allows: "
                f"{day_words(granted.day)} binds ({rule.extension.source})"
            )
        steps.append(
            f"extension told {moment_words(told)}, with reasons, inside the first period ({rule.extension.source})"
        )
    return granted


def extension_fault(matter: Matter, rule: Rule, told: Occurrence, waited: Waits, *, already: bool) -> str | None:
    """Return why the law does not allow this extension, or None when it does."""
    law = rule.extension
    if law is None:
        return f"{rule.source} knows no extension"
    if already:
        return f"the period was extended before; {law.source} allows one extension"
    if told.kind is Kind.EXTENSION_DECIDED:
        return f"the person was not told; an extension counts from its notice ({law.source})"
    if law.reasons_required and not told.reasons.strip():
        return f"it gives no reasons ({law.source})"
    if law.to is None and told.until is None and told.by is None:
        return f"it must name the day by which the answer will come ({law.source})"
    waiting = waited.running is not None and waited.running[1] <= told.moment
    suspended = waited.days(told.moment.astimezone(matter.zone).date())
    first = _reach(matter, rule, rule.period, waited.start, suspended, rolls=rule.rolls)
    if not waiting and told.moment >= end_of(first.day, matter.zone):
        # Art. 12(3) GDPR, second sentence: the person is told within the first month, together with the reasons.
        return f"it was told after {day_words(first.day)}, the end of the first period ({law.source})"
    return None


def _granted(matter: Matter, rule: Rule, told: Occurrence, waited: Waits) -> Reach:
    assert rule.extension is not None
    suspended = waited.days()
    limit = rule.extension.to
    longest = None if limit is None else _reach(matter, rule, limit, waited.start, suspended, rolls=rule.rolls)
    shorter: Reach | None = None
    if told.until is not None:
        shorter = Reach(told.until, told.until, (f"extended to {day_words(told.until)}, as the person was told",))
    elif told.by is not None:
        first = _reach(matter, rule, rule.period, waited.start, suspended, rolls=False)
        length = told.by
        if length.unit is rule.period.unit:
            total = Period(rule.period.count + length.count, length.unit)
            shorter = _reach(matter, rule, total, waited.start, suspended, rolls=rule.rolls)
        else:
            end = last_day(first.unrolled, length, matter.calendar)
            rolled = matter.calendar.working_day_from(end) if rule.rolls else end
            shorter = Reach(end, rolled, (*first.steps, f"+{length} = {day_words(end)}"))
    if shorter is None or (longest is not None and longest.day <= shorter.day):
        assert longest is not None
        return longest
    return shorter


def _with_promises(
    matter: Matter, rule: Rule, waited: Waits, suspended: int, statute: Reach, extended: bool,
    steps: list[str], warnings: list[str],
) -> tuple[str, date, AnswerPromise | None]:  # fmt: skip
    """Return the earlier of the statute and what the policy promises: a promise may be faster, never slower."""
    source, day, chosen = rule.source, statute.day, None
    for promise in matter.promises:
        if extended and promise.yields_to(rule.period):
            steps.append(
                f"the policy promises {promise.period}, which the law's extension lengthens too ({promise.citation})"
            )
            continue
        if promise.period.unit is Unit.HOURS:
            end = hours_after(matter.received, promise.period.count).astimezone(matter.zone).date()
        else:
            end = last_day(waited.start, promise.period, matter.calendar) + timedelta(days=suspended)
        if end < day:
            steps.append(
                f"the policy promises {promise.period}: {day_words(end)}, sooner than the law ({promise.citation})"
            )
            if extended:
                warnings.append(f"the extension is lawful, but the policy promises {promise.period} and reserves no "
                                f"extension, so that still binds ({promise.citation})")  # fmt: skip
            source, day, chosen = promise.citation, end, promise
        elif end > statute.day:
            warnings.append(f"the policy promises {promise.period} ({day_words(end)}), longer than the law allows: "
                            f"the law's {day_words(statute.day)} binds ({rule.source})")  # fmt: skip
    return source, day, chosen


def _due_words(deadline: Deadline, matter: Matter) -> str:
    if deadline.due_day is not None:
        return day_words(deadline.due_day)
    return moment_words(deadline.due.astimezone(matter.zone))


def _local(moment: datetime, matter: Matter) -> date:
    return moment.astimezone(matter.zone).date()


def status_at(deadline: Deadline, now: datetime) -> Status:
    """Return how a deadline stands at a later moment, if nothing else happened."""
    if deadline.status is Status.MET or deadline.answered is not None:
        return deadline.status
    if deadline.paused_since is not None:
        return Status.PAUSED
    return Status.OVERDUE if now.astimezone(UTC) >= deadline.due else Status.OPEN
