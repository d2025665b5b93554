"""How a claim goes on by itself: identity before work, a copy before an erasure, a human where no rule may decide."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from schemas.rights import Right
from services.router.core.cases import events as e
from services.router.core.cases.clocking import acknowledgement_due, due_of, recorded, worked_out
from services.router.core.cases.state import Case, Claim
from services.router.core.cases.story import Story, check_id
from services.router.core.cases.table import allows
from services.router.core.cases.terms import Terms
from services.router.core.cases.values import LINK_AND_FACTOR, Asked, Assurance, Due, Stage, WaitKind

LEVELS: Final = tuple(Assurance)
ATTEMPTS_USED_UP: Final = "identity_attempts"
"""The task of an officer after the last attempt."""

_WAITING: Final = frozenset({Stage.RECEIVED, Stage.AWAITING_PERSON, Stage.WAITING_TURN, Stage.AWAITING_HUMAN})


def sure_enough(case: Case, claim: Claim, terms: Terms) -> bool:
    """Whether the person is known as well as this right needs, and no better is asked than that (Art. 11, 12(6)
    GDPR).

    What a later mail asks in the name of somebody who was confirmed is no surer than that mail: its sender is easily
    forged (Art. 32 GDPR).
    """
    needed = terms.levels.get(claim.right, Assurance.LINK)
    known = Assurance.NONE if claim.unproven else case.assurance
    return LEVELS.index(known) >= LEVELS.index(needed)


def open_claims(
    story: Story, asked: Iterable[Asked], received: datetime, message_id: str, *, unproven: bool = False
) -> list[str]:
    """Open a claim for each right that is asked for, each with its own clock, and return their ids."""
    opened: list[str] = []
    for each in asked:
        story.say(
            e.ClaimOpened(
                at=story.command.at, cause=story.command.cause, claim_id=each.claim_id, right=each.right,
                received=received, message_id=message_id, subject=each.subject, unproven=unproven,
            )
        )  # fmt: skip
        claim = story.claim(each.claim_id)
        due = due_of(claim, story.case.law, story.terms)
        story.say(e.DeadlineSet(at=story.command.at, cause=story.command.cause, claim_id=each.claim_id, due=due))
        confirm_by = acknowledgement_due(story.claim(each.claim_id), story.case.law, story.terms)
        if confirm_by is not None:
            story.say(
                e.AcknowledgementDue(
                    at=story.command.at, cause=story.command.cause, claim_id=each.claim_id, due=confirm_by
                )
            )
        opened.append(each.claim_id)
    return opened


def go_on(story: Story, challenge: str = "") -> None:
    """Let every waiting claim take its next step: ask, queue, hand to a human, or route."""
    _ask_identity(story, challenge)
    for claim_id in [each.claim_id for each in story.case.claims]:
        _step(story, story.claim(claim_id))


def _ask_identity(story: Story, challenge: str) -> None:
    unsure = [
        claim
        for claim in story.case.claims
        if claim.stage in _WAITING
        and not claim.tasks
        and WaitKind.IDENTITY not in claim.waits
        and not sure_enough(story.case, claim, story.terms)
    ]
    if not unsure:
        return
    if any(task.reason == ATTEMPTS_USED_UP for claim in story.case.claims for task in claim.tasks):
        # Asking for one more right must not be worth another handful of guesses.
        for claim in unsure:
            story.task(claim, ATTEMPTS_USED_UP)
        return
    needed = max((story.terms.levels.get(claim.right, Assurance.LINK) for claim in unsure), key=LEVELS.index)
    if needed is Assurance.DOCUMENT:
        # A document is asked for only by an officer, with the reason: Art. 5(1)(c), 12(6) GDPR.
        for claim in unsure:
            story.task(claim, "identity_document")
        return
    if story.case.check is not None:
        ask_identity(story, unsure, story.case.check.method, story.case.check.challenge, again=False)
    else:
        method = LINK_AND_FACTOR if needed is Assurance.LINK_AND_FACTOR else story.terms.identity_method
        ask_identity(story, unsure, method, challenge)


def ask_identity(
    story: Story,
    claims: Iterable[Claim],
    method: str,
    challenge: str,
    *,
    reasons: str | None = None,
    again: bool = True,
) -> None:
    """Ask once for all of these claims, and let the law say whether their clocks wait."""
    ids = tuple(claim.claim_id for claim in claims)
    check = story.case.check
    renewed = again or check is None
    command = story.command
    story.say(
        e.IdentityRequested(
            at=command.at, cause=command.cause, method=method, challenge=challenge, claim_ids=ids, reasons=reasons,
            check_id=check_id(command.cause) if renewed or check is None else check.check_id,
            expires=command.at + story.terms.identity_expires_after if renewed or check is None else check.expires,
            attempts=story.terms.identity_attempts_max if renewed or check is None else check.attempts_left,
        )
    )  # fmt: skip
    for claim_id in ids:
        pause(story, story.claim(claim_id), WaitKind.IDENTITY, "identity_in_doubt")
    if renewed:
        story.letter("identity_request", ids, reasons=reasons)


def pause(story: Story, claim: Claim, kind: WaitKind, ground: str) -> None:
    """Record what waiting for the person does to a clock, as its law says: it stands, or runs on and why."""
    found = worked_out(claim, story.case.law, story.terms)
    before = claim.due
    assert before is not None
    command = story.command
    if before.paused_since is not None:
        return
    if found.paused_since is not None:
        story.say(
            e.DeadlinePaused(
                at=command.at,
                cause=command.cause,
                claim_id=claim.claim_id,
                kind=kind,
                ground=ground,
                due=recorded(found),
            )
        )
        return
    why = tuple(each for each in found.warnings if each not in before.warnings) or found.steps[1:-1]
    story.say(e.PauseLapsed(at=command.at, cause=command.cause, claim_id=claim.claim_id, kind=kind, why=why))


def resume(story: Story, claim: Claim, kind: WaitKind) -> None:
    """Let a clock run again when the person has given what was asked, unless something else is still awaited."""
    found = worked_out(claim, story.case.law, story.terms)
    if claim.due is None or not claim.open:
        return
    moved = recorded(found)
    if claim.due.paused_since is None and moved.due == claim.due.due:
        return
    if moved.paused_since is not None:
        if moved.due != claim.due.due or moved.paused_since != claim.due.paused_since:
            _say_set(story, claim, moved, "still_waiting")
        return
    command = story.command
    story.say(
        e.DeadlineResumed(
            at=command.at, cause=command.cause, claim_id=claim.claim_id, kind=kind, was_due=claim.due.due, due=moved
        )
    )


def work_out_again(story: Story, claim_id: str, because: str) -> None:
    """Work a claim's date out again, and say so with the reason when anything about it changed."""
    claim = story.claim(claim_id)
    due = due_of(claim, story.case.law, story.terms)
    if due != claim.due:
        _say_set(story, claim, due, because)


def _say_set(story: Story, claim: Claim, due: Due, because: str) -> None:
    command = story.command
    story.say(e.DeadlineSet(at=command.at, cause=command.cause, claim_id=claim.claim_id, due=due, because=because))


def _step(story: Story, claim: Claim) -> None:
    if claim.stage not in _WAITING or claim.waits or claim.tasks:
        return
    if not sure_enough(story.case, claim, story.terms):
        return
    if claim.right is Right.BREACH_REPORT:
        # Art. 33(1) GDPR: 72 hours leave no time for a queue; a human is called at once.
        story.task(claim, "breach")
        return
    if not story.case.authority:
        story.task(claim, f"authority_{story.case.asker.value}")
        return
    behind = blockers(story.case, claim, story.terms)
    command = story.command
    if behind:
        if claim.stage is not Stage.WAITING_TURN:
            story.say(e.ClaimQueued(at=command.at, cause=command.cause, claim_id=claim.claim_id, behind=behind))
        return
    if claim.right not in story.terms.handled:
        story.task(claim, "no_handler")
        return
    route(story, claim)


def route(story: Story, claim: Claim) -> None:
    """Send a claim to its handler."""
    assert claim.due is not None
    command = story.command
    story.say(
        e.ClaimRouted(
            at=command.at, cause=command.cause, claim_id=claim.claim_id, right=claim.right, due=claim.due.due,
            attempt=claim.attempts + 1, approved_by=claim.approved_by, orders=claim.orders,
            skipped=claim.skipped,
        )
    )  # fmt: skip


def blockers(case: Case, claim: Claim, terms: Terms) -> tuple[str, ...]:
    """Return the open claims that must end first: nobody can be given a copy of what is already erased."""
    first = terms.first.get(claim.right, ())
    return tuple(each.claim_id for each in case.claims if each.open and each.right in first and each is not claim)


def release(story: Story) -> None:
    """Let claims go on that waited for others, and end the case when every claim has ended."""
    for claim in list(story.case.claims):
        if claim.stage is Stage.WAITING_TURN and allows(claim.stage, e.ClaimRouted):
            _step(story, story.claim(claim.claim_id))
    ended = [claim for claim in story.case.claims if not claim.open]
    if len(ended) == len(story.case.claims) and story.case.completed is None:
        last = max((claim.completed for claim in ended if claim.completed is not None), default=story.command.at)
        command = story.command
        ids = tuple(claim.claim_id for claim in ended)
        story.say(e.CaseCompleted(at=command.at, cause=command.cause, completed=last, claim_ids=ids))
