"""What an officer decides about claims: tasks done, refusals, transfers, corrections. Each leaves who, when and why."""

from __future__ import annotations

from typing import Final

from schemas.rights import Outcome, Right
from services.router.core.cases import commands as c
from services.router.core.cases import events as e
from services.router.core.cases.clocking import first_period_end
from services.router.core.cases.ending import (
    TEMPLATES,
    answer,
    awaits_delivery,
    complete,
    stop_waiting,
    tell_customer,
    tell_recipients,
)
from services.router.core.cases.evolve import TELL_RECIPIENTS, WHOSE_LIST
from services.router.core.cases.flow import go_on, open_claims, release, route, work_out_again
from services.router.core.cases.identity import close_tasks
from services.router.core.cases.state import Claim, Task
from services.router.core.cases.story import CommandRefused, Story
from services.router.core.cases.table import allows
from services.router.core.cases.values import Asker, Role, Stage

DONE: Final = frozenset({Outcome.FULFILLED, Outcome.PARTLY_FULFILLED})
NEEDS_OUTCOME: Final = frozenset({"breach", "no_handler", "reopened", "answer_bounced"})
APPROVAL: Final = "approve_"
BESIDE_THE_WORK: Final = frozenset({"receipt_bounced", "extension_lapsed", "clarification_unanswered", "acknowledge",
                                    "clarification_letter_bounced"})  # fmt: skip
"""Tasks about letters: the handler was at work all the while, and is not asked twice."""
NO_AUTHORITY: Final = "no_authority"


def complete_task(story: Story, command: c.CompleteTask) -> None:
    """Close a task; with an outcome the claim ends, without one it goes on where it was."""
    claim, task = _task(story, command.task_id)
    if task.reason.startswith(APPROVAL) and command.outcome is None:
        _approve(story, claim, task, command)
        return
    if task.reason.startswith("authority_"):
        raise CommandRefused("authority", "whether somebody may ask for the person is recorded with its own command")
    if command.outcome is None and task.reason in NEEDS_OUTCOME:
        raise CommandRefused("task", f"the task {task.reason} ends the claim: say with which outcome")
    if command.outcome is Outcome.REFUSED:
        _refusable(story, claim, command.ground, command.reasons, late=False)
    elif command.outcome is not None and command.outcome not in DONE:
        raise CommandRefused("outcome", f"{command.outcome.value} has its own command")
    story.say(
        e.TaskCompleted(
            at=command.at, cause=command.cause, claim_id=claim.claim_id, task_id=task.task_id, officer=command.officer,
            outcome=command.outcome, ground=command.ground,
        )
    )  # fmt: skip
    if command.outcome is Outcome.REFUSED:
        _refuse_one(story, claim, command.ground, command.reasons, command.officer)
    elif command.outcome is not None:
        _fulfilled(story, claim, command.outcome, command.officer, command.result)
        answer(story, story.claim(claim.claim_id))
    else:
        _back_to_work(story, story.claim(claim.claim_id), task)


def _approve(story: Story, claim: Claim, task: Task, command: c.CompleteTask) -> None:
    """Note an officer's yes to what cannot be undone; the last one that is needed sends the claim on."""
    if command.officer in claim.approved_by:
        raise CommandRefused("four eyes", "you approved this already: another officer must look at it too")
    story.say(
        e.ClaimApproved(
            at=command.at, cause=command.cause, claim_id=claim.claim_id, task_id=task.task_id, officer=command.officer,
            ground=command.ground, orders=command.result, note=command.reasons,
        )
    )  # fmt: skip
    if len(story.claim(claim.claim_id).approved_by) < story.terms.approvals:
        return
    story.say(
        e.TaskCompleted(
            at=command.at, cause=command.cause, claim_id=claim.claim_id, task_id=task.task_id, officer=command.officer,
            ground=command.ground,
        )
    )  # fmt: skip
    _back_to_work(story, story.claim(claim.claim_id), task)


def _back_to_work(story: Story, claim: Claim, task: Task) -> None:
    command = story.command
    if task.reason == TELL_RECIPIENTS and claim.outcome in DONE:
        tell_recipients(story, claim, 1)
    if claim.tasks or claim.stage is not Stage.AWAITING_HUMAN or claim.outcome is not None:
        return
    if claim.attempts and task.reason in BESIDE_THE_WORK:
        story.say(e.ClaimResumed(at=command.at, cause=command.cause, claim_id=claim.claim_id))
    elif claim.attempts:
        route(story, claim)  # its handler left it to a human, and tries again now that the human helped
    else:
        go_on(story)


def _task(story: Story, task_id: str) -> tuple[Claim, Task]:
    for claim in story.case.claims:
        for task in claim.tasks:
            if task.task_id == task_id:
                return claim, task
    raise CommandRefused("task", "no such task is open: somebody may have done it already")


def _fulfilled(story: Story, claim: Claim, outcome: Outcome, officer: str, result: str | None) -> None:
    command = story.command
    story.say(
        e.ClaimFulfilled(
            at=command.at, cause=command.cause, claim_id=claim.claim_id, outcome=outcome, result=result, officer=officer
        )
    )


def refuse(story: Story, command: c.RefuseClaims) -> None:
    """Refuse claims, each on a ground that the law knows for its right, with reasons, inside the first period."""
    claims = story.claims(command.claim_ids)
    for claim in claims:
        _refusable(story, claim, command.ground, command.reasons, late=command.late)
    for claim in claims:
        _refuse_one(story, claim, command.ground, command.reasons, command.officer)


def _refusable(story: Story, claim: Claim, ground: str | None, reasons: str | None, *, late: bool) -> None:
    if ground == NO_AUTHORITY and story.case.asker is Asker.MINOR:
        _not_for_an_age()
    if ground is None or reasons is None:
        # Art. 12(4) GDPR: the person is told the reasons, the complaint and the court.
        raise CommandRefused(
            "Art. 12(4) GDPR", "a refusal needs its ground in law and its reasons, which the person is told"
        )
    known = story.terms.grounds.get(ground)
    if known is None:
        named = ", ".join(sorted(story.terms.grounds)) or "none"
        raise CommandRefused("grounds", f"unknown ground {ground}; known are: {named}")
    if claim.right not in known.rights:
        raise CommandRefused(
            next(iter(known.citations.values())), f"{ground} is no ground to refuse {claim.right.value}"
        )
    if known.citation(story.case.law.laws) is None:
        raise CommandRefused("grounds", f"{ground} is not a ground under {', '.join(story.case.law.laws)}")
    if not allows(claim.stage, e.ClaimRefused):
        raise CommandRefused("transition table", f"a claim that is {claim.stage.value} cannot be refused any more")
    end = first_period_end(claim, story.case.law, story.terms)
    if story.command.at >= end and not late and (claim.due is None or claim.due.paused_since is None):
        raise CommandRefused(
            "Art. 12(4) GDPR", f"a refusal is told inside the first period, which ended {end.date().isoformat()}"
        )


def _refuse_one(story: Story, claim: Claim, ground: str | None, reasons: str | None, officer: str) -> None:
    assert ground is not None
    command = story.command
    citation = story.terms.grounds[ground].citation(story.case.law.laws)
    assert citation is not None
    story.say(
        e.ClaimRefused(
            at=command.at, cause=command.cause, claim_id=claim.claim_id, ground=ground, citation=citation,
            reasons=reasons,
            officer=officer,
        )
    )  # fmt: skip
    answer(story, story.claim(claim.claim_id), reasons=reasons)


def replay_claim(story: Story, command: c.ReplayClaim) -> None:
    """Send a parked claim to its handler again."""
    claim = story.claim(command.claim_id)
    if claim.stage is not Stage.PARKED:
        raise CommandRefused("transition table", f"the claim is {claim.stage.value}, not parked")
    route(story, claim)


def skip_step(story: Story, command: c.SkipStep) -> None:
    """Leave one system or delegate out; what a handler had left to a human because of it is tried again without."""
    claim = story.claim(command.claim_id)
    if command.reasons is None:
        # Art. 12(4) GDPR: whatever of a request is not acted on, the person is told why.
        raise CommandRefused("Art. 12(4) GDPR", "a step is left out only with the reason that the person is told")
    if not claim.open or claim.outcome is not None or not allows(claim.stage, e.StepSkipped):
        raise CommandRefused("transition table", f"the claim is {claim.stage.value}: nothing of it can be left out now")
    if any(each.step == command.step for each in claim.skipped):
        raise CommandRefused("task", f"{command.step} is left out already")
    story.say(
        e.StepSkipped(
            at=command.at, cause=command.cause, claim_id=claim.claim_id, step=command.step, officer=command.officer,
            reasons=command.reasons,
        )
    )  # fmt: skip
    if claim.attempts and claim.stage in {Stage.ROUTED, Stage.AWAITING_HUMAN, Stage.PARKED}:
        handlers = [task for task in claim.tasks if task.reason not in BESIDE_THE_WORK | {TELL_RECIPIENTS}]
        for task in handlers:
            story.say(
                e.TaskCompleted(
                    at=command.at, cause=command.cause, claim_id=claim.claim_id, task_id=task.task_id,
                    officer=command.officer, ground="step_left_out",
                )
            )  # fmt: skip
        # What was approved was the whole: without this step it is shown and approved anew.
        route(story, story.claim(claim.claim_id))


def resend(story: Story, command: c.ResendAnswer) -> None:
    """Write an answer again whose letter did not arrive."""
    claims = story.claims(command.claim_ids)
    for claim in claims:
        if not awaits_delivery(claim) or claim.outcome is None:
            raise CommandRefused(
                "transition table", f"the claim is {claim.stage.value}: there is no answer to send again"
            )
    close_tasks(story, claims, frozenset({"answer_bounced"}), command.officer)
    for claim in claims:
        assert claim.outcome is not None
        ids = (claim.claim_id,)
        story.letter(TEMPLATES[claim.outcome], ids, completes=ids, reasons=claim.reasons)


def transfer(story: Story, command: c.TransferClaims) -> None:
    """Hand claims to the right controller; they end when the person has been told whom to turn to."""
    claims = [each for each in story.claims(command.claim_ids) if each.open]
    if not claims:
        raise CommandRefused("transition table", "no open claim to hand over")
    for claim in claims:
        story.say(
            e.ClaimTransferred(
                at=command.at, cause=command.cause, claim_id=claim.claim_id, to=command.to, ground=command.ground,
                officer=command.officer,
            )
        )  # fmt: skip
        answer(story, story.claim(claim.claim_id))


def reopen(story: Story, command: c.ReopenClaim) -> None:
    """Open a completed claim again; its deadline is what it was."""
    claim = story.claim(command.claim_id)
    if claim.stage is not Stage.COMPLETED or claim.due is None:
        raise CommandRefused("transition table", f"the claim is {claim.stage.value}: only a completed one is reopened")
    story.say(
        e.ClaimReopened(
            at=command.at, cause=command.cause, claim_id=claim.claim_id, reason=command.ground, due=claim.due.due,
            officer=command.officer,
        )
    )  # fmt: skip
    work_out_again(story, claim.claim_id, "reopened")
    story.task(story.claim(claim.claim_id), "reopened")


def complete_by_hand(story: Story, command: c.CompleteByHand) -> None:
    """Complete a claim that was answered outside habeas, at the moment the person had the answer."""
    claim = story.claim(command.claim_id)
    if not claim.open:
        raise CommandRefused("transition table", "the claim is completed already")
    if not claim.received <= command.answered <= command.at:
        raise CommandRefused("answer", "the answer lies before the receipt or in the future")
    if command.outcome is Outcome.REFUSED:
        if claim.outcome is not Outcome.REFUSED:
            _refusable(story, claim, command.ground, command.evidence, late=True)
            _say_refused(story, claim, command)
    elif command.outcome not in DONE:
        raise CommandRefused("outcome", f"{command.outcome.value} has its own command")
    elif claim.outcome not in DONE or claim.stage is Stage.AWAITING_HUMAN:
        if claim.stage is Stage.ANSWERING:
            raise CommandRefused("outcome", f"the claim was decided as {claim.outcome and claim.outcome.value}")
        _fulfilled(story, claim, command.outcome, command.officer, command.evidence)
    stop_waiting(story, story.claim(claim.claim_id))
    complete(story, story.claim(claim.claim_id), command.answered)
    release(story)


def _say_refused(story: Story, claim: Claim, command: c.CompleteByHand) -> None:
    assert command.ground is not None
    citation = story.terms.grounds[command.ground].citation(story.case.law.laws)
    assert citation is not None
    story.say(
        e.ClaimRefused(
            at=command.at, cause=command.cause, claim_id=claim.claim_id, ground=command.ground, citation=citation,
            reasons=command.evidence, officer=command.officer,
        )
    )  # fmt: skip


def correct_claims(story: Story, command: c.CorrectClaims) -> None:
    """Put right which rights the message used; a right that was overlooked counts from its first receipt."""
    for claim_id in command.drop:
        story.claim(claim_id)
        story.say(
            e.ClaimDropped(
                at=command.at, cause=command.cause, claim_id=claim_id, ground=command.ground, officer=command.officer
            )
        )
    known = {claim.claim_id for claim in story.case.claims}
    new = [each for each in command.add if each.claim_id not in known]
    first = story.case.claims[0].message_id
    opened = open_claims(story, new, story.case.received, first)
    if opened:
        story.letter("receipt", opened)
    go_on(story)
    release(story)


def record_authority(story: Story, command: c.RecordAuthority) -> None:
    """Record whether somebody may ask for the person: the claims go on, or end with that ground."""
    if command.asker is Asker.MINOR and not command.accepted:
        _not_for_an_age()
    story.say(
        e.AuthorityRecorded(
            at=command.at, cause=command.cause, asker=command.asker, accepted=command.accepted, ground=command.ground,
            officer=command.officer,
        )
    )  # fmt: skip
    reasons = frozenset(f"authority_{asker.value}" for asker in Asker)
    close_tasks(story, story.case.claims, reasons, command.officer)
    if command.accepted:
        go_on(story)
        return
    for claim in story.case.claims:
        if claim.open and claim.right is not Right.BREACH_REPORT and allows(claim.stage, e.ClaimRefused):
            story.say(
                e.ClaimRefused(
                    at=command.at, cause=command.cause, claim_id=claim.claim_id, ground=NO_AUTHORITY,
                    citation=_citation(story, NO_AUTHORITY) or "no authority to ask for the person",
                    officer=command.officer,
                )
            )  # fmt: skip
            answer(story, story.claim(claim.claim_id))


def _not_for_an_age() -> None:
    # The rights are the child's own (recital 38, Art. 12 and 17(1)(f) GDPR): who doubts asks, and refuses nobody.
    raise CommandRefused(
        "recital 38, Art. 12 GDPR",
        "nobody is refused for an age: accept it, or ask for who holds parental responsibility",
    )


def lift_restriction(story: Story, command: c.LiftRestriction) -> None:
    """End a restriction: the person is told first, and only then is it taken off the systems (Art. 18(3) GDPR)."""
    claim = story.claim(command.claim_id)
    if claim.right is not Right.RESTRICTION or claim.outcome not in DONE or claim.stage is not Stage.COMPLETED:
        raise CommandRefused("Art. 18(3) GDPR", "only a restriction that was carried out, and told, can be lifted")
    if command.reasons is None:
        raise CommandRefused("Art. 18(3) GDPR", "the person is told why the restriction ends: give the reasons")
    if claim.lifting is not None:
        raise CommandRefused("Art. 18(3) GDPR", "the letter about its end is on its way already")
    letter_id = story.letter("restriction_lifted", (claim.claim_id,), reasons=command.reasons)
    story.say(
        e.LiftingDecided(
            at=command.at, cause=command.cause, claim_id=claim.claim_id, letter_id=letter_id, officer=command.officer
        )
    )


def record_role(story: Story, command: c.RecordRole) -> None:
    """Record for whom we act; a customer learns of what was done already, too."""
    customer = command.customer or story.case.customer
    if command.role is Role.PROCESSOR and customer is None:
        raise CommandRefused("Art. 28(3)(e) GDPR", "a processor's customer must be told: say who it is")
    if command.role is story.case.role and command.customer is None and not story.case.of_a_customer:
        return
    story.say(
        e.RoleRecorded(
            at=command.at, cause=command.cause, role=command.role, customer=command.customer, ground=command.ground,
            officer=command.officer,
        )
    )  # fmt: skip
    close_tasks(story, story.case.claims, frozenset({WHOSE_LIST}), command.officer)
    if command.role is Role.PROCESSOR:
        for claim in story.case.claims:
            if claim.outcome in DONE:
                tell_customer(story, claim)


def _citation(story: Story, ground: str) -> str | None:
    known = story.terms.grounds.get(ground)
    return None if known is None else known.citation(story.case.law.laws)


def assign(story: Story, command: c.AssignCase) -> None:
    """Give the case to an officer."""
    if story.case.officer != command.to:
        story.say(e.CaseAssigned(at=command.at, cause=command.cause, to=command.to, officer=command.officer))


def note(story: Story, command: c.AddNote) -> None:
    """Keep a note."""
    story.say(e.NoteAdded(at=command.at, cause=command.cause, note=command.note, officer=command.officer))


def join_case(story: Story, command: c.JoinCase) -> None:
    """End this case's open claims as duplicates of another case's."""
    if command.into == story.case.case_id:
        raise CommandRefused("join", "a case cannot be joined to itself")
    for claim in story.case.claims:
        if claim.open:
            if not allows(claim.stage, e.ClaimDropped):
                raise CommandRefused("transition table", f"a claim that is {claim.stage.value} is past joining")
            story.say(
                e.ClaimDropped(
                    at=command.at, cause=command.cause, claim_id=claim.claim_id, ground="duplicate",
                    officer=command.officer, into=command.into,
                )
            )  # fmt: skip
    story.say(e.CaseJoined(at=command.at, cause=command.cause, into=command.into, officer=command.officer))
