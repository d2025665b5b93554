"""Who is asking, and what they mean: asked as little as the right needs, answered, expired, or confirmed by an
officer."""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from services.router.core.cases import commands as c
from services.router.core.cases import events as e
from services.router.core.cases.ending import stop_waiting
from services.router.core.cases.flow import ATTEMPTS_USED_UP, ask_identity, go_on, pause, resume
from services.router.core.cases.state import Claim, IdentityCheck
from services.router.core.cases.story import CommandRefused, Story
from services.router.core.cases.table import allows
from services.router.core.cases.values import DOCUMENT, LINK_AND_FACTOR, Assurance, WaitKind

DOCUMENT_CAME: Final = "identity_document_came"
"""The task of an officer who has to look at the document that the person sent."""

IDENTITY_TASKS: Final = frozenset({"identity_document", DOCUMENT_CAME, ATTEMPTS_USED_UP, "identity_letter_bounced"})
CLARIFICATION_TASKS: Final = frozenset({"clarification_unanswered", "clarification_letter_bounced"})


def request(story: Story, command: c.RequestIdentity) -> None:
    """Ask for proof on an officer's word; a document only with the reason that makes it necessary."""
    if command.method == DOCUMENT and command.reasons is None:
        raise CommandRefused(
            "Art. 5(1)(c), 12(6) GDPR", "a document may be asked for only with the reason that needs it"
        )
    claims = [each for each in story.claims(command.claim_ids) if allows(each.stage, e.IdentityRequested)]
    if not claims:
        raise CommandRefused("transition table", "no claim of the case can still wait for identity")
    close_tasks(story, claims, IDENTITY_TASKS, command.officer)
    ask_identity(story, claims, command.method, command.challenge, reasons=command.reasons)


def answer_check(story: Story, command: c.AnswerIdentity) -> None:
    """Weigh an answer: too late, wrong, or proof. Digests are compared in constant time."""
    check = story.case.check
    if check is None or check.check_id != command.check_id:
        raise CommandRefused("identity check", "no such identity check is open: it was answered, or it has expired")
    if command.at >= check.expires:
        expire(story, check, check.expires, "expired")
        return
    right = bool(check.challenge) and hmac.compare_digest(check.challenge.encode(), command.digest.encode())
    if right and command.method == check.method and _as_asked(command):
        confirmed(story, check.check_id, command.method, command.assurance)
        go_on(story)
        return
    left = check.attempts_left - 1
    story.say(
        e.IdentityFailed(
            at=command.at, cause=command.cause, check_id=check.check_id, attempts_left=left, reason="wrong_answer"
        )
    )
    if left <= 0:
        _attempts_used_up(story, check)


def _as_asked(command: c.AnswerIdentity) -> bool:
    """Tell whether a check that asks for a number besides got it: the link alone is half of the answer."""
    return command.method != LINK_AND_FACTOR or command.assurance is Assurance.LINK_AND_FACTOR


def end_check(story: Story, command: c.EndCheck) -> None:
    """End a check that cannot be weighed, because the controller's systems do not say whether an answer is right."""
    check = story.case.check
    if check is None or check.check_id != command.check_id:
        raise CommandRefused("identity check", "no such identity check is open: it was answered, or it has expired")
    waiting = waiting_for(story, WaitKind.IDENTITY)
    _give_up(story, check, command.at, command.reason, waiting)
    for claim in waiting:
        story.task(story.claim(claim.claim_id), ATTEMPTS_USED_UP)


def confirmed(
    story: Story, check: str | None, method: str, assurance: Assurance, officer: str | None = None,
    ground: str | None = None,
) -> None:  # fmt: skip
    """Record that the person is known, and let their clocks run again."""
    waiting = waiting_for(story, WaitKind.IDENTITY)
    command = story.command
    story.say(
        e.IdentityConfirmed(
            at=command.at, cause=command.cause, check_id=check, method=method, assurance=assurance, officer=officer,
            ground=ground,
        )
    )  # fmt: skip
    for claim in waiting:
        resume(story, story.claim(claim.claim_id), WaitKind.IDENTITY)


def confirm(story: Story, command: c.ConfirmIdentity) -> None:
    """Accept the identity on an officer's word and ground."""
    confirmed(story, story.case.check.check_id if story.case.check else None, "officer", command.assurance,
              command.officer, command.ground)  # fmt: skip
    close_tasks(story, story.case.claims, IDENTITY_TASKS, command.officer)
    go_on(story)


def expire(story: Story, check: IdentityCheck, moment: datetime, reason: str) -> None:
    """End an unanswered check: its claims end unidentified, and the person is told (Art. 12(2), 12(4) GDPR)."""
    waiting = waiting_for(story, WaitKind.IDENTITY)
    _give_up(story, check, moment, reason, waiting)
    ended: list[str] = []
    for claim in waiting:
        if allows(story.claim(claim.claim_id).stage, e.ClaimNotIdentified):
            command = story.command
            story.say(e.ClaimNotIdentified(at=command.at, cause=command.cause, claim_id=claim.claim_id))
            stop_waiting(story, story.claim(claim.claim_id))
            ended.append(claim.claim_id)
    if ended:
        story.letter("not_identified", ended, completes=ended)


def _attempts_used_up(story: Story, check: IdentityCheck) -> None:
    # A stranger's guesses must not end a person's request: a human goes on, and the clock runs.
    waiting = waiting_for(story, WaitKind.IDENTITY)
    _give_up(story, check, story.command.at, "attempts_used_up", waiting)
    for claim in waiting:
        story.task(story.claim(claim.claim_id), ATTEMPTS_USED_UP)


def _give_up(story: Story, check: IdentityCheck, moment: datetime, reason: str, waiting: Iterable[Claim]) -> None:
    command = story.command
    story.say(
        e.IdentityExpired(at=command.at, cause=command.cause, check_id=check.check_id, moment=moment, reason=reason)
    )
    for claim in waiting:
        resume(story, story.claim(claim.claim_id), WaitKind.IDENTITY)


def never_asked(story: Story, claims: Iterable[Claim], kind: WaitKind) -> None:
    """Undo an asking whose letter did not arrive: nobody was asked, so nothing was suspended."""
    command = story.command
    for claim in claims:
        if kind not in claim.waits:
            continue
        story.say(e.AskingLapsed(at=command.at, cause=command.cause, claim_id=claim.claim_id, kind=kind))
        resume(story, story.claim(claim.claim_id), kind)
        story.task(story.claim(claim.claim_id), f"{kind.value}_letter_bounced")
    check = story.case.check
    if kind is WaitKind.IDENTITY and check is not None and not waiting_for(story, WaitKind.IDENTITY):
        _give_up(story, check, command.at, "not_delivered", ())


def request_clarification(story: Story, command: c.RequestClarification) -> None:
    """Ask what the person means; the clock waits only as far as the law lets it."""
    claims = [each for each in story.claims(command.claim_ids) if WaitKind.CLARIFICATION not in each.waits]
    if not claims:
        raise CommandRefused("clarification", "the person was asked already and has not answered yet")
    ids = tuple(claim.claim_id for claim in claims)
    for claim in claims:
        if not allows(claim.stage, e.ClarificationRequested):
            raise CommandRefused("transition table", f"a claim that is {claim.stage.value} is past asking back")
    story.say(
        e.ClarificationRequested(
            at=command.at, cause=command.cause, claim_ids=ids, question=command.question, ground=command.ground,
            officer=command.officer,
        )
    )  # fmt: skip
    for claim_id in ids:
        pause(story, story.claim(claim_id), WaitKind.CLARIFICATION, command.ground)
    story.letter("clarification_request", ids, reasons=command.question)


def receive_clarification(story: Story, command: c.ReceiveClarification) -> None:
    """Record the answer and let the claims go on."""
    clarified(story, command.claim_ids, command.message_id, command.officer)
    go_on(story)


def clarified(story: Story, claim_ids: Iterable[str], message_id: str | None, officer: str | None = None) -> None:
    """Record an answer for the claims that wait for one; none waiting is nothing to record."""
    named = frozenset(claim_ids)
    waiting = [each for each in waiting_for(story, WaitKind.CLARIFICATION) if not named or each.claim_id in named]
    if not waiting:
        return
    command = story.command
    story.say(
        e.ClarificationReceived(
            at=command.at,
            cause=command.cause,
            claim_ids=tuple(each.claim_id for each in waiting),
            message_id=message_id,
            officer=officer,
        )
    )
    for claim in waiting:
        resume(story, story.claim(claim.claim_id), WaitKind.CLARIFICATION)
    close_tasks(story, waiting, CLARIFICATION_TASKS, "habeas")


def close_tasks(story: Story, claims: Iterable[Claim], reasons: frozenset[str], officer: str) -> None:
    """Close the tasks that this answers."""
    command = story.command
    for claim in claims:
        for task in story.claim(claim.claim_id).tasks:
            if task.reason in reasons:
                story.say(
                    e.TaskCompleted(
                        at=command.at,
                        cause=command.cause,
                        claim_id=claim.claim_id,
                        task_id=task.task_id,
                        officer=officer,
                    )
                )


def waiting_for(story: Story, kind: WaitKind) -> list[Claim]:
    return [claim for claim in story.case.claims if claim.open and kind in claim.waits]
