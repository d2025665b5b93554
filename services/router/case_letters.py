"""What a case says to the outside: its letters with their facts, and what its handler must know besides.

The letters of a case go where the case remembers; their words are intake's.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from schemas import events as bus
from schemas.base import Event
from schemas.rights import Channel, Right
from services.router import asking, letters, promised
from services.router.checks import code_of
from services.router.core.cases import commands as c
from services.router.core.cases import events as e
from services.router.core.cases.state import Case
from services.router.core.cases.terms import Terms
from services.router.tools import Tools
from services.runtime.store import Transaction


class CaseLetters:
    """Writes what a case's events ask for."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._vault = tools.vault

    def terms_of(self, case: Case) -> Terms:
        """Return the terms that a case is decided by: those of the day it was received."""
        return self._tools.knowledge.terms_at(case.controller, case.received, self._tools.handled)

    def of(
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
            self._to_others(transaction, case, letter, command.at) for letter in asked if letter.to_customer
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

    def _to_others(
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

    def for_the_handler(self, transaction: Transaction, case: Case, event: bus.ClaimRouted) -> dict[str, Any]:
        """Return what a handler must know that the case itself does not keep."""
        found = self._tools.knowledge.in_force(
            case.controller, self._tools.knowledge.day(case.controller, case.received)
        )
        policy = found.policy if found else None
        told: dict[str, Any] = {"formats": promised.promised_formats(policy, event.right)}
        if event.right is Right.ACCESS:
            seat = self._tools.knowledge.seat(
                case.controller, self._tools.knowledge.day(case.controller, case.received)
            )
            told |= {"policy_says": promised.supplement(policy), "authority": promised.authority(policy, seat)}
            told["policy_language"] = policy.language if policy else ""
        claim = case.claim(event.claim_id)
        subject = asking.subject(transaction, case)
        if claim is not None and claim.subject is not None and asking.names_somebody(self._vault, transaction, claim):
            subject = claim.subject
        return {"subject": subject, **told}

    def letter_of(self, transaction: Transaction, case: Case, letter: e.LetterRequested) -> tuple[str, dict[str, Any]]:
        """Return a case's letter: its template, and what it says."""
        day = self._tools.knowledge.day(case.controller, case.received)
        found = self._tools.knowledge.in_force(case.controller, day)
        policy = found.policy if found else None
        seat = self._tools.knowledge.seat(case.controller, day)
        own = self._tools.knowledge.settings.controllers.get(case.controller)
        facts = letters.case_facts(
            case, letter, policy, code_of(self._tools, case), self.terms_of(case), seat, own.sender if own else ""
        )
        facts |= letters.officer_words(self._vault, transaction, case, letter)
        facts |= asking.result_facts(self._vault, transaction, case, letter)
        if facts.get("grounds_unsaid") and (said := promised.continuing(policy)):
            facts |= {**said, "notices": [*facts.get("notices", ()), "policy_says"]}
        template = letters.template_of(case, letter, facts)
        if template == "identity_factor" and asking.recipient(transaction, case.case_id) is None:
            # Posted by hand: a letter on paper holds the code, and the officer compares the number.
            return letters.TEMPLATES[letter.template], facts | {"code": code_of(self._tools, case)}
        return template, facts


def _with_claims(letter: e.LetterRequested, more: Sequence[str]) -> e.LetterRequested:
    if letter.template != "identity_request":
        return letter
    return letter.model_copy(update={"claim_ids": tuple(dict.fromkeys((*letter.claim_ids, *more)))})
