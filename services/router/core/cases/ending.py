"""How a claim ends: an outcome, a letter, its delivery, and only then the law's clock stops."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from schemas.rights import Outcome
from services.router.core.cases import events as e
from services.router.core.cases.evolve import WHOSE_LIST, ended_code, given_code
from services.router.core.cases.flow import release, resume
from services.router.core.cases.state import Claim
from services.router.core.cases.story import Story
from services.router.core.cases.terms import TOLD_TO_RECIPIENTS
from services.router.core.cases.values import Role, Stage, WaitKind

CUSTOMER_INFORMED: Final = "customer_informed"
TEMPLATES: Final = {
    Outcome.FULFILLED: "fulfilled",
    Outcome.PARTLY_FULFILLED: "partly_fulfilled",
    Outcome.REFUSED: "refused",
    Outcome.WITHDRAWN: "withdrawn",
    Outcome.TRANSFERRED: "transferred",
    Outcome.NOT_IDENTIFIED: "not_identified",
}


_LAST: Final = {code(kind): kind for kind in WaitKind for code in (given_code, ended_code)}


def answer(story: Story, claim: Claim, *, reasons: str | None = None, by_handler: bool = False) -> None:
    """Ask for the letter that answers a claim; when it was delivered already, the claim completes now."""
    assert claim.outcome is not None
    stop_waiting(story, claim)
    claim = story.claim(claim.claim_id)
    assert claim.outcome is not None
    if claim.answered is not None:
        complete(story, claim, claim.answered)
        release(story)
        return
    if not (by_handler and story.terms.handler_writes_letters):
        story.letter(TEMPLATES[claim.outcome], (claim.claim_id,), completes=(claim.claim_id,), reasons=reasons)
    done = claim.outcome in {Outcome.FULFILLED, Outcome.PARTLY_FULFILLED}
    if done and story.case.role is Role.PROCESSOR:
        # Art. 28(3)(e) GDPR: the customer, who is the controller, learns what was done to its list.
        tell_customer(story, claim)
    elif done and story.case.of_a_customer and not _customer_told(story, claim):
        # The person named a customer of ours, and no map says whose list it was: an officer does, and it is told.
        story.task(story.claim(claim.claim_id), WHOSE_LIST)


def _customer_told(story: Story, claim: Claim) -> bool:
    letters = (each for each in story.case.letters if each.template == CUSTOMER_INFORMED)
    return any(claim.claim_id in each.claim_ids for each in letters)


def tell_customer(story: Story, claim: Claim, customer: str | None = None) -> None:
    """Tell whose data it was what was done to it."""
    story.letter(CUSTOMER_INFORMED, (claim.claim_id,), to_customer=True, customer=customer)


def stop_waiting(story: Story, claim: Claim) -> None:
    """Let the clock of a claim with an outcome run to its end: nobody is waited for any more."""
    if claim.due is not None and claim.due.paused_since is not None:
        last = claim.happened[-1].kind if claim.happened else ""
        resume(story, claim, _LAST.get(last, WaitKind.IDENTITY))


def tell_recipients(story: Story, claim: Claim, recipients_count: int) -> None:
    """Tell the person who was told of a rectification, erasure or restriction (Art. 19 GDPR)."""
    if recipients_count and claim.right in TOLD_TO_RECIPIENTS:
        story.letter("recipients_told", (claim.claim_id,))


def complete(story: Story, claim: Claim, answered: datetime) -> None:
    """Stop a claim's clock at the moment the person was answered, and say by how much it was kept or missed."""
    due = claim.due
    assert due is not None
    assert claim.outcome is not None
    command = story.command
    margin = int((due.due - answered) / timedelta(seconds=1))
    if answered < due.due:
        story.say(
            e.DeadlineMet(
                at=command.at, cause=command.cause, claim_id=claim.claim_id, due=due.due, completed=answered,
                margin_seconds=margin,
            )
        )  # fmt: skip
    elif not claim.missed:
        story.say(
            e.DeadlineMissed(at=command.at, cause=command.cause, claim_id=claim.claim_id, moment=due.due, due=due.due)
        )
    story.say(
        e.ClaimCompleted(
            at=command.at, cause=command.cause, claim_id=claim.claim_id, right=claim.right, outcome=claim.outcome,
            received=claim.received, due=due.due, completed=answered, margin_seconds=margin, rule=due.rule,
            source=due.source, by_promise=due.by_promise,
        )
    )  # fmt: skip


def awaits_delivery(claim: Claim) -> bool:
    """Whether a claim has its outcome and waits only for its letter to arrive."""
    return claim.open and claim.outcome is not None and claim.stage in {Stage.ANSWERING, Stage.AWAITING_HUMAN}
