"""From a case's own events to events on the bus: what others may know, and nothing that names a person."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from schemas import events as bus
from schemas.base import Event
from schemas.values import Citation, Claimed, ClaimState, CompletedClaim
from services.router.core.cases import events as e
from services.router.core.cases.state import Case, Claim
from services.router.core.cases.values import Due


def published(case: Case, events: Sequence[e.CaseEvent]) -> Iterator[Event]:
    """Yield what the bus is told of these events; `case` is how it stands after them."""
    for event in events:
        made = _MAPPING.get(type(event))
        if made is not None:
            yield from made(case, event)
    if events:
        yield snapshot(case)


def snapshot(case: Case) -> bus.CaseSnapshot:
    """Return the case's latest state, for the compacted topic."""
    claims = tuple(
        ClaimState(
            claim_id=claim.claim_id,
            right=claim.right,
            state=claim.stage.value,
            received=claim.received,
            due=claim.due.due if claim.due else claim.received,
            completed=claim.completed,
            paused=bool(claim.due and claim.due.paused_since),
            outcome=claim.outcome if claim.completed else None,
        )
        for claim in case.claims
    )
    return bus.CaseSnapshot(
        controller=case.controller, occurred=case.completed or case.opened, case_id=case.case_id,
        revision=max(case.version, 1), state=case.state, opened=case.opened, claims=claims,
    )  # fmt: skip


def citation(due: Due) -> Citation:
    """Return what set a deadline: the policy's clause where a promise did, the law's rule otherwise."""
    if due.by_promise and "#" in due.promise:
        policy, _, clause = due.promise.removeprefix("policy:").partition("#")
        controller, _, version = policy.partition("/")
        return Citation(
            kind="policy", policy=controller, version=version, clause=clause, rule=due.rule, source=due.source
        )
    return Citation(kind="law", rule=due.rule, source=due.source)


def _of(case: Case, claim_id: str) -> Claim:
    claim = case.claim(claim_id)
    assert claim is not None
    return claim


def _base(case: Case, event: e.CaseEvent) -> dict[str, Any]:
    return {"controller": case.controller, "occurred": event.at, "case_id": case.case_id}


def _opened(case: Case, event: e.CaseOpened) -> Iterator[Event]:
    claims = [claim for claim in case.claims if claim.message_id == event.message_id and claim.due]
    yield bus.CaseOpened(
        **_base(case, event), message_id=event.message_id, correspondent=event.correspondent, person=event.person,
        channel=event.channel, received=event.received, policy_version=event.policy_version,
        claims=tuple(_claimed(claim) for claim in claims),
    )  # fmt: skip


def _claimed(claim: Claim) -> Claimed:
    assert claim.due is not None
    return Claimed(
        claim_id=claim.claim_id, right=claim.right, due=claim.due.due, rule=claim.due.rule, citation=citation(claim.due)
    )


def _joined(case: Case, event: e.MessageJoined) -> Iterator[Event]:
    added = [claim for claim in case.claims if claim.message_id == event.message_id and claim.due]
    yield bus.CaseJoined(
        **_base(case, event), message_id=event.message_id, added=tuple(map(_claimed, added)), repeated=event.repeated
    )


def _deadline(case: Case, event: e.DeadlineSet) -> Iterator[Event]:
    claim = _of(case, event.claim_id)
    yield bus.DeadlineSet(
        **_base(case, event), claim_id=event.claim_id, right=claim.right, due=event.due.due, rule=event.due.rule,
        received=claim.received, citation=citation(event.due),
    )  # fmt: skip


def _extended(case: Case, event: e.DeadlineExtended) -> Iterator[Event]:
    claim = _of(case, event.claim_id)
    yield bus.DeadlineExtended(
        **_base(case, event), claim_id=event.claim_id, right=claim.right, due=event.due.due, rule=event.due.rule,
        was_due=event.was_due, citation=citation(event.due),
    )  # fmt: skip


def _paused(case: Case, event: e.DeadlinePaused) -> Iterator[Event]:
    claim = _of(case, event.claim_id)
    yield bus.DeadlinePaused(
        **_base(case, event), claim_id=event.claim_id, right=claim.right, due=event.due.due, rule=event.due.rule,
        ground=event.ground, citation=citation(event.due),
    )  # fmt: skip


def _resumed(case: Case, event: e.DeadlineResumed) -> Iterator[Event]:
    claim = _of(case, event.claim_id)
    yield bus.DeadlineResumed(
        **_base(case, event), claim_id=event.claim_id, right=claim.right, due=event.due.due, rule=event.due.rule,
        was_due=event.was_due,
    )  # fmt: skip


def _approaching(case: Case, event: e.DeadlineApproaching) -> Iterator[Event]:
    claim = _of(case, event.claim_id)
    yield bus.DeadlineApproaching(
        **_base(case, event), claim_id=event.claim_id, right=claim.right, due=event.due,
        rule=claim.due.rule if claim.due else "", moment=event.moment, days_left=event.days_left,
    )  # fmt: skip


def _missed(case: Case, event: e.DeadlineMissed) -> Iterator[Event]:
    claim = _of(case, event.claim_id)
    yield bus.DeadlineMissed(
        **_base(case, event), claim_id=event.claim_id, right=claim.right, due=event.due,
        rule=claim.due.rule if claim.due else "", moment=event.moment,
    )  # fmt: skip


def _met(case: Case, event: e.DeadlineMet) -> Iterator[Event]:
    claim = _of(case, event.claim_id)
    yield bus.DeadlineMet(
        **_base(case, event), claim_id=event.claim_id, right=claim.right, due=event.due,
        rule=claim.due.rule if claim.due else "", completed=event.completed, margin_seconds=event.margin_seconds,
    )  # fmt: skip


def _acknowledgement(case: Case, event: e.AcknowledgementDue) -> Iterator[Event]:
    claim = _of(case, event.claim_id)
    yield bus.AcknowledgementDue(
        **_base(case, event), claim_id=event.claim_id, right=claim.right, due=event.due.due, rule=event.due.rule,
        citation=citation(event.due),
    )  # fmt: skip


def _acknowledged(case: Case, event: e.Acknowledged) -> Iterator[Event]:
    claim = _of(case, event.claim_id)
    rule = claim.acknowledgement.due.rule if claim.acknowledgement else ""
    yield bus.Acknowledged(
        **_base(case, event), claim_id=event.claim_id, right=claim.right, due=event.due, rule=rule,
        completed=event.moment, margin_seconds=event.margin_seconds,
    )  # fmt: skip


def _unacknowledged(case: Case, event: e.AcknowledgementMissed) -> Iterator[Event]:
    claim = _of(case, event.claim_id)
    rule = claim.acknowledgement.due.rule if claim.acknowledgement else ""
    yield bus.AcknowledgementMissed(
        **_base(case, event), claim_id=event.claim_id, right=claim.right, due=event.due, rule=rule, moment=event.moment
    )


def _identity_requested(case: Case, event: e.IdentityRequested) -> Iterator[Event]:
    yield bus.IdentityRequested(
        **_base(case, event), check_id=event.check_id, method=event.method, expires=event.expires
    )


def _identity_confirmed(case: Case, event: e.IdentityConfirmed) -> Iterator[Event]:
    yield bus.IdentityConfirmed(
        **_base(case, event), check_id=event.check_id or "none", method=event.method, person=case.person
    )


def _identity_failed(case: Case, event: e.IdentityFailed) -> Iterator[Event]:
    yield bus.IdentityFailed(
        **_base(case, event), check_id=event.check_id, reason=event.reason, attempts_left=max(event.attempts_left, 0)
    )


def _identity_expired(case: Case, event: e.IdentityExpired) -> Iterator[Event]:
    yield bus.IdentityExpired(**_base(case, event), check_id=event.check_id)


def _routed(case: Case, event: e.ClaimRouted) -> Iterator[Event]:
    yield bus.ClaimRouted(
        **_base(case, event), claim_id=event.claim_id, right=event.right, person=case.person, subject=case.subject,
        language=case.language, due=event.due, attempt=event.attempt, approved_by=event.approved_by,
        orders=event.orders, skipped=event.skipped,
    )  # fmt: skip


def _withdrawn(case: Case, event: e.ClaimWithdrawn) -> Iterator[Event]:
    right = _of(case, event.claim_id).right
    yield bus.ClaimWithdrawn(**_base(case, event), claim_id=event.claim_id, right=right)


def _lifted(case: Case, event: e.RestrictionLifted) -> Iterator[Event]:
    claim = _of(case, event.claim_id)
    yield bus.RestrictionLifted(
        **_base(case, event), claim_id=event.claim_id, right=claim.right, person=case.person,
        subject=claim.subject or case.subject, due=claim.due.due if claim.due else event.moment,
    )  # fmt: skip


def _reopened(case: Case, event: e.ClaimReopened) -> Iterator[Event]:
    right = _of(case, event.claim_id).right
    yield bus.ClaimReopened(
        **_base(case, event), claim_id=event.claim_id, right=right, reason=event.reason, due=event.due
    )


def _task(case: Case, event: e.TaskOpened) -> Iterator[Event]:
    right = _of(case, event.claim_id).right
    yield bus.TaskOpened(
        **_base(case, event), task_id=event.task_id, claim_id=event.claim_id, right=right, reason=event.reason,
        due=event.due,
    )  # fmt: skip


def _task_completed(case: Case, event: e.TaskCompleted) -> Iterator[Event]:
    yield bus.TaskCompleted(
        **_base(case, event), task_id=event.task_id, claim_id=event.claim_id, right=_of(case, event.claim_id).right,
        outcome=event.outcome, officer=event.officer, ground=event.ground or "",
    )  # fmt: skip


def _refused(case: Case, event: e.ClaimRefused) -> Iterator[Event]:
    yield bus.ClaimRefused(
        **_base(case, event), claim_id=event.claim_id, right=_of(case, event.claim_id).right, ground=event.ground,
        citation=Citation(kind="law", rule=event.ground, source=event.citation), officer=event.officer,
    )  # fmt: skip


def _dropped(case: Case, event: e.ClaimDropped) -> Iterator[Event]:
    yield bus.ClaimDropped(
        **_base(case, event), claim_id=event.claim_id, right=_of(case, event.claim_id).right, ground=event.ground,
        officer=event.officer, into=event.into,
    )  # fmt: skip


def _merged(case: Case, event: e.CaseJoined) -> Iterator[Event]:
    yield bus.CaseMerged(**_base(case, event), into=event.into, officer=event.officer)


def _extension_lapsed(case: Case, event: e.ExtensionLapsed) -> Iterator[Event]:
    claim = _of(case, event.claim_id)
    if claim.due is not None:
        yield bus.ExtensionLapsed(
            **_base(case, event), claim_id=event.claim_id, right=claim.right, due=claim.due.due, rule=event.rule,
            reason=event.why,
        )  # fmt: skip


def _completed(case: Case, event: e.ClaimCompleted) -> Iterator[Event]:
    claim = _of(case, event.claim_id)
    cited = citation(claim.due) if claim.due else Citation(kind="law", rule=event.rule, source=event.source)
    yield bus.ClaimCompleted(
        **_base(case, event), claim_id=event.claim_id, right=event.right, outcome=event.outcome,
        received=event.received, due=event.due, completed=event.completed, margin_seconds=event.margin_seconds,
        rule=event.rule, citation=cited,
    )  # fmt: skip


def _case_completed(case: Case, event: e.CaseCompleted) -> Iterator[Event]:
    claims = [claim for claim in case.claims if claim.completed and claim.due and claim.outcome]
    yield bus.CaseCompleted(
        **_base(case, event),
        completed=event.completed,
        claims=tuple(
            CompletedClaim(
                claim_id=claim.claim_id,
                right=claim.right,
                outcome=claim.outcome.value,
                due=claim.due.due,
                completed=claim.completed,
                margin_seconds=int((claim.due.due - claim.completed).total_seconds()),
            )
            for claim in claims
            if claim.outcome and claim.due and claim.completed
        ),
    )


_MAPPING: Mapping[type[e.CaseEvent], Callable[[Case, Any], Iterator[Event]]] = {
    e.CaseOpened: _opened,
    e.MessageJoined: _joined,
    e.DeadlineSet: _deadline,
    e.DeadlineExtended: _extended,
    e.DeadlinePaused: _paused,
    e.DeadlineResumed: _resumed,
    e.DeadlineApproaching: _approaching,
    e.DeadlineMissed: _missed,
    e.DeadlineMet: _met,
    e.AcknowledgementDue: _acknowledgement,
    e.Acknowledged: _acknowledged,
    e.AcknowledgementMissed: _unacknowledged,
    e.IdentityRequested: _identity_requested,
    e.IdentityConfirmed: _identity_confirmed,
    e.IdentityFailed: _identity_failed,
    e.IdentityExpired: _identity_expired,
    e.ClaimRouted: _routed,
    e.ClaimWithdrawn: _withdrawn,
    e.RestrictionLifted: _lifted,
    e.ClaimReopened: _reopened,
    e.TaskOpened: _task,
    e.TaskCompleted: _task_completed,
    e.ClaimRefused: _refused,
    e.ClaimDropped: _dropped,
    e.CaseJoined: _merged,
    e.ExtensionLapsed: _extension_lapsed,
    e.ClaimCompleted: _completed,
    e.CaseCompleted: _case_completed,
}
