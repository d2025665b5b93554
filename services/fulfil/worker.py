"""Fulfil on the bus: a claim is routed here, its handler runs as a job, and what it did goes back as one event.

A right that no connected system can carry out becomes a human task at once: visible, with its due day, never nowhere.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from uuid import UUID, uuid5

from schemas.content import LetterFacts, Subject
from schemas.envelope import Envelope, caused, rooted
from schemas.events import ClaimFulfilled, ClaimRouted, TaskOpened
from schemas.rights import Outcome, Right
from schemas.values import ReceiptSummary
from services.fulfil.api.engineer import UsageFault, perform_access
from services.fulfil.archive import archive
from services.fulfil.connectors.protocol import ConnectorError
from services.fulfil.report import Status
from services.runtime.clock import Clock
from services.runtime.failures import Retry
from services.runtime.jobs import Recording
from services.runtime.settings import ControllerSettings, Settings
from services.runtime.store import JobOrder, Store, Transaction
from services.runtime.store.jobs import Job
from services.runtime.vault import Forgotten, Vault

SERVICE: Final = "fulfil"
SOURCE: Final = f"/habeas/{SERVICE}"
CLAIM: Final = "claim"
NAMESPACE: Final = UUID("c4d7e5a0-55a4-5c1e-8f6e-2b9b0c1a7e10")


class Fulfil:
    """Handles ClaimRouted: orders the job, or opens the task."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def handle(self, transaction: Transaction, envelope: Envelope) -> None:
        """Handle one event of the claims' topics."""
        event = envelope.event
        if not isinstance(event, ClaimRouted):
            return
        entry = self._settings.controllers.get(event.controller)
        if event.right not in HANDLERS or entry is None or not entry.systems:
            reason = "no_handler" if event.right not in HANDLERS else "no_system_connected"
            transaction.enqueue(caused(envelope, task(event, reason), SOURCE))
            return
        reference = {"event": event.model_dump(mode="json")}
        transaction.order(JobOrder(id=envelope.id, kind=CLAIM, key=event.case_id, reference=reference))


def task(event: ClaimRouted, reason: str) -> TaskOpened:
    """Return the task that a human must do instead."""
    return TaskOpened(
        controller=event.controller,
        occurred=event.occurred,
        case_id=event.case_id,
        task_id=str(uuid5(NAMESPACE, f"{event.claim_id}|{event.attempt}|{reason}")),
        claim_id=event.claim_id,
        right=event.right,
        reason=reason,
        due=event.due,
    )


class ClaimEffect:
    """Carries a claim out on the controller's systems."""

    def __init__(self, *, store: Store, vault: Vault, settings: Settings, clock: Clock) -> None:
        self._store = store
        self._vault = vault
        self._settings = settings
        self._clock = clock

    async def perform(self, job: Job) -> Recording:
        """Run the handler, and return what to record."""
        event = ClaimRouted.model_validate(job.reference["event"])
        entry = self._settings.controllers[event.controller]
        try:
            sealed = await self._store.read(lambda reading: self._vault.open(reading, event.subject))
        except Forgotten:
            return _nothing
        subject = Subject.model_validate_json(sealed)
        if not any(subject.identities.values()):
            return self._to_a_human(event, "no_identity")
        try:
            return await asyncio.to_thread(self._access, event, entry, subject)
        except UsageFault:
            # The map or the connection is not as it must be: an operator corrects it, the officer is told meanwhile.
            return self._to_a_human(event, "data_map_unusable")
        except ConnectorError:
            raise Retry("SystemUnavailable") from None

    def give_up(self, job: Job, cause: str) -> Recording | None:
        """A system that stays away becomes a human's task; the clock runs on."""
        return self._to_a_human(ClaimRouted.model_validate(job.reference["event"]), "system_unavailable")

    def _to_a_human(self, event: ClaimRouted, reason: str) -> Recording:
        opened = task(event, reason)
        return lambda transaction: transaction.enqueue(rooted(f"{event.claim_id}|{event.attempt}", opened, SOURCE))

    def _access(self, event: ClaimRouted, entry: ControllerSettings, subject: Subject) -> Recording:
        """Export the person's rows and seal them as one package."""
        maps = [system.map for system in entry.systems.values()]
        urls = [f"{name}={system.connect.get_secret_value()}" for name, system in entry.systems.items()]
        identities = [f"{kind}={value}" for kind, values in subject.identities.items() for value in values]
        self._settings.home.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix="package-", dir=self._settings.home))
        try:
            with perform_access(maps, urls, identities, folder / "data") as report:
                if report.status is not Status.COMPLETE:
                    return self._to_a_human(event, f"access_{report.status.value}")
                counts = {str(name): len(list(table.rows())) for name, table in report.tables.items()}
                withheld = {
                    str(name): len(table.withheld) + table.withheld_more for name, table in report.tables.items()
                }
            package = f"vault:{uuid5(NAMESPACE, f'package|{event.claim_id}|{event.attempt}')}"
            if any(counts.values()):
                self._seal(event, folder, package, counts, withheld)
            return self._fulfilled(event, package, counts, withheld)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _seal(
        self, event: ClaimRouted, folder: Path, package: str, counts: Mapping[str, int], withheld: Mapping[str, int]
    ) -> None:
        """Stream the archive into the vault: never whole in memory, never in clear outside this folder."""
        with self._store.begin() as transaction:
            if self._vault.holds(transaction, package):
                return
        made = archive(folder, event.controller, counts, withheld, self._clock.now())
        with made.open("rb") as source, self._vault.writer(event.person, "package", ref=package) as writer:
            while chunk := source.read(1 << 20):
                writer.write(chunk)
            with self._store.begin() as transaction:
                writer.finish(transaction)

    def _fulfilled(
        self, event: ClaimRouted, package: str, counts: Mapping[str, int], withheld: Mapping[str, int]
    ) -> Recording:
        found = sum(counts.values())
        facts: dict[str, Any] = {
            "records": found,
            "withheld": sum(withheld.values()),
            "systems": ", ".join(sorted({name.partition(".")[0] for name in counts})),
        }
        if found:
            facts["package"] = package
        receipts = tuple(
            ReceiptSummary(
                step_id=str(uuid5(NAMESPACE, f"{event.claim_id}|{event.attempt}|{name}")),
                system=name.partition(".")[0],
                action="copy",
                count=count,
                withheld=withheld.get(name, 0),
                digest=self._vault.keyed_hash("receipt", event.claim_id, name, str(count), person=event.person),
            )
            for name, count in sorted(counts.items())
        )

        def record(transaction: Transaction) -> None:
            letter = LetterFacts(facts=facts).model_dump_json().encode()
            result = self._vault.seal(transaction, event.person, "result", letter)
            done = ClaimFulfilled(
                controller=event.controller,
                occurred=self._clock.now(),
                case_id=event.case_id,
                claim_id=event.claim_id,
                right=event.right,
                outcome=Outcome.PARTLY_FULFILLED if facts["withheld"] else Outcome.FULFILLED,
                receipts=receipts,
                result=result,
            )
            transaction.enqueue(rooted(f"{event.claim_id}|{event.attempt}", done, SOURCE))

        return record


def _nothing(transaction: Transaction) -> None:
    """The person is forgotten: there is nobody to answer and nothing to look for."""


HANDLERS: Final = frozenset({Right.ACCESS})
"""The rights that connected systems can carry out by rule; every other one is a human's task until its handler is."""
