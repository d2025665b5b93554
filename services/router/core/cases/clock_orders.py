"""What an officer may do to a clock: pause, resume, extend, correct its law. Each with its reasons and in time, or
refused."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from services.router.core.cases import commands as c
from services.router.core.cases import events as e
from services.router.core.cases.clocking import (
    breach,
    due_of,
    extension_source,
    laws_of,
    pause_source,
    recorded,
    worked_out,
)
from services.router.core.cases.evolve import asked_code, end_of_wait, given_code
from services.router.core.cases.flow import go_on, work_out_again
from services.router.core.cases.state import Claim
from services.router.core.cases.story import CommandRefused, Story
from services.router.core.cases.values import Happened, Stage, WaitKind

EXTENSION_GROUNDS: Final = ("complexity", "number_of_requests")  # Art. 12(3) GDPR, second sentence
EXTENSION: Final = "extension_notified"
HISTORY: Final = (*(asked_code(kind) for kind in WaitKind), *(given_code(kind) for kind in WaitKind), EXTENSION)


def _open(story: Story, claim_id: str) -> Claim:
    claim = story.claim(claim_id)
    if claim.stage is Stage.COMPLETED or claim.due is None:
        raise CommandRefused("transition table", f"the claim is {claim.stage.value}: its clock has stopped")
    return claim


def pause_deadline(story: Story, command: c.PauseDeadline) -> None:
    """Pause a clock where the law lets it wait, with ground and reasons."""
    claim = _open(story, command.claim_id)
    assert claim.due is not None
    source = pause_source(claim, command.kind, story.case.law, story.terms)
    if command.ground is None or command.reasons is None:
        raise CommandRefused(source, "a pause needs its ground and its reasons")
    if claim.due.paused_since is not None or command.kind in claim.waits:
        raise CommandRefused(source, "the person is already being waited for")
    asked = Happened(kind=asked_code(command.kind), moment=command.at)
    found = worked_out(claim, story.case.law, story.terms, (asked,))
    if found.paused_since is None:
        why = [each for each in found.warnings if each not in claim.due.warnings]
        raise CommandRefused(source, why[-1] if why else f"the clock runs on while waiting for {command.kind.value}")
    story.say(
        e.DeadlinePaused(
            at=command.at, cause=command.cause, claim_id=claim.claim_id, kind=command.kind, ground=command.ground,
            due=recorded(found), reasons=command.reasons, officer=command.officer,
        )
    )  # fmt: skip
    story.letter("paused", (claim.claim_id,), reasons=command.reasons)


def resume_deadline(story: Story, command: c.ResumeDeadline) -> None:
    """Let a clock run again, because the person gave what was asked."""
    claim = _open(story, command.claim_id)
    assert claim.due is not None
    if command.kind not in claim.waits:
        raise CommandRefused("pause", f"nobody waits for {command.kind.value} here")
    given = end_of_wait(claim, command.kind, command.at)
    story.say(
        e.DeadlineResumed(
            at=command.at, cause=command.cause, claim_id=claim.claim_id, kind=command.kind, was_due=claim.due.due,
            due=due_of(claim, story.case.law, story.terms, (given,)), officer=command.officer,
        )
    )  # fmt: skip
    go_on(story)


def extend_deadline(story: Story, command: c.ExtendDeadline) -> None:
    """Decide an extension and write to the person; it counts when the letter has arrived in time (Art. 12(3) GDPR)."""
    claim = _open(story, command.claim_id)
    assert claim.due is not None
    source = extension_source(claim, story.case.law, story.terms)
    if command.ground is None or command.reasons is None:
        raise CommandRefused(source, "an extension needs its ground and its reasons, which the person is told")
    if command.ground not in EXTENSION_GROUNDS:
        raise CommandRefused(source, f"{command.ground} extends no period; known are: {', '.join(EXTENSION_GROUNDS)}")
    if claim.extension is not None:
        raise CommandRefused(source, "an extension is on its way to the person already")
    telling = Happened(kind=EXTENSION, moment=command.at, ground=command.ground, until=command.until)
    refused = extension_refused(story, claim, telling)
    if refused is not None:
        raise CommandRefused(source, refused)
    longest = worked_out(claim, story.case.law, story.terms, (telling,)).due_day
    if command.until is not None and longest is not None and command.until > longest:
        # The letter would promise a day that the law does not give.
        raise CommandRefused(
            source, f"{command.until} is later than the law allows: name a day up to {longest}, or none"
        )
    letter_id = story.letter("extension", (claim.claim_id,), reasons=command.reasons)
    story.say(
        e.ExtensionDecided(
            at=command.at, cause=command.cause, claim_id=claim.claim_id, letter_id=letter_id, ground=command.ground,
            reasons=command.reasons, officer=command.officer, until=command.until,
        )
    )  # fmt: skip


def extension_refused(story: Story, claim: Claim, telling: Happened) -> str | None:
    """Return why an extension told like this would not count, or None when it would."""
    found = worked_out(claim, story.case.law, story.terms, (telling,))
    before = worked_out(claim, story.case.law, story.terms)
    if found.extended and not before.extended:
        if found.due > before.due:
            return None
        return next((each for each in found.warnings if "extension" in each), "the extension would not move the date")
    fresh = [each for each in found.warnings if "extension" in each]
    return fresh[-1] if fresh else "the period was extended before"


def told(story: Story, claim: Claim, moment: datetime) -> None:
    """Let an extension count from the delivery of its letter, or lapse when that came too late."""
    pending = claim.extension
    assert pending is not None
    assert claim.due is not None
    command = story.command
    telling = pending.told(moment)
    refused = extension_refused(story, claim, telling)
    if refused is not None:
        lapse(story, claim, refused)
        return
    story.say(
        e.DeadlineExtended(
            at=command.at, cause=command.cause, claim_id=claim.claim_id, was_due=claim.due.due, ground=pending.ground,
            due=due_of(claim, story.case.law, story.terms, (telling,)), told=moment, until=pending.until,
        )
    )  # fmt: skip


def lapse(story: Story, claim: Claim, why: str) -> None:
    """Record that an extension does not count; where it had counted, the date goes back."""
    assert claim.due is not None
    command = story.command
    was_extended = claim.due.extended
    story.say(
        e.ExtensionLapsed(at=command.at, cause=command.cause, claim_id=claim.claim_id, rule=claim.due.source, why=why)
    )
    if was_extended:
        work_out_again(story, claim.claim_id, "extension_not_delivered")
    if story.claim(claim.claim_id).stage not in {Stage.ANSWERING, Stage.COMPLETED}:
        story.task(story.claim(claim.claim_id), "extension_lapsed")


def correct_law(story: Story, command: c.CorrectLaw) -> None:
    """Apply the laws that an officer names, and work out every open date again."""
    if command.law.laws == story.case.law.laws:
        return
    laws_of(command.law, story.terms)
    named = command.law.model_copy(update={"officer": command.officer})
    was = story.case.law
    story.say(
        e.LawCorrected(
            at=command.at, cause=command.cause, law=named, was=was, officer=command.officer, reasons=command.reasons
        )
    )  # fmt: skip
    for claim in story.case.claims:
        if claim.open:
            work_out_again(story, claim.claim_id, "law_corrected")


def record_awareness(story: Story, command: c.RecordAwareness) -> None:
    """Count the 72 hours from the moment the controller became aware (Art. 33(1) GDPR)."""
    claim = _open(story, command.claim_id)
    if not breach(claim.right):
        raise CommandRefused(
            "Art. 33(1) GDPR", f"awareness starts the clock of a breach report, not of {claim.right.value}"
        )
    if command.aware > command.at:
        raise CommandRefused("Art. 33(1) GDPR", "the awareness lies in the future")
    story.say(
        e.AwarenessRecorded(
            at=command.at, cause=command.cause, claim_id=claim.claim_id, aware=command.aware, officer=command.officer
        )
    )
    work_out_again(story, claim.claim_id, "awareness")


def record_history(story: Story, command: c.RecordHistory) -> None:
    """Count what another system asked, got and told before the case came here, each at its own moment."""
    claim = _open(story, command.claim_id)
    for each in command.happened:
        if each.kind not in HISTORY:
            raise CommandRefused("history", f"unknown {each.kind}; known are: {', '.join(HISTORY)}")
        if not claim.received <= each.moment <= command.at:
            raise CommandRefused("history", f"{each.kind} lies before the receipt or in the future")
        if each.kind == EXTENSION and each.ground is None:
            raise CommandRefused(
                "Art. 12(3) GDPR", "an extension counts only with the reasons that the person was told"
            )
    story.say(
        e.HistoryRecorded(
            at=command.at, cause=command.cause, claim_id=claim.claim_id, happened=command.happened,
            ground=command.ground, officer=command.officer,
        )
    )  # fmt: skip
    work_out_again(story, claim.claim_id, "history")
