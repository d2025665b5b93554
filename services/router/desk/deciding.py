"""What an officer decides about claims: reviews, tasks, refusals, transfers, corrections, repeats."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from schemas.envelope import rooted
from schemas.events import ReviewDecided
from schemas.rights import Outcome, Right
from services.router import letters, reviews
from services.router.core.cases import commands as c
from services.router.core.cases.state import Case, Claim, Task
from services.router.core.cases.story import derived
from services.router.core.cases.values import Asked, Asker, Role, Stage
from services.router.desk.base import Base, NotFound, Refused, code
from services.router.desk.joining import carried_over
from services.router.reviews import Waiting
from services.router.tools import SOURCE
from services.runtime.store import Transaction

AUTHORITY: Final = "authority_"
NOT_BY_APPROVAL: Final = {
    "identity_document": "accept the identity with `habeas case confirm`, or ask with `habeas case identify`",
    "identity_document_came": "look with `habeas case document`, then `habeas case confirm`, `identify` or `refuse`",
    "identity_attempts": "accept the identity with `habeas case confirm`, or ask again with `habeas case identify`",
    "identity_letter_bounced": "ask again with `habeas case identify`, or accept with `habeas case confirm`",
    "answer_bounced": "send the answer again with `habeas case resend`, or complete it by hand with --answered",
}
"""Tasks that have a command of their own, and which."""


class Deciding(Base):
    """The officer's decisions about claims."""

    __slots__ = ()

    def decide_review(self, review_id: str, rights: Sequence[Right]) -> None:
        """Say which rights a message uses; none is a decision too. A message is decided once."""
        with self.store.begin() as transaction:
            found = self.review(transaction, review_id)
            if found.decided is not None:
                raise Refused(f"this message was decided already: {found.decided.replace(',', ', ')}", "review")
            reviews.decide(transaction, found.review_id, ",".join(rights) or "none")
            event = ReviewDecided(
                controller=found.controller, occurred=self.clock.now(), correspondent=found.correspondent,
                message_id=found.message_id, review_id=found.review_id, rights=tuple(rights), officer=self.officer,
            )  # fmt: skip
            transaction.enqueue(rooted(f"review:{found.review_id}", event, SOURCE))

    def review(self, transaction: Transaction, review_id: str) -> Waiting:
        """Return a review by its id."""
        found = reviews.find(transaction, review_id)
        if found is None:
            raise NotFound(f"{review_id[:40]} is no review; `habeas case reviews` shows them")
        return found

    def complete(
        self, name: str, right: Right | None, outcome: Outcome, note: str, ground: str | None
    ) -> dict[str, Any]:
        """Record what a human did: a task's claim gets its outcome, and the person their letter."""

        def order(transaction: Transaction, case: Case) -> c.Command:
            task = _task_of(self.claim_of(case, right))
            words = self.sealed_or_none(transaction, case, note)
            return c.CompleteTask(
                **self.by(case), task_id=task.task_id, outcome=outcome, ground=code(ground) if ground else None,
                result=words, reasons=words,
            )  # fmt: skip

        return self.decide(name, order)

    def complete_by_hand(
        self, name: str, right: Right | None, outcome: Outcome, answered: str, evidence: str, ground: str | None,
        zone: str = "",
    ) -> dict[str, Any]:  # fmt: skip
        """Record that the person was answered outside habeas, and by what that can be shown."""

        def order(transaction: Transaction, case: Case) -> c.Command:
            claim = self.claim_of(case, right)
            if not evidence.strip():
                raise Refused(
                    "an answer given by hand needs its evidence: the registered letter, the call's note",
                    "Art. 5(2) GDPR",
                )
            words = self.sealed(transaction, case, evidence)
            return c.CompleteByHand(
                **self.by(case), claim_id=claim.claim_id, outcome=outcome, ground=code(ground) if ground else None,
                answered=self.answer_moment(case, claim, answered, zone), evidence=words,
            )  # fmt: skip

        return self.decide(name, order)

    def answer_moment(self, case: Case, claim: Claim, text: str, zone: str) -> datetime:
        """Read when the person had the answer; a mere date that is the day of receipt is not before the receipt."""
        found = self.moment(text, self.zone_of(case), "answered", zone)
        return max(found, claim.received) if len(text.strip()) == len("2026-03-31") and _same_day(
            found, claim.received, self, case
        ) else found  # fmt: skip

    def approve(
        self, name: str, right: Right | None, ground: str, note: str = "", orders: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """Let a claim go on that waited for a human's yes: an authority to ask, a step that a rule may not take.

        `orders` are for the handler: which field gets which value (`set`, `old`), which `purpose` ends.
        """

        def order(transaction: Transaction, case: Case) -> c.Command:
            task = _task_of(self.claim_of(case, right))
            if task.reason.startswith(AUTHORITY):
                return self._authority(case, None, True, ground)
            if task.reason in NOT_BY_APPROVAL:
                raise Refused(f"the task {task.reason} has its own command: {NOT_BY_APPROVAL[task.reason]}", "task")
            words = self.sealed_or_none(transaction, case, note)
            added = self.sealed_orders(transaction, case, orders) if orders else None
            return c.CompleteTask(
                **self.by(case), task_id=task.task_id, ground=code(ground), reasons=words, result=added
            )

        return self.decide(name, order)

    def deny(self, name: str, right: Right | None, ground: str, reasons: str) -> dict[str, Any]:
        """Say no to what waits for a human: an authority that was not shown, or the claim itself."""

        def order(transaction: Transaction, case: Case) -> c.Command:
            claim = self.claim_of(case, right)
            if any(task.reason.startswith(AUTHORITY) for task in claim.tasks):
                return self._authority(case, None, False, ground)
            return self._refusal(transaction, case, claim, ground, reasons, late=False)

        return self.decide(name, order)

    def refuse(
        self, name: str, right: Right | None, ground: str, reasons: str, *, late: bool = False
    ) -> dict[str, Any]:
        """Refuse a claim on a ground in law, with reasons that the person reads."""

        def order(transaction: Transaction, case: Case) -> c.Command:
            return self._refusal(transaction, case, self.claim_of(case, right), ground, reasons, late=late)

        return self.decide(name, order)

    def _refusal(
        self, transaction: Transaction, case: Case, claim: Claim, ground: str, reasons: str, *, late: bool
    ) -> c.Command:
        words = self.sealed_or_none(transaction, case, reasons)
        return c.RefuseClaims(
            **self.by(case), claim_ids=(claim.claim_id,), ground=code(ground), reasons=words, late=late
        )

    def authority(self, name: str, asker: str | None, accepted: bool, ground: str) -> dict[str, Any]:
        """Record whether somebody may ask for the person: a mandate, parental authority, heirs."""
        return self.decide(name, lambda _, case: self._authority(case, asker, accepted, ground))

    def _authority(self, case: Case, asker: str | None, accepted: bool, ground: str) -> c.Command:
        if not ground.strip():
            raise Refused("whether somebody may ask for the person needs its ground", "authority")
        who = Asker(asker) if asker else case.asker
        return c.RecordAuthority(**self.by(case), asker=who, accepted=accepted, ground=code(ground))

    def lift(self, name: str, reasons: str) -> dict[str, Any]:
        """End a restriction; the person is told before it ends on the systems."""

        def order(transaction: Transaction, case: Case) -> c.Command:
            claim = self.claim_of(case, Right.RESTRICTION, completed=True)
            words = self.sealed_or_none(transaction, case, reasons)
            return c.LiftRestriction(**self.by(case), claim_id=claim.claim_id, reasons=words)

        return self.decide(name, order)

    def role(self, name: str, role: str, customer: str, ground: str) -> dict[str, Any]:
        """Record whether we answer for ourselves or for a customer, who is told what was carried out."""

        def order(transaction: Transaction, case: Case) -> c.Command:
            told = letters.customer(self.vault, transaction, case.person, customer)
            if customer and told is None:
                raise Refused("the customer is written 'Name <address>', with an address to mail to", "role")
            return c.RecordRole(**self.by(case), role=Role(role), customer=told, ground=code(ground))

        return self.decide(name, order)

    def transfer(self, name: str, right: Right | None, to: str, ground: str) -> dict[str, Any]:
        """Hand claims to the controller who must answer; the person is told whom to turn to."""

        def order(transaction: Transaction, case: Case) -> c.Command:
            if not to.strip():
                raise Refused("say to whom with --to: a name and an address that the person can write to", "transfer")
            ids = (self.claim_of(case, right).claim_id,) if right else ()
            return c.TransferClaims(
                **self.by(case), claim_ids=ids, to=self.sealed(transaction, case, to, "to"), ground=code(ground)
            )

        return self.decide(name, order)

    def withdraw(self, name: str, right: Right | None) -> dict[str, Any]:
        """End claims that the person took back by telling an officer."""

        def order(_: Transaction, case: Case) -> c.Command:
            ids = (self.claim_of(case, right).claim_id,) if right else ()
            if not any(claim.open for claim in case.claims):
                raise Refused("no claim of this case is open, so there is nothing to take back", "claim")
            return c.WithdrawClaims(**self.by(case), claim_ids=ids)

        return self.decide(name, order)

    def reopen(self, name: str, right: Right | None, ground: str) -> dict[str, Any]:
        """Open a completed claim again; its deadline is what it was."""

        def order(_: Transaction, case: Case) -> c.Command:
            claim = self.claim_of(case, right, completed=True)
            return c.ReopenClaim(**self.by(case), claim_id=claim.claim_id, ground=code(ground))

        return self.decide(name, order)

    def correct(self, name: str, add: Sequence[Right], drop: Sequence[Right], ground: str) -> dict[str, Any]:
        """Say which rights the message really used; an overlooked one counts from its first receipt."""

        def order(_: Transaction, case: Case) -> c.Command:
            by = self.by(case)
            there = {claim.right for claim in case.claims if claim.open}
            twice = [right.value for right in add if right in there]
            if twice:
                raise Refused(f"already open here: {', '.join(twice)}", "claims")
            if not (add or drop):
                raise Refused("say what to correct with --add RIGHT or --drop RIGHT", "claims")
            if there and there <= set(drop) and not add:
                # Nothing would be left that anybody answers: that is a decision of its own.
                ground_given = code(ground)
                if ground_given not in {"not_a_request", "duplicate", "misread"}:
                    raise Refused(
                        "dropping every claim needs one of the grounds not_a_request, misread, duplicate", "claims"
                    )
            asked = tuple(Asked(claim_id=derived(by["cause"], "claim", right.value), right=right) for right in add)
            dropped = tuple(self.claim_of(case, right).claim_id for right in drop)
            return c.CorrectClaims(**by, add=asked, drop=dropped, ground=code(ground))

        return self.decide(name, order)

    def resend(self, name: str, right: Right | None) -> dict[str, Any]:
        """Write an answer again whose letter did not arrive."""

        def order(_: Transaction, case: Case) -> c.Command:
            claim = self.claim_of(case, right)
            return c.ResendAnswer(**self.by(case), claim_ids=(claim.claim_id,))

        return self.decide(name, order)

    def replay(self, name: str, right: Right | None) -> dict[str, Any]:
        """Send a parked claim to its handler again."""

        def order(_: Transaction, case: Case) -> c.Command:
            parked = [claim for claim in case.claims if claim.stage is Stage.PARKED and right in {None, claim.right}]
            claim = parked[0] if len(parked) == 1 else self.claim_of(case, right)
            return c.ReplayClaim(**self.by(case), claim_id=claim.claim_id)

        return self.decide(name, order)

    def join(self, name: str, into: str) -> dict[str, Any]:
        """Join a case to an earlier one of the same person: what it repeats ends, what it adds lives on there."""

        def orders(transaction: Transaction, case: Case) -> Sequence[c.Command]:
            other = self.found(transaction, into)
            bodies = self.events(transaction, case)
            return carried_over(case, other, bodies, self.by(case), self.by(other))

        return self.decide_all(name, orders)

    def assign(self, name: str, officer: str) -> dict[str, Any]:
        """Give the case to an officer."""
        return self.decide(name, lambda _, case: c.AssignCase(**self.by(case), to=officer))

    def note(self, name: str, text: str) -> dict[str, Any]:
        """Keep a note with the case; its words go into the vault."""
        if not text.strip():
            raise Refused("a note needs words", "note")
        return self.decide(
            name,
            lambda transaction, case: c.AddNote(**self.by(case), note=self.sealed(transaction, case, text)),
        )


def _task_of(claim: Claim) -> Task:
    if not claim.tasks:
        raise Refused(
            "nothing waits for a human in this claim; `habeas case show` says where it stands. An answer that was "
            "given outside habeas is recorded with --answered",
            "task",
        )
    return claim.tasks[0]


def _same_day(found: datetime, received: datetime, desk: Base, case: Case) -> bool:
    local = desk.zone_of(case)
    return found.astimezone(local).date() == received.astimezone(local).date()
