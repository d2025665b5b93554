"""An officer's hand on what a handler left undone: try it again, or leave one system out and say why."""

from __future__ import annotations

from typing import Any, Final

from schemas.rights import Right
from services.router.core.cases import commands as c
from services.router.core.cases.by_officer import APPROVAL, BESIDE_THE_WORK, NEEDS_OUTCOME
from services.router.core.cases.state import Case, Claim, Task
from services.router.core.cases.values import Stage
from services.router.desk.base import Base, Refused
from services.runtime.store import Transaction

_OF_THE_PERSON: Final = ("authority_", "identity_")


class Stepping(Base):
    """Orders about the steps of a claim."""

    __slots__ = ()

    def claim_named(self, name: str, right: Right | None) -> tuple[Case, Claim]:
        """Return the open claim that is meant, with its case."""
        with self.store.begin() as transaction:
            case = self.found(transaction, name)
            return case, self.claim_of(case, right)

    def retry(self, name: str, right: Right | None) -> dict[str, Any]:
        """Send a claim to its handler again that failed there; a plan that waits for a yes is not a failure."""

        def order(_: Transaction, case: Case) -> c.Command:
            claim = self.claim_of(case, right)
            if claim.stage is Stage.PARKED:
                return c.ReplayClaim(**self.by(case), claim_id=claim.claim_id)
            return c.CompleteTask(**self.by(case), task_id=_failed(claim).task_id, ground="tried_again")

        return self.decide(name, order)

    def skip(self, name: str, right: Right | None, step: str, reasons: str) -> dict[str, Any]:
        """Leave one system or delegate out of a claim; the person reads why, and that it was done in part."""

        def order(transaction: Transaction, case: Case) -> c.Command:
            claim = self.claim_of(case, right)
            entry = self.settings.controllers.get(case.controller)
            known = [*entry.systems, *entry.delegates_for(claim.right)] if entry is not None else []
            if step not in known:
                raise Refused(f"there is no step {step[:64]}; this claim's are: {', '.join(known) or 'none'}", "step")
            words = self.sealed_or_none(transaction, case, reasons)
            return c.SkipStep(**self.by(case), claim_id=claim.claim_id, step=step, reasons=words)

        return self.decide(name, order)


def _failed(claim: Claim) -> Task:
    """Return the task by which a handler said that it could not go on."""
    for task in claim.tasks:
        if task.reason.startswith(APPROVAL):
            raise Refused(f"the claim did not fail, it waits for a yes ({task.reason}): `habeas case approve`", "task")
        if task.reason.startswith(_OF_THE_PERSON) or task.reason in BESIDE_THE_WORK:
            continue
        if task.reason in NEEDS_OUTCOME:
            raise Refused(f"the task {task.reason} is a human's: `habeas case complete` says how it ended", "task")
        return task
    raise Refused(
        f"nothing of this claim failed: it is {claim.stage.value.replace('_', ' ')}; `habeas fulfil run` carries out "
        "now what waits",
        "task",
    )
