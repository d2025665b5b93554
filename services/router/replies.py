"""Letters that belong to no case: an answer, where a case stands, a question back, that a human will look."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from schemas import events as bus
from schemas.content import Subject
from schemas.envelope import caused
from schemas.ids import derived_text
from schemas.rights import Channel, Right
from schemas.values import Citation
from services.router import asking, letters, reviews
from services.router.core.cases.state import Case
from services.router.core.reading.rights import Right as Read
from services.router.core.reading.verdict import Person, Question
from services.router.message import Message
from services.router.tools import NAMESPACE, SOURCE, Tools, derived
from services.runtime.store import Transaction

OPENABLE: Final = frozenset(right.value for right in Right)
SAID_CHARACTERS_MAX: Final = 4_000
ASKED_BACK: Final = "asked_back"
"""Why a message waits for a human: the person was asked what they mean, and has not answered yet."""

LETTERS: Final = ("answer", "status", "ask", "review")
FIRST_LETTER: Final = 100
"""The ordinals of these letters among what a message brings about begin behind those of a case's."""
LOCKED_LETTER: Final = 97


class Replies:
    """Answers a message where it came from."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._vault = tools.vault

    def answer(self, transaction: Transaction, message: Message) -> None:
        event = message.event
        on = self._tools.knowledge.day(event.controller, event.received)
        question = asking.question_in(message.reading, message.content.subject, message.content.text)
        answer = self._tools.answering(event.controller, question, on, message.language)
        if answer is None:
            self.review(transaction, message, "no_policy", tell=True)
            return
        letter = self.plain(transaction, message, "answer", {"answer": answer.text})
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
        transaction.enqueue(caused(message.envelope, told, SOURCE))
        self._post(transaction, message, letter)
        if answer.abstained:
            # The letter said that a human will look: so a human must be asked to.
            self.review(transaction, message, "policy_is_silent", tell=False)

    def status(self, transaction: Transaction, message: Message, cases: Sequence[Case]) -> None:
        """Say where each claim of these cases stands, and until when it is answered."""
        rights = [letters.right_fact(claim) for case in cases for claim in case.claims]
        facts: dict[str, object] = {"rights": rights}
        if cases:
            facts["reference"] = ", ".join(letters.reference(case.case_id) for case in cases)
        letter = self.plain(transaction, message, "status", facts)
        self._post(transaction, message, letter)

    def ask(self, transaction: Transaction, message: Message, question: Question, before: Sequence[Read] = ()) -> None:
        """Put one short question to the person and remember it until they answer.

        The message waits for a human meanwhile: whoever does not answer has asked for something all the same.
        """
        event = message.event
        asking.remember(transaction, event.correspondent, event.message_id, event.received, question, before)
        self.review(transaction, message, ASKED_BACK, tell=False)
        letter = self.plain(transaction, message, "ask", {"question": question.text}, about=question.right.value)
        self._post(transaction, message, letter, len(before))

    def review(self, transaction: Transaction, message: Message, reason: str, *, tell: bool) -> None:
        event = message.event
        suggested = dict.fromkeys(
            Right(claim.right.value)
            for claim in (*message.reading.claims, *message.reading.suggestions)
            if claim.right.value in OPENABLE and not claim.negated
        )
        request = bus.ReviewRequested(
            controller=event.controller, occurred=event.received, correspondent=event.correspondent,
            message_id=event.message_id, review_id=derived(event.message_id, "review"), reason=reason,
            suggestions=tuple(suggested), body=event.body,
        )  # fmt: skip
        if reviews.add(transaction, request, event):
            transaction.enqueue(caused(message.envelope, request, SOURCE))
        if tell:
            letter = self.plain(transaction, message, "review", {"received": event.received.isoformat()})
            self._post(transaction, message, letter)

    def locked(self, transaction: Transaction, message: Message) -> None:
        """Say that a message cannot be read without its key, and what to do; a human learns of it too."""
        self.review(transaction, message, "encrypted", tell=False)
        letter = self.plain(transaction, message, "locked", {"received": message.event.received.isoformat()})
        transaction.enqueue(caused(message.envelope, letter, SOURCE, LOCKED_LETTER))

    def plain(
        self, transaction: Transaction, message: Message, template: str, facts: dict[str, object], about: str = ""
    ) -> bus.ReplyRequested:
        event = message.event
        to = letters.Addressee(event.controller, event.person, event.correspondent, event.channel, message.language)
        name = derived(event.message_id, "letter", template, *filter(None, [about]))
        return letters.request(
            self._vault, transaction, to, letter_id=name, template=template, facts=facts,
            recipient=self.recipient(transaction, message), now=event.received,
        )  # fmt: skip

    def _post(self, transaction: Transaction, message: Message, letter: bus.ReplyRequested, number: int = 0) -> None:
        """Have a letter sent. One message may bring several about, and each is an event of its own."""
        ordinal = FIRST_LETTER + LETTERS.index(letter.template) + len(LETTERS) * number
        transaction.enqueue(caused(message.envelope, letter, SOURCE, ordinal))

    def recipient(self, transaction: Transaction, message: Message, by_mail: str = "") -> str:
        recipient = letters.recipient_of(message.content, message.event.correspondent)
        if by_mail and recipient.channel is Channel.CHAT:
            recipient = recipient.model_copy(update={"channel": Channel.EMAIL, "address": by_mail, "session": ""})
        content = recipient.model_dump_json().encode()
        ref = f"vault:{derived_text(NAMESPACE, f'recipient|{message.event.message_id}|{recipient.channel.value}')}"
        return self._vault.seal(transaction, message.event.person, "recipient", content, ref=ref)

    def subject(self, transaction: Transaction, message: Message, other: Person | None = None) -> str:
        """Seal who a case is about; of somebody whom the writer only speaks for, no identifier is known yet."""
        details = dict(message.reading.details)
        # Which list or purpose is meant is for the handler to see, who knows the lists and purposes by name.
        details["said"] = f"{message.content.subject}\n{message.content.text}"[:SAID_CHARACTERS_MAX]
        address = message.mail_address
        subject = Subject(
            identities={} if other else {**({"email": (address,)} if address else {}), **message.content.identities},
            name=(other.name or "") if other else message.content.sender_name,
            details=details,
            language=message.language,
        )
        return self._vault.seal(transaction, message.event.person, "subject", subject.model_dump_json().encode())
