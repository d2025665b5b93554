"""The officers' door to the cases: what waits, one case in full, and every decision that only a human takes.

The command line and the console call these functions and nothing else. A decision is written in one transaction, with
the events that the running services publish; two officers who decide at once are told so, and the second decides again.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sqlalchemy import make_url, select

from schemas.content import LetterFacts, MessageContent
from schemas.envelope import rooted
from schemas.events import ReviewDecided
from schemas.rights import Outcome, Right
from services.router import casebook, reviews
from services.router.assembly import router_of
from services.router.core.cases import commands as c
from services.router.core.cases.events import from_json
from services.router.core.cases.state import Case, Claim
from services.router.core.cases.story import CommandRefused
from services.router.core.cases.timeline import line, timeline
from services.router.letters import reference
from services.router.reviews import Waiting
from services.router.tables import CASE_EVENTS, CASES, SERVICE
from services.router.turns import SOURCE, Router
from services.runtime.clock import Clock
from services.runtime.settings import Settings
from services.runtime.store import Conflict, Database, Store, Transaction
from services.runtime.store.migrate import require_current
from services.runtime.vault import Forgotten, Missing, Vault, master_key_source, open_vault

CASES_MAX: Final = 500
TRIES: Final = 5


class NotFound(Exception):
    """No case or review of that name; the message says how to find one."""


class Refused(Exception):
    """A decision that the law or the case does not allow; the message names the rule."""


@dataclass(frozen=True, slots=True)
class Desk:
    """An officer's desk: opened on a home or a database, closed afterwards."""

    store: Store
    vault: Vault
    router: Router
    clock: Clock
    officer: str

    # ---- looking

    def cases(self, *, state: str = "open", controller: str = "", overdue: bool = False) -> list[dict[str, Any]]:
        """Return cases in short, the ones due first at the top."""
        query = select(CASES.c.snapshot).order_by(CASES.c.due_ms.is_(None), CASES.c.due_ms, CASES.c.opened_ms)
        if state != "all":
            query = query.where(CASES.c.state == state)
        if controller:
            query = query.where(CASES.c.controller == controller)
        if overdue:
            query = query.where(CASES.c.due_ms < int(self.clock.now().timestamp() * 1000))
        with self.store.begin() as transaction:
            rows = transaction.execute(query.limit(CASES_MAX)).scalars().all()
        return [self._short(Case.model_validate_json(row)) for row in rows]

    def case(self, name: str) -> dict[str, Any]:
        """Return one case in full, with its timeline."""
        with self.store.begin() as transaction:
            case = self._found(transaction, name)
            query = select(CASE_EVENTS.c.body).where(CASE_EVENTS.c.case_id == case.case_id)
            bodies = transaction.execute(query.order_by(CASE_EVENTS.c.sequence)).scalars().all()
        events = [from_json(body) for body in bodies]
        terms = self.router.terms_of(case)
        told = timeline(events, terms.zone)
        claims = [_claim(claim) for claim in case.claims]
        return {
            **self._short(case),
            "law": case.law.model_dump(),
            "claims": claims,
            "timeline": [line(entry, terms.zone) for entry in told],
        }

    def reviews(self) -> list[dict[str, Any]]:
        """Return the messages that wait for a human, the oldest first."""
        with self.store.begin() as transaction:
            return [
                {
                    "review": each.review_id,
                    "controller": each.controller,
                    "received": each.received.isoformat(),
                    "reason": each.reason,
                    "suggestions": list(each.suggestions),
                }
                for each in reviews.waiting(transaction)
            ]

    def message(self, review_id: str) -> MessageContent:
        """Return what a person wrote, for the officer's eyes."""
        with self.store.begin() as transaction:
            found = self._review(transaction, review_id)
            try:
                content = self.vault.open(transaction, found.body)
            except (Forgotten, Missing):
                raise NotFound("the message was forgotten with its person") from None
        if found.reason in {"unreadable", "too_large", "too_deep"}:
            return MessageContent(channel="email", text=content[:20_000].decode("utf-8", "replace"))
        return MessageContent.model_validate_json(content)

    # ---- deciding

    def decide_review(self, review_id: str, rights: Sequence[Right]) -> None:
        """Say which rights a message uses; none is a decision too."""
        with self.store.begin() as transaction:
            found = self._review(transaction, review_id)
            reviews.decide(transaction, found.review_id, ",".join(rights) or "none")
            event = ReviewDecided(
                controller=found.controller, occurred=self.clock.now(), correspondent=found.correspondent,
                message_id=found.message_id, review_id=found.review_id, rights=tuple(rights), officer=self.officer,
            )  # fmt: skip
            transaction.enqueue(rooted(f"review:{found.review_id}", event, SOURCE))

    def complete(
        self, name: str, right: Right | None, outcome: Outcome, note: str, ground: str | None
    ) -> dict[str, Any]:
        """Record what a human did: a task's claim gets its outcome, and the person their letter."""
        with self.store.begin() as transaction:
            claim = self._claim_of(self._found(transaction, name), right)
            task = next(iter(claim.tasks), None)
        if task is None:
            raise Refused("nothing waits for a human in this claim; `habeas case show` says where it stands")

        def command(transaction: Transaction, case: Case) -> c.Command:
            result = self._sealed(transaction, case, {"note": note}) if note else None
            return c.CompleteTask(
                **self._by(case), task_id=task.task_id, outcome=outcome, ground=ground, result=result, reasons=result
            )

        return self._decide(name, command)

    def refuse(self, name: str, right: Right | None, ground: str, reasons: str) -> dict[str, Any]:
        """Refuse a claim on a ground in law, with reasons that the person reads."""

        def command(transaction: Transaction, case: Case) -> c.Command:
            claim = self._claim_of(case, right)
            sealed = self._sealed(transaction, case, {"note": reasons}) if reasons else None
            return c.RefuseClaims(**self._by(case), claim_ids=(claim.claim_id,), ground=ground, reasons=sealed)

        return self._decide(name, command)

    def extend(self, name: str, right: Right | None, ground: str | None, reasons: str) -> dict[str, Any]:
        """Extend a claim's period; it takes effect once the person was told in time."""

        def command(transaction: Transaction, case: Case) -> c.Command:
            claim = self._claim_of(case, right)
            sealed = self._sealed(transaction, case, {"note": reasons}) if reasons else None
            return c.ExtendDeadline(**self._by(case), claim_id=claim.claim_id, ground=ground, reasons=sealed)

        return self._decide(name, command)

    def confirm_identity(self, name: str, ground: str) -> dict[str, Any]:
        """Accept the person's identity on an officer's word."""
        return self._decide(name, lambda _, case: c.ConfirmIdentity(**self._by(case), ground=ground))

    def assign(self, name: str, officer: str) -> dict[str, Any]:
        """Give the case to an officer."""
        return self._decide(name, lambda _, case: c.AssignCase(**self._by(case), to=officer))

    def note(self, name: str, text: str) -> dict[str, Any]:
        """Keep a note with the case; its words go into the vault."""
        return self._decide(
            name,
            lambda transaction, case: c.AddNote(**self._by(case), note=self._sealed(transaction, case, {"note": text})),
        )

    # ---- inside

    def _decide(self, name: str, command: Any) -> dict[str, Any]:
        for _ in range(TRIES):
            try:
                with self.store.begin() as transaction:
                    case = self._found(transaction, name)
                    after = self.router.carry_out(transaction, command(transaction, case), None)
                    return self._short(after or case)
            except Conflict:
                continue  # somebody decided meanwhile: look again, and decide on what is there now
            except CommandRefused as refused:
                raise Refused(str(refused)) from None
        raise Refused("others are changing this case all the time; try again in a moment")

    def _by(self, case: Case) -> dict[str, Any]:
        # Every order of an officer is its own cause: given twice it is two orders, and the case judges the second.
        cause = f"officer:{secrets.token_hex(8)}"
        return {"case_id": case.case_id, "cause": cause, "at": self.clock.now(), "officer": self.officer}

    def _sealed(self, transaction: Transaction, case: Case, facts: dict[str, Any]) -> str:
        return self.vault.seal(transaction, case.person, "note", LetterFacts(facts=facts).model_dump_json().encode())

    def _found(self, transaction: Transaction, name: str) -> Case:
        """Return a case by its id, the beginning of it, or its reference (HB-1A2B3C4D)."""
        wanted = name.strip().lower().removeprefix("hb-")
        case, _ = casebook.load(transaction, wanted)
        if case is not None:
            return case
        if len(wanted) < 4 or not all(mark in "0123456789abcdef-" for mark in wanted):
            raise NotFound(f"{name[:40]} is no case; `habeas case list --state all` shows them")
        query = select(CASES.c.snapshot).where(CASES.c.case_id.like(f"{wanted}%")).limit(2)
        rows = transaction.execute(query).scalars().all()
        if len(rows) != 1:
            why = "is no case" if not rows else "is the beginning of several cases; give more of it"
            raise NotFound(f"{name[:40]} {why}; `habeas case list --state all` shows them")
        return Case.model_validate_json(rows[0])

    def _claim_of(self, case: Case, right: Right | None) -> Claim:
        open_ones = [claim for claim in case.claims if claim.open and right in {None, claim.right}]
        if len(open_ones) == 1:
            return open_ones[0]
        rights = ", ".join(claim.right.value for claim in case.claims if claim.open) or "none"
        raise Refused(f"say which claim with --right; the open ones are: {rights}")

    def _review(self, transaction: Transaction, review_id: str) -> Waiting:
        found = reviews.find(transaction, review_id)
        if found is None:
            raise NotFound(f"{review_id[:40]} is no review; `habeas case reviews` shows them")
        return found

    def _short(self, case: Case) -> dict[str, Any]:
        now = self.clock.now()
        dues = [claim.due.due for claim in case.claims if claim.open and claim.due]
        due = min(dues, default=None)
        return {
            "case": case.case_id,
            "reference": reference(case.case_id),
            "controller": case.controller,
            "state": case.state,
            "received": case.received.isoformat(),
            "due": due.isoformat() if due else None,
            "overdue": bool(due and due <= now),
            "rights": [claim.right.value for claim in case.claims],
            "waiting_for": sorted({_waiting_for(claim) for claim in case.claims if claim.open}),
            "tasks": [task.reason for claim in case.claims for task in claim.tasks],
            "officer": case.officer,
        }


def _waiting_for(claim: Claim) -> str:
    if claim.tasks:
        return "human"
    return ",".join(wait.value for wait in claim.waits) or claim.stage.value


def _claim(claim: Claim) -> dict[str, Any]:
    due = claim.due
    return {
        "claim": claim.claim_id,
        "right": claim.right.value,
        "stage": claim.stage.value,
        "outcome": claim.outcome.value if claim.outcome else None,
        "due": due.due.isoformat() if due else None,
        "rule": due.rule if due else None,
        "source": due.source if due else None,
        "steps": list(due.steps) if due else [],
        "warnings": list(due.warnings) if due else [],
        "tasks": [{"task": task.task_id, "reason": task.reason, "due": task.due.isoformat()} for task in claim.tasks],
    }


@contextmanager
def desk(settings: Settings, officer: str) -> Iterator[Desk]:
    """Open the desk on the home or database of the settings; services may be running beside it."""
    file = make_url(settings.store_url).database if settings.store_url.startswith("sqlite") else None
    if file and not Path(file).exists():
        raise NotFound(f"there is no habeas in {settings.home}; say --home, or start one with `habeas up`")
    database = Database(settings.store_url)
    try:
        require_current(database)
        opened = open_vault(
            settings.home,
            lambda: database.begin("router"),
            keys_url=settings.keys_url,
            masters=master_key_source(settings.home, file=settings.master_key),
            make=False,
        )
        try:
            clock = Clock()
            router = router_of(settings, opened.vault, clock)
            yield Desk(database.store(SERVICE), opened.vault, router, clock, officer)
        finally:
            opened.vault.close()
    finally:
        database.close()
