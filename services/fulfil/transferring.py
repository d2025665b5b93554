"""Portable packages on their way to another controller (Art. 20(2) GDPR): sent, acknowledged, and only then told.

Sending is a job of its own, so that it is tried again without asking the systems again: the same package, the same
hash, the same idempotency key. Where it cannot be done, a human is told why, and the data is still where it was.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID, uuid5

from sqlalchemy import delete, select

from schemas.content import LetterFacts
from schemas.envelope import rooted
from schemas.events import ClaimFulfilled, ClaimRouted, TaskOpened
from schemas.values import ReceiptSummary
from services.fulfil import carried, remembering, skipping
from services.fulfil.asking import MARGIN
from services.fulfil.connectors.protocol import SystemDown, SystemRefuses
from services.fulfil.core.transferring import Acknowledged
from services.fulfil.packing import PackedInClear, refs_of
from services.fulfil.sending import send_package
from services.fulfil.tables import TRANSFERS
from services.runtime.clock import Clock
from services.runtime.failures import Retry
from services.runtime.jobs import Recording
from services.runtime.settings import Settings
from services.runtime.store import JobOrder, Store, Transaction
from services.runtime.store.jobs import Job
from services.runtime.store.transaction import insert_once
from services.runtime.vault import Forgotten, Missing, Tampered, Vault

TRANSFER: Final = "transfer"
DROP: Final = "drop"
SOURCE: Final = "/habeas/fulfil"
ATTEMPTS_BACK: Final = 4
FIRST_WAIT_SECONDS: Final = 60.0
LONGEST_WAIT_SECONDS: Final = 3 * 3600.0
"""A recipient may be away for days (`retry.outage_days`), and some two hours where the claim is due before."""
NAMESPACE: Final = UUID("5f0a1c7e-3f0b-5f0e-9d51-0f4f8f4f6c52")


@dataclass(frozen=True, slots=True)
class Sending:
    """A package that waits to be sent, and what will be said when it is."""

    recipient: str
    packed: PackedInClear
    fulfilled: ClaimFulfilled
    facts: dict[str, Any]


def keep(
    transaction: Transaction, event: ClaimRouted, fulfilled: ClaimFulfilled, recipient: str, packed: PackedInClear
) -> None:
    """Remember what was packed here, and have it sent."""
    row = {
        "claim_id": event.claim_id, "attempt": event.attempt, "recipient": recipient, "package": packed.package,
        "size_bytes": packed.size_bytes, "digest": packed.digest, "fulfilled": fulfilled.model_dump_json(),
        "asked_ms": int(fulfilled.occurred.timestamp() * 1000),
    }  # fmt: skip
    transaction.execute(delete(TRANSFERS).where(TRANSFERS.c.claim_id == event.claim_id))
    transaction.execute(insert_once(transaction, TRANSFERS, ("claim_id",)), row)
    reference = {"event": event.model_dump(mode="json")}
    name = f"send|{event.claim_id}|{event.attempt}|{event.occurred.isoformat()}"
    # No key: a recipient that is away for hours must hold up nothing else of the case.
    transaction.order(JobOrder(id=str(uuid5(NAMESPACE, name)), kind=TRANSFER, reference=reference))


def order_drop(transaction: Transaction, case_id: str, cause: str, refs: list[str]) -> None:
    """Have packages removed that nobody waits for any more, after what is being done for their case."""
    name = str(uuid5(NAMESPACE, f"drop|{cause}"))
    transaction.order(JobOrder(id=name, kind=DROP, key=case_id, reference={"refs": refs}))


def nobody_waits(transaction: Transaction, case_id: str, claim_id: str) -> None:
    """Let go of what was packed for a claim that was taken back: its person is not told of it (Art. 5(1)(e) GDPR)."""
    last = remembering.attempt(transaction, claim_id)
    attempts = range(max(0, last - ATTEMPTS_BACK), last + 1)
    refs = [ref for attempt in attempts for ref in refs_of(claim_id, attempt)]
    order_drop(transaction, case_id, f"{claim_id}|{last}|stopped", refs)


class TransferEffect:
    """Sends one package."""

    def __init__(self, *, store: Store, vault: Vault, settings: Settings, clock: Clock) -> None:
        self._store = store
        self._vault = vault
        self._settings = settings
        self._clock = clock

    async def perform(self, job: Job) -> Recording:
        """Send the package, and return what its acknowledgement means."""
        event = ClaimRouted.model_validate(job.reference["event"])
        try:
            sending = await self._store.read(lambda reading: self._opened(reading, event))
            if sending is None:
                return lambda transaction: self._done_with(transaction, event)
            answer = await asyncio.to_thread(self._send, event, sending)
        except Forgotten:
            return _nothing
        except (Missing, Tampered):
            # Taken back while it was being sent: the package went from under us.
            if await self._store.read(lambda reading: self._opened(reading, event)) is None:
                return lambda transaction: self._done_with(transaction, event)
            return self._for_human(event, "its package is gone; approve to make and send it anew")
        except SystemDown as fault:
            if job.tries < self._settings.retry.tries_max or self._clock.now() < event.due - MARGIN:
                wait_seconds = min(FIRST_WAIT_SECONDS * 2 ** min(job.tries - 1, 20), LONGEST_WAIT_SECONDS)
                raise Retry("RecipientUnavailable", wait_seconds, outage=True) from None
            return self._for_human(event, str(fault))
        except SystemRefuses as fault:
            return self._for_human(event, str(fault))
        return self._acknowledged(event, sending, answer)

    def give_up(self, job: Job, cause: str) -> Recording | None:
        """A recipient that is never reached is a human's matter; the clock runs on."""
        event = ClaimRouted.model_validate(job.reference["event"])
        return self._for_human(event, f"it could not be sent ({cause})")

    def _opened(self, reading: Transaction, event: ClaimRouted) -> Sending | None:
        """Return what is to be sent; None where the claim was taken back, or told already."""
        found = select(TRANSFERS).where(TRANSFERS.c.claim_id == event.claim_id, TRANSFERS.c.attempt == event.attempt)
        row = reading.execute(found).first()
        if row is None or remembering.is_stopped(reading, event):
            return None
        fulfilled = ClaimFulfilled.model_validate_json(row.fulfilled)
        assert fulfilled.result is not None
        facts = LetterFacts.model_validate_json(self._vault.open(reading, fulfilled.result)).facts
        return Sending(row.recipient, PackedInClear(row.package, row.size_bytes, row.digest), fulfilled, facts)

    def _send(self, event: ClaimRouted, sending: Sending) -> Acknowledged:
        entry = self._settings.controllers[event.controller].transfers.get(sending.recipient)
        if entry is None:
            raise SystemRefuses(f"{sending.recipient}: the settings do not name it any more (`transfers`)")
        return send_package(
            sending.recipient, entry, self._vault.reader(sending.packed.package), sending.packed.size_bytes,
            sending.packed.digest, _step_id(event), f"{event.controller}-{event.case_id[:8]}.zip",
        )  # fmt: skip

    def _acknowledged(self, event: ClaimRouted, sending: Sending, answer: Acknowledged) -> Recording:
        moment = self._clock.now()
        facts = sending.facts | {
            "sent_to": sending.recipient, "sent": moment.isoformat(), "acknowledgement": answer.number,
            "digest": sending.packed.digest,
        }  # fmt: skip
        receipt = ReceiptSummary(
            step_id=_step_id(event), system=sending.recipient, action="transfer",
            count=sum(each.count for each in sending.fulfilled.receipts), digest=sending.packed.digest,
            reason=f"acknowledged_{answer.status}",
        )  # fmt: skip

        def record(transaction: Transaction) -> None:
            letter = LetterFacts(facts=facts).model_dump_json().encode()
            told = sending.fulfilled.model_copy(
                update={
                    "occurred": moment, "receipts": (*sending.fulfilled.receipts, receipt),
                    "result": self._vault.seal(transaction, event.person, "result", letter),
                }
            )  # fmt: skip
            self._done_with(transaction, event)
            entry = skipping.without(self._settings.controllers[event.controller], event)
            if entry.delegates_for(event.right):
                carried.keep(transaction, event, told)
            else:
                transaction.enqueue(rooted(f"{event.claim_id}|{event.attempt}", told, SOURCE))

        return record

    def _for_human(self, event: ClaimRouted, why: str) -> Recording:
        def record(transaction: Transaction) -> None:
            cause = f"{event.claim_id}|{event.attempt}|transfer_failed"
            preview = f"vault:{uuid5(NAMESPACE, f'preview|{cause}')}"
            if not self._vault.holds(transaction, preview):
                words = json.dumps({"faults": [why, *CHOICES], "set": TRANSFER}).encode()
                self._vault.seal(transaction, event.person, "preview", words, ref=preview)
            task = TaskOpened(
                controller=event.controller, occurred=self._clock.now(), case_id=event.case_id,
                task_id=str(uuid5(NAMESPACE, cause)), claim_id=event.claim_id, right=event.right,
                reason="approve_transfer", due=event.due, preview=preview,
            )  # fmt: skip
            self._done_with(transaction, event)
            transaction.enqueue(rooted(cause, task, SOURCE))

        return record

    def _done_with(self, transaction: Transaction, event: ClaimRouted) -> None:
        """Let go of the package: it has arrived, or is made anew when it is sent again."""
        mine = (TRANSFERS.c.claim_id == event.claim_id) & (TRANSFERS.c.attempt == event.attempt)
        row = transaction.execute(select(TRANSFERS).where(mine)).first()
        if row is not None:
            order_drop(transaction, event.case_id, f"{event.claim_id}|{event.attempt}|sent", [row.package])
            transaction.execute(delete(TRANSFERS).where(mine))


class DropEffect:
    """Removes packages that nobody waits for."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    async def perform(self, job: Job) -> Recording:
        """Remove them; what is gone already stays so."""
        for ref in job.reference["refs"]:
            await asyncio.to_thread(self._vault.remove, ref)
        return _nothing

    def give_up(self, job: Job, cause: str) -> Recording | None:
        """What cannot be removed waits, parked, for a human."""
        return None


CHOICES: Final = (
    "approve it as it is: it is tried once more",
    "approve it with --set transfer=NAME: it goes to that recipient of the settings",
    "approve it with --set transfer=none: the person gets the package instead, by link",
)


def _step_id(event: ClaimRouted) -> str:
    return str(uuid5(NAMESPACE, f"step|{event.claim_id}|{event.attempt}"))


def _nothing(transaction: Transaction) -> None:
    """Taken back, told already, or forgotten: nothing is sent."""
