"""When a case must be looked at again: notices before a deadline, the deadline, and what expires unanswered."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from services.router.core.cases.state import Case, Claim
from services.router.core.cases.terms import Terms
from services.router.core.cases.values import Stage, WaitKind
from services.router.core.law.arithmetic import start_of


class Wake(NamedTuple):
    """A moment at which something becomes true. Sorted by moment, then by what it is about."""

    moment: datetime
    kind: str  # approaching, missed, identity, clarification, unacknowledged
    subject: str  # the claim or the check
    step: int


def wakes(case: Case, terms: Terms) -> list[Wake]:
    """Return everything that time alone will bring about, in order. A case that has ended waits for nothing."""
    if case.joined_into is not None:
        return []
    found: list[Wake] = []
    for claim in case.claims:
        if claim.open:
            found += _of_claim(claim, terms)
    if case.check is not None and any(WaitKind.IDENTITY in claim.waits for claim in case.claims):
        found.append(Wake(case.check.expires, "identity", case.check.check_id, 0))
    return sorted(found)


def next_wakeups(case: Case, terms: Terms) -> tuple[datetime, ...]:
    """Return the moments at which the case must be told that time has passed, soonest first."""
    return tuple(sorted({wake.moment for wake in wakes(case, terms)}))


def _of_claim(claim: Claim, terms: Terms) -> list[Wake]:
    found: list[Wake] = []
    if WaitKind.CLARIFICATION in claim.waits and not any(t.reason == "clarification_unanswered" for t in claim.tasks):
        asked = [each.moment for each in claim.happened if each.kind == "clarification_requested"]
        if asked:
            found.append(Wake(asked[-1] + terms.clarification_expires_after, "clarification", claim.claim_id, 0))
    waited = claim.acknowledgement
    if waited is not None and waited.sent is None and not waited.missed:
        found.append(Wake(waited.due.due, "unacknowledged", claim.claim_id, 0))
    due = claim.due
    if due is None or due.paused_since is not None or claim.missed:
        return found
    for step, moment in enumerate(approach_moments(claim, terms), 1):
        if step > claim.approached and moment < due.due:
            found.append(Wake(moment, "approaching", claim.claim_id, step))
    found.append(Wake(due.due, "missed", claim.claim_id, 0))
    return found


def approach_moments(claim: Claim, terms: Terms) -> list[datetime]:
    """Return when the officer is told that a deadline is near: the beginning of so many working days before its day."""
    due = claim.due
    assert due is not None
    if due.day is None:
        moments = [due.due - timedelta(hours=hours) for hours in terms.approach_hours]
    else:
        moments = [
            start_of(terms.calendar.working_days_before(due.day, days), terms.zone)
            for days in terms.approach_working_days
        ]
    # A notice from before the request was there would be about nothing.
    return [max(moment, claim.received) for moment in sorted(moments)]


def stands_still(claim: Claim) -> bool:
    """Whether the clock of an open claim waits for the person."""
    return claim.stage is not Stage.COMPLETED and claim.due is not None and claim.due.paused_since is not None
