"""Whether a number that a person gave is one of theirs: looked up in the controller's systems, and kept nowhere.

Whoever asks learns yes or no for one check. Somebody who is not in the systems is answered like somebody who gave a
wrong number, after the same search.
"""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from schemas.content import Subject
from schemas.envelope import Envelope, rooted
from schemas.events import FactorChecked, FactorGiven
from services.fulfil.access import access
from services.fulfil.api.engineer import UsageFault, request
from services.fulfil.connectors.protocol import ConnectorError, SystemDown, is_outage
from services.fulfil.core.profile import Profile
from services.fulfil.core.standing import Verdict
from services.fulfil.hastening import UNAVAILABLE
from services.fulfil.kept import KeptSystems
from services.fulfil.report import Status
from services.fulfil.tables import SERVICE
from services.runtime.clock import Clock
from services.runtime.factors import factor_digest
from services.runtime.failures import Retry
from services.runtime.jobs import Recording
from services.runtime.settings import ControllerSettings, FactorSettings, Settings
from services.runtime.store import JobOrder, Store, Transaction
from services.runtime.store.jobs import Job
from services.runtime.vault import Forgotten, Vault

KNOWING: Final = "factor"


@dataclass(slots=True)
class Sought:
    """Compares every number of the person's, whether or not one fitted already."""

    vault: Vault
    where: FactorSettings
    event: FactorGiven
    fits: bool = False

    def take(self, table: Profile, row: Sequence[Any], verdict: Verdict) -> None:
        """Look at one row of the person's."""
        system, name, field = self.where.place
        if (table.name.system, table.name.table) != (system, name):
            return
        held = factor_digest(self.vault, self.event.check_id, row[table.place[field]])
        self.fits |= bool(held) and hmac.compare_digest(held, self.event.answer_digest)


class FactorEffect:
    """Looks a given number up."""

    def __init__(self, *, store: Store, vault: Vault, settings: Settings, clock: Clock) -> None:
        self._store = store
        self._vault = vault
        self._settings = settings
        self._clock = clock
        self._kept = KeptSystems()

    def close(self) -> None:
        """Let go of the systems that were kept connected."""
        self._kept.close()

    async def perform(self, job: Job) -> Recording:
        """Compare, and say whether it fits."""
        event = FactorGiven.model_validate(job.reference["event"])
        entry = self._settings.controllers.get(event.controller)
        if entry is None or entry.identity.factor is None or not entry.systems:
            return self._said(event, None)
        try:
            subject = await self._store.read(lambda reading: self._subject(reading, event))
        except Forgotten:
            return self._said(event, False)
        found = await asyncio.to_thread(self._looked_up, event, subject, entry, entry.identity.factor)
        return self._said(event, found)

    def give_up(self, job: Job, cause: str) -> Recording | None:
        """A system that stays away proves nothing: a human goes on."""
        return self._said(FactorGiven.model_validate(job.reference["event"]), None)

    def _subject(self, reading: Transaction, event: FactorGiven) -> Subject:
        return Subject.model_validate_json(self._vault.open(reading, event.subject))

    def _looked_up(
        self, event: FactorGiven, subject: Subject, entry: ControllerSettings, where: FactorSettings
    ) -> bool | None:
        identities = [f"{kind}={value}" for kind, values in subject.identities.items() for value in values]
        urls = [f"{name}={system.connect.get_secret_value()}" for name, system in entry.systems.items()]
        sought = Sought(self._vault, where, event)
        try:
            with request([system.map for system in entry.systems.values()], urls, identities, self._kept) as found:
                landscape, known, budget = found
                system, name, field = where.place
                live = {(each.system, each.table): table for each, table in landscape.graph.tables.items()}
                table = live.get((system, name))
                if table is None or field not in {each.name for each in table.fields}:
                    return None
                report = access(landscape, known, budget, sink=sought)
        except UsageFault:
            return None
        except SystemDown:
            raise Retry(UNAVAILABLE, outage=True) from None
        except ConnectorError:
            return None
        if report.status is Status.REFUSED:
            # A number of one of two people who share a telephone does not say which of them asks.
            return None
        if not sought.fits and report.status is not Status.COMPLETE:
            if is_outage(report.faults):
                raise Retry(UNAVAILABLE, outage=True)
            return None
        return sought.fits

    def _said(self, event: FactorGiven, matches: bool | None) -> Recording:
        told = FactorChecked(
            controller=event.controller, occurred=self._clock.now(), case_id=event.case_id, check_id=event.check_id,
            matches=matches,
        )  # fmt: skip
        cause = f"factor|{event.check_id}|{event.answer_digest}"
        return lambda transaction: transaction.enqueue(rooted(cause, told, f"/habeas/{SERVICE}"))


def given(transaction: Transaction, envelope: Envelope, event: FactorGiven) -> None:
    """Order the look-up, behind whatever else is done for the case."""
    reference = {"event": event.model_dump(mode="json")}
    transaction.order(JobOrder(id=envelope.id, kind=KNOWING, key=event.case_id, reference=reference))
