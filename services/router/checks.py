"""Identity checks at the edge: the one-time code, the link that was followed, the answer that a message holds."""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable
from hashlib import sha256
from typing import Final

from schemas import events as bus
from schemas.envelope import Envelope, caused
from services.router import casebook
from services.router.core.cases import commands as c
from services.router.core.cases.state import Case
from services.router.core.reading.rights import Right as Read
from services.router.message import Message
from services.router.replies import Replies
from services.router.tools import SOURCE, Tools
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

    def by_message(self, transaction: Transaction, message: Message, case: Case) -> bool:
        """Take a message that answers an identity check; tell whether it did."""
        check = case.check
        if check is None:
            return False
        given = ["".join(filter(str.isdigit, found)) for found in _DIGITS.findall(message.content.text[:5000])]
        right = any(hmac.compare_digest(code, code_of(self._tools, case)) for code in given)
        replied = any(claim.right is Read.IDENTITY_REPLY for claim in message.reading.claims)
        if not right and not (replied and given):
            return False
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

    def by_link(self, transaction: Transaction, envelope: Envelope, event: bus.IdentityAnswered) -> None:
        case, _ = casebook.load(transaction, event.case_id)
        if case is None or case.check is None or case.check.check_id != event.check_id:
            return  # answered already, or expired: following a link twice is no fault
        command = c.AnswerIdentity(
            case_id=case.case_id, cause=envelope.id, at=event.occurred, check_id=event.check_id,
            method=case.check.method, digest=case.check.challenge,
        )  # fmt: skip
        self._carry_out(transaction, command, envelope)
