"""Identity checks at the edge: the one-time code, the link that was followed, the answer that a message holds."""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Final

from schemas import events as bus
from schemas.envelope import Envelope, caused
from schemas.rights import Channel
from services.router import asking, casebook, documents, letters
from services.router.core.attached import may_be_a_document
from services.router.core.cases import commands as c
from services.router.core.cases.documents import asked, once_asked
from services.router.core.cases.state import Case
from services.router.core.cases.values import LINK_AND_FACTOR, Assurance
from services.router.core.reading.rights import Right as Read
from services.router.message import Message
from services.router.replies import Replies
from services.router.tools import SOURCE, Tools, derived
from services.runtime.store import Transaction

_DIGITS: Final = re.compile(r"(?<!\d)\d(?:[ \-]?\d){5,11}(?!\d)")

CarryOut = Callable[..., Case | None]
"""`Router.carry_out`: the one way in which a case is written."""


def code_of(tools: Tools, case: Case) -> str:
    """Return the one-time code of a case's identity check; derived, so that it is kept nowhere."""
    if case.check is None:
        return ""
    digest = hmac.new(tools.vault.subkey("identity codes"), case.check.check_id.encode(), sha256).digest()
    return str(int.from_bytes(digest[:8]) % 10**tools.code_digits).zfill(tools.code_digits)


def challenge_of(tools: Tools, case_id: str) -> str:
    """Return what an answer to a case's check must prove to know."""
    return tools.vault.keyed_hash("identity challenge", case_id)


class Checks:
    """Takes answers to identity checks."""

    def __init__(self, tools: Tools, carry_out: CarryOut, replies: Replies) -> None:
        self._tools = tools
        self._carry_out = carry_out
        self._replies = replies

    def by_message(self, transaction: Transaction, message: Message, cases: Sequence[Case]) -> bool:
        """Take a message that answers one of these cases' identity checks; tell whether it did."""
        # A number is given behind the link, where nobody else reads along.
        open_ = [case for case in cases if case.check is not None and case.check.method != LINK_AND_FACTOR]
        given = ["".join(filter(str.isdigit, found)) for found in _DIGITS.findall(message.content.text[:5000])]
        meant = [case for case in open_ if any(hmac.compare_digest(code, code_of(self._tools, case)) for code in given)]
        replied = any(claim.right is Read.IDENTITY_REPLY for claim in message.reading.claims)
        if not meant and not (replied and given and open_):
            return False
        right, case = bool(meant), (meant or open_)[0]
        check = case.check
        assert check is not None
        command = c.AnswerIdentity(
            case_id=case.case_id, cause=message.envelope.id, at=message.event.received, check_id=check.check_id,
            method=check.method, digest=check.challenge if right else "",
        )  # fmt: skip
        after = self._carry_out(transaction, command, message.envelope)
        if not right and after is not None:
            left = after.check.attempts_left if after.check else 0
            letter = self._replies.plain(transaction, message, "identity_wrong", {"attempts_left": left})
            transaction.enqueue(caused(message.envelope, letter, SOURCE, 99))
        return True

    def by_document(self, transaction: Transaction, message: Message, cases: Sequence[Case]) -> Case | None:
        """Take a mail that brings the document which an officer asked for; return the case that waits for it.

        What the mail says stays with the case, the mail itself goes with the document. One that comes when nobody waits
        for it any more goes the same way, and its words are read like any other's: None is returned.
        """
        received = message.event.received
        if not may_be_a_document(message.content.attachments):
            return None
        waiting = next((each for each in cases if asked(each, received)), None)
        late = () if waiting else casebook.latest_of(transaction, message.event.correspondent)
        case = waiting or next((each for each in late if once_asked(each, received)), None)
        if case is None:
            return None
        document_id = derived(message.event.message_id, "identity document")
        ref = documents.seal_mail(transaction, self._tools.vault, case, document_id, message.content)
        if ref is None:
            return None
        command = c.KeepDocument(
            case_id=case.case_id, cause=message.envelope.id, at=self._tools.decided_at(received),
            document_id=document_id, ref=ref, received=received, message_id=message.event.message_id,
        )  # fmt: skip
        after = self._carry_out(transaction, command, message.envelope)
        return after if waiting else None

    def by_link(self, transaction: Transaction, envelope: Envelope, event: bus.IdentityAnswered) -> None:
        case, _ = casebook.load(transaction, event.case_id)
        if case is None or case.check is None or case.check.check_id != event.check_id:
            return  # answered already, or expired: following a link twice is no fault
        if case.check.method == LINK_AND_FACTOR:
            given = bus.FactorGiven(
                controller=case.controller, occurred=event.occurred, case_id=case.case_id, check_id=event.check_id,
                person=case.person, subject=asking.subject(transaction, case), answer_digest=event.answer_digest,
            )  # fmt: skip
            transaction.enqueue(caused(envelope, given, SOURCE))
            return
        command = c.AnswerIdentity(
            case_id=case.case_id, cause=envelope.id, at=event.occurred, check_id=event.check_id,
            method=case.check.method, digest=case.check.challenge,
        )  # fmt: skip
        self._carry_out(transaction, command, envelope)

    def by_factor(self, transaction: Transaction, envelope: Envelope, event: bus.FactorChecked) -> None:
        """Take the systems' word about the number that was given behind the link."""
        case, _ = casebook.load(transaction, event.case_id)
        if case is None or case.check is None or case.check.check_id != event.check_id:
            return
        about = {"case_id": case.case_id, "cause": envelope.id, "at": event.occurred, "check_id": event.check_id}
        if event.matches is None:
            self._carry_out(transaction, c.EndCheck(**about, reason="factor_unavailable"), envelope)
            return
        right = event.matches
        command = c.AnswerIdentity(
            **about, method=case.check.method, digest=case.check.challenge if right else "",
            assurance=Assurance.LINK_AND_FACTOR,
        )  # fmt: skip
        after = self._carry_out(transaction, command, envelope)
        if not right and after is not None:
            self._wrong(transaction, envelope, after, event)

    def _wrong(self, transaction: Transaction, envelope: Envelope, case: Case, event: bus.FactorChecked) -> None:
        """Tell the address that the link went to, and nobody else, that the number was not right."""
        recipient = asking.recipient(transaction, case.case_id)
        if recipient is None:
            return
        to = letters.Addressee(case.controller, case.person, case.case_id, Channel.EMAIL, case.language, case.case_id)
        left = case.check.attempts_left if case.check else 0
        letter = letters.request(
            self._tools.vault, transaction, to, letter_id=derived(envelope.id, "letter", "factor_wrong"),
            template="factor_wrong", facts={"attempts_left": left}, recipient=recipient, now=event.occurred,
        )  # fmt: skip
        transaction.enqueue(caused(envelope, letter, SOURCE, 99))
