"""What an officer does about the person: who they are, what they mean, what they answered, what goes by post."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from schemas.content import LetterFacts
from schemas.rights import Right
from services.router import letters
from services.router.core.cases import commands as c
from services.router.core.cases import events as e
from services.router.core.cases.state import Case
from services.router.core.cases.values import LINK_AND_FACTOR, Assurance, Letter
from services.router.desk.base import Base, Refused, code
from services.runtime.store import Transaction


class Persons(Base):
    """The officer's dealings with the person."""

    __slots__ = ()

    def identify(self, name: str, right: Right | None, method: str, reasons: str) -> dict[str, Any]:
        """Ask the person to prove who they are; for a document, with the reason that makes it necessary."""

        def order(transaction: Transaction, case: Case) -> c.Command:
            ids = (self.claim_of(case, right).claim_id,) if right else ()
            return c.RequestIdentity(
                **self.by(case), claim_ids=ids, method=method, reasons=self.sealed_or_none(transaction, case, reasons),
                challenge=self.vault.keyed_hash("identity challenge", case.case_id),
            )  # fmt: skip

        return self.decide(name, order)

    def confirm_identity(self, name: str, ground: str, assurance: str = Assurance.DOCUMENT.value) -> dict[str, Any]:
        """Accept the person's identity on an officer's word."""
        return self.decide(
            name,
            lambda _, case: c.ConfirmIdentity(**self.by(case), ground=code(ground), assurance=Assurance(assurance)),
        )

    def identity_code(self, name: str, given: str) -> dict[str, Any]:
        """Weigh a code that the person gave on the phone or in a letter; a wrong one costs an attempt."""

        verdict: list[bool] = []

        def order(_: Transaction, case: Case) -> c.Command:
            check = case.check
            if check is None:
                raise Refused(
                    "no identity check is open: it was answered, or it has expired (identity check)", "identity"
                )
            if check.method == LINK_AND_FACTOR:
                raise Refused(
                    "this check asks for a number besides, behind its link: compare it yourself, and confirm with "
                    "--ground and --assurance link_and_factor", "identity check"
                )  # fmt: skip
            by = {key: value for key, value in self.by(case).items() if key != "officer"}
            right = hmac.compare_digest("".join(filter(str.isdigit, given)), self.router.code(case))
            verdict.append(right)
            return c.AnswerIdentity(
                **by, check_id=check.check_id, method=check.method, digest=check.challenge if right else ""
            )

        found = self.decide(name, order)
        with self.store.begin() as transaction:
            case = self.found(transaction, name)
        if not verdict[-1]:
            left = case.check.attempts_left if case.check else 0
            raise Refused(f"that is not the code; {left} attempts are left", "identity check")
        return found

    def ask(self, name: str, right: Right | None, question: str, ground: str) -> dict[str, Any]:
        """Ask the person what they mean; the clock waits only as far as the law lets it."""

        def order(transaction: Transaction, case: Case) -> c.Command:
            if not question.strip():
                raise Refused("a question needs words: give them with --question", "clarification")
            claims = [self.claim_of(case, right)] if right else [claim for claim in case.claims if claim.open]
            if not claims:
                raise Refused("no claim of this case is open", "claim")
            return c.RequestClarification(
                **self.by(case), claim_ids=tuple(claim.claim_id for claim in claims), ground=code(ground),
                question=self.sealed(transaction, case, question),
            )  # fmt: skip

        return self.decide(name, order)

    def answered(self, name: str, right: Right | None, note: str = "") -> dict[str, Any]:
        """Record that the person answered what they were asked, to an officer; their words are kept as a note."""

        def orders(transaction: Transaction, case: Case) -> Sequence[c.Command]:
            claims = [self.claim_of(case, right)] if right else [claim for claim in case.claims if claim.open]
            if not any("clarification" in claim.waits for claim in claims):
                raise Refused("the person was asked nothing that is still open", "clarification")
            kept = [c.AddNote(**self.by(case), note=self.sealed(transaction, case, note))] if note.strip() else []
            ids = tuple(claim.claim_id for claim in claims)
            return *kept, c.ReceiveClarification(**self.by(case), claim_ids=ids)

        return self.decide_all(name, orders)

    def posted(self, name: str, letter: str, on: str, evidence: str, zone: str = "") -> dict[str, Any]:
        """Record that a letter was posted by hand: from then on its recipient is told."""

        def orders(transaction: Transaction, case: Case) -> Sequence[c.Command]:
            found = _letter_of(case, letter)
            self._kept(transaction, case, found.letter_id)
            asked = {x.letter_id: x.at for x in self.events(transaction, case) if isinstance(x, e.LetterRequested)}
            moment = self._posted_at(case, on, zone, asked[found.letter_id])
            words = self.sealed_or_none(transaction, case, evidence)
            # A receipt that goes out with an identity check is one letter.
            together = {"identity_request", "receipt"}
            ids = [each.letter_id for each in case.letters if {each.template, found.template} <= together]
            return [
                c.RecordReplySent(**self.by(case), letter_id=each, moment=moment, evidence=words)
                for each in ids or [found.letter_id]
            ]

        return self.decide_all(name, orders)

    def _kept(self, transaction: Transaction, case: Case, letter_id: str) -> None:
        """Keep what a letter said that went by post, as is kept of one that a machine sends."""
        asked = next(
            event
            for event in self.events(transaction, case)
            if isinstance(event, e.LetterRequested) and event.letter_id == letter_id
        )
        ref = letters.kept_as(letter_id)
        if not self.vault.holds(transaction, ref):
            _, facts = self.router.letter_of(transaction, case, asked)
            content = LetterFacts(facts=facts).model_dump_json().encode()
            self.vault.seal(transaction, case.person, "letter", content, ref=ref)

    def _posted_at(self, case: Case, on: str, zone: str, asked: datetime) -> datetime:
        """Read when a letter was posted; a mere date is any hour of that day after the letter was asked for."""
        local = self.zone_of(case)
        moment = self.moment(on, local, "on", zone)
        if len(on.strip()) == len("2026-03-31") and moment.date() == asked.astimezone(moment.tzinfo).date():
            moment = max(moment, asked)
        if moment > self.clock.now():
            raise Refused("the letter was posted before the receipt or in the future", "letter")
        if moment < asked and moment.astimezone(local).date() != asked.astimezone(local).date():
            day = asked.astimezone(local).date().isoformat()
            raise Refused(f"the letter was asked for on {day}: it cannot have been posted before", "letter")
        return max(moment, asked)

    def returned(self, name: str, letter: str, status: str) -> dict[str, Any]:
        """Record that a posted letter came back: the person was not answered, asked or told."""

        def order(_: Transaction, case: Case) -> c.Command:
            found = _letter_of(case, letter, delivered=True)
            return c.RecordReplyBounced(**self.by(case), letter_id=found.letter_id, status=code(status)[:32])

        return self.decide(name, order)


def _letter_of(case: Case, name: str, *, delivered: bool = False) -> Letter:
    """Return a letter by the beginning of its id, or by its template where there is one."""
    there = case.delivered if delivered else case.letters
    fitting = [
        each for each in there if each.letter_id.startswith(name.strip().lower()) or each.template == name.strip()
    ]
    if len(fitting) == 1:
        return fitting[0]
    known = ", ".join(f"{each.letter_id[:8]} ({each.template})" for each in there) or "none"
    what = "posted" if delivered else "waiting"
    raise Refused(f"say which letter; {what} are: {known}", "letter")
