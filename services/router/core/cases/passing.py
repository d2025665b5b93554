"""Time passes: everything that became due is said once, in order, with the moment at which it was true."""

from __future__ import annotations

from typing import Final

from schemas.rights import Channel
from services.router.core.cases import commands as c
from services.router.core.cases import events as e
from services.router.core.cases.identity import expire, never_asked
from services.router.core.cases.story import Story
from services.router.core.cases.table import allows
from services.router.core.cases.values import WaitKind
from services.router.core.cases.wakeups import Wake, wakes

WAKES_MAX: Final = 10_000


def pass_time(story: Story, command: c.PassTime) -> None:
    """Say what became due up to now. After a week's outage that is a week's events, each with its own moment."""
    for _ in range(WAKES_MAX):
        due = next(iter(wakes(story.case, story.terms)), None)
        if due is None or due.moment > command.at:
            return
        _wake(story, due)


def _wake(story: Story, wake: Wake) -> None:
    match wake.kind:
        case "identity":
            assert story.case.check is not None
            if _unposted(story):
                # A letter that nobody posted asked nobody: the request stays, and an officer is told.
                waiting = [claim for claim in story.case.claims if claim.open]
                never_asked(story, waiting, WaitKind.IDENTITY)
                return
            expire(story, story.case.check, wake.moment, "expired")
        case "clarification":
            _clarification_unanswered(story, wake)
        case "unacknowledged":
            _unacknowledged(story, wake)
        case "approaching":
            _approaching(story, wake)
        case _:
            _missed(story, wake)


def _unposted(story: Story) -> bool:
    by_post = story.case.channel in {Channel.LETTER, Channel.PHONE}
    return by_post and any(letter.template == "identity_request" for letter in story.case.letters)


def _unacknowledged(story: Story, wake: Wake) -> None:
    """Say that no receipt reached the person in time, and call a human: a letter by post still can."""
    command = story.command
    story.say(
        e.AcknowledgementMissed(
            at=command.at, cause=command.cause, claim_id=wake.subject, due=wake.moment, moment=wake.moment
        )
    )
    if allows(story.claim(wake.subject).stage, e.TaskOpened):
        story.task(story.claim(wake.subject), "acknowledge")


def _approaching(story: Story, wake: Wake) -> None:
    claim = story.claim(wake.subject)
    assert claim.due is not None
    local = wake.moment.astimezone(story.terms.zone).date()
    day = claim.due.day or claim.due.due.astimezone(story.terms.zone).date()
    story.say(
        e.DeadlineApproaching(
            at=story.command.at, cause=story.command.cause, claim_id=claim.claim_id, moment=wake.moment,
            due=claim.due.due,
            step=wake.step, days_left=(day - local).days,
        )
    )  # fmt: skip


def _missed(story: Story, wake: Wake) -> None:
    story.say(
        e.DeadlineMissed(
            at=story.command.at, cause=story.command.cause, claim_id=wake.subject, moment=wake.moment, due=wake.moment
        )
    )


def _clarification_unanswered(story: Story, wake: Wake) -> None:
    claim = story.claim(wake.subject)
    if allows(claim.stage, e.TaskOpened):
        story.task(claim, "clarification_unanswered")
