"""A decision in the making: the case as it stands, the events said so far, and the ids they derive.

`decide` tells a story from the outside purely: each event is checked against the transition table, kept, and applied,
so that the next sentence sees what the last one did. Nothing of it outlives the call.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from uuid import UUID

from schemas.ids import derived_text
from services.router.core.cases import events as e
from services.router.core.cases.commands import Command
from services.router.core.cases.evolve import evolve
from services.router.core.cases.state import Case, Claim
from services.router.core.cases.table import next_stage
from services.router.core.cases.terms import Terms

NAMESPACE: Final = UUID("3b0c6d0e-93a5-5c55-8f41-2f1f3f7a6a10")


class CommandRefused(Exception):
    """A command that the law or the case's state does not allow. The case is unchanged; `rule` names what forbids
    it."""

    def __init__(self, rule: str, why: str) -> None:
        super().__init__(why if rule in why else f"{why} ({rule})")
        self.rule = rule
        self.why = why


def derived(cause: str, *parts: str) -> str:
    """Return the id that a cause gives to something, the same whenever it is asked for."""
    return derived_text(NAMESPACE, "|".join((cause, *parts)))


def check_id(cause: str) -> str:
    """Return the id of the identity check that a cause begins, so that the shell can make its code or link before."""
    return derived(cause, "identity")


class Story:
    """The events that a command leads to, and the case after each of them."""

    __slots__ = ("_case", "command", "events", "terms")

    def __init__(self, case: Case | None, command: Command, terms: Terms) -> None:
        self._case = case
        self.command = command
        self.terms = terms
        self.events: list[e.CaseEvent] = []

    @property
    def case(self) -> Case:
        assert self._case is not None
        return self._case

    def say(self, event: e.CaseEvent) -> None:
        """Add an event; one that the table does not list for its claim raises, naming stage and event."""
        if isinstance(event, e.ClaimEvent) and not isinstance(event, e.ClaimOpened):
            next_stage(self.claim(event.claim_id).stage, type(event))
        self._case = evolve(self._case, event)
        self.events.append(event)

    def claim(self, claim_id: str) -> Claim:
        """Return a claim as it stands now, or refuse the command that names one the case does not hold."""
        found = self.case.claim(claim_id)
        if found is None:
            raise CommandRefused("case", f"the case holds no claim {claim_id}")
        return found

    def claims(self, ids: Iterable[str]) -> list[Claim]:
        """Return the named claims; no names means every open one."""
        named = list(ids)
        return [self.claim(each) for each in named] if named else [each for each in self.case.claims if each.open]

    def id(self, *parts: str) -> str:
        """Return an id derived from this command's cause."""
        return derived(self.command.cause, *parts)

    def letter(
        self, template: str, claim_ids: Iterable[str], *, completes: Iterable[str] = (), reasons: str | None = None,
        to_customer: bool = False, customer: str | None = None,
    ) -> str:  # fmt: skip
        """Ask for a letter and return its id."""
        claims, ends = tuple(claim_ids), tuple(completes)
        letter_id = self.id("letter", template, *claims, *([customer] if customer else []))
        self.say(
            e.LetterRequested(
                at=self.command.at, cause=self.command.cause, letter_id=letter_id, template=template, claim_ids=claims,
                completes=ends, reasons=reasons, to_customer=to_customer,
                customer=customer,
            )
        )  # fmt: skip
        return letter_id

    def task(self, claim: Claim, reason: str, preview: str | None = None) -> None:
        """Open a task for a human, unless the same one is open already."""
        if any(task.reason == reason for task in claim.tasks):
            return
        assert claim.due is not None
        self.say(
            e.TaskOpened(
                at=self.command.at, cause=self.command.cause, claim_id=claim.claim_id, reason=reason,
                task_id=self.id("task", claim.claim_id, reason), due=claim.due.due,
                preview=preview,
            )
        )  # fmt: skip
