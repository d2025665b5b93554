"""What a message does: it opens a case or adds to one, answers a question, asks one, or waits for a human."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from schemas import events as bus
from schemas.content import MessageContent
from schemas.envelope import Envelope, caused
from schemas.rights import Channel, Right
from schemas.values import Held
from services.router import asking, casebook, letters, reviews
from services.router.case_letters import CaseLetters
from services.router.checks import CarryOut, Checks, challenge_of
from services.router.core.cases import commands as c
from services.router.core.cases import events as e
from services.router.core.cases.state import Case
from services.router.core.cases.values import OWN, Asked, Asker, Role
from services.router.core.reading.details.people import SELF
from services.router.core.reading.rights import Right as Read
from services.router.core.reading.rights import State, Tier
from services.router.core.reading.verdict import Person, Question
from services.router.core.signs.children import age_said
from services.router.core.signs.customers import of_a_customer
from services.router.heard import hear
from services.router.message import Message, assurance_of
from services.router.replies import OPENABLE, Replies
from services.router.signs import age_words, customer_words
from services.router.tools import SOURCE, Tools, derived
from services.runtime.store import Transaction

ASKERS: Final = {"child": Asker.PARENT, "deceased": Asker.HEIR}
"""Who somebody is that asks for these; whoever else asks for another is an agent."""


PEOPLE_MAX: Final = 5
"""For how many people besides its writer one message opens cases; a human sees the rest."""


@dataclass(frozen=True, slots=True)
class Whom:
    """Which of several people in a message a case is for; its writer where no person is given."""

    number: int
    person: Person | None


def _asker(message: Message, signs: Signs) -> Asker:
    details = message.reading.details
    own = not details.get("on_behalf") or (signs.of_a_customer and details.get("relation") == "customer")
    if own:
        return Asker.MINOR if signs.child else Asker.PERSON
    return ASKERS.get(str(details.get("relation") or ""), Asker.AGENT)


def _asker_for(other: Person | None) -> Asker:
    return Asker.PERSON if other is None else ASKERS.get(str(other.relation or ""), Asker.AGENT)


@dataclass(frozen=True, slots=True)
class Signs:
    """What a message says beside its rights."""

    child: bool
    of_a_customer: bool


class Conversation:
    """Takes messages, one at a time."""

    def __init__(
        self, tools: Tools, carry_out: CarryOut, replies: Replies, case_letters: CaseLetters, checks: Checks
    ) -> None:
        self._tools = tools
        self._vault = tools.vault
        self._carry_out = carry_out
        self._replies = replies
        self._letters = case_letters
        self._checks = checks

    def take(self, transaction: Transaction, envelope: Envelope, event: bus.MessageReceived) -> None:
        hear(transaction, event.controller, event.person, event.received)
        content = MessageContent.model_validate_json(self._vault.open(transaction, event.body))
        reading = self._tools.reader.read(event.controller, content.text, content.subject)
        message = Message(envelope, event, content, reading)
        if event.automatic:
            # RFC 3834: nobody answers a machine. What it may hold is for a human to see.
            if reading.claims:
                self._replies.review(transaction, message, Held.AUTOMATIC.value, tell=False)
            return
        if content.encrypted and not any(claim.tier in {Tier.ACT, Tier.ASK} for claim in reading.claims):
            self._replies.locked(transaction, message)
            return
        cases = casebook.open_cases_of(transaction, event.correspondent)
        if self._checks.by_message(transaction, message, cases):
            return
        shown = self._checks.by_document(transaction, message, cases)
        if shown is not None and not _asks_besides(message):
            self._keep_words(transaction, message, shown)
            return
        case = casebook.own_or_latest(cases)
        if self._address_given(transaction, message, case) and not message.reading.claims:
            return
        answered = asking.answered(transaction, event.correspondent, content.text)
        if answered is not None:
            self._answered(transaction, envelope, answered)
            case = casebook.open_case_of(transaction, event.correspondent)
        self._claims(transaction, message, case, answered)

    def _keep_words(self, transaction: Transaction, message: Message, case: Case) -> None:
        """Keep what was written beside a document with its case."""
        event = message.event
        join = c.JoinMessage(
            case_id=case.case_id, cause=message.envelope.id, at=self._tools.decided_at(event.received),
            message_id=event.message_id, received=event.received, body=event.body,
        )  # fmt: skip
        self._carry_out(transaction, join, message.envelope)

    def _claims(
        self, transaction: Transaction, message: Message, case: Case | None, answered: asking.Answered | None
    ) -> None:
        """Do what the reading says, each claim by its tier."""
        settled = {answered.right} if answered else set()
        by_tier: dict[Tier, list[Read]] = {tier: [] for tier in Tier}
        for claim in message.reading.claims:
            if not claim.negated:
                by_tier[claim.tier].append(claim.right)
        rights = [Right(right.value) for right in by_tier[Tier.ACT] if right.value in OPENABLE and right not in settled]
        did = answered is not None
        if rights:
            self._open_each(transaction, message, case, rights)
            did = True
        for right in by_tier[Tier.ACT]:
            did = self._other(transaction, message, case, right) or did
        question = _next(message, settled)
        if question is not None:
            self._replies.ask(transaction, message, question)
            return
        if by_tier[Tier.REVIEW] or (message.reading.tier is Tier.REVIEW and not did):
            self._replies.review(transaction, message, "not_clear", tell=not did)
        elif not did:
            # Nothing was found that uses a right. A human may look; the sender of ordinary mail is not written to,
            # but somebody in a chat sits and waits for an answer.
            self._replies.review(transaction, message, "nothing_found", tell=message.content.channel is Channel.CHAT)

    def _other(self, transaction: Transaction, message: Message, case: Case | None, right: Read) -> bool:
        """Do what opens no claim: answer a question, say where a case stands, take a request back."""
        match right:
            case Read.POLICY_QUESTION:
                self._replies.answer(transaction, message)
            case Read.STATUS_QUERY:
                self._replies.status(transaction, message, casebook.latest_of(transaction, message.event.correspondent))
            case Read.WITHDRAWAL_OF_REQUEST if case is not None:
                command = c.WithdrawClaims(
                    case_id=case.case_id, cause=message.envelope.id, at=self._tools.decided_at(message.event.received),
                    message_id=message.event.message_id,
                )  # fmt: skip
                self._carry_out(transaction, command, message.envelope)
            case Read.IDENTITY_REPLY | Read.WITHDRAWAL_OF_REQUEST:
                self._replies.review(transaction, message, "no_open_case", tell=True)
            case _:
                return False
        return True

    def _open_each(
        self, transaction: Transaction, message: Message, case: Case | None, rights: Sequence[Right]
    ) -> None:
        """Open what each person is asked for: a claim is one right of one person."""
        wanted: dict[Person | None, list[Right]] = {}
        for claim in message.reading.claims:
            right = Right(claim.right.value) if claim.right.value in OPENABLE else None
            if right is not None and right in rights and not claim.negated:
                for person in claim.persons or (None,):
                    wanted.setdefault(None if person is None or person.relation == SELF else person, []).append(right)
        others = [person for person in wanted if person is not None]
        if len(wanted) < 2:
            self._open(transaction, message, case, rights)
            return
        for number, person in enumerate(others):
            if number == PEOPLE_MAX:
                self._replies.review(transaction, message, "several_people", tell=False)
                break
            self._open(transaction, message, None, wanted[person], Whom(number, person))
        if None in wanted:
            self._open(transaction, message, case, wanted[None], Whom(-1, None))

    def _open(
        self,
        transaction: Transaction,
        message: Message,
        case: Case | None,
        rights: Sequence[Right],
        whom: Whom | None = None,
    ) -> None:
        """Open a case for these rights, or add them to the open one; `whom` where several people are meant."""
        event = message.event
        other = whom.person if whom else None
        apart = ("for", str(whom.number)) if whom and other else ()
        asked = tuple(
            Asked(claim_id=derived(event.message_id, "claim", right.value, *apart), right=right)
            for right in dict.fromkeys(rights)
        )
        signs = self._signs(message)
        asker = _asker(message, signs) if whom is None else _asker_for(other)
        if case is not None and asker is not Asker.PERSON and asker is not case.asker and case.asker in OWN:
            # Who asks for somebody else needs their authority looked at, whatever is known of themselves.
            case = None
        if case is not None:
            said = self._replies.subject(transaction, message, other)
            asked = tuple(each.model_copy(update={"subject": said}) for each in asked)
            join = c.JoinMessage(
                case_id=case.case_id, cause=message.envelope.id, at=self._tools.decided_at(event.received),
                message_id=event.message_id, received=event.received, asked=asked,
                challenge=challenge_of(self._tools, case.case_id), body=event.body, assurance=assurance_of(event),
                # A chat's session is a secret that its browser keeps; the sender of a mail is what anybody wrote there.
                same_writer=event.aligned or event.identified or event.channel is Channel.CHAT,
            )  # fmt: skip
            self._carry_out(transaction, join, message.envelope)
            self._tell_chat(transaction, message, case.case_id)
            return
        case_id = derived(event.message_id, "case", *apart)
        if casebook.load(transaction, case_id)[0] is not None:
            # What was clear in the message has its case already, and that one is closed.
            case_id = derived(event.message_id, "case", *apart, *sorted(set(rights)))
        on = self._tools.knowledge.day(event.controller, event.received)
        found = self._tools.knowledge.in_force(event.controller, on)
        details = message.reading.details
        entry = self._tools.knowledge.settings.controllers.get(event.controller)
        command = c.OpenCase(
            case_id=case_id,
            cause=message.envelope.id,
            at=self._tools.decided_at(event.received),
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
            subject=self._replies.subject(transaction, message, other),
            role=Role(entry.role) if entry else Role.CONTROLLER,
            customer=letters.customer(self._vault, transaction, event.person, entry.customer) if entry else None,
            asker=asker,
            challenge=challenge_of(self._tools, case_id),
            assurance=assurance_of(event),
            body=event.body,
            of_a_customer=signs.of_a_customer,
        )
        by_mail = message.mail_address
        recipient = self._replies.recipient(transaction, message, by_mail) if by_mail else None
        self._carry_out(transaction, command, message.envelope, recipient)
        if other is None:
            self._tell_chat(transaction, message, case_id)

    def _signs(self, message: Message) -> Signs:
        """Read what else changes who must look: a child writes, or somebody on a customer's list."""
        knowledge, event, text = self._tools.knowledge, message.event, message.content.text
        on = knowledge.day(event.controller, event.received)
        age = age_said(text, message.language, age_words())
        laws = knowledge.law_choice(event.controller, on, str(message.reading.details.get("jurisdiction") or "")).laws
        entry = knowledge.settings.controllers.get(event.controller)
        names = (event.controller, entry.name if entry and entry.name else "")
        return Signs(
            child=age is not None and age < knowledge.child_under(event.controller, on, laws),
            of_a_customer=knowledge.processes_for_others(event.controller, on)
            and of_a_customer(text, message.language, names, customer_words()),
        )

    def _tell_chat(self, transaction: Transaction, message: Message, case_id: str) -> None:
        """Acknowledge in the chat; what identifies or answers goes to the address, because anybody may hold a chat."""
        case, _ = casebook.load(transaction, case_id)
        if case is None or message.content.channel is not Channel.CHAT:
            return
        facts: dict[str, object] = {
            "reference": letters.reference(case.case_id),
            "received": case.received.isoformat(),
            "rights": [letters.right_fact(claim) for claim in case.claims if claim.open],
        }
        if asking.recipient(transaction, case_id) is None:
            letter = self._replies.plain(transaction, message, "need_address", facts)
        elif case.check is not None:
            letter = self._replies.plain(transaction, message, "chat_receipt", facts)
        else:
            letter = self._replies.plain(transaction, message, "chat_taken", facts)
        transaction.enqueue(caused(message.envelope, letter, SOURCE, 98))

    def _address_given(self, transaction: Transaction, message: Message, case: Case | None) -> bool:
        """Take the address that somebody in a chat was asked for; tell whether this message gave it."""
        if case is None or case.check is None or message.content.channel is not Channel.CHAT:
            return False
        address = message.mail_address
        if not address or asking.recipient(transaction, case.case_id) is not None:
            return False
        recipient = self._replies.recipient(transaction, message, address)
        asking.keep_recipient(transaction, case.case_id, recipient, self._replies.subject(transaction, message))
        asked = e.LetterRequested(
            at=message.event.received, cause=message.envelope.id, template="identity_request",
            letter_id=derived(message.event.message_id, "letter", "identity_request"),
            claim_ids=case.check.claim_ids,
        )  # fmt: skip
        command = c.PassTime(case_id=case.case_id, cause=message.envelope.id, at=message.event.received)
        for letter in self._letters.of(transaction, case, [asked], command):
            transaction.enqueue(caused(message.envelope, letter, SOURCE))
        told = self._replies.plain(
            transaction, message, "chat_receipt", {"rights": [letters.right_fact(x) for x in case.claims]}
        )
        transaction.enqueue(caused(message.envelope, told, SOURCE, 98))
        return True

    def _open_decided(self, transaction: Transaction, message: Message, rights: Sequence[Right]) -> None:
        """Open what an officer read in a message."""
        self._open_each(transaction, message, casebook.open_case_of(transaction, message.event.correspondent), rights)

    def _answered(self, transaction: Transaction, envelope: Envelope, answered: asking.Answered) -> None:
        """Open what the person confirms, as of the message that asked; then ask what else was not clear."""
        row = reviews.find(transaction, derived(answered.message_id, "review"))
        if row is None:
            return
        message = self._waiting(transaction, envelope, row)
        if answered.yes and answered.right.value in OPENABLE:
            self._open_decided(transaction, message, [Right(answered.right.value)])
        elif answered.yes:
            case = casebook.open_case_of(transaction, message.event.correspondent)
            self._other(transaction, message, case, answered.right)
        before = (*answered.before, answered.right)
        # Who says yes to "delete it?" has their answer to "can I delete it?" as well.
        heard = {Read.POLICY_QUESTION} if answered.yes and _is_asked_how(message, answered.right) else set()
        question = _next(message, {*before, *heard})
        if question is not None:
            self._replies.ask(transaction, message, question, before)
        elif row.decided is None and not _left_for_a_human(message):
            reviews.decide(transaction, row.review_id, answered.right.value if answered.yes else "none")

    def reviewed(self, transaction: Transaction, envelope: Envelope, event: bus.ReviewDecided) -> None:
        row = reviews.find(transaction, event.review_id)
        if row is not None and event.rights:
            self._open_decided(transaction, self._waiting(transaction, envelope, row), event.rights)

    def _waiting(self, transaction: Transaction, envelope: Envelope, row: reviews.Waiting) -> Message:
        """Return a message that waited, as it was received: what is opened for it now counts from then."""
        received = bus.MessageReceived(
            controller=row.controller, occurred=row.received, correspondent=row.correspondent,
            message_id=row.message_id, channel=Channel(row.channel), received=row.received, body=row.body,
            person=row.person, size_bytes=0,
        )  # fmt: skip
        content = MessageContent.model_validate_json(self._vault.open(transaction, row.body))
        if content.channel is Channel.CHAT and content.sender_address:
            received = received.model_copy(update={"identified": True})
        reading = self._tools.reader.read(row.controller, content.text, content.subject)
        return Message(envelope, received, content, reading)

    def held(self, transaction: Transaction, envelope: Envelope, event: bus.MessageHeld) -> None:
        # The event does not say whose the mail is; what is sealed does.
        person = self._vault.person_of(transaction, event.body) or event.correspondent
        hear(transaction, event.controller, person, event.received)
        reviews.add_held(transaction, event, person)
        request = bus.ReviewRequested(
            controller=event.controller, occurred=event.occurred, correspondent=event.correspondent,
            message_id=event.message_id, review_id=derived(event.message_id, "review"), reason=event.reason.value,
            body=event.body,
        )  # fmt: skip
        transaction.enqueue(caused(envelope, request, SOURCE))


def _asks_besides(message: Message) -> bool:
    """Tell whether a message that shows a document asks for something clearly too."""
    return any(
        claim.tier is Tier.ACT and not claim.negated and claim.right is not Read.IDENTITY_REPLY
        for claim in message.reading.claims
    )


def _next(message: Message, settled: set[Read]) -> Question | None:
    """Return the first question that was not put yet."""
    return next((each for each in message.reading.questions if each.right not in settled), None)


def _is_asked_how(message: Message, right: Read) -> bool:
    return any(each.right is right and each.state is State.ASKED_HOW for each in message.reading.claims)


def _left_for_a_human(message: Message) -> bool:
    """Tell whether a message holds more than what was clear or asked back."""
    several = bool(message.reading.details.get("people"))
    return several or any(each.tier is Tier.REVIEW and not each.negated for each in message.reading.claims)
