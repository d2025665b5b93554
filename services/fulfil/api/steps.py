"""The door to a case's steps: how far each system and delegate is, and doing now what only waits for its time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import select

from schemas.events import ClaimRouted
from services.fulfil import carried, remembering
from services.fulfil.api.engineer import UsageFault
from services.fulfil.carried import State
from services.fulfil.hastening import CLAIM, UNAVAILABLE, at_once, jobs_of
from services.fulfil.tables import CLAIMS, SERVICE
from services.fulfil.worker import not_before
from services.runtime.beside import database_beside
from services.runtime.settings import Settings
from services.runtime.store import Store, Transaction
from services.runtime.store.jobs import PARKED, RUNNING


class Wait(StrEnum):
    """How far a claim's work is."""

    WAITING = "waiting"
    COOLING_OFF = "cooling_off"
    RUNNING = "running"
    PARKED = "parked"
    IDLE = "idle"


__all__ = ["UNAVAILABLE", "ClaimSteps", "Steps", "Wait", "steps"]
_FIRST: Final = (Wait.PARKED, Wait.RUNNING, Wait.COOLING_OFF, Wait.WAITING, Wait.IDLE)


@dataclass(frozen=True, slots=True)
class ClaimSteps:
    """One claim's work: its job, why that was not done at the first try, and the delegates that were asked."""

    claim_id: str
    right: str
    wait: Wait
    until: datetime | None
    delegates: dict[str, str]
    cause: str = ""
    tries: int = 0

    def as_dict(self) -> dict[str, Any]:
        """Return what may be printed."""
        until = self.until.isoformat(timespec="seconds") if self.until else None
        return {
            "claim": self.claim_id, "right": self.right, "state": self.wait.value, "until": until,
            "delegates": self.delegates, "cause": self.cause, "tries": self.tries,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Steps:
    """What fulfil does about cases."""

    settings: Settings
    store: Store

    def of(self, case_id: str) -> list[ClaimSteps]:
        """Return the work on a case's claims."""
        with self.store.begin() as transaction:
            claims = transaction.execute(select(CLAIMS.c.claim_id).where(CLAIMS.c.case_id == case_id)).scalars().all()
            jobs = list(jobs_of(transaction, case_id))
            return [self._steps(transaction, claim_id, jobs) for claim_id in claims]

    def hasten(self, case_id: str, claim_id: str | None = None) -> int:
        """Let what waits for its next try be tried now; return how many jobs. A cooling-off is waited out."""
        moved = 0
        with self.store.begin() as transaction:
            for row, event in jobs_of(transaction, case_id):
                if claim_id in {None, event.claim_id} and not self._cools_off(transaction, row, event):
                    moved += at_once(transaction, row)
        return moved

    def ask_again(self, claim_id: str, name: str | None = None) -> tuple[str, ...]:
        """Let delegates that a human was called for be asked afresh; return which."""
        return self._move(claim_id, State.HUMAN, State.UNREACHED, lambda each: name in {None, each})

    def called_again(self, claim_id: str, names: Sequence[str]) -> None:
        """Take that back: a human is called for them still."""
        self._move(claim_id, State.UNREACHED, State.HUMAN, lambda each: each in names)

    def _move(self, claim_id: str, before: State, after: State, which: Callable[[str], bool]) -> tuple[str, ...]:
        with self.store.begin() as transaction:
            known = carried.find(transaction, claim_id)
            moved = [
                replace(each, state=after)
                for each in (known.delegated.values() if known else ())
                if each.state is before and which(each.name)
            ]
            carried.note(transaction, claim_id, moved)
        return tuple(each.name for each in moved)

    def _cools_off(self, transaction: Transaction, row: Any, event: ClaimRouted) -> bool:
        entry = self.settings.controllers.get(event.controller)
        return row.kind == CLAIM and entry is not None and not_before(event, entry) > transaction.now_ms

    def _steps(self, transaction: Transaction, claim_id: str, jobs: Sequence[tuple[Any, ClaimRouted]]) -> ClaimSteps:
        mine = [(row, event) for row, event in jobs if event.claim_id == claim_id]
        found: dict[Wait, datetime | None] = {}
        for row, event in mine:
            until = datetime.fromtimestamp(row.next_try_ms / 1000, UTC)
            if row.state == PARKED:
                found[Wait.PARKED] = None
            elif row.state == RUNNING:
                found[Wait.RUNNING] = None
            elif not remembering.is_stopped(transaction, event):
                found[Wait.COOLING_OFF if self._cools_off(transaction, row, event) else Wait.WAITING] = until
        wait = next((each for each in _FIRST if each in found), Wait.IDLE)
        known = carried.find(transaction, claim_id)
        delegates = {name: each.state.value for name, each in known.delegated.items()} if known else {}
        right = mine[0][1].right.value if mine else ""
        cause, tries = next(((row.cause, row.tries) for row, _ in mine if row.cause), ("", 0))
        return ClaimSteps(claim_id, right, wait, found.get(wait), delegates, cause, tries)


@contextmanager
def steps(settings: Settings) -> Iterator[Steps]:
    """Open fulfil's own state; services may be running beside it."""
    with database_beside(settings, UsageFault) as database:
        yield Steps(settings, database.store(SERVICE))
