"""A case and an event make the next case. Nothing is decided or worked out here: events hold their results."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from schemas.rights import Outcome
from schemas.values import SkippedStep
from services.router.core.cases import events as e
from services.router.core.cases.state import (
    Acknowledgement,
    Case,
    Claim,
    IdentityCheck,
    IdentityDocument,
    PendingExtension,
    Task,
)  # fmt: skip
from services.router.core.cases.table import next_stage
from services.router.core.cases.values import DOCUMENT, Asker, Due, Happened, Letter, Stage, WaitKind

initial: Final = None
"""A case before its first event."""

TELL_RECIPIENTS: Final = "tell_recipients"
"""The task that outlives its claim: the person is answered, and a recipient is still to be told (Art. 19 GDPR)."""

WHOSE_LIST: Final = "whose_list"
"""Another that does: the customer whose list it was is still to be told (Art. 28(3)(e) GDPR)."""

OUTLIVING: Final = frozenset({TELL_RECIPIENTS, WHOSE_LIST})

DELIVERED_MAX: Final = 64


class NoCase(Exception):
    """An event that is not CaseOpened came first, or CaseOpened came twice."""


def evolve(case: Case | None, event: e.CaseEvent) -> Case:
    """Return the case after an event."""
    if isinstance(event, e.CaseOpened):
        if case is not None:
            raise NoCase("a case is opened once")
        return _opened(event)
    if case is None:
        raise NoCase(f"{event.name()} came before CaseOpened")
    changed = _APPLY[type(event)](case, event)
    return changed.model_copy(update={"version": case.version + 1})


def replay(events: Iterable[e.CaseEvent], case: Case | None = initial) -> Case | None:
    """Return the case that these events make."""
    for event in events:
        case = evolve(case, event)
    return case


def _opened(event: e.CaseOpened) -> Case:
    return Case(
        case_id=event.case_id, controller=event.controller, correspondent=event.correspondent, person=event.person,
        channel=event.channel, opened=event.at, received=event.received, language=event.language,
        policy_version=event.policy_version, law=event.law, subject=event.subject, role=event.role, asker=event.asker,
        customer=event.customer,
        authority=event.asker is Asker.PERSON, assurance=event.assurance, officer=event.officer, version=1,
        of_a_customer=event.of_a_customer,
    )  # fmt: skip


def _with(case: Case, **changes: Any) -> Case:
    return case.model_copy(update=changes)


def _claims(case: Case, ids: Iterable[str], change: Callable[[Claim], Claim]) -> Case:
    wanted = frozenset(ids)
    return _with(case, claims=tuple(change(each) if each.claim_id in wanted else each for each in case.claims))


def _move(claim: Claim, event: e.CaseEvent, **changes: Any) -> Claim:
    return claim.model_copy(update={"stage": next_stage(claim.stage, type(event)), **changes})


def _one(case: Case, event: e.ClaimEvent, **changes: Any) -> Case:
    return _claims(case, (event.claim_id,), lambda claim: _move(claim, event, **changes))


def _claim_opened(case: Case, event: e.ClaimOpened) -> Case:
    claim = Claim(
        claim_id=event.claim_id, right=event.right, stage=Stage.RECEIVED, received=event.received,
        message_id=event.message_id, subject=event.subject, follows=event.follows, unproven=event.unproven,
    )  # fmt: skip
    return _with(case, claims=(*case.claims, claim), completed=None)


def _deadline_set(case: Case, event: e.DeadlineSet) -> Case:
    def reset(claim: Claim) -> Claim:
        return _move(claim, event, due=event.due, approached=0, missed=_still_missed(claim, event.due, event))

    return _claims(case, (event.claim_id,), reset)


def _still_missed(claim: Claim, due: Due, event: e.CaseEvent) -> bool:
    """A deadline that moved into the future, because the law was corrected, can be kept or missed once more."""
    return claim.missed and due.due <= event.at


def _wait(claim: Claim, kind: WaitKind) -> tuple[WaitKind, ...]:
    return claim.waits if kind in claim.waits else (*claim.waits, kind)


def _unwait(claim: Claim, kind: WaitKind) -> tuple[WaitKind, ...]:
    return tuple(each for each in claim.waits if each is not kind)


def asked_code(kind: WaitKind) -> str:
    """Return the name under which an asking is kept."""
    return f"{kind.value}_requested"


def given_code(kind: WaitKind) -> str:
    """Return the name under which its answer is kept."""
    return "fee_paid" if kind is WaitKind.FEE else f"{kind.value}_received"


def ended_code(kind: WaitKind) -> str:
    """Return the name under which the end of an asking is kept that nobody answered: no date says that one came."""
    return f"{kind.value}_ended"


def _still_asked(happened: Sequence[Happened], kind: WaitKind) -> bool:
    """Tell whether the last that happened of this kind was a question."""
    codes = (asked_code(kind), given_code(kind), ended_code(kind))
    last = [each.kind for each in sorted(happened, key=lambda each: each.moment) if each.kind in codes]
    return bool(last) and last[-1] == codes[0]


def _asked(claim: Claim, event: e.CaseEvent, kind: WaitKind) -> Claim:
    if kind in claim.waits:
        return _move(claim, event)
    happened = (*claim.happened, Happened(kind=asked_code(kind), moment=event.at))
    return _move(claim, event, waits=_wait(claim, kind), happened=happened)


def end_of_wait(claim: Claim, kind: WaitKind, moment: datetime, *, answered: bool = True) -> Happened:
    """Return what ends a waiting. An officer's clock may run behind: nothing is given before it was asked for."""
    asked = [each.moment for each in claim.happened if each.kind == asked_code(kind)]
    code = given_code(kind) if answered else ended_code(kind)
    return Happened(kind=code, moment=max([moment, *asked]))


def _given(claim: Claim, kind: WaitKind, moment: datetime, *, answered: bool = True) -> Claim:
    if kind not in claim.waits:
        return claim
    happened = (*claim.happened, end_of_wait(claim, kind, moment, answered=answered))
    return claim.model_copy(update={"waits": _unwait(claim, kind), "happened": happened})


def _identity_requested(case: Case, event: e.IdentityRequested) -> Case:
    check = IdentityCheck(
        check_id=event.check_id, method=event.method, challenge=event.challenge, asked=event.at, expires=event.expires,
        attempts_left=event.attempts, claim_ids=event.claim_ids,
    )  # fmt: skip
    asked = _claims(case, event.claim_ids, lambda claim: _asked(claim, event, WaitKind.IDENTITY))
    document = event.at if event.method == DOCUMENT else case.document_asked
    return _with(asked, check=check, document_asked=document)


def _identity_failed(case: Case, event: e.IdentityFailed) -> Case:
    assert case.check is not None
    return _with(case, check=case.check.model_copy(update={"attempts_left": event.attempts_left}))


def _identity_confirmed(case: Case, event: e.IdentityConfirmed) -> Case:
    ids = [claim.claim_id for claim in case.claims]

    def confirm(claim: Claim) -> Claim:
        return _given(claim, WaitKind.IDENTITY, event.at).model_copy(update={"unproven": False})

    given = _claims(case, ids, confirm)
    return _with(given, check=None, assurance=event.assurance)


def _identity_expired(case: Case, event: e.IdentityExpired) -> Case:
    def give_up(claim: Claim) -> Claim:
        return _given(claim, WaitKind.IDENTITY, event.moment, answered=False)

    return _with(_claims(case, [claim.claim_id for claim in case.claims], give_up), check=None)


def _document_received(case: Case, event: e.IdentityDocumentReceived) -> Case:
    document = IdentityDocument(document_id=event.document_id, ref=event.ref, received=event.moment)
    given = _claims(case, event.claim_ids, lambda claim: _given(claim, WaitKind.IDENTITY, event.moment))
    check = None if event.claim_ids else case.check
    return _with(given, check=check, documents=(*case.documents, document))


def _document_destroyed(case: Case, event: e.IdentityDocumentDestroyed) -> Case:
    return _with(case, documents=tuple(x for x in case.documents if x.document_id not in event.document_ids))


def _asking_lapsed(case: Case, event: e.AskingLapsed) -> Case:
    def forget(claim: Claim) -> Claim:
        asked = [each for each in claim.happened if each.kind == asked_code(event.kind)]
        kept = tuple(each for each in claim.happened if not asked or each is not asked[-1])
        return _move(claim, event, waits=_unwait(claim, event.kind), happened=kept)

    return _claims(case, (event.claim_id,), forget)


def _clarification_requested(case: Case, event: e.ClarificationRequested) -> Case:
    return _claims(case, event.claim_ids, lambda claim: _asked(claim, event, WaitKind.CLARIFICATION))


def _clarification_received(case: Case, event: e.ClarificationReceived) -> Case:
    return _claims(case, event.claim_ids, lambda claim: _given(claim, WaitKind.CLARIFICATION, event.at))


def _paused(case: Case, event: e.DeadlinePaused) -> Case:
    if event.officer is None:
        return _one(case, event, due=event.due)

    def pause(claim: Claim) -> Claim:
        return _asked(claim, event, event.kind).model_copy(update={"due": event.due})

    return _claims(case, (event.claim_id,), pause)


def _resumed(case: Case, event: e.DeadlineResumed) -> Case:
    def resume(claim: Claim) -> Claim:
        moved = _given(claim, event.kind, event.at) if event.officer is not None else claim
        return _move(moved, event, due=event.due, approached=0, missed=_still_missed(claim, event.due, event))

    return _claims(case, (event.claim_id,), resume)


def _extension_decided(case: Case, event: e.ExtensionDecided) -> Case:
    return _one(
        case, event, extension=PendingExtension(letter_id=event.letter_id, ground=event.ground, until=event.until)
    )


def _extended(case: Case, event: e.DeadlineExtended) -> Case:
    def extend(claim: Claim) -> Claim:
        told = Happened(kind="extension_notified", moment=event.told, ground=event.ground, until=event.until)
        return _move(claim, event, due=event.due, approached=0, extension=None, happened=(*claim.happened, told))

    return _claims(case, (event.claim_id,), extend)


def _extension_lapsed(case: Case, event: e.ExtensionLapsed) -> Case:
    def lapse(claim: Claim) -> Claim:
        kept = tuple(each for each in claim.happened if each.kind != "extension_notified")
        return _move(claim, event, extension=None, happened=kept)

    return _claims(case, (event.claim_id,), lapse)


def _routed(case: Case, event: e.ClaimRouted) -> Case:
    # Approved once, and for this time only: what is found when it is tried again must be looked at again.
    forgotten = dict.fromkeys(("outcome", "ground", "answered", "reasons", "to", "orders"))
    return _one(case, event, attempts=event.attempt, approved_by=(), **forgotten)


def _skipped(case: Case, event: e.StepSkipped) -> Case:
    step = SkippedStep(step=event.step, reasons=event.reasons)
    return _claims(
        case, (event.claim_id,), lambda claim: _move(claim, event, approved_by=(), skipped=(*claim.skipped, step))
    )


def _queued(case: Case, event: e.ClaimQueued) -> Case:
    return _one(case, event, follows=event.behind)


def _task_opened(case: Case, event: e.TaskOpened) -> Case:
    task = Task(task_id=event.task_id, reason=event.reason, due=event.due, preview=event.preview)
    return _claims(case, (event.claim_id,), lambda claim: _move(claim, event, tasks=(*claim.tasks, task)))


def _task_completed(case: Case, event: e.TaskCompleted) -> Case:
    def complete(claim: Claim) -> Claim:
        return _move(claim, event, tasks=tuple(task for task in claim.tasks if task.task_id != event.task_id))

    return _claims(case, (event.claim_id,), complete)


def _approved(case: Case, event: e.ClaimApproved) -> Case:
    def approve(claim: Claim) -> Claim:
        orders = event.orders or claim.orders
        return _move(claim, event, approved_by=(*claim.approved_by, event.officer), orders=orders)

    return _claims(case, (event.claim_id,), approve)


def _plain(case: Case, event: e.ClaimEvent) -> Case:
    return _one(case, event)


def _ended(case: Case, event: e.ClaimEvent, outcome: Outcome, **changes: Any) -> Case:
    """A claim that has its outcome waits for nobody: what was still awaited has ended, so the clock runs."""

    def end(claim: Claim) -> Claim:
        for kind in claim.waits:
            claim = _given(claim, kind, event.at, answered=False)
        return _move(claim, event, outcome=outcome, tasks=(), **changes)

    return _claims(case, (event.claim_id,), end)


def _fulfilled(case: Case, event: e.ClaimFulfilled) -> Case:
    return _ended(case, event, event.outcome, result=event.result, ground=event.withheld_ground)


def _refused(case: Case, event: e.ClaimRefused) -> Case:
    return _ended(case, event, Outcome.REFUSED, ground=event.ground, reasons=event.reasons)


def _withdrawn(case: Case, event: e.ClaimWithdrawn) -> Case:
    return _ended(case, event, Outcome.WITHDRAWN)


def _transferred(case: Case, event: e.ClaimTransferred) -> Case:
    return _ended(case, event, Outcome.TRANSFERRED, ground=event.ground, to=event.to)


def _not_identified(case: Case, event: e.ClaimNotIdentified) -> Case:
    return _ended(case, event, Outcome.NOT_IDENTIFIED)


def _dropped(case: Case, event: e.ClaimDropped) -> Case:
    return _one(case, event, outcome=None, ground=event.ground, tasks=(), waits=(), completed=event.at)


def _letter_requested(case: Case, event: e.LetterRequested) -> Case:
    letter = Letter(
        letter_id=event.letter_id, template=event.template, claim_ids=event.claim_ids, completes=event.completes
    )
    return _with(case, letters=(*case.letters, letter))


def _letter_sent(case: Case, event: e.LetterSent) -> Case:
    letter = next((each for each in case.letters if each.letter_id == event.letter_id), None)
    sent = letter or Letter(letter_id=event.letter_id, template="handler", completes=event.completes)
    answered = _claims(case, event.completes, lambda claim: claim.model_copy(update={"answered": event.moment}))
    return _with(
        answered,
        letters=tuple(each for each in case.letters if each.letter_id != event.letter_id),
        delivered=(*case.delivered, sent)[-DELIVERED_MAX:],
    )


def _letter_bounced(case: Case, event: e.LetterBounced) -> Case:
    unanswered = _claims(case, event.completes, lambda claim: claim.model_copy(update={"answered": None}))
    return _with(
        unanswered,
        letters=tuple(each for each in case.letters if each.letter_id != event.letter_id),
        delivered=tuple(each for each in case.delivered if each.letter_id != event.letter_id),
    )


def _acknowledgement_due(case: Case, event: e.AcknowledgementDue) -> Case:
    return _one(case, event, acknowledgement=Acknowledgement(due=event.due))


def _acknowledged(case: Case, event: e.Acknowledged | e.AcknowledgementMissed) -> Case:
    sent = {"sent": event.moment} if isinstance(event, e.Acknowledged) else {"missed": True}

    def note(claim: Claim) -> Claim:
        assert claim.acknowledgement is not None
        return _move(claim, event, acknowledgement=claim.acknowledgement.model_copy(update=sent))

    return _claims(case, (event.claim_id,), note)


def _approaching(case: Case, event: e.DeadlineApproaching) -> Case:
    return _one(case, event, approached=event.step)


def _missed(case: Case, event: e.DeadlineMissed) -> Case:
    return _one(case, event, missed=True)


def _completed(case: Case, event: e.ClaimCompleted) -> Case:
    def complete(claim: Claim) -> Claim:
        left = tuple(task for task in claim.tasks if task.reason in OUTLIVING)
        return _move(
            claim, event, completed=event.completed, outcome=event.outcome, tasks=left, waits=(), extension=None
        )

    return _claims(case, (event.claim_id,), complete)


def _reopened(case: Case, event: e.ClaimReopened) -> Case:
    def reopen(claim: Claim) -> Claim:
        return _move(claim, event, completed=None, answered=None, times_reopened=claim.times_reopened + 1)

    return _with(_claims(case, (event.claim_id,), reopen), completed=None)


def _case_completed(case: Case, event: e.CaseCompleted) -> Case:
    return _with(case, completed=event.completed)


def _law_corrected(case: Case, event: e.LawCorrected) -> Case:
    return _with(case, law=event.law)


def _aware(case: Case, event: e.AwarenessRecorded) -> Case:
    return _one(case, event, aware=event.aware)


def _history(case: Case, event: e.HistoryRecorded) -> Case:
    def remember(claim: Claim) -> Claim:
        happened = (*claim.happened, *event.happened)
        for kind in WaitKind:
            asked_now = any(each.kind == asked_code(kind) for each in event.happened)
            if asked_now and kind not in claim.waits and _still_asked(happened, kind):
                claim = claim.model_copy(update={"waits": _wait(claim, kind)})
        return _move(claim, event, happened=happened)

    return _claims(case, (event.claim_id,), remember)


def _authority(case: Case, event: e.AuthorityRecorded) -> Case:
    return _with(case, asker=event.asker, authority=event.accepted)


def _lifting(case: Case, event: e.LiftingDecided) -> Case:
    return _one(case, event, lifting=event.letter_id)


def _lifted(case: Case, event: e.RestrictionLifted) -> Case:
    return _one(case, event, lifting=None)


def _role(case: Case, event: e.RoleRecorded) -> Case:
    return _with(case, role=event.role, customer=event.customer or case.customer, of_a_customer=False)


def _assigned(case: Case, event: e.CaseAssigned) -> Case:
    return _with(case, officer=event.to)


def _joined(case: Case, event: e.CaseJoined) -> Case:
    return _with(case, joined_into=event.into)


def _noted(case: Case, _event: e.CaseEvent) -> Case:
    return case


_APPLY: Final[dict[type[e.CaseEvent], Callable[[Case, Any], Case]]] = {
    e.MessageJoined: _noted,
    e.ClaimOpened: _claim_opened,
    e.DeadlineSet: _deadline_set,
    e.IdentityRequested: _identity_requested,
    e.IdentityFailed: _identity_failed,
    e.IdentityConfirmed: _identity_confirmed,
    e.IdentityExpired: _identity_expired,
    e.IdentityDocumentReceived: _document_received,
    e.IdentityDocumentDestroyed: _document_destroyed,
    e.ClarificationRequested: _clarification_requested,
    e.ClarificationReceived: _clarification_received,
    e.DeadlinePaused: _paused,
    e.DeadlineResumed: _resumed,
    e.PauseLapsed: _plain,
    e.AskingLapsed: _asking_lapsed,
    e.ExtensionDecided: _extension_decided,
    e.DeadlineExtended: _extended,
    e.ExtensionLapsed: _extension_lapsed,
    e.ClaimRouted: _routed,
    e.StepSkipped: _skipped,
    e.ClaimQueued: _queued,
    e.TaskOpened: _task_opened,
    e.ClaimApproved: _approved,
    e.TaskCompleted: _task_completed,
    e.ClaimResumed: _plain,
    e.ClaimParked: _plain,
    e.ClaimFulfilled: _fulfilled,
    e.ClaimRefused: _refused,
    e.ClaimWithdrawn: _withdrawn,
    e.ClaimTransferred: _transferred,
    e.ClaimDropped: _dropped,
    e.ClaimNotIdentified: _not_identified,
    e.LetterRequested: _letter_requested,
    e.LetterSent: _letter_sent,
    e.LetterBounced: _letter_bounced,
    e.AcknowledgementDue: _acknowledgement_due,
    e.Acknowledged: _acknowledged,
    e.AcknowledgementMissed: _acknowledged,
    e.DeadlineApproaching: _approaching,
    e.DeadlineMissed: _missed,
    e.DeadlineMet: _plain,
    e.ClaimCompleted: _completed,
    e.ClaimReopened: _reopened,
    e.CaseCompleted: _case_completed,
    e.LawCorrected: _law_corrected,
    e.AwarenessRecorded: _aware,
    e.HistoryRecorded: _history,
    e.AuthorityRecorded: _authority,
    e.RoleRecorded: _role,
    e.LiftingDecided: _lifting,
    e.RestrictionLifted: _lifted,
    e.ActReapplied: _plain,
    e.CaseAssigned: _assigned,
    e.NoteAdded: _noted,
    e.CaseJoined: _joined,
}
