"""Given a message, when things happen, then the case says what an officer and a court would expect."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from schemas.rights import Outcome, Right
from services.router.core.cases import commands as c
from services.router.core.cases import events as e
from services.router.core.cases.story import CommandRefused
from services.router.core.cases.values import Asked, Asker, Assurance, LawChoice, Role, Stage, WaitKind
from services.router.core.cases.wakeups import next_wakeups
from services.router.core.law.deadline import AnswerPromise
from services.router.core.law.model import period
from tests.router.cases.scenario import NOTE, Told, names, terms


def only(events: list[e.CaseEvent], kind: type[Any]) -> Any:
    found = [each for each in events if isinstance(each, kind)]
    assert len(found) == 1, names(events)
    return found[0]


def test_an_identified_person_is_acknowledged_and_routed_at_once(told: Told) -> None:
    events = told.opened(Right.ACCESS)
    assert names(events) == ["CaseOpened", "ClaimOpened", "DeadlineSet", "LetterRequested", "ClaimRouted"]
    assert only(events, e.LetterRequested).template == "receipt"
    assert only(events, e.DeadlineSet).due.day.isoformat() == "2026-04-02"


def test_a_claim_completes_when_its_letter_is_delivered_and_not_when_the_handler_ends(told: Told) -> None:
    told.opened(Right.ACCESS)
    fulfilled = told.later(days=3).fulfilled(Right.ACCESS)
    assert "ClaimCompleted" not in names(fulfilled)
    delivered = told.later(hours=2).delivered("fulfilled")
    assert names(delivered) == ["LetterSent", "DeadlineMet", "ClaimCompleted", "CaseCompleted"]
    completed = only(delivered, e.ClaimCompleted)
    assert completed.completed == told.now
    assert completed.margin_seconds == int((completed.due - told.now).total_seconds())
    assert (completed.rule, completed.source) == ("eu-gdpr/answer", "Art. 12(3) GDPR; Reg. 1182/71 Art. 3")


def test_a_copy_comes_before_the_erasure_of_the_same_letter(told: Told) -> None:
    told.opened(Right.ERASURE, Right.ACCESS)
    assert told.claim(Right.ERASURE).stage is Stage.WAITING_TURN
    told.later(days=1).fulfilled(Right.ACCESS)
    assert told.claim(Right.ERASURE).stage is Stage.WAITING_TURN
    assert "ClaimRouted" in names(told.delivered("fulfilled"))
    assert told.claim(Right.ERASURE).stage is Stage.ROUTED


def test_an_erasure_goes_on_when_the_copy_is_withdrawn(told: Told) -> None:
    told.opened(Right.ERASURE, Right.ACCESS)
    told.tell(c.WithdrawClaims, claim_ids=("claim-access",))
    assert told.claim(Right.ERASURE).stage is Stage.ROUTED


def test_a_hard_bounce_reopens_the_claim_and_calls_a_human(told: Told) -> None:
    told.opened(Right.ACCESS)
    told.later(days=1).fulfilled(Right.ACCESS)
    told.delivered("fulfilled")
    letter = told.letter("fulfilled").letter_id
    bounced = told.later(days=1).tell(c.RecordReplyBounced, letter_id=letter, status="5.1.1")
    assert names(bounced) == ["LetterBounced", "ClaimReopened", "TaskOpened"]
    assert told.case is not None
    assert told.case.state == "open"
    resent = told.tell(c.ResendAnswer, claim_ids=("claim-access",))
    assert names(resent) == ["TaskCompleted", "LetterRequested"]
    assert "ClaimCompleted" in names(told.delivered("fulfilled"))


def test_a_stranger_proves_who_they_are_and_the_days_of_waiting_are_added(told: Told) -> None:
    opened = told.opened(Right.ACCESS, assurance=Assurance.NONE, challenge="the-code")
    assert "ClaimRouted" not in names(opened)
    check = only(opened, e.IdentityRequested)
    answered = told.later(days=6).tell(c.AnswerIdentity, check_id=check.check_id, method="link", digest="the-code")
    assert names(answered) == ["IdentityConfirmed", "DeadlineResumed", "ClaimRouted"]
    due = only(answered, e.DeadlineResumed).due
    assert (due.day.isoformat(), due.suspended_days) == ("2026-04-08", 6)


def test_a_low_risk_right_needs_no_more_than_mail_from_the_address_on_file(told: Told) -> None:
    opened = told.opened(Right.OBJECTION, Right.ACCESS, assurance=Assurance.ALIGNED_MAIL, challenge="x")
    assert only(opened, e.ClaimRouted).right is Right.OBJECTION
    assert only(opened, e.IdentityRequested).claim_ids == ("claim-access",)


def test_a_thousand_guesses_end_the_check_and_not_the_persons_request(told: Told) -> None:
    check = only(told.opened(Right.ACCESS, assurance=Assurance.NONE, challenge="code"), e.IdentityRequested).check_id
    for _ in range(5):
        last = told.tell(c.AnswerIdentity, check_id=check, method="link", digest="guess")
    assert names(last) == ["IdentityFailed", "IdentityExpired", "DeadlineResumed", "TaskOpened"]
    with pytest.raises(CommandRefused, match="no such identity check"):
        told.tell(c.AnswerIdentity, check_id=check, method="link", digest="code")
    assert told.claim(Right.ACCESS).open


def test_an_empty_challenge_is_never_answered_by_an_empty_digest(told: Told) -> None:
    check = only(told.opened(Right.ACCESS, assurance=Assurance.NONE), e.IdentityRequested).check_id
    assert names(told.tell(c.AnswerIdentity, check_id=check, method="link", digest=""))[0] == "IdentityFailed"


def test_an_unanswered_identity_request_expires_and_the_person_is_told(told: Told) -> None:
    told.opened(Right.ACCESS, assurance=Assurance.NONE, challenge="code")
    passed = told.later(days=15).tell(c.PassTime)
    assert names(passed) == ["IdentityExpired", "DeadlineResumed", "ClaimNotIdentified", "LetterRequested"]
    completed = only(told.delivered("not_identified"), e.ClaimCompleted)
    assert completed.outcome is Outcome.NOT_IDENTIFIED


def test_no_date_says_that_an_answer_came_where_none_did(told: Told) -> None:
    told.opened(Right.ACCESS, assurance=Assurance.NONE, challenge="code")
    told.later(days=15).tell(c.PassTime)
    steps = told.claim(Right.ACCESS).due.steps  # type: ignore[union-attr]
    (waited,) = [step for step in steps if step.startswith("identity asked")]
    assert waited.startswith("identity asked Mon 2 Mar 2026, the request ended Mon 16 Mar 2026: 14 days suspended")


def test_a_document_is_asked_for_only_with_its_reason(told: Told) -> None:
    told.opened(Right.ACCESS, assurance=Assurance.NONE, challenge="code")
    with pytest.raises(CommandRefused, match="only with the reason"):
        told.tell(c.RequestIdentity, method="document")
    assert "IdentityRequested" in names(told.tell(c.RequestIdentity, method="document", reasons=NOTE))


def test_an_extension_counts_when_the_person_is_told_and_not_when_it_is_decided(told: Told) -> None:
    told.opened(Right.ACCESS)
    told.later(days=10).tell(c.ExtendDeadline, claim_id="claim-access", ground="complexity", reasons=NOTE)
    assert told.claim(Right.ACCESS).due.day.isoformat() == "2026-04-02"  # type: ignore[union-attr]
    extended = only(told.later(days=1).delivered("extension"), e.DeadlineExtended)
    assert extended.due.day.isoformat() == "2026-06-02"


def test_an_extension_whose_letter_leaves_too_late_lapses(told: Told) -> None:
    told.opened(Right.ACCESS)
    told.later(days=31).tell(c.ExtendDeadline, claim_id="claim-access", ground="complexity", reasons=NOTE)
    assert names(told.later(days=1).delivered("extension")) == ["LetterSent", "ExtensionLapsed", "TaskOpened"]
    assert told.claim(Right.ACCESS).due.day.isoformat() == "2026-04-02"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("days", "fields", "rule"),
    [
        (1, {"ground": "complexity"}, "Art. 12(3) GDPR"),
        (1, {"reasons": NOTE}, "Art. 12(3) GDPR"),
        (1, {"ground": "complexity", "reasons": NOTE, "until": date(2030, 1, 1)}, "up to 2026-06-02"),
        (40, {"ground": "complexity", "reasons": NOTE}, "Art. 12(3) GDPR"),
    ],
)
def test_an_extension_without_reasons_or_late_is_refused_and_names_the_rule(
    told: Told, days: int, fields: dict[str, Any], rule: str
) -> None:
    told.opened(Right.ACCESS)
    before = told.case
    with pytest.raises(CommandRefused) as refused:
        told.later(days=days).tell(c.ExtendDeadline, claim_id="claim-access", **fields)
    assert rule in str(refused.value)
    assert told.case is before


def test_a_question_asked_when_the_period_is_over_puts_nothing_off(told: Told) -> None:
    told.opened(Right.ACCESS, law=LawChoice(laws=("uk-gdpr",)))
    told.later(days=40).tell(c.PassTime)
    missed = told.claim(Right.ACCESS)
    assert missed.missed
    asked = {"claim_ids": ("claim-access",), "question": NOTE, "ground": "which_account"}
    assert "PauseLapsed" in names(told.tell(c.RequestClarification, **asked))
    told.later(days=2).tell(c.ReceiveClarification)
    assert told.claim(Right.ACCESS).due.day == missed.due.day  # type: ignore[union-attr]


def test_one_more_right_gives_no_further_attempts_at_a_code(told: Told) -> None:
    told.opened(Right.ACCESS, assurance=Assurance.NONE, challenge="right")
    check = told.case.check  # type: ignore[union-attr]
    assert check is not None
    for _ in range(check.attempts_left):
        told.tell(c.AnswerIdentity, check_id=check.check_id, method=check.method, digest="wrong")
    asked = (Asked(claim_id="claim-erasure", right=Right.ERASURE),)
    told.tell(c.JoinMessage, message_id="message-2", received=told.now, asked=asked, challenge="right")
    assert told.case.check is None  # type: ignore[union-attr]
    assert [task.reason for task in told.claim(Right.ERASURE).tasks] == ["identity_attempts"]
    told.tell(c.RequestIdentity, method="link", challenge="right")
    assert told.case.check is not None, "an officer may ask again"  # type: ignore[union-attr]


def test_an_extension_letter_that_bounced_told_nobody(told: Told) -> None:
    told.opened(Right.ACCESS)
    told.later(days=10).tell(c.ExtendDeadline, claim_id="claim-access", ground="complexity", reasons=NOTE)
    told.delivered("extension")
    letter = told.letter("extension").letter_id
    told.later(days=1).tell(c.RecordReplyBounced, letter_id=letter, status="5.1.1")
    assert told.claim(Right.ACCESS).due.day.isoformat() == "2026-04-02"  # type: ignore[union-attr]


def test_an_identity_letter_that_bounced_asked_nobody_and_suspends_nothing(told: Told) -> None:
    told.opened(Right.ACCESS, assurance=Assurance.NONE, challenge="code")
    letter = told.letter("identity_request").letter_id
    bounced = told.later(days=3).tell(c.RecordReplyBounced, letter_id=letter, status="5.1.1")
    assert "DeadlineResumed" in names(bounced)
    assert told.claim(Right.ACCESS).due.day.isoformat() == "2026-04-02"  # type: ignore[union-attr]
    assert [task.reason for task in told.claim(Right.ACCESS).tasks] == ["identity_letter_bounced"]


@pytest.mark.parametrize(
    ("right", "days", "fields", "says"),
    [
        (Right.ERASURE, 1, {"ground": "legal_obligation"}, "needs its ground in law and its reasons"),
        (Right.ERASURE, 1, {"ground": "we_do_not_want_to", "reasons": NOTE}, "unknown ground"),
        (Right.ACCESS, 1, {"ground": "legal_obligation", "reasons": NOTE}, "no ground to refuse access"),
        (Right.ERASURE, 40, {"ground": "legal_obligation", "reasons": NOTE}, "inside the first period"),
    ],
)
def test_a_refusal_needs_a_ground_for_its_right_with_reasons_and_in_time(
    told: Told, right: Right, days: int, fields: dict[str, Any], says: str
) -> None:
    told.opened(right)
    with pytest.raises(CommandRefused, match=says):
        told.later(days=days).tell(c.RefuseClaims, claim_ids=(f"claim-{right.value}",), **fields)


def test_sales_records_are_kept_for_tax_law_and_the_letter_names_the_ground(told: Told) -> None:
    told.opened(Right.ERASURE)
    fields = {"claim_ids": ("claim-erasure",), "ground": "legal_obligation", "reasons": NOTE}
    refused = told.later(days=2).tell(c.RefuseClaims, **fields)
    assert only(refused, e.ClaimRefused).citation == "Art. 17(3)(b) GDPR"
    assert only(refused, e.LetterRequested).template == "refused"
    assert only(told.delivered("refused"), e.ClaimCompleted).outcome is Outcome.REFUSED


def test_a_refusal_after_the_deadline_is_possible_only_knowingly_and_stays_missed(told: Told) -> None:
    told.opened(Right.ERASURE)
    told.later(days=40).tell(c.PassTime)
    fields = {"claim_ids": ("claim-erasure",), "ground": "legal_obligation", "reasons": NOTE, "late": True}
    told.tell(c.RefuseClaims, **fields)
    completed = only(told.delivered("refused"), e.ClaimCompleted)
    assert completed.margin_seconds < 0
    assert "DeadlineMet" not in names(told.events)


def test_a_pause_needs_ground_and_reasons_and_a_law_that_knows_it(told: Told) -> None:
    told.opened(Right.ACCESS, law=LawChoice(laws=("us-ccpa",)))
    pause = {"claim_id": "claim-access", "kind": WaitKind.IDENTITY}
    with pytest.raises(CommandRefused, match="needs its ground and its reasons"):
        told.tell(c.PauseDeadline, **pause, ground="doubt")
    with pytest.raises(CommandRefused, match="11 CCR 7021"):
        told.tell(c.PauseDeadline, **pause, ground="doubt", reasons=NOTE)


def test_a_breach_report_calls_a_human_at_once_and_counts_from_awareness_when_it_is_recorded(told: Told) -> None:
    opened = told.opened(Right.BREACH_REPORT, assurance=Assurance.NONE)
    assert only(opened, e.TaskOpened).reason == "breach"
    assert only(opened, e.DeadlineSet).due.due == told.now + timedelta(hours=72)
    aware = told.now + timedelta(hours=1)
    recorded = told.later(hours=5).tell(c.RecordAwareness, claim_id="claim-breach_report", aware=aware)
    assert only(recorded, e.DeadlineSet).due.due == aware + timedelta(hours=72)
    assert only(recorded, e.DeadlineSet).because == "awareness"


def test_an_agent_waits_for_a_human_who_looks_at_the_mandate(told: Told) -> None:
    opened = told.opened(Right.ACCESS, asker=Asker.AGENT)
    assert only(opened, e.TaskOpened).reason == "authority_agent"
    accepted = told.tell(c.RecordAuthority, asker=Asker.AGENT, accepted=True, ground="mandate_seen")
    assert names(accepted) == ["AuthorityRecorded", "TaskCompleted", "ClaimRouted"]


def test_without_authority_the_claims_are_refused_with_that_ground(told: Told) -> None:
    told.opened(Right.ACCESS, asker=Asker.HEIR)
    refused = told.tell(c.RecordAuthority, asker=Asker.HEIR, accepted=False, ground="no_proof")
    assert only(refused, e.ClaimRefused).ground == "no_authority"


def test_a_repeat_is_joined_and_not_opened_twice(told: Told) -> None:
    told.opened(Right.ACCESS)
    asked = (Asked(claim_id="second", right=Right.ACCESS), Asked(claim_id="third", right=Right.ERASURE))
    joined = told.later(days=1).tell(c.JoinMessage, message_id="message-2", received=told.now, asked=asked)
    assert only(joined, e.MessageJoined).repeated == (Right.ACCESS,)
    assert only(joined, e.ClaimOpened).right is Right.ERASURE
    assert told.claim(Right.ERASURE).stage is Stage.WAITING_TURN


def test_the_processors_customer_is_told_what_was_done_to_its_list() -> None:
    told = Told(terms())
    told.opened(Right.ERASURE, role=Role.PROCESSOR)
    told.fulfilled(Right.ERASURE)
    assert told.letter("customer_informed").to_customer


def test_the_person_is_told_which_recipients_were_told(told: Told) -> None:
    told.opened(Right.RECTIFICATION)
    told.fulfilled(Right.RECTIFICATION, recipients_count=3)
    assert told.letter("recipients_told").claim_ids == ("claim-rectification",)


def test_a_corrected_law_moves_every_open_date_and_says_why(told: Told) -> None:
    told.opened(Right.ACCESS)
    law = LawChoice(laws=("us-ccpa",), because=("the person lives in California",))
    corrected = told.later(days=1).tell(c.CorrectLaw, law=law)
    assert names(corrected) == ["LawCorrected", "DeadlineSet"]
    changed = only(corrected, e.DeadlineSet)
    assert (changed.because, changed.due.day.isoformat()) == ("law_corrected", "2026-04-16")
    assert only(corrected, e.LawCorrected).was.laws == ("eu-gdpr",)
    assert told.tell(c.CorrectLaw, law=law) == []


def test_two_laws_let_the_earlier_date_win(told: Told) -> None:
    told.now = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
    opened = told.opened(Right.ACCESS, law=LawChoice(laws=("eu-gdpr", "ch-fadp")))
    assert only(opened, e.DeadlineSet).due.law == "ch-fadp"


def test_a_policys_shorter_promise_is_the_deadline() -> None:
    told = Told(terms(promises={Right.ACCESS: (AnswerPromise(period("14 days"), "clause c7"),)}))
    due = only(told.opened(Right.ACCESS), e.DeadlineSet).due
    assert (due.day.isoformat(), due.by_promise, due.source) == ("2026-03-16", True, "clause c7")


def test_after_an_outage_each_due_event_is_said_once_in_order_with_its_true_moment(told: Told) -> None:
    told.opened(Right.ACCESS)
    expected = next_wakeups(told.case, told.terms)  # type: ignore[arg-type]
    passed = told.later(days=60).tell(c.PassTime)
    assert tuple(each.moment for each in passed) == expected  # type: ignore[attr-defined]
    assert names(passed) == ["DeadlineApproaching"] * 4 + ["DeadlineMissed"]
    assert all(each.at == told.now for each in passed)
    assert told.tell(c.PassTime) == []


def test_notices_count_working_days_before_the_due_day(told: Told) -> None:
    told.now = datetime(2026, 3, 5, 9, 0, tzinfo=UTC)  # due Tue 7 April, after Easter
    told.opened(Right.ACCESS)
    moments = [each.astimezone(told.terms.zone).date().isoformat() for each in next_wakeups(told.case, told.terms)]  # type: ignore[arg-type]
    assert moments == ["2026-03-20", "2026-03-27", "2026-04-01", "2026-04-02", "2026-04-08"]


def test_a_handlers_letter_that_arrives_before_its_report_still_completes_the_claim(told: Told) -> None:
    told.opened(Right.ACCESS)
    told.later(days=1).tell(c.RecordReplySent, letter_id="handlers", moment=told.now, completes=("claim-access",))
    sent = told.now
    fulfilled = told.later(hours=1).fulfilled(Right.ACCESS)
    assert only(fulfilled, e.ClaimCompleted).completed == sent


def test_a_parked_claim_is_replayed_and_its_clock_runs_on(told: Told) -> None:
    told.opened(Right.ACCESS)
    told.tell(c.ParkClaim, claim_id="claim-access", reason="connector_down")
    assert next_wakeups(told.case, told.terms)  # type: ignore[arg-type]
    assert only(told.tell(c.ReplayClaim, claim_id="claim-access"), e.ClaimRouted).attempt == 2


def test_an_unlisted_command_is_refused_and_names_the_stage_and_the_event(told: Told) -> None:
    told.opened(Right.ACCESS)
    told.fulfilled(Right.ACCESS)
    fields = {"claim_ids": ("claim-access",), "question": NOTE, "ground": "which_account"}
    with pytest.raises(CommandRefused, match="answering"):
        told.tell(c.RequestClarification, **fields)


def test_transfer_ends_when_the_person_knows_whom_to_turn_to(told: Told) -> None:
    told.opened(Right.ACCESS)
    told.tell(c.TransferClaims, claim_ids=("claim-access",), to=NOTE, ground="not_our_customer")
    assert only(told.delivered("transferred"), e.ClaimCompleted).outcome is Outcome.TRANSFERRED


def test_an_answer_by_post_completes_at_its_own_moment(told: Told) -> None:
    told.opened(Right.ACCESS)
    posted = told.now + timedelta(days=2)
    fields = {"claim_id": "claim-access", "outcome": "fulfilled", "answered": posted, "evidence": NOTE}
    assert only(told.later(days=4).tell(c.CompleteByHand, **fields), e.ClaimCompleted).completed == posted


def test_opening_twice_changes_nothing(told: Told) -> None:
    told.opened(Right.ACCESS)
    assert told.opened(Right.ACCESS) == []


def test_a_command_for_another_controller_or_case_is_refused(told: Told) -> None:
    told.opened(Right.ACCESS)
    with pytest.raises(CommandRefused, match="not case-1"):
        told.tell(c.PassTime, case_id="case-2")
    with pytest.raises(CommandRefused, match="there is none"):
        Told(terms()).tell(c.PassTime)


def test_an_address_that_takes_no_receipt_calls_a_human(told: Told) -> None:
    told.opened(Right.ACCESS)
    bounced = told.tell(c.RecordReplyBounced, letter_id=told.letter("receipt").letter_id, status="5.1.1")
    task = only(bounced, e.TaskOpened)
    assert task.reason == "receipt_bounced"
    assert names(told.tell(c.CompleteTask, task_id=task.task_id)) == ["TaskCompleted", "ClaimResumed"]
