"""Asking a vendor by mail: the letter, its reminder, and what an answer, an acknowledgement or a bounce means.

A mail is sent through intake's outbox like every other, so a repetition sends nothing twice. What comes back names the
claim by the reference in its subject, or by the link; it is written down here, and the next look acts on it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid5

from sqlalchemy import select

from schemas.content import LetterFacts, MessageContent, Recipient
from schemas.envelope import rooted
from schemas.events import ClaimRouted, DelegateAnswered, ReplyBounced, ReplyRequested
from schemas.rights import Channel
from services.fulfil import carried
from services.fulfil.carried import Carried, Delegated, State
from services.fulfil.connectors.protocol import Order
from services.fulfil.tables import MAILED
from services.runtime.asked import PURPOSE, name_digest, reference
from services.runtime.store import Transaction
from services.runtime.store.transaction import insert_once
from services.runtime.vault import Vault

SOURCE: Final = "/habeas/fulfil"
NAMESPACE: Final = UUID("c1a7a9e4-6a55-5b57-8f0e-2a0a3c3f5a10")
REQUEST: Final = "vendor_request"
REMINDER: Final = "vendor_reminder"
REMINDED_BEFORE: Final = timedelta(days=4)
"""How long before a human is called a vendor who has not answered is reminded."""
ANSWER_CHARACTERS_MAX: Final = 4000
HASTENED: Final = 1000
"""The looks that an answer orders are numbered from here: apart from those that are waited for."""


def is_overdue(event: ClaimRouted, now: datetime, margin: timedelta) -> bool:
    """Tell whether a vendor who was written to should be reminded."""
    return now >= event.due - margin - REMINDED_BEFORE


def order(
    transaction: Transaction, vault: Vault, event: ClaimRouted, known: Carried, asked: Order, name: str,
    address: str, language: str, template: str, now: datetime, answer_by: datetime,
) -> None:  # fmt: skip
    """Have a letter sent, once however often it is ordered."""
    letter_id = _letter_id(event.claim_id, known.attempt, name, template)
    facts = f"vault:{uuid5(NAMESPACE, f'facts|{letter_id}')}"
    if vault.holds(transaction, facts):
        return
    ours = reference(vault.subkey(PURPOSE), event.claim_id, name)
    said = LetterFacts(facts=_facts(asked, ours, answer_by))
    vault.seal(transaction, event.person, "letter", said.model_dump_json().encode(), ref=facts)
    to = Recipient(channel=Channel.EMAIL, address=address)
    recipient = vault.seal(transaction, event.person, "recipient", to.model_dump_json().encode())
    letter = ReplyRequested(
        controller=event.controller, occurred=now, letter_id=letter_id, ordered_by=event.claim_id, person=event.person,
        template=template, language=language, channel=Channel.EMAIL, facts=facts, recipient=recipient,
    )  # fmt: skip
    transaction.enqueue(rooted(f"letter|{letter_id}", letter, SOURCE))
    row = {"claim_id": event.claim_id, "delegate": name, "routed": event.model_dump_json(), "answer": ""}
    transaction.execute(insert_once(transaction, MAILED, ("claim_id", "delegate")), row)
    mine = (MAILED.c.claim_id == event.claim_id) & (MAILED.c.delegate == name)
    transaction.execute(MAILED.update().where(mine).values(routed=row["routed"]))


def answered(transaction: Transaction, event: DelegateAnswered) -> None:
    """Write down what a vendor said; an acknowledgement settles it, a mail is for an officer to read."""
    state = {"link": State.DONE, "bounce": State.BOUNCED}.get(event.means, State.ANSWERED)
    for name, known in _open(transaction, event.claim_id).items():
        if name_digest(name) == event.delegate:
            if known.delegated[name].state is State.HUMAN:
                # An officer deals with it already: they are told, whatever it is.
                state = State.ANSWERED
            _note(transaction, event.claim_id, name, state, event.body or "", f"{event.means}|{event.body or ''}")


def bounced(transaction: Transaction, event: ReplyBounced) -> None:
    """Write down that a mail to a vendor did not arrive."""
    for name, known in _open(transaction, event.ordered_by).items():
        letters = {_letter_id(event.ordered_by, known.attempt, name, each) for each in (REQUEST, REMINDER)}
        if event.letter_id in letters and known.delegated[name].state is State.WAITING:
            _note(transaction, event.ordered_by, name, State.BOUNCED, "", f"bounced|{event.letter_id}")


def answers(reading: Transaction, vault: Vault, claim_id: str) -> dict[str, str]:
    """Return what vendors wrote back about a claim, as far as an officer needs to see it."""
    found: dict[str, str] = {}
    for row in reading.execute(select(MAILED).where(MAILED.c.claim_id == claim_id, MAILED.c.answer != "")):
        if vault.holds(reading, row.answer):
            content = MessageContent.model_validate_json(vault.open(reading, row.answer))
            found[row.delegate] = f"{content.subject}\n{content.text}".strip()[:ANSWER_CHARACTERS_MAX]
    return found


def _open(transaction: Transaction, claim_id: str) -> dict[str, Carried]:
    """Return who was asked for a claim and is not done; nobody where the claim is told or taken back."""
    known = carried.find(transaction, claim_id)
    if known is None:
        return {}
    return {name: known for name, each in known.delegated.items() if each.state in (State.WAITING, State.HUMAN)}


def _note(transaction: Transaction, claim_id: str, name: str, state: State, answer: str, cause: str) -> None:
    mine = (MAILED.c.claim_id == claim_id) & (MAILED.c.delegate == name)
    row = transaction.execute(select(MAILED.c.routed).where(mine)).first()
    if row is None:
        return
    routed = ClaimRouted.model_validate_json(row.routed)
    carried.note(transaction, claim_id, [Delegated(name, state, routed.attempt)])
    transaction.execute(MAILED.update().where(mine).values(answer=answer))
    look = HASTENED + uuid5(NAMESPACE, f"{claim_id}|{name}|{cause}").int % 1_000_000_000
    carried.order_look(transaction, routed, look, 0)


def _facts(asked: Order, ours: str, answer_by: datetime) -> dict[str, Any]:
    known_by = [{"kind": kind, "value": value} for kind, values in asked.identities.items() for value in values]
    changed: Mapping[str, Any] = asked.particulars.get("set") or {}
    return {
        "reference": ours, "acknowledge": ours, "right": asked.right, "received": asked.asked.isoformat(),
        "due": answer_by.isoformat(), "known_by": known_by, "said": str(asked.particulars.get("said") or ""),
        "corrected": [f"{name}: {value}" for name, value in changed.items()],
    }  # fmt: skip


def _letter_id(claim_id: str, attempt: int, name: str, template: str) -> str:
    return str(uuid5(NAMESPACE, f"{claim_id}|{attempt}|{name}|{template}"))
