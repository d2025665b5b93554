"""Small memories of a conversation: the question a person was asked back, and where a case's letters go."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import bindparam, delete, insert, select

from schemas.content import LetterFacts, Subject
from schemas.rights import Right
from services.router.core.cases import events as e
from services.router.core.cases.state import Case, Claim
from services.router.core.language import base_code
from services.router.core.reading.rights import Right as Read
from services.router.core.reading.verdict import Question, Reading
from services.router.tables import ASKED, RECIPIENTS
from services.runtime.store import Transaction
from services.runtime.store.prepared import Prepared
from services.runtime.store.transaction import insert_once
from services.runtime.vault import Vault

ANSWER_CHARACTERS_MAX: Final = 400
QUESTION_CHARACTERS_MAX: Final = 2000

_SENTENCES: Final = re.compile(r"[^.!?;\n？。！؟]+[.!?;？。！؟]*")
_QUESTION_ENDS: Final = ("?", "？", "؟")
_ASKED: Final = Prepared(select(ASKED.c.rights, ASKED.c.message_id).where(ASKED.c.correspondent == bindparam("of")))


@dataclass(frozen=True, slots=True)
class Answered:
    """A yes or no to the question that was asked back about a message."""

    message_id: str
    right: Read
    yes: bool
    before: tuple[Read, ...]
    """What was asked about the same message earlier, and is answered."""


def remember(
    transaction: Transaction, correspondent: str, message_id: str, at: datetime, question: Question,
    before: Sequence[Read] = (),
) -> None:  # fmt: skip
    """Remember what was asked about a message, until the person answers or is asked something else."""
    transaction.execute(delete(ASKED).where(ASKED.c.correspondent == correspondent))
    asked = json.dumps(
        {"rights": [question.right.value], "yes": question.yes, "no": question.no, "before": list(before)}
    )
    transaction.execute(
        insert(ASKED).values(
            correspondent=correspondent, message_id=message_id, rights=asked, asked_ms=int(at.timestamp() * 1000)
        )
    )


def answered(transaction: Transaction, correspondent: str, text: str) -> Answered | None:
    """Return what the person answers to the question they were asked; either word ends it."""
    row = _ASKED.first(transaction, {"of": correspondent})
    if row is None:
        return None
    asked = json.loads(row[0])
    first = next((line for line in text.splitlines() if line.strip()), "")
    word = re.sub(r"^\W+|\W+$", "", first)[:ANSWER_CHARACTERS_MAX].casefold()
    yes, no = (re.match(rf"{re.escape(asked[each].casefold())}\b", word) is not None for each in ("yes", "no"))
    if not yes and not no:
        return None
    transaction.execute(delete(ASKED).where(ASKED.c.correspondent == correspondent))
    before = tuple(Read(right) for right in asked.get("before", ()))
    return Answered(row[1], Read(asked["rights"][0]), yes, before)


def keep_recipient(transaction: Transaction, case_id: str, recipient: str, subject: str | None = None) -> None:
    """Remember where a case's letters go, and who it is about."""
    transaction.execute(
        insert_once(transaction, RECIPIENTS, ("case_id",)),
        {"case_id": case_id, "recipient": recipient, "subject": subject},
    )


def recipient(transaction: Transaction, case_id: str) -> str | None:
    """Return where a case's letters go."""
    row = transaction.execute(select(RECIPIENTS.c.recipient).where(RECIPIENTS.c.case_id == case_id)).first()
    return None if row is None else row.recipient


def subject(transaction: Transaction, case: Case) -> str:
    """Return who the case is about: as it was opened, or as the person said later."""
    row = transaction.execute(select(RECIPIENTS.c.subject).where(RECIPIENTS.c.case_id == case.case_id)).first()
    return case.subject if row is None or row.subject is None else row.subject


def names_somebody(vault: Vault, transaction: Transaction, claim: Claim) -> bool:
    """Tell whether the message that asked for this says itself who it is about; a further line in a chat does not."""
    if claim.subject is None:
        return False
    return any(Subject.model_validate_json(vault.open(transaction, claim.subject)).identities.values())


def about(vault: Vault, transaction: Transaction, case: Case) -> str:
    """Return by which identifiers the systems know the person, in one line."""
    found = Subject.model_validate_json(vault.open(transaction, subject(transaction, case)))
    return ", ".join(value for values in found.identities.values() for value in values)


def question_in(reading: Reading, subject: str, text: str) -> str:
    """Return the sentences that ask about the policy, and whatever else is a question; all where none was marked."""
    marked = [
        (span.start, span.end)
        for claim in reading.claims
        if claim.right is Read.POLICY_QUESTION
        for span in claim.spans
        if span.part == "text"
    ]
    asks = _QUESTION_ENDS if base_code(reading.language.code) != "el" else (*_QUESTION_ENDS, ";")
    kept = [
        found.group().strip()
        for found in _SENTENCES.finditer(text)
        if found.group().rstrip().endswith(asks)
        or any(found.start() < end and start < found.end() for start, end in marked)
    ]
    whole = " ".join(kept) if marked else f"{subject}\n{text}".strip()
    return whole[:QUESTION_CHARACTERS_MAX]


def result_facts(vault: Vault, transaction: Transaction, case: Case, letter: e.LetterRequested) -> dict[str, Any]:
    """Return what the handler wrote down for the person, for the letter that answers a claim."""
    for claim in case.claims:
        if claim.claim_id in letter.completes and claim.result is not None:
            return LetterFacts.model_validate_json(vault.open(transaction, claim.result)).facts
        if claim.claim_id in letter.claim_ids and claim.result is not None and letter.template == "recipients_told":
            found = LetterFacts.model_validate_json(vault.open(transaction, claim.result)).facts
            return {"recipients": found.get("recipients", [])}
    return {}


def changes(vault: Vault, transaction: Transaction, case: Case, letter: e.LetterRequested) -> dict[str, Any]:
    """Return the new values that a recipient must take over; of an erasure or restriction nothing more is told."""
    for claim in case.claims:
        if claim.claim_id in letter.claim_ids and claim.right is Right.RECTIFICATION and claim.result is not None:
            found = LetterFacts.model_validate_json(vault.open(transaction, claim.result)).facts
            return {"receipts": found.get("receipts", [])}
    return {}
