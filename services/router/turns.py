"""One event of the bus, handled: load, decide, write down, publish. Everything here runs inside a worker's transaction.

`Router.handle` is the table of what the router listens to; each row is one method. The decisions are pure and live in
`core/`: reading, answering, the case. A person's words are opened from the vault here and go no further.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Any, Final
from uuid import UUID, uuid5

from schemas import events as bus
from schemas.base import Event
from schemas.content import MessageContent, Subject
from schemas.envelope import Envelope, caused, rooted
from schemas.rights import Channel, Right
from schemas.values import Citation, Held
from services.router import asking, casebook, letters, promised, reviews
from services.router.core.cases import commands as c
from services.router.core.cases import events as e
from services.router.core.cases.decide import decide
from services.router.core.cases.state import Case
from services.router.core.cases.story import CommandRefused
from services.router.core.cases.terms import Terms
from services.router.core.cases.values import Asked, Asker, Assurance, Role
from services.router.core.language import base_code, detect
from services.router.core.policy.answers.answer import Answer
from services.router.core.reading.bank import Bank
from services.router.core.reading.rights import Right as Read
from services.router.core.reading.rights import Tier
from services.router.core.reading.verdict import Reading
from services.router.publishing import published
from services.router.reading import Reader
from services.router.tables import SERVICE
from services.router.terms import Knowledge
from services.runtime.clock import Clock
from services.runtime.store import Transaction
from services.runtime.vault import Vault

SOURCE: Final = f"/habeas/{SERVICE}"
WARMING: Final = "Is anybody there?"
NAMESPACE: Final = UUID("8e2f7c2a-3f0e-5b8e-9a52-3c9a0a4f2d51")
OPENABLE: Final = frozenset(right.value for right in Right)
SAID_CHARACTERS_MAX: Final = 4_000
_DIGITS: Final = re.compile(r"(?<!\d)\d(?:[ \-]?\d){5,11}(?!\d)")

Answering = Callable[[str, str, date, str], Answer | None]
"""A controller, a question, a day and a language: the answer; None where the controller has no policy."""


@dataclass(frozen=True, slots=True)
class Tools:
    """What a turn needs besides its transaction."""

    vault: Vault
    knowledge: Knowledge
    banks: dict[str, Bank]
    answering: Answering
    clock: Clock
    handled: frozenset[Right]
    reader: Reader
    code_digits: int = 8


@dataclass(frozen=True, slots=True)
class Message:
    """A message as a turn sees it."""

    envelope: Envelope
    event: bus.MessageReceived
    content: MessageContent
    reading: Reading

    @property
    def language(self) -> str:
        code = base_code(self.reading.language.code)
        return code if re.fullmatch(r"[a-z]{2}", code) else "en"


class Router:
    """Handles the events that the router's group reads."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._vault = tools.vault

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
                self._message(transaction, envelope, event)
            case bus.MessageHeld() as event:
                self._held(transaction, envelope, event)
            case bus.ReviewDecided() as event:
                self._reviewed(transaction, envelope, event)
            case bus.IdentityAnswered() as event:
                self._identity(transaction, envelope, event)
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

    # ---- a message

    def _message(self, transaction: Transaction, envelope: Envelope, event: bus.MessageReceived) -> None:
        content = MessageContent.model_validate_json(self._vault.open(transaction, event.body))
        reading = self._tools.reader.read(event.controller, content.text, content.subject)
        message = Message(envelope, event, content, reading)
        if event.automatic:
            # RFC 3834: nobody answers a machine. What it may hold is for a human to see.
            if reading.claims:
                self._review(transaction, message, Held.AUTOMATIC.value, tell=False)
            return
        case = casebook.open_case_of(transaction, event.correspondent)
        if case is not None and self._code(transaction, message, case):
            return
        if self._address_given(transaction, message, case) and not message.reading.claims:
            return
        confirmed = asking.answered(transaction, event.correspondent, content.text)
        self._claims(transaction, message, case, confirmed)

    def _claims(
        self, transaction: Transaction, message: Message, case: Case | None, confirmed: Sequence[Right]
    ) -> None:
        """Do what the reading says, each claim by its tier."""
        by_tier: dict[Tier, list[Read]] = {tier: [] for tier in Tier}
        for claim in message.reading.claims:
            if not claim.negated:
                by_tier[claim.tier].append(claim.right)
        acts = [right for right in by_tier[Tier.ACT] if right.value in OPENABLE]
        rights = [*confirmed, *(Right(right.value) for right in acts if Right(right.value) not in confirmed)]
        did = bool(confirmed)
        if rights:
            self._open(transaction, message, case, rights)
            did = True
        for right in by_tier[Tier.ACT]:
            did = self._other(transaction, message, case, right) or did
        asks = [
            question for question in message.reading.questions if question.right.value not in {r.value for r in rights}
        ]
        if asks and not did:
            self._ask(transaction, message, asks[0].text, [asks[0].right], asks[0].yes, asks[0].no)
            return
        if rights and message.reading.details.get("people"):
            # The case is its writer's; whoever else they speak for must not be dropped: a human sees their authority.
            self._review(transaction, message, "several_people", tell=False)
        elif by_tier[Tier.REVIEW] or (message.reading.tier is Tier.REVIEW and not did):
            self._review(transaction, message, "not_clear", tell=not did)
        elif not did:
            # Nothing was found that uses a right. A human may look; the sender of ordinary mail is not written to,
            # but somebody in a chat sits and waits for an answer.
            self._review(transaction, message, "nothing_found", tell=message.content.channel is Channel.CHAT)

    def _other(self, transaction: Transaction, message: Message, case: Case | None, right: Read) -> bool:
        """Do what opens no claim: answer a question, say where a case stands, take a request back."""
        match right:
            case Read.POLICY_QUESTION:
                self._answer(transaction, message)
            case Read.STATUS_QUERY:
                self._status(transaction, message, case)
            case Read.WITHDRAWAL_OF_REQUEST if case is not None:
                command = c.WithdrawClaims(
                    case_id=case.case_id, cause=message.envelope.id, at=self._now(message.event.received),
                    message_id=message.event.message_id,
                )  # fmt: skip
                self.carry_out(transaction, command, message.envelope)
            case Read.IDENTITY_REPLY | Read.WITHDRAWAL_OF_REQUEST:
                self._review(transaction, message, "no_open_case", tell=True)
            case _:
                return False
        return True

    def _open(self, transaction: Transaction, message: Message, case: Case | None, rights: Sequence[Right]) -> None:
        """Open a case for these rights, or add them to the open one."""
        event = message.event
        asked = tuple(
            Asked(claim_id=_derived(event.message_id, "claim", right.value), right=right)
            for right in dict.fromkeys(rights)
        )
        if case is not None:
            said = self._subject(transaction, message)
            asked = tuple(each.model_copy(update={"subject": said}) for each in asked)
            join = c.JoinMessage(
                case_id=case.case_id, cause=message.envelope.id, at=self._now(event.received),
                message_id=event.message_id, received=event.received, asked=asked,
                challenge=self._challenge(case.case_id), body=event.body, assurance=_assurance(event),
            )  # fmt: skip
            self.carry_out(transaction, join, message.envelope)
            return
        case_id = _derived(event.message_id, "case")
        on = self._day(event.controller, event.received)
        found = self._tools.knowledge.in_force(event.controller, on)
        details = message.reading.details
        entry = self._tools.knowledge.settings.controllers.get(event.controller)
        command = c.OpenCase(
            case_id=case_id,
            cause=message.envelope.id,
            at=self._now(event.received),
            controller=event.controller,
            message_id=event.message_id,
            correspondent=event.correspondent,
            person=event.person,
            channel=event.channel,
            received=event.received,
            language=message.language,
            policy_version=found.policy.version if found else "none",
            law=self._tools.knowledge.law_choice(event.controller, on, str(details.get("jurisdiction") or "")),
            asked=asked,
            subject=self._subject(transaction, message),
            role=Role(entry.role) if entry else Role.CONTROLLER,
            customer=letters.customer(self._vault, transaction, event.person, entry.customer) if entry else None,
            asker=Asker.AGENT if details.get("on_behalf") else Asker.PERSON,
            challenge=self._challenge(case_id),
            assurance=_assurance(event),
            body=event.body,
        )
        by_mail = self._mail_address(message)
        recipient = self._recipient(transaction, message, by_mail) if by_mail else None
        self.carry_out(transaction, command, message.envelope, recipient)
        if message.content.channel is Channel.CHAT:
            self._tell_chat(transaction, message, command, known=bool(by_mail))

    def _tell_chat(self, transaction: Transaction, message: Message, command: c.OpenCase, *, known: bool) -> None:
        """Acknowledge in the chat; what identifies or answers goes to the address, because anybody may hold a chat."""
        case, _ = casebook.load(transaction, command.case_id)
        assert case is not None
        facts: dict[str, object] = {
            "reference": letters.reference(case.case_id),
            "received": case.received.isoformat(),
            "rights": [letters.right_fact(claim) for claim in case.claims],
        }
        letter = self._plain(transaction, message, "chat_receipt" if known else "need_address", facts)
        transaction.enqueue(caused(message.envelope, letter, SOURCE, 98))

    def _address_given(self, transaction: Transaction, message: Message, case: Case | None) -> bool:
        """Take the address that somebody in a chat was asked for; tell whether this message gave it."""
        if case is None or case.check is None or message.content.channel is not Channel.CHAT:
            return False
        address = self._mail_address(message)
        if not address or asking.recipient(transaction, case.case_id) is not None:
            return False
        recipient = self._recipient(transaction, message, address)
        asking.keep_recipient(transaction, case.case_id, recipient, self._subject(transaction, message))
        asked = e.LetterRequested(
            at=message.event.received, cause=message.envelope.id, template="identity_request",
            letter_id=_derived(message.event.message_id, "letter", "identity_request"),
            claim_ids=case.check.claim_ids,
        )  # fmt: skip
        command = c.PassTime(case_id=case.case_id, cause=message.envelope.id, at=message.event.received)
        for letter in self._letters(transaction, case, [asked], command):
            transaction.enqueue(caused(message.envelope, letter, SOURCE))
        told = self._plain(
            transaction, message, "chat_receipt", {"rights": [letters.right_fact(x) for x in case.claims]}
        )
        transaction.enqueue(caused(message.envelope, told, SOURCE, 98))
        return True

    def open_decided(self, transaction: Transaction, message: Message, rights: Sequence[Right]) -> None:
        """Open what an officer read in a message."""
        self._open(transaction, message, casebook.open_case_of(transaction, message.event.correspondent), rights)

    # ---- what an officer, a handler, a link says

    def _reviewed(self, transaction: Transaction, envelope: Envelope, event: bus.ReviewDecided) -> None:
        row = reviews.find(transaction, event.review_id)
        if row is None or not event.rights:
            return
        received = bus.MessageReceived(
            controller=row.controller, occurred=event.occurred, correspondent=row.correspondent,
            message_id=row.message_id, channel=Channel(row.channel), received=row.received, body=row.body,
            person=row.person, size_bytes=0,
        )  # fmt: skip
        content = MessageContent.model_validate_json(self._vault.open(transaction, row.body))
        reading = self._tools.reader.read(row.controller, content.text, content.subject)
        self.open_decided(transaction, Message(envelope, received, content, reading), event.rights)

    def _identity(self, transaction: Transaction, envelope: Envelope, event: bus.IdentityAnswered) -> None:
        case, _ = casebook.load(transaction, event.case_id)
        if case is None or case.check is None or case.check.check_id != event.check_id:
            return  # answered already, or expired: following a link twice is no fault
        command = c.AnswerIdentity(
            case_id=case.case_id, cause=envelope.id, at=event.occurred, check_id=event.check_id,
            method=case.check.method, digest=case.check.challenge,
        )  # fmt: skip
        self.carry_out(transaction, command, envelope)

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

    def _held(self, transaction: Transaction, envelope: Envelope, event: bus.MessageHeld) -> None:
        reviews.add_held(transaction, event)
        request = bus.ReviewRequested(
            controller=event.controller, occurred=event.occurred, correspondent=event.correspondent,
            message_id=event.message_id, review_id=_derived(event.message_id, "review"), reason=event.reason.value,
            body=event.body,
        )  # fmt: skip
        transaction.enqueue(caused(envelope, request, SOURCE))

    # ---- the one way a case is written

    def carry_out(
        self, transaction: Transaction, command: c.Command, cause: Envelope | None, recipient: str | None = None
    ) -> Case | None:
        """Decide, write down and publish; a command that the case refuses changes nothing and is told to its giver."""
        case, seen = casebook.load(transaction, command.case_id)
        if case is not None and casebook.known(transaction, command):
            return case
        controller = command.controller if isinstance(command, c.OpenCase) else case.controller if case else ""
        received = command.received if isinstance(command, c.OpenCase) else case.received if case else command.at
        terms = self._tools.knowledge.terms(controller, self._day(controller, received), self._tools.handled)
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
        return self._tools.knowledge.terms(
            case.controller, self._day(case.controller, case.received), self._tools.handled
        )

    def _publish(
        self,
        transaction: Transaction,
        case: Case,
        decided: Sequence[e.CaseEvent],
        command: c.Command,
        cause: Envelope | None,
    ) -> None:
        told: list[Event] = [
            event.model_copy(update=self._for_the_handler(transaction, case, event))
            if isinstance(event, bus.ClaimRouted)
            else event
            for event in published(case, decided)
        ]
        told += self._letters(transaction, case, decided, command)
        if isinstance(command, c.RecordTask | c.RecordRefusal):
            # Its handler said so already.
            told = [event for event in told if not isinstance(event, bus.TaskOpened | bus.ClaimRefused)]
        # The version makes the ids of two commands of one cause differ.
        for number, event in enumerate(told, case.version << 8):
            wrapped = caused(cause, event, SOURCE, number) if cause else rooted(command.cause, event, SOURCE, number)
            transaction.enqueue(wrapped)

    def _letters(
        self, transaction: Transaction, case: Case, decided: Sequence[e.CaseEvent], command: c.Command
    ) -> list[Event]:
        """Return the letters that were asked for; a receipt that goes out with an identity check is one letter."""
        asked = [event for event in decided if isinstance(event, e.LetterRequested)]
        if not asked:
            return []
        names = {letter.template for letter in asked}
        if {"receipt", "identity_request"} <= names:
            # The one letter is the receipt of everything that was asked for, not only of what needs the check.
            received = tuple(claim for letter in asked if letter.template == "receipt" for claim in letter.claim_ids)
            asked = [_with_claims(letter, received) for letter in asked if letter.template != "receipt"]
        requests: list[Event] = [
            self._letter_to_others(transaction, case, letter, command.at) for letter in asked if letter.to_customer
        ]
        recipient = asking.recipient(transaction, case.case_id)
        if recipient is None:
            return requests  # a case that an officer opened without an address: its letters are written by hand
        # A case's letters go by mail, whichever way it came: an address can be checked, a chat window cannot.
        to = letters.Addressee(case.controller, case.person, case.case_id, Channel.EMAIL, case.language, case.case_id)
        for letter in (each for each in asked if not each.to_customer):
            template, facts = self.letter_of(transaction, case, letter)
            requests.append(
                letters.request(
                    self._vault, transaction, to, letter_id=letter.letter_id, template=template, facts=facts,
                    recipient=recipient, now=command.at, claim_ids=letter.claim_ids, completes=letter.completes,
                )
            )  # fmt: skip
        return requests

    def _letter_to_others(
        self, transaction: Transaction, case: Case, letter: e.LetterRequested, now: datetime
    ) -> bus.ReplyRequested:
        """Tell a customer or a recipient what was done, and about whom: they must do the same (Art. 19, 28(3)(e))."""
        customer = letter.customer or case.customer
        assert customer is not None  # the core names a processor's customer, or refuses to be one
        _, facts = self.letter_of(transaction, case, letter)
        facts |= {"about": asking.about(self._vault, transaction, case), "notices": ["concerns"]}
        facts |= asking.changes(self._vault, transaction, case, letter)
        to = letters.Addressee(case.controller, case.person, case.case_id, Channel.EMAIL, "en", case.case_id)
        return letters.request(
            self._vault, transaction, to, letter_id=letter.letter_id, template=letter.template, facts=facts,
            recipient=customer, now=now, claim_ids=letter.claim_ids,
        )  # fmt: skip

    def _for_the_handler(self, transaction: Transaction, case: Case, event: bus.ClaimRouted) -> dict[str, Any]:
        """Return what a handler must know that the case itself does not keep."""
        found = self._tools.knowledge.in_force(case.controller, self._day(case.controller, case.received))
        policy = found.policy if found else None
        told: dict[str, Any] = {"formats": promised.promised_formats(policy, event.right)}
        if event.right is Right.ACCESS:
            seat = self._tools.knowledge.seat(case.controller, self._day(case.controller, case.received))
            told |= {"policy_says": promised.supplement(policy), "authority": promised.authority(policy, seat)}
            told["policy_language"] = policy.language if policy else ""
        claim = case.claim(event.claim_id)
        subject = asking.subject(transaction, case)
        if claim is not None and claim.subject is not None and asking.names_somebody(self._vault, transaction, claim):
            subject = claim.subject
        return {"subject": subject, **told}

    def letter_of(self, transaction: Transaction, case: Case, letter: e.LetterRequested) -> tuple[str, dict[str, Any]]:
        """Return a case's letter: its template, and what it says."""
        day = self._day(case.controller, case.received)
        found = self._tools.knowledge.in_force(case.controller, day)
        policy = found.policy if found else None
        seat = self._tools.knowledge.seat(case.controller, day)
        own = self._tools.knowledge.settings.controllers.get(case.controller)
        facts = letters.case_facts(
            case, letter, policy, self.code(case), self.terms_of(case), seat, own.sender if own else ""
        )
        facts |= letters.officer_words(self._vault, transaction, case, letter)
        facts |= asking.result_facts(self._vault, transaction, case, letter)
        return letters.template_of(case, letter, facts), facts

    # ---- letters that belong to no case

    def _answer(self, transaction: Transaction, message: Message) -> None:
        event = message.event
        on = self._day(event.controller, event.received)
        text = f"{message.content.subject}\n{message.content.text}".strip()
        answer = self._tools.answering(
            event.controller, asking.question_in(message.reading, text), on, message.language
        )
        if answer is None:
            self._review(transaction, message, "no_policy", tell=True)
            return
        letter = self._plain(transaction, message, "answer", {"answer": answer.text})
        told = bus.QuestionAnswered(
            controller=event.controller,
            occurred=event.received,
            correspondent=event.correspondent,
            message_id=event.message_id,
            language=message.language,
            citations=tuple(
                Citation(
                    kind="policy",
                    policy=each.policy,
                    version=each.version,
                    clause=each.clause,
                    start=each.start,
                    end=each.end,
                )
                for each in answer.citations
            ),
            abstained=answer.abstained,
            score=round(answer.score, 4),
            answer=letter.facts,
        )
        transaction.enqueue(caused(message.envelope, told, SOURCE), caused(message.envelope, letter, SOURCE))
        if answer.abstained:
            # The letter said that a human will look: so a human must be asked to.
            self._review(transaction, message, "policy_is_silent", tell=False)

    def _status(self, transaction: Transaction, message: Message, case: Case | None) -> None:
        facts: dict[str, object] = {"rights": [letters.right_fact(claim) for claim in case.claims] if case else []}
        if case:
            facts["reference"] = letters.reference(case.case_id)
        letter = self._plain(transaction, message, "status", facts)
        transaction.enqueue(caused(message.envelope, letter, SOURCE))

    def _ask(
        self, transaction: Transaction, message: Message, question: str, rights: Sequence[Read], yes: str, no: str
    ) -> None:
        """Put one short question to the person and remember it until they answer."""
        openable = [Right(right.value) for right in rights if right.value in OPENABLE]
        asking.remember(transaction, message.event, openable, yes, no)
        letter = self._plain(transaction, message, "ask", {"question": question})
        transaction.enqueue(caused(message.envelope, letter, SOURCE))

    def _review(self, transaction: Transaction, message: Message, reason: str, *, tell: bool) -> None:
        event = message.event
        suggested = dict.fromkeys(
            Right(claim.right.value)
            for claim in (*message.reading.claims, *message.reading.suggestions)
            if claim.right.value in OPENABLE and not claim.negated
        )
        request = bus.ReviewRequested(
            controller=event.controller, occurred=event.received, correspondent=event.correspondent,
            message_id=event.message_id, review_id=_derived(event.message_id, "review"), reason=reason,
            suggestions=tuple(suggested), body=event.body,
        )  # fmt: skip
        if reviews.add(transaction, request, event):
            transaction.enqueue(caused(message.envelope, request, SOURCE))
        if tell:
            letter = self._plain(transaction, message, "review", {"received": event.received.isoformat()})
            transaction.enqueue(caused(message.envelope, letter, SOURCE))

    def _plain(
        self, transaction: Transaction, message: Message, template: str, facts: dict[str, object]
    ) -> bus.ReplyRequested:
        event = message.event
        to = letters.Addressee(event.controller, event.person, event.correspondent, event.channel, message.language)
        return letters.request(
            self._vault, transaction, to, letter_id=_derived(event.message_id, "letter", template), template=template,
            facts=facts, recipient=self._recipient(transaction, message), now=event.received,
        )  # fmt: skip

    # ---- small things

    def _mail_address(self, message: Message) -> str:
        """Return the address that a case's letters go to: the sender's, or the one that a chat named."""
        named = next(iter(message.reading.details.get("emails") or ()), "")
        return message.content.sender_address if message.content.channel is Channel.EMAIL else str(named).lower()

    def _recipient(self, transaction: Transaction, message: Message, by_mail: str = "") -> str:
        recipient = letters.recipient_of(message.content, message.event.correspondent)
        if by_mail and recipient.channel is Channel.CHAT:
            recipient = recipient.model_copy(update={"channel": Channel.EMAIL, "address": by_mail, "session": ""})
        content = recipient.model_dump_json().encode()
        ref = f"vault:{uuid5(NAMESPACE, f'recipient|{message.event.message_id}|{recipient.channel.value}')}"
        return self._vault.seal(transaction, message.event.person, "recipient", content, ref=ref)

    def _subject(self, transaction: Transaction, message: Message) -> str:
        details = dict(message.reading.details)
        # Which list or purpose is meant is for the handler to see, who knows the lists and purposes by name.
        details["said"] = f"{message.content.subject}\n{message.content.text}"[:SAID_CHARACTERS_MAX]
        address = self._mail_address(message)
        subject = Subject(
            identities={"email": (address,)} if address else {},
            name=message.content.sender_name,
            details=details,
            language=message.language,
        )
        return self._vault.seal(transaction, message.event.person, "subject", subject.model_dump_json().encode())

    def _code(self, transaction: Transaction, message: Message, case: Case) -> bool:
        """Take a message that answers an identity check; tell whether it did."""
        check = case.check
        if check is None:
            return False
        given = ["".join(filter(str.isdigit, found)) for found in _DIGITS.findall(message.content.text[:5000])]
        right = any(hmac.compare_digest(code, self.code(case)) for code in given)
        replied = any(claim.right is Read.IDENTITY_REPLY for claim in message.reading.claims)
        if not right and not (replied and given):
            return False
        command = c.AnswerIdentity(
            case_id=case.case_id, cause=message.envelope.id, at=message.event.received, check_id=check.check_id,
            method=check.method, digest=check.challenge if right else "",
        )  # fmt: skip
        after = self.carry_out(transaction, command, message.envelope)
        if not right and after is not None:
            left = after.check.attempts_left if after.check else 0
            letter = self._plain(transaction, message, "identity_wrong", {"attempts_left": left})
            transaction.enqueue(caused(message.envelope, letter, SOURCE, 99))
        return True

    def code(self, case: Case) -> str:
        """Return the one-time code of a case's identity check; derived, so that it is kept nowhere."""
        if case.check is None:
            return ""
        digest = hmac.new(self._vault.subkey("identity codes"), case.check.check_id.encode(), sha256).digest()
        digits = self._tools.code_digits
        return str(int.from_bytes(digest[:8]) % 10**digits).zfill(digits)

    def _now(self, received: datetime) -> datetime:
        """Return when we decide: after an outage that is later than the receipt, and what we ask is asked only now."""
        return max(self._tools.clock.now(), received)

    def _challenge(self, case_id: str) -> str:
        return self._vault.keyed_hash("identity challenge", case_id)

    def _day(self, controller: str, moment: datetime) -> date:
        """Return the day of a moment where the controller is: it decides which policy was in force."""
        del controller
        return moment.date()


def _assurance(event: bus.MessageReceived) -> Assurance:
    """Return how sure the message itself makes us: its letters and its look-ups concern the address that signed it."""
    return Assurance.ALIGNED_MAIL if event.aligned else Assurance.NONE


def _to(event: bus.ByCase, envelope: Envelope) -> dict[str, Any]:
    return {"case_id": event.case_id, "cause": envelope.id, "at": event.occurred}


def _with_claims(letter: e.LetterRequested, more: Sequence[str]) -> e.LetterRequested:
    if letter.template != "identity_request":
        return letter
    return letter.model_copy(update={"claim_ids": tuple(dict.fromkeys((*letter.claim_ids, *more)))})


def _derived(*parts: str) -> str:
    return str(uuid5(NAMESPACE, "|".join(parts)))
