"""One event of the bus, handled: load, decide, write down, publish. Everything here runs inside a worker's transaction.

`Router.handle` is the table of what the router listens to. What a message does is in `conversation.py`, answers to
identity checks are in `checks.py`, a case's letters in `case_letters.py`. The decisions are pure and live in `core/`:
reading, answering, the case. A person's words are opened from the vault and go no further.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from zlib import crc32

from schemas import events as bus
from schemas.base import Event
from schemas.envelope import Envelope, caused, rooted
from services.router import asking, casebook
from services.router.case_letters import CaseLetters
from services.router.checks import Checks, code_of
from services.router.conversation import Conversation
from services.router.core.cases import commands as c
from services.router.core.cases import events as e
from services.router.core.cases.decide import decide
from services.router.core.cases.state import Case
from services.router.core.cases.story import CommandRefused
from services.router.core.cases.terms import Terms
from services.router.core.language import detect
from services.router.publishing import published
from services.router.replies import Replies
from services.router.tools import SOURCE, Tools
from services.runtime.store import Conflict, Transaction

WARMING: Final = "Is anybody there?"


class Router:
    """Handles the events that the router's group reads."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._letters = CaseLetters(tools)
        replies = Replies(tools)
        self._checks = Checks(tools, self.carry_out, replies)
        self._conversation = Conversation(tools, self.carry_out, replies, self._letters, self._checks)

    @property
    def tools(self) -> Tools:
        """Return what the turns are made with; the officers' desk takes letters and calls in with the same."""
        return self._tools

    def warm(self) -> None:
        """Load the model of letters, and the phrases of the language that most write in."""
        detect(WARMING)
        self._tools.banks.get("en")

    def handle(self, transaction: Transaction, envelope: Envelope) -> None:
        """Handle one event; the worker keeps it from being handled twice."""
        if envelope.source == SOURCE and isinstance(envelope.event, bus.ClaimRefused | bus.TaskOpened):
            # Our own word, on a topic that we share with fulfil. The case knows it, and may have gone on since.
            return
        match envelope.event:
            case bus.MessageReceived() as event:
                self._conversation.take(transaction, envelope, event)
            case bus.MessageHeld() as event:
                self._conversation.held(transaction, envelope, event)
            case bus.ReviewDecided() as event:
                self._conversation.reviewed(transaction, envelope, event)
            case bus.IdentityAnswered() as event:
                self._checks.by_link(transaction, envelope, event)
            case bus.FactorChecked() as event:
                self._checks.by_factor(transaction, envelope, event)
            case bus.ClaimFulfilled() as event:
                self._fulfilled(transaction, envelope, event)
            case bus.ClaimRefused() as event:
                command = c.RecordRefusal(
                    **_to(event, envelope), claim_id=event.claim_id, ground=event.ground, citation=event.citation.source
                )
                self.carry_out(transaction, command, envelope)
            case bus.TaskOpened() as event:
                command_task = c.RecordTask(
                    **_to(event, envelope), task_id=event.task_id, claim_id=event.claim_id, reason=event.reason,
                    due=event.due, preview=event.preview,
                )  # fmt: skip
                self.carry_out(transaction, command_task, envelope)
            case bus.ActReapplied() as event:
                again = c.RecordReapplied(
                    **_to(event, envelope), claim_id=event.claim_id, systems=event.systems, since=event.since,
                    count=event.count, whole=event.whole, officer=event.officer,
                )  # fmt: skip
                self.carry_out(transaction, again, envelope)
            case bus.ReplySent(case_id=str(case_id)) as event:
                sent = c.RecordReplySent(
                    case_id=case_id, cause=envelope.id, at=event.occurred, letter_id=event.letter_id,
                    moment=event.occurred, completes=event.completes,
                )  # fmt: skip
                self.carry_out(transaction, sent, envelope)
            case bus.ReplyBounced(case_id=str(case_id)) as event:
                bounced = c.RecordReplyBounced(
                    case_id=case_id, cause=envelope.id, at=event.occurred, letter_id=event.letter_id,
                    status=event.status, completes=event.completes,
                )  # fmt: skip
                self.carry_out(transaction, bounced, envelope)
            case _:
                return

    def _fulfilled(self, transaction: Transaction, envelope: Envelope, event: bus.ClaimFulfilled) -> None:
        withheld = sum(receipt.withheld for receipt in event.receipts)
        command = c.RecordFulfilment(
            **_to(event, envelope), claim_id=event.claim_id, outcome=event.outcome, result=event.result,
            receipts_count=len(event.receipts), withheld_count=withheld,
            withheld_ground=event.withheld_ground or None, recipients_count=len(event.recipients),
            recipients=event.recipients, recipients_by_hand=event.recipients_by_hand,
            customers=event.customers,
        )  # fmt: skip
        self.carry_out(transaction, command, envelope)

    # ---- the one way a case is written

    def carry_out(
        self,
        transaction: Transaction,
        command: c.Command,
        cause: Envelope | None,
        recipient: str | None = None,
        *,
        unknown: bool = False,
    ) -> Case | None:
        """Decide, write down and publish; a command that the case refuses changes nothing and is told to its giver.

        Twice is once. Whoever looked and found the command `unknown` is told by a Conflict that it is not any more.
        """
        case, seen = casebook.load(transaction, command.case_id)
        if case is not None and casebook.known(transaction, command):
            if unknown:
                raise Conflict(f"case {command.case_id} was told the same by somebody else meanwhile")
            return case
        controller = command.controller if isinstance(command, c.OpenCase) else case.controller if case else ""
        received = command.received if isinstance(command, c.OpenCase) else case.received if case else command.at
        terms = self._tools.knowledge.terms_at(controller, received, self._tools.handled)
        try:
            decided = decide(case, command, terms)
        except CommandRefused:
            if cause is None or isinstance(command, c.ByOfficer):
                raise
            return case  # an event that comes late: the case has moved on, and stays as it is
        if not decided:
            return case
        after = casebook.save(transaction, case, seen, command, decided, terms)
        if recipient is not None:
            asking.keep_recipient(transaction, after.case_id, recipient)
        self._publish(transaction, after, decided, command, cause)
        return after

    def terms_of(self, case: Case) -> Terms:
        """Return the terms that a case is decided by: those of the day it was received."""
        return self._letters.terms_of(case)

    def letter_of(self, transaction: Transaction, case: Case, letter: e.LetterRequested) -> tuple[str, dict[str, Any]]:
        """Return a case's letter: its template, and what it says."""
        return self._letters.letter_of(transaction, case, letter)

    def code(self, case: Case) -> str:
        """Return the one-time code of a case's identity check."""
        return code_of(self._tools, case)

    def _publish(
        self,
        transaction: Transaction,
        case: Case,
        decided: Sequence[e.CaseEvent],
        command: c.Command,
        cause: Envelope | None,
    ) -> None:
        told: list[Event] = [
            event.model_copy(update=self._letters.for_the_handler(transaction, case, event))
            if isinstance(event, bus.ClaimRouted)
            else event
            for event in published(case, decided)
        ]
        told += self._letters.of(transaction, case, decided, command)
        if isinstance(command, c.RecordTask | c.RecordRefusal):
            # Its handler said so already.
            told = [event for event in told if not isinstance(event, bus.TaskOpened | bus.ClaimRefused)]
        # The version makes the ids of two commands of one cause differ, and the case those of two cases.
        for number, event in enumerate(told, crc32(case.case_id.encode()) << 32 | case.version << 8):
            wrapped = caused(cause, event, SOURCE, number) if cause else rooted(command.cause, event, SOURCE, number)
            transaction.enqueue(wrapped)


def _to(event: bus.ByCase, envelope: Envelope) -> dict[str, Any]:
    return {"case_id": event.case_id, "cause": envelope.id, "at": event.occurred}
