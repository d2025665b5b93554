"""What a letter of the router says: facts for its template, sealed for its recipient, and the event that asks for it.

Facts are plain values: rights, dates, quotations of the controller's own policy. The words are intake's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parseaddr
from typing import Any, Final
from uuid import uuid5

from schemas.content import LetterFacts, MessageContent, Recipient
from schemas.events import ReplyRequested
from schemas.rights import Channel
from services.router import promised
from services.router.core.cases import events as e
from services.router.core.cases.clocking import due_of
from services.router.core.cases.state import Case, Claim
from services.router.core.cases.story import NAMESPACE
from services.router.core.cases.terms import Terms
from services.router.core.cases.values import DOCUMENT, LINK_AND_FACTOR, Asker, Due, Stage
from services.router.core.policy.model import Policy, Seat
from services.runtime.store import Transaction
from services.runtime.vault import Vault

TEMPLATES: Final = {
    "receipt": "receipt",
    "identity_request": "receipt",
    "withdrawn": "withdrawn",
    "fulfilled": "done",
    "partly_fulfilled": "partly_done",
    "refused": "refusal",
    "not_identified": "identity_expired",
}
"""A case's letters and the templates that say them; a name that is missing here is its own template."""

RECEIPTS: Final = frozenset({"receipt", "identity_request"})

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
        session=(content.room or correspondent) if content.channel is Channel.CHAT else "",
        sender=content.addressed_to,
        subject=content.subject,
        message_id=content.message_id,
        references=content.references,
    )


def customer(vault: Vault, transaction: Transaction, person: str, named: str | None) -> str | None:
    """Keep a processor's customer, written `Name <address>`, where letters to them go."""
    name, address = parseaddr(named or "")
    if "@" not in address:
        return None
    to = Recipient(channel=Channel.EMAIL, address=address, name=name)
    return vault.seal(transaction, person, "recipient", to.model_dump_json().encode())


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
    content = LetterFacts(facts=facts).model_dump_json().encode()
    kept = kept_as(letter_id) if to.case_id is not None else None
    sealed = vault.seal(transaction, to.person, "letter", content, ref=kept)
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


def kept_as(letter_id: str) -> str:
    """Return where the vault keeps what a case's letter said, so that it can be shown as evidence later."""
    return f"vault:{uuid5(NAMESPACE, f'letter facts|{letter_id}')}"


def template_of(case: Case, letter: e.LetterRequested, facts: Mapping[str, Any]) -> str:
    """Return the template that says a case's letter."""
    if "sent_to" in facts:  # another controller has it and said so (Art. 20(2) GDPR)
        return "sent_to_other"
    if "records" in facts:  # a handler looked; what an officer did by hand says itself what it was
        return "access_result"
    if letter.template == "identity_request" and case.check is not None and case.check.method == DOCUMENT:
        return "identity_document"
    if letter.template == "identity_request" and case.check is not None and case.check.method == LINK_AND_FACTOR:
        return "identity_factor"
    return TEMPLATES.get(letter.template, letter.template)


def case_facts(
    case: Case,
    letter: e.LetterRequested,
    policy: Policy | None,
    code: str,
    terms: Terms | None = None,
    seat: Seat | None = None,
    own_address: str = "",
) -> dict[str, Any]:
    """Return what a letter about a case can say."""
    claims = [claim for claim in case.claims if claim.claim_id in letter.claim_ids] or list(case.claims)
    facts: dict[str, Any] = {
        "reference": reference(case.case_id),
        # The day where the controller is: a letter that came after midnight there did not come the day before.
        "received": (case.received.astimezone(terms.zone) if terms else case.received).isoformat(),
        "rights": [right_fact(claim) for claim in claims],
        "authority": promised.authority(policy, seat),
        "human": any(claim.stage is Stage.AWAITING_HUMAN or claim.tasks for claim in claims),
    }
    if len(claims) == 1:
        facts["right"] = claims[0].right.value
        if terms is not None:
            facts |= ground_facts(case, claims[0], terms)
    if letter.template in RECEIPTS:
        of_a_child = case.asker in {Asker.MINOR, Asker.PARENT}
        facts |= promised.receipt_facts(policy, claims, own_address, str(facts["authority"]), of_a_child=of_a_child)
    if letter.template == "refused" and len(claims) == 1:
        facts |= promised.refusal_facts(policy, claims[0])
    if letter.template == "extension" and terms is not None:
        facts |= extension_facts(case, claims[0], letter.at, terms)
    if letter.template == "identity_request" and case.check is not None:
        if case.check.method == DOCUMENT:
            facts["expires"] = case.check.expires.isoformat()
        else:
            facts["check"] = {"id": case.check.check_id, "expires": case.check.expires.isoformat()}
            if case.check.method == LINK_AND_FACTOR and terms is not None:
                # The number is asked for behind the link; a code would be a way around it.
                facts["check"]["factor"] = facts["number"] = terms.factor
            else:
                facts["code"] = code
    return facts


def ground_facts(case: Case, claim: Claim, terms: Terms) -> dict[str, Any]:
    """Return the ground on which a claim was refused, wholly or in part, and its source (Art. 12(4) GDPR)."""
    known = terms.grounds.get(claim.ground or "")
    if known is None:
        return {}
    return {
        "ground_id": known.id,
        "ground": known.title,
        "citation": known.citation(case.law.laws) or "",
        "tell": list(known.tell),
    }


def extension_facts(case: Case, claim: Claim, told: datetime, terms: Terms) -> dict[str, Any]:
    """Return the day that an extension moves a claim to, and its ground (Art. 12(3) GDPR).

    The extension counts from the letter's delivery, which is still to come; the day is the same, because the longer
    period is counted from the receipt.
    """
    if claim.extension is None or claim.due is None:
        return {}
    later = due_of(claim, case.law, terms, (claim.extension.told(told),))
    ground = claim.extension.ground
    return {"due": _day(claim.due), "new_due": _day(later), "extension_ground": ground, "rule": later.source}


def officer_words(vault: Vault, transaction: Transaction, case: Case, letter: e.LetterRequested) -> dict[str, Any]:
    """Return what an officer wrote for the person: reasons, a question, whom a claim was handed to."""
    words: dict[str, Any] = {}
    if letter.reasons is not None:
        words |= LetterFacts.model_validate_json(vault.open(transaction, letter.reasons)).facts
    for claim in case.claims:
        if claim.to is not None and claim.claim_id in letter.claim_ids:
            found = LetterFacts.model_validate_json(vault.open(transaction, claim.to)).facts
            words["to"] = str(found.get("to") or found.get("note") or "")
    return words


def right_fact(claim: Claim) -> dict[str, Any]:
    """Return what a letter says of one claim: its right, its day, and the rule that set it."""
    due = claim.due
    return {
        "right": claim.right.value,
        # What has ended is not to be answered any more.
        "due": _day(due) if due and claim.open else "",
        "rule": due.source if due else "",
        "state": STATES.get(claim.stage, "working"),
    }


def _day(due: Due) -> str:
    return due.day.isoformat() if due.day else due.due.isoformat()
