"""What every part of the desk stands on: finding a case, and carrying an officer's order out in one transaction."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any, Final

from pydantic import ValidationError
from sqlalchemy import select

from schemas.content import LetterFacts
from schemas.rights import Right
from services.router import casebook
from services.router.core.cases import commands as c
from services.router.core.cases.documents import over
from services.router.core.cases.events import CaseEvent, from_json
from services.router.core.cases.state import Case, Claim
from services.router.core.cases.story import CommandRefused
from services.router.core.cases.timeline import moment_line, timeline
from services.router.core.cases.values import Due
from services.router.core.law.model import LawFault
from services.router.core.law.questions import moment
from services.router.destroying import destroy_due
from services.router.laws import zone
from services.router.letters import reference
from services.router.tables import CASE_EVENTS, CASES
from services.router.turns import Router
from services.runtime.clock import Clock
from services.runtime.settings import Settings
from services.runtime.store import Conflict, Store, Transaction
from services.runtime.vault import Vault

TRIES: Final = 5
NAME_CHARACTERS_MIN: Final = 4
WORDS_CHARACTERS_MAX: Final = 20_000
_STANDING: Final = ("transition table", "task", "joined", "pause", "clarification")
"""The rules that refuse because of where a case stands: then it helps to know who brought it there."""


class NotFound(Exception):
    """No case or review of that name; the message says how to find one."""


class Refused(Exception):
    """A decision that the law or the case does not allow; the message names the rule."""

    def __init__(self, why: str, rule: str = "") -> None:
        super().__init__(why if rule in why else f"{why} ({rule})")
        self.why = why
        self.rule = rule


Order = Callable[[Transaction, Case], c.Command]


@dataclass(frozen=True, slots=True)
class Base:
    """An officer's desk: opened on a home or a database, closed afterwards.

    `seen` is the version of the case that the officer looked at; a case that has changed since is not decided on.
    """

    store: Store
    vault: Vault
    router: Router
    clock: Clock
    officer: str
    settings: Settings
    seen: int | None = None

    # ---- deciding

    def decide(self, name: str, order: Order) -> dict[str, Any]:
        """Carry one order out, and return the case in short as it stands then."""
        return self.decide_all(name, lambda transaction, case: (order(transaction, case),))

    def decide_all(self, name: str, orders: Callable[[Transaction, Case], Sequence[c.Command]]) -> dict[str, Any]:
        """Carry orders out together, all or none; where somebody else was first, look again and decide on that."""
        for _ in range(TRIES):
            try:
                with self.store.begin() as transaction:
                    case = self.found(transaction, name)
                    self._unchanged(transaction, case)
                    for command in orders(transaction, case):
                        self.router.carry_out(transaction, command, None)
                    after, _ = casebook.load(transaction, case.case_id)
                return self.short(self._looked_at(after or case))
            except Conflict:
                continue
            except CommandRefused as refused:
                raise Refused(f"{refused.why}{self._since(name, refused.rule)}", refused.rule) from None
            except ValidationError as fault:
                raise Refused(unfit(fault), "input") from None
        raise Refused("others are changing this case all the time; try again in a moment", "version")

    def by(self, case: Case) -> dict[str, Any]:
        """Return what every order says: which case, when, and who gives it."""
        # Every order of an officer is its own cause: given twice it is two orders, and the case judges the second.
        cause = f"officer:{secrets.token_hex(8)}"
        return {"case_id": case.case_id, "cause": cause, "at": self.clock.now(), "officer": self.officer}

    def sealed(self, transaction: Transaction, case: Case, text: str, name: str = "note") -> str:
        """Keep an officer's words in the vault, under the person's own key."""
        if len(text) > WORDS_CHARACTERS_MAX:
            raise Refused(f"the text has {len(text)} characters; {WORDS_CHARACTERS_MAX} are the most", "input")
        content = LetterFacts(facts={name: text}).model_dump_json().encode()
        return self.vault.seal(transaction, case.person, "note", content)

    def sealed_orders(self, transaction: Transaction, case: Case, orders: Mapping[str, Any]) -> str:
        """Put what an officer orders a handler to do into the vault: values are the person's."""
        facts = LetterFacts(facts=dict(orders)).model_dump_json().encode()
        return self.vault.seal(transaction, case.person, "orders", facts)

    def sealed_or_none(self, transaction: Transaction, case: Case, text: str) -> str | None:
        """As `sealed`; nothing where there is no text, so that the case's own rule asks for it."""
        return self.sealed(transaction, case, text) if text.strip() else None

    def _looked_at(self, case: Case) -> Case:
        """Destroy at once what this decision leaves nobody to look at; the service would a little later."""
        if not over(case):
            return case
        destroy_due(self.store, self.vault, self.router, self.clock.now(), only=case.case_id)
        with self.store.begin() as transaction:
            return casebook.load(transaction, case.case_id)[0] or case

    def _unchanged(self, transaction: Transaction, case: Case) -> None:
        if self.seen is None or self.seen == case.version:
            return
        last = self._last(transaction, case)
        raise Refused(
            f"the case has changed since you looked: it is at version {case.version}, you saw {self.seen}; {last}. "
            "Look at it again, then decide",
            "version",
        )

    def _since(self, name: str, rule: str) -> str:
        """Say who decided last, where that is why an order was refused."""
        if rule not in _STANDING:
            return ""
        with self.store.begin() as transaction:
            case = self.found(transaction, name)
            return f"; {self._last(transaction, case)}"

    def _last(self, transaction: Transaction, case: Case) -> str:
        told = timeline(self.events(transaction, case), self.zone_of(case))
        decided = [entry for entry in told if entry.who.startswith("officer ")] or list(told)
        last = decided[-1]
        return f"the last decision was {moment_line(last.recorded, self.zone_of(case))}: {last.told}"

    # ---- finding

    def found(self, transaction: Transaction, name: str) -> Case:
        """Return a case by its id, the beginning of it, or its reference (HB-1A2B3C4D)."""
        wanted = name.strip().lower().removeprefix("hb-")
        case, _ = casebook.load(transaction, wanted)
        if case is not None:
            return case
        if len(wanted) < NAME_CHARACTERS_MIN or not all(mark in "0123456789abcdef-" for mark in wanted):
            raise NotFound(f"{name[:40]} is no case; `habeas case list --state all` shows them")
        query = select(CASES.c.snapshot).where(CASES.c.case_id.like(f"{wanted}%")).limit(2)
        rows = transaction.execute(query).scalars().all()
        if len(rows) != 1:
            why = "is no case" if not rows else "is the beginning of several cases; give more of it"
            raise NotFound(f"{name[:40]} {why}; `habeas case list --state all` shows them")
        return Case.model_validate_json(rows[0])

    def events(self, transaction: Transaction, case: Case) -> list[CaseEvent]:
        """Return everything that happened to a case, in order."""
        query = select(CASE_EVENTS.c.body).where(CASE_EVENTS.c.case_id == case.case_id)
        return [from_json(body) for body in transaction.execute(query.order_by(CASE_EVENTS.c.sequence)).scalars()]

    def claim_of(self, case: Case, right: Right | None, *, completed: bool = False) -> Claim:
        """Return the claim that is meant: the only one there is, or the one of this right."""
        fitting = [claim for claim in case.claims if claim.open is not completed and right in {None, claim.right}]
        if len(fitting) == 1:
            return fitting[0]
        what = "completed" if completed else "open"
        there = [claim.right.value for claim in case.claims if claim.open is not completed]
        if not fitting and right is not None and there:
            raise Refused(f"there is no {what} claim of {right.value} here; {what} are: {', '.join(there)}", "claim")
        if not there:
            raise Refused(f"no claim of this case is {what}", "claim")
        raise Refused(f"say which claim with --right; {what} are: {', '.join(there)}", "claim")

    def zone_of(self, case: Case) -> tzinfo:
        """Return the controller's own time zone."""
        return self.router.terms_of(case).zone

    def moment(self, text: str, local: tzinfo, name: str, zone_name: str = "") -> datetime:
        """Read a date or a moment; without an offset it is the controller's local time, or that of the zone named."""
        try:
            return moment(text, zone(zone_name) if zone_name else local, name)
        except LawFault as fault:
            raise Refused(str(fault), "date") from None

    def short(self, case: Case) -> dict[str, Any]:
        """Return a case in one line's worth: what a list shows, and every order answers with."""
        now = self.clock.now()
        running = [claim.due for claim in case.claims if claim.open and claim.due and not claim.due.paused_since]
        first = min(running, key=lambda due: due.due, default=None)
        due = first.due if first else None
        return {
            "case": case.case_id,
            "reference": reference(case.case_id),
            "controller": case.controller,
            "state": case.state,
            "version": case.version,
            "received": case.received.isoformat(),
            "due": due.isoformat() if due else None,
            "due_day": day_of(first, self.zone_of(case)) if first else None,
            "overdue": bool(due and due <= now),
            "paused": any(claim.open and claim.due and claim.due.paused_since for claim in case.claims),
            "rights": [claim.right.value for claim in case.claims],
            "waiting_for": sorted({waiting_for(claim) for claim in case.claims if claim.open}),
            "tasks": [task.reason for claim in case.claims for task in claim.tasks],
            "officer": case.officer,
        }


def day_of(due: Due, local: tzinfo) -> str:
    """Return the last day that is still in time: `due` itself is the first moment that is too late."""
    return (due.day or due.due.astimezone(local).date()).isoformat()


def waiting_for(claim: Claim) -> str:
    """Return what a claim waits for, in one word."""
    if claim.tasks:
        return "human"
    return ",".join(wait.value for wait in claim.waits) or claim.stage.value


def code(text: str) -> str:
    """Return a ground as our lists write it: `Known customer` is known_customer."""
    return "_".join(text.strip().lower().split())


def unfit(fault: ValidationError) -> str:
    """Say which part of an order cannot be used, and never what it held."""
    first = fault.errors(include_input=False, include_url=False)[0]
    where = ".".join(str(part) for part in first["loc"]) or "the order"
    if first["type"] == "string_pattern_mismatch":
        return f"{where}: use a short word of letters, digits, . _ - such as known_customer"
    return f"{where}: {first['msg']}"
