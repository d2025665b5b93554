"""A claim before the clock: its recorded happenings made into a matter, the law's answer made into a recorded date."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from schemas.rights import Right
from services.router.core.cases.evolve import asked_code
from services.router.core.cases.state import Claim
from services.router.core.cases.story import CommandRefused
from services.router.core.cases.terms import Terms
from services.router.core.cases.values import Due, Happened, LawChoice, WaitKind
from services.router.core.law.clock import earliest
from services.router.core.law.deadline import Deadline, Matter
from services.router.core.law.model import Law, LawFault
from services.router.core.law.occurrences import Kind, Occurrence
from services.router.core.law.pauses import pause_rule
from services.router.core.law.rights import clock_right

CONFIRMED: Final = frozenset({Right.ACCESS, Right.ERASURE, Right.RECTIFICATION, Right.PORTABILITY})
"""The requests to know, delete and correct, whose receipt California wants confirmed (11 CCR 7021(a))."""

_KINDS: Final = {kind.name.lower(): kind for kind in Kind}


def laws_of(choice: LawChoice, terms: Terms) -> tuple[Law, ...]:
    """Return the laws of a choice, or refuse one that the terms do not know."""
    unknown = [name for name in choice.laws if name not in terms.laws]
    if unknown:
        raise CommandRefused("laws", f"unknown law {', '.join(unknown)}; known are {', '.join(sorted(terms.laws))}")
    return tuple(terms.laws[name] for name in choice.laws)


def worked_out(
    claim: Claim, choice: LawChoice, terms: Terms, more: Sequence[Happened] = (), at: datetime | None = None
) -> Deadline:
    """Return a claim's deadline from everything recorded about it, and `more` that is being considered."""
    happened = (*claim.happened, *more)
    occurrences = tuple(
        Occurrence(_KINDS[each.kind], each.moment, reasons=each.ground or "", until=each.until) for each in happened
    )
    if claim.aware is not None:
        occurrences = (*occurrences, Occurrence(Kind.AWARENESS, claim.aware))
    matter = Matter(
        received=claim.received, zone=terms.zone, calendar=terms.calendar, right=clock_right(claim.right.value),
        occurrences=occurrences, promises=terms.promises.get(claim.right, ()),
        undue_delay_working_days=terms.undue_delay_working_days, now=at,
    )  # fmt: skip
    try:
        return earliest(matter, laws_of(choice, terms))
    except LawFault as fault:
        raise CommandRefused("law", str(fault)) from None


def recorded(found: Deadline) -> Due:
    """Return a worked-out deadline as a case records it."""
    return Due(
        due=found.due, day=found.due_day, law=found.law, rule=found.rule, source=found.source,
        by_promise=found.by_promise,
        promise=found.source if found.by_promise else "", extended=found.extended, suspended_days=found.suspended_days,
        paused_since=found.paused_since,
        steps=found.steps, warnings=found.warnings,
    )  # fmt: skip


def due_of(claim: Claim, choice: LawChoice, terms: Terms, more: Sequence[Happened] = ()) -> Due:
    """Return what a claim's deadline is now."""
    return recorded(worked_out(claim, choice, terms, more))


def acknowledgement_due(claim: Claim, choice: LawChoice, terms: Terms) -> Due | None:
    """Return by when the receipt itself must be confirmed, where a law of the choice sets a day for that alone."""
    right = "complaint_ack" if claim.right is Right.COMPLAINT else "ack"
    if right == "ack" and claim.right not in CONFIRMED:
        return None
    found = []
    for law in laws_of(choice, terms):
        rule = law.by_right.get(right)
        if rule is not None and not rule.assumed and rule.rights <= {"ack", "complaint_ack", "complaint"}:
            matter = Matter(received=claim.received, zone=terms.zone, calendar=terms.calendar, right=right)
            try:
                found.append(recorded(earliest(matter, [law])))
            except LawFault:
                continue  # not in force on that day
    return min(found, key=lambda due: due.due, default=None)


def first_period_end(claim: Claim, choice: LawChoice, terms: Terms) -> datetime:
    """Return when a refusal becomes too late: the end of the period as it was before any extension (Art. 12(4)
    GDPR)."""
    kept = tuple(each for each in claim.happened if each.kind != Kind.EXTENSION_NOTIFIED.name.lower())
    return worked_out(claim.model_copy(update={"happened": kept}), choice, terms).due


def extension_source(claim: Claim, choice: LawChoice, terms: Terms) -> str:
    """Return what the law says about extending this claim's period, even where a policy's promise set its date."""
    rules = [law.rule_for(clock_right(claim.right.value)) for law in laws_of(choice, terms)]
    return next((rule.extension.source for rule in rules if rule.extension is not None), rules[0].source)


def pause_source(claim: Claim, kind: WaitKind, choice: LawChoice, terms: Terms) -> str:
    """Return what the law says about waiting for the person."""
    right = clock_right(claim.right.value)
    rules = [law.rule_for(right) for law in laws_of(choice, terms)]
    found = (pause_rule(rule, _KINDS[asked_code(kind)], right) for rule in rules)
    return next((each.source for each in found if each is not None), rules[0].source)


def counted(moment: datetime) -> datetime:
    """Return a moment in UTC, as events record it."""
    return moment.astimezone(UTC)


def breach(right: Right) -> bool:
    """Whether a right's clock runs from awareness of a breach (Art. 33(1) GDPR)."""
    return right is Right.BREACH_REPORT
