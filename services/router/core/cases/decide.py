"""What a command does to a case: the events that follow, or a refusal that names the rule. Nothing is changed here.

`decide(case, command, terms)` is the whole of it. A command that only repeats what the case already knows gives no
events; a command that the law or the case's stage forbids raises `CommandRefused`, and the case is as it was.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from services.router.core.cases import by_officer, clock_orders, documents, facts, identity, opening, passing
from services.router.core.cases import commands as c
from services.router.core.cases.events import CaseEvent
from services.router.core.cases.state import Case
from services.router.core.cases.story import CommandRefused, Story
from services.router.core.cases.table import UnlistedTransition
from services.router.core.cases.terms import Terms

Deciding = Callable[[Story, Any], None]

HANDLERS: Final[dict[type[c.Command], Deciding]] = {
    c.OpenCase: opening.open_case,
    c.JoinMessage: opening.join_message,
    c.RequestIdentity: identity.request,
    c.AnswerIdentity: identity.answer_check,
    c.EndCheck: identity.end_check,
    c.KeepDocument: documents.keep,
    c.RecordDestroyed: documents.destroyed,
    c.ConfirmIdentity: identity.confirm,
    c.RequestClarification: identity.request_clarification,
    c.ReceiveClarification: identity.receive_clarification,
    c.PauseDeadline: clock_orders.pause_deadline,
    c.ResumeDeadline: clock_orders.resume_deadline,
    c.ExtendDeadline: clock_orders.extend_deadline,
    c.CorrectLaw: clock_orders.correct_law,
    c.RecordAwareness: clock_orders.record_awareness,
    c.RecordHistory: clock_orders.record_history,
    c.RecordFulfilment: facts.record_fulfilment,
    c.RecordRefusal: facts.record_refusal,
    c.RecordTask: facts.record_task,
    c.RecordReapplied: facts.record_reapplied,
    c.ParkClaim: facts.park,
    c.RecordReplySent: facts.reply_sent,
    c.RecordReplyBounced: facts.reply_bounced,
    c.WithdrawClaims: facts.withdraw,
    c.CompleteTask: by_officer.complete_task,
    c.RefuseClaims: by_officer.refuse,
    c.ReplayClaim: by_officer.replay_claim,
    c.SkipStep: by_officer.skip_step,
    c.ResendAnswer: by_officer.resend,
    c.TransferClaims: by_officer.transfer,
    c.ReopenClaim: by_officer.reopen,
    c.CompleteByHand: by_officer.complete_by_hand,
    c.CorrectClaims: by_officer.correct_claims,
    c.RecordAuthority: by_officer.record_authority,
    c.RecordRole: by_officer.record_role,
    c.LiftRestriction: by_officer.lift_restriction,
    c.AssignCase: by_officer.assign,
    c.AddNote: by_officer.note,
    c.JoinCase: by_officer.join_case,
    c.PassTime: passing.pass_time,
}


def decide(case: Case | None, command: c.Command, terms: Terms) -> tuple[CaseEvent, ...]:
    """Return the events that a command leads to; raise `CommandRefused`, with the rule, when it leads nowhere."""
    if case is None and not isinstance(command, c.OpenCase):
        raise CommandRefused("case", f"{command.name()} needs a case, and there is none {command.case_id}")
    if case is not None:
        _belongs(case, command, terms)
    story = Story(case, command, terms)
    try:
        HANDLERS[type(command)](story, command)
    except UnlistedTransition as unlisted:
        raise CommandRefused("transition table", f"{command.name()}: {unlisted}") from None
    return tuple(story.events)


def _belongs(case: Case, command: c.Command, terms: Terms) -> None:
    if command.case_id != case.case_id:
        raise CommandRefused("case", f"the command is for case {command.case_id}, not {case.case_id}")
    if terms.controller != case.controller:
        raise CommandRefused("controller", f"the terms are {terms.controller}'s, the case is {case.controller}'s")
    if case.joined_into is not None and not isinstance(
        command, c.AddNote | c.PassTime | c.RecordReplySent | c.RecordDestroyed
    ):
        raise CommandRefused("joined", f"the case lives on in {case.joined_into}: {command.name()} belongs there")
