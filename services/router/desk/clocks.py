"""What an officer may do to a clock: extend, pause, resume, say which laws apply, and when a breach was known."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from schemas.rights import Right
from services.router.core.cases import commands as c
from services.router.core.cases.state import Case
from services.router.core.cases.values import LawChoice, WaitKind
from services.router.desk.base import Base, Refused, code
from services.runtime.store import Transaction


class Clocks(Base):
    """The officer's orders to clocks; the law says which of them count."""

    __slots__ = ()

    def extend(
        self, name: str, right: Right | None, ground: str | None, reasons: str, until: date | None = None
    ) -> dict[str, Any]:
        """Extend a claim's period, as far as its law allows or to an earlier day; it takes effect once the person was
        told in time."""

        def order(transaction: Transaction, case: Case) -> c.Command:
            claim = self.claim_of(case, right)
            words = self.sealed_or_none(transaction, case, reasons)
            return c.ExtendDeadline(
                **self.by(case), claim_id=claim.claim_id, ground=code(ground) if ground else None, reasons=words,
                until=until,
            )  # fmt: skip

        return self.decide(name, order)

    def pause(
        self, name: str, right: Right | None, waiting_for: str, ground: str | None, reasons: str
    ) -> dict[str, Any]:
        """Stop a clock while the person owes something that the law lets it wait for; the person is told."""

        def order(transaction: Transaction, case: Case) -> c.Command:
            claim = self.claim_of(case, right)
            words = self.sealed_or_none(transaction, case, reasons)
            return c.PauseDeadline(
                **self.by(case), claim_id=claim.claim_id, kind=WaitKind(waiting_for),
                ground=code(ground) if ground else None, reasons=words,
            )  # fmt: skip

        return self.decide(name, order)

    def resume(self, name: str, right: Right | None, waiting_for: str | None) -> dict[str, Any]:
        """Let a clock run again, because the person gave what was asked."""

        def order(_: Transaction, case: Case) -> c.Command:
            claim = self.claim_of(case, right)
            if waiting_for is None and not claim.waits:
                raise Refused("nobody waits for the person here: the clock runs", "pause")
            kind = WaitKind(waiting_for) if waiting_for else claim.waits[0]
            return c.ResumeDeadline(**self.by(case), claim_id=claim.claim_id, kind=kind)

        return self.decide(name, order)

    def correct_law(self, name: str, laws: Sequence[str], because: str) -> dict[str, Any]:
        """Say which laws apply and why; every open date is worked out again and the change explained."""

        def order(transaction: Transaction, case: Case) -> c.Command:
            if not because.strip():
                raise Refused("say why with --because: it stands in the timeline beside the new dates", "law")
            named = tuple(dict.fromkeys(law.strip().lower() for law in laws))
            if named == case.law.laws:
                raise Refused(f"{', '.join(named)} applies already", "law")
            # Why is free text, and may name somebody: it belongs into the vault, not into the record.
            chosen = LawChoice(laws=named, because=("corrected by an officer",))
            return c.CorrectLaw(**self.by(case), law=chosen, reasons=self.sealed(transaction, case, because))

        return self.decide(name, order)

    def aware(self, name: str, at: str, right: Right | None = None, zone: str = "") -> dict[str, Any]:
        """Record when the controller became aware of a breach: the 72 hours run from there (Art. 33(1) GDPR)."""

        def order(_: Transaction, case: Case) -> c.Command:
            wanted = right or (Right.BREACH_REPORT if any(_is_breach(x.right) for x in case.claims) else None)
            claim = self.claim_of(case, wanted)
            if len(at.strip()) <= len("2026-03-31"):
                raise Refused("a period in hours needs the hour: write 2026-03-31T09:00", "Art. 33(1) GDPR")
            moment = self.moment(at, self.zone_of(case), "at", zone)
            return c.RecordAwareness(**self.by(case), claim_id=claim.claim_id, aware=moment)

        return self.decide(name, order)


def _is_breach(right: Right) -> bool:
    return right is Right.BREACH_REPORT
