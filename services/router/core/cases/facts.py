"""What others report about a case: the handler, the relay, the person. A report that comes twice changes nothing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from schemas.rights import Outcome
from services.router.core.cases import clock_orders
from services.router.core.cases import commands as c
from services.router.core.cases import events as e
from services.router.core.cases.ending import (
    answer,
    awaits_delivery,
    complete,
    stop_waiting,
    tell_customer,
    tell_recipients,
)
from services.router.core.cases.evolve import TELL_RECIPIENTS
from services.router.core.cases.flow import release, work_out_again
from services.router.core.cases.identity import never_asked
from services.router.core.cases.state import Claim
from services.router.core.cases.story import CommandRefused, Story
from services.router.core.cases.table import allows
from services.router.core.cases.values import Letter, Stage, WaitKind

DONE: Final = frozenset({Outcome.FULFILLED, Outcome.PARTLY_FULFILLED})
CONFIRM_RECEIPT: Final = frozenset({"receipt", "identity_request"})
_ENDED: Final = frozenset({Stage.ANSWERING, Stage.COMPLETED})


def record_fulfilment(story: Story, command: c.RecordFulfilment) -> None:
    """Take the handler's word that a claim was carried out, and answer the person."""
    claim = story.claim(command.claim_id)
    if claim.stage in _ENDED:
        return
    if command.outcome not in DONE:
        raise CommandRefused(
            "outcome", f"a handler fulfils, wholly or in part; {command.outcome.value} is decided elsewhere"
        )
    story.say(
        e.ClaimFulfilled(
            at=command.at, cause=command.cause, claim_id=claim.claim_id, outcome=command.outcome, result=command.result,
            receipts_count=command.receipts_count, withheld_count=command.withheld_count,
            recipients_count=command.recipients_count, withheld_ground=command.withheld_ground,
        )
    )  # fmt: skip
    for customer in command.customers:
        tell_customer(story, story.claim(claim.claim_id), customer)
    answer(story, story.claim(claim.claim_id), by_handler=True)
    for recipient in command.recipients:
        story.letter("recipient_notice", (claim.claim_id,), to_customer=True, customer=recipient)
    if command.recipients_by_hand is not None:
        # The person's answer does not wait for it; that everybody was told is said when it is true.
        story.task(story.claim(claim.claim_id), TELL_RECIPIENTS, preview=command.recipients_by_hand)
    else:
        tell_recipients(story, story.claim(claim.claim_id), command.recipients_count)


def record_refusal(story: Story, command: c.RecordRefusal) -> None:
    """Take the handler's ground for refusing, and tell the person with it."""
    claim = story.claim(command.claim_id)
    if claim.stage in _ENDED:
        return
    story.say(
        e.ClaimRefused(
            at=command.at,
            cause=command.cause,
            claim_id=claim.claim_id,
            ground=command.ground,
            citation=command.citation,
        )
    )
    answer(story, story.claim(claim.claim_id), by_handler=True)


def record_task(story: Story, command: c.RecordTask) -> None:
    """Keep a task that the handler leaves to a human."""
    claim = story.claim(command.claim_id)
    after_the_end = claim.stage is Stage.COMPLETED and command.reason == "lifting_incomplete"
    if (claim.stage in _ENDED and not after_the_end) or any(t.task_id == command.task_id for t in claim.tasks):
        return
    assert claim.due is not None
    story.say(
        e.TaskOpened(
            at=command.at, cause=command.cause, claim_id=claim.claim_id, task_id=command.task_id, reason=command.reason,
            due=command.due or claim.due.due, preview=command.preview,
        )
    )  # fmt: skip


def record_reapplied(story: Story, command: c.RecordReapplied) -> None:
    """Keep that an act was carried out again; nothing else about the claim changes, whatever became of it since."""
    story.say(
        e.ActReapplied(
            at=command.at, cause=command.cause, claim_id=story.claim(command.claim_id).claim_id,
            systems=command.systems, since=command.since, count=command.count, whole=command.whole,
            officer=command.officer,
        )
    )  # fmt: skip


def park(story: Story, command: c.ParkClaim) -> None:
    """Show that a claim's event waits with its cause."""
    claim = story.claim(command.claim_id)
    if claim.stage in _ENDED or claim.stage is Stage.PARKED:
        return
    story.say(e.ClaimParked(at=command.at, cause=command.cause, claim_id=claim.claim_id, reason=command.reason))


def reply_sent(story: Story, command: c.RecordReplySent) -> None:
    """Stop the clocks that this letter answers: the person is answered when the relay has accepted it, not before."""
    if any(each.letter_id == command.letter_id for each in story.case.delivered):
        return
    letter = next((each for each in story.case.letters if each.letter_id == command.letter_id), None)
    ends = _known(story, letter.completes if letter is not None else command.completes)
    if letter is None and not any(story.claim(each).open for each in ends):
        return
    story.say(
        e.LetterSent(
            at=command.at, cause=command.cause, letter_id=command.letter_id, moment=command.moment, completes=ends,
            officer=command.officer, evidence=command.evidence,
        )
    )  # fmt: skip
    for claim in story.case.claims:
        if claim.open and claim.extension is not None and claim.extension.letter_id == command.letter_id:
            clock_orders.told(story, claim, command.moment)
    for claim in story.case.claims:
        if claim.lifting == command.letter_id:
            story.say(
                e.RestrictionLifted(at=command.at, cause=command.cause, claim_id=claim.claim_id, moment=command.moment)
            )
    if letter is not None and letter.template in CONFIRM_RECEIPT:
        _acknowledge(story, command)
    for claim_id in ends:
        claim = story.claim(claim_id)
        if awaits_delivery(claim):
            complete(story, claim, command.moment)
    release(story)


def _acknowledge(story: Story, command: c.RecordReplySent) -> None:
    """Note that the receipt was confirmed: one letter confirms everything that was asked for until then."""
    for claim in story.case.claims:
        waited = claim.acknowledgement
        if waited is None or waited.sent is not None or claim.received > command.moment:
            continue
        margin = int((waited.due.due - command.moment).total_seconds())
        story.say(
            e.Acknowledged(
                at=command.at, cause=command.cause, claim_id=claim.claim_id, due=waited.due.due, moment=command.moment,
                margin_seconds=margin,
            )
        )  # fmt: skip


def _known(story: Story, ids: Iterable[str]) -> tuple[str, ...]:
    return tuple(each for each in ids if story.case.claim(each) is not None)


def reply_bounced(story: Story, command: c.RecordReplyBounced) -> None:
    """Undo what a letter that did not arrive brought about; the person was not answered, asked or told."""
    waiting = next((each for each in story.case.letters if each.letter_id == command.letter_id), None)
    arrived = next((each for each in story.case.delivered if each.letter_id == command.letter_id), None)
    letter = waiting or arrived
    if letter is None:
        ends = _known(story, command.completes)
        if not any(story.claim(each).stage is Stage.ANSWERING for each in ends):
            return
        letter = Letter(letter_id=command.letter_id, template="handler", completes=ends)
    story.say(
        e.LetterBounced(
            at=command.at, cause=command.cause, letter_id=command.letter_id, status=command.status,
            completes=letter.completes, officer=command.officer,
        )
    )  # fmt: skip
    for claim_id in letter.completes:
        _unanswered(story, story.claim(claim_id), delivered=arrived is not None)
    _untold(story, letter)


def _unanswered(story: Story, claim: Claim, *, delivered: bool) -> None:
    command = story.command
    if claim.stage is Stage.COMPLETED:
        if not delivered or claim.due is None or claim.outcome in {None, Outcome.WITHDRAWN}:
            return
        story.say(
            e.ClaimReopened(
                at=command.at, cause=command.cause, claim_id=claim.claim_id, reason="bounced", due=claim.due.due
            )
        )
        work_out_again(story, claim.claim_id, "reopened")
    if allows(story.claim(claim.claim_id).stage, e.TaskOpened):
        story.task(story.claim(claim.claim_id), "answer_bounced")


def _untold(story: Story, letter: Letter) -> None:
    claims = [claim for claim in story.case.claims if claim.claim_id in letter.claim_ids and claim.open]
    if letter.template == "extension":
        for claim in claims:
            pending = claim.extension is not None and claim.extension.letter_id == letter.letter_id
            if pending or (claim.due is not None and claim.due.extended):
                clock_orders.lapse(story, claim, "the letter that tells the person did not arrive")
    if letter.template == "recipient_notice":
        # Art. 19 GDPR: a recipient who cannot be reached this way is told another way.
        for claim_id in letter.claim_ids:
            if allows(story.claim(claim_id).stage, e.TaskOpened):
                story.task(story.claim(claim_id), TELL_RECIPIENTS)
    if letter.template == "receipt":
        # An address that takes no receipt will take no answer either: somebody must find another way.
        for claim in claims:
            if allows(claim.stage, e.TaskOpened):
                story.task(claim, "receipt_bounced")
    if letter.template == "identity_request":
        never_asked(story, claims, WaitKind.IDENTITY)
    if letter.template == "clarification_request":
        never_asked(story, claims, WaitKind.CLARIFICATION)


def withdraw(story: Story, command: c.WithdrawClaims) -> None:
    """End claims that the person takes back: nothing is owed any more, and the rest goes on."""
    claims = [each for each in story.claims(command.claim_ids) if each.open]
    for claim in claims:
        story.say(
            e.ClaimWithdrawn(
                at=command.at, cause=command.cause, claim_id=claim.claim_id, message_id=command.message_id,
                officer=command.officer,
            )
        )  # fmt: skip
    if not claims:
        return
    for claim in claims:
        stop_waiting(story, story.claim(claim.claim_id))
    story.letter("withdrawn", [claim.claim_id for claim in claims])
    for claim in claims:
        complete(story, story.claim(claim.claim_id), command.at)
    release(story)
