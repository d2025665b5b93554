"""What a letter of the router says: facts for its template, sealed for its recipient, and the event that asks for it.

Facts are plain values: rights, dates, quotations of the controller's own policy. The words are intake's.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from schemas.content import LetterFacts, MessageContent, Recipient
from schemas.events import ReplyRequested
from schemas.rights import Channel
from services.router.core.cases import events as e
from services.router.core.cases.state import Case, Claim
from services.router.core.cases.values import Stage
from services.router.core.policy.model import Policy, PromiseKind
from services.runtime.store import Transaction
from services.runtime.vault import Vault

TEMPLATES: Final = {
    "receipt": "receipt",
    "identity_request": "receipt",
    "withdrawn": "withdrawn",
    "fulfilled": "done",
    "partly_fulfilled": "done",
    "refused": "refusal",
    "not_identified": "identity_expired",
}
"""A case's letters and the templates that say them; a name that is missing here is its own template."""

STATES: Final = {
    Stage.AWAITING_PERSON: "identifying",
    Stage.AWAITING_HUMAN: "human",
    Stage.PARKED: "human",
    Stage.COMPLETED: "closed",
    Stage.ANSWERING: "answered",
}


@dataclass(frozen=True, slots=True)
class Addressee:
    """Who is written to, and what their letters are ordered by."""

    controller: str
    person: str
    ordered_by: str
    channel: Channel
    language: str
    case_id: str | None = None


def recipient_of(content: MessageContent, correspondent: str) -> Recipient:
    """Return where the answer to a message goes: back where it came from, and only there."""
    return Recipient(
        channel=content.channel,
        address=content.sender_address,
        name=content.sender_name,
        session=correspondent if content.channel is Channel.CHAT else "",
        sender=content.addressed_to,
        subject=content.subject,
        message_id=content.message_id,
        references=content.references,
    )


def reference(case_id: str) -> str:
    """Return the short name of a case that people can say on the phone."""
    return f"HB-{case_id.replace('-', '')[:8].upper()}"


def request(
    vault: Vault,
    transaction: Transaction,
    to: Addressee,
    *,
    letter_id: str,
    template: str,
    facts: dict[str, Any],
    recipient: str,
    now: datetime,
    claim_ids: tuple[str, ...] = (),
    completes: tuple[str, ...] = (),
) -> ReplyRequested:
    """Seal the facts and return the event that asks for the letter."""
    sealed = vault.seal(transaction, to.person, "letter", LetterFacts(facts=facts).model_dump_json().encode())
    return ReplyRequested(
        controller=to.controller,
        occurred=now,
        letter_id=letter_id,
        ordered_by=to.ordered_by,
        person=to.person,
        template=template,
        language=to.language,
        channel=to.channel,
        facts=sealed,
        recipient=recipient,
        case_id=to.case_id,
        claim_ids=claim_ids,
        completes=completes,
    )


def case_facts(case: Case, letter: e.LetterRequested, policy: Policy | None, code: str) -> dict[str, Any]:
    """Return what a letter about a case can say."""
    claims = [claim for claim in case.claims if claim.claim_id in letter.claim_ids] or list(case.claims)
    facts: dict[str, Any] = {
        "reference": reference(case.case_id),
        "received": case.received.isoformat(),
        "rights": [right_fact(claim) for claim in claims],
        "authority": authority(policy),
        "human": any(claim.stage is Stage.AWAITING_HUMAN or claim.tasks for claim in claims),
    }
    if len(claims) == 1:
        facts["right"] = claims[0].right.value
    if letter.template == "identity_request" and case.check is not None:
        facts["check"] = {"id": case.check.check_id, "expires": case.check.expires.isoformat()}
        facts["code"] = code
    return facts


def right_fact(claim: Claim) -> dict[str, Any]:
    """Return what a letter says of one claim: its right, its day, and the rule that set it."""
    due = claim.due
    day = due.day if due else None
    return {
        "right": claim.right.value,
        "due": (day.isoformat() if day else due.due.isoformat()) if due else "",
        "rule": due.source if due else "",
        "state": STATES.get(claim.stage, "working"),
    }


def authority(policy: Policy | None) -> str:
    """Return whom the policy names for complaints, with its address, in one line."""
    for promise in policy.promised(PromiseKind.AUTHORITY) if policy else ():
        parts = [promise.value.get(part) for part in ("name", "address", "phone", "email", "website")]
        return ", ".join(" ".join(str(part).split()) for part in parts if part)
    return ""
