"""Given a controller's terms and a message, when commands arrive, then these events follow."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from schemas.rights import Channel, Right
from services.router.core.cases import commands as c
from services.router.core.cases import events as e
from services.router.core.cases.decide import decide
from services.router.core.cases.evolve import evolve
from services.router.core.cases.state import Case, Claim
from services.router.core.cases.terms import Terms
from services.router.core.cases.values import Asked, Assurance, LawChoice
from services.router.grounds import shipped_grounds
from services.router.laws import calendar, shipped_laws, zone

NOTE = "vault:00000000-0000-4000-8000-000000000001"
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def terms(**changes: Any) -> Terms:
    given: dict[str, Any] = {
        "controller": "axigen",
        "zone": zone("Europe/Berlin"),
        "calendar": calendar("DE-BE"),
        "laws": shipped_laws().laws,
        "grounds": shipped_grounds(),
    }
    return Terms(**(given | changes))


class Told:
    """A case that is told things, and remembers what it answered."""

    def __init__(self, under: Terms) -> None:
        self.terms = under
        self.case: Case | None = None
        self.events: list[e.CaseEvent] = []
        self.now = START
        self.count = 0

    def tell(self, kind: type[c.Command], /, **fields: Any) -> list[e.CaseEvent]:
        self.count += 1
        given = {"case_id": "case-1", "cause": f"cause-{self.count}", "at": self.now} | fields
        if issubclass(kind, c.ByOfficer):
            given.setdefault("officer", "officer-1")
        return self.give(kind(**given))

    def give(self, command: c.Command) -> list[e.CaseEvent]:
        told = decide(self.case, command, self.terms)
        for event in told:
            self.case = evolve(self.case, event)
        self.events += told
        return list(told)

    def later(self, **delta: float) -> Told:
        self.now += timedelta(**delta)
        return self

    def opened(self, *rights: Right, **fields: Any) -> list[e.CaseEvent]:
        given: dict[str, Any] = {
            "controller": "axigen",
            "message_id": "message-1",
            "correspondent": "correspondent-1",
            "person": "person-1",
            "channel": Channel.EMAIL,
            "received": self.now,
            "policy_version": "2018-11-10",
            "law": LawChoice(laws=("eu-gdpr",), because=("seat",)),
            "asked": tuple(Asked(claim_id=f"claim-{right.value}", right=right) for right in rights),
            "subject": NOTE,
            "assurance": Assurance.LINK,
        }
        return self.tell(c.OpenCase, **(given | fields))

    def claim(self, right: Right) -> Claim:
        assert self.case is not None
        return next(claim for claim in self.case.claims if claim.right is right)

    def letter(self, template: str) -> e.LetterRequested:
        found = [each for each in self.events if isinstance(each, e.LetterRequested) and each.template == template]
        assert found, f"no letter {template}"
        return found[-1]

    def delivered(self, template: str) -> list[e.CaseEvent]:
        return self.tell(c.RecordReplySent, letter_id=self.letter(template).letter_id, moment=self.now)

    def fulfilled(self, right: Right, **fields: Any) -> list[e.CaseEvent]:
        given = {"claim_id": f"claim-{right.value}", "outcome": "fulfilled"} | fields
        return self.tell(c.RecordFulfilment, **given)


def names(events: Sequence[e.CaseEvent]) -> list[str]:
    return [event.name() for event in events]
