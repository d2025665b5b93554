"""Fulfil on the bus: a claim is routed here, its handler runs as a job, and what it did goes back as one event.

A right that no connected system can carry out becomes a human task at once: visible, with its due day, never nowhere.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from email.utils import parseaddr
from pathlib import Path
from typing import Any, Final
from uuid import UUID, uuid5

from schemas.content import LetterFacts, Recipient, Subject
from schemas.envelope import Envelope, caused, rooted
from schemas.events import (
    ClaimCompleted,
    ClaimDropped,
    ClaimFulfilled,
    ClaimRefused,
    ClaimRouted,
    ClaimWithdrawn,
    DelegateAnswered,
    FactorGiven,
    ReplyBounced,
    RestrictionLifted,
    TaskOpened,
)
from schemas.rights import Channel, Right
from schemas.values import ReceiptSummary
from services.fulfil import carried, knowing, mailing, register, remembering, skipping, transferring
from services.fulfil.api.engineer import UsageFault, load_maps
from services.fulfil.asking import MARGIN
from services.fulfil.claims import only_delegates
from services.fulfil.claims.copying import copy, portable
from services.fulfil.claims.erasure import erasure
from services.fulfil.claims.outcome import Asked, Done, ForHuman, Result, customers
from services.fulfil.claims.rectifying import rectification
from services.fulfil.claims.restricting import LIFT, restriction
from services.fulfil.claims.stopping import objection, unsubscribe, withdrawal
from services.fulfil.connectors.protocol import ConnectorError, SystemDown
from services.fulfil.hastening import CLAIM, UNAVAILABLE, overtake
from services.fulfil.kept import KeptSystems
from services.fulfil.noticing import Noticed, noticed_ref
from services.fulfil.packing import Packed, PackedInClear, Packer
from services.fulfil.suppression import suppress
from services.fulfil.workroom import workroom
from services.runtime.clock import Clock
from services.runtime.failures import Retry
from services.runtime.jobs import Recording
from services.runtime.settings import ControllerSettings, Settings
from services.runtime.store import JobOrder, Store, Transaction
from services.runtime.store.jobs import Job
from services.runtime.vault import Forgotten, Vault

SERVICE: Final = "fulfil"
SOURCE: Final = f"/habeas/{SERVICE}"
NAMESPACE: Final = UUID("c4d7e5a0-55a4-5c1e-8f6e-2b9b0c1a7e10")

HANDLERS: Final[Mapping[Right, Callable[[Asked], Result]]] = {
    Right.ACCESS: copy,
    Right.PORTABILITY: portable,
    Right.ERASURE: erasure,
    Right.RECTIFICATION: rectification,
    Right.RESTRICTION: restriction,
    Right.OBJECTION: objection,
    Right.UNSUBSCRIBE: unsubscribe,
    Right.CONSENT_WITHDRAWAL: withdrawal,
}
"""What connected systems carry out by rule. Complaints, breaches and sales are a human's: nothing in a map decides
them."""

LIFTING: Final = 1_000_000
"""The attempt by which a restriction's end is told apart from the restriction."""

CANNOT_BE_UNDONE: Final = frozenset({Right.ERASURE})
PACKED: Final = frozenset({Right.ACCESS, Right.PORTABILITY})


class Fulfil:
    """Handles ClaimRouted: orders the job, or opens the task. Remembers what was taken back."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def handle(self, transaction: Transaction, envelope: Envelope) -> None:
        """Handle one event of the claims' topics, or one that takes a claim back."""
        match envelope.event:
            case ClaimRouted() as event:
                self._routed(transaction, envelope, event)
            case FactorGiven() as event:
                knowing.given(transaction, envelope, event)
            case RestrictionLifted() as event:
                self._lifted(transaction, envelope, event)
            case DelegateAnswered() as event:
                mailing.answered(transaction, event)
            case ReplyBounced(case_id=None) as event:
                mailing.bounced(transaction, event)
            case ClaimWithdrawn() | ClaimDropped() | ClaimRefused() | ClaimCompleted() as event if (
                envelope.source != SOURCE
            ):
                remembering.stopped(transaction, event.case_id, event.claim_id, event.occurred)
                carried.stopped(transaction, event.claim_id, event.occurred)
                if not isinstance(event, ClaimCompleted) and event.right in PACKED:
                    transferring.nobody_waits(transaction, event.case_id, event.claim_id)
            case _:
                return

    def _routed(self, transaction: Transaction, envelope: Envelope, event: ClaimRouted) -> None:
        entry = self._settings.controllers.get(event.controller)
        if (
            event.right not in HANDLERS
            or entry is None
            or not (entry.systems or only_delegates.can(entry, event.right))
        ):
            reason = "no_handler" if event.right not in HANDLERS else "no_system_connected"
            transaction.enqueue(caused(envelope, task(event, reason), SOURCE))
            return
        remembering.routed(transaction, event)
        overtake(transaction, event)
        reference = {"event": event.model_dump(mode="json")}
        order = JobOrder(
            id=envelope.id, kind=CLAIM, key=event.case_id, reference=reference, not_before_ms=not_before(event, entry)
        )
        transaction.order(order)

    def _lifted(self, transaction: Transaction, envelope: Envelope, event: RestrictionLifted) -> None:
        """Order the lifting as a claim of its own attempt; what is not connected was never marked."""
        entry = self._settings.controllers.get(event.controller)
        if entry is None or not entry.systems:
            return
        lifting = ClaimRouted(
            controller=event.controller, occurred=event.occurred, case_id=event.case_id, claim_id=event.claim_id,
            right=event.right, person=event.person, subject=event.subject, language="en", due=event.due,
            attempt=LIFTING,
        )  # fmt: skip
        reference = {"event": lifting.model_dump(mode="json"), "lift": True}
        transaction.order(JobOrder(id=envelope.id, kind=CLAIM, key=event.case_id, reference=reference))


def not_before(event: ClaimRouted, entry: ControllerSettings) -> int:
    """Return when an approved erasure may begin: until then the person or an officer can still call it off."""
    approved = len(event.approved_by) >= entry.approval.officers
    if event.right not in CANNOT_BE_UNDONE or not approved or not entry.approval.cooling_off_hours:
        return 0
    return int((event.occurred + timedelta(hours=entry.approval.cooling_off_hours)).timestamp() * 1000)


def task(event: ClaimRouted, reason: str, preview: str | None = None) -> TaskOpened:
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
        preview=preview,
    )


class ClaimEffect:
    """Carries a claim out on the controller's systems."""

    def __init__(self, *, store: Store, vault: Vault, settings: Settings, clock: Clock) -> None:
        self._store = store
        self._vault = vault
        self._settings = settings
        self._clock = clock
        self._kept = KeptSystems()
        self._packer = Packer(store, vault)

    def close(self) -> None:
        """Let go of the systems that were kept connected between claims."""
        self._kept.close()

    async def perform(self, job: Job) -> Recording:
        """Run the handler, and return what to record."""
        event = ClaimRouted.model_validate(job.reference["event"])
        try:
            opened = await self._store.read(lambda reading: self._opened(reading, event))
        except Forgotten:
            return _nothing
        if opened is None:
            return _nothing  # taken back meanwhile: what cannot be undone looks once more before it acts
        if event.attempt != LIFTING and await self._store.read(lambda reading: carried.waits(reading, event.claim_id)):
            # Done here already: a human has settled what a delegate left open, and only the others are waited for.
            return lambda transaction: carried.order_look(transaction, event, 0, 0)
        subject, orders, before = opened
        if job.reference.get("lift"):
            orders = {LIFT: True}
        if not any(subject.identities.values()):
            return self._recorded(event, ForHuman("no_identity"), None)
        return await asyncio.to_thread(self._carry_out, event, subject, orders, before, job)

    def give_up(self, job: Job, cause: str) -> Recording | None:
        """A system that stays away becomes a human's task; the clock runs on."""
        event = ClaimRouted.model_validate(job.reference["event"])
        days = f"{self._settings.retry.outage_days:g}"
        said = f"it was tried for {days} days ({cause}); once it answers again, `habeas fulfil retry`"
        return self._recorded(event, ForHuman("system_unavailable", {"faults": [said]}), None)

    def _opened(
        self, reading: Transaction, event: ClaimRouted
    ) -> tuple[Subject, dict[str, Any], dict[str, Any]] | None:
        """Return who it is about, what an officer added, and what the officer was shown; None where it was stopped."""
        if event.attempt != LIFTING and remembering.is_stopped(reading, event):
            return None
        subject = Subject.model_validate_json(self._vault.open(reading, event.subject))
        orders: dict[str, Any] = {}
        if event.orders is not None:
            orders = LetterFacts.model_validate_json(self._vault.open(reading, event.orders)).facts
        shown = _preview_ref(event, event.attempt - 1)
        before = json.loads(self._vault.open(reading, shown)) if self._vault.holds(reading, shown) else {}
        return subject, orders, before

    def _carry_out(
        self, event: ClaimRouted, subject: Subject, orders: Mapping[str, Any], before: Mapping[str, Any], job: Job
    ) -> Recording:
        with workroom(self._settings.home) as folder:
            return self._carry_out_in(folder, event, subject, orders, before, job)

    def _carry_out_in(
        self, folder: Path, event: ClaimRouted, subject: Subject, orders: Mapping[str, Any], before: Mapping[str, Any],
        job: Job,
    ) -> Recording:  # fmt: skip
        entry = skipping.without(self._settings.controllers[event.controller], event)
        asked = Asked(
            event=event, entry=entry, subject=subject, orders=orders, now=self._clock.now(), folder=folder,
            salt=bytes.fromhex(self._vault.keyed_hash("receipts", event.claim_id, person=event.person)),
            last_try=job.tries >= self._settings.retry.tries_max, repeated=job.tries > 1 or job.repeats > 0,
            before=before, kept=self._kept,
        )  # fmt: skip
        self._noticed_before(event, asked.noticed)
        try:
            handler = HANDLERS[event.right] if entry.systems else only_delegates.asking
            result = skipping.honest(handler(asked), event)
            package: Packed | PackedInClear | None = None
            if isinstance(result, Done) and result.package:
                pack = self._packer.pack_in_clear if result.transfer else self._packer.pack
                package = pack(asked, result)
            act = register.sealed(self._vault, event, entry, subject, result, asked.noticed)
            return _both(self._recorded(event, result, subject, package), self._remembered(event, asked.noticed, act))
        except UsageFault as fault:
            # The map or the connection is not as it must be: an operator corrects it, the officer is told meanwhile.
            return self._recorded(event, ForHuman("data_map_unusable", {"faults": [str(fault)]}), None)
        except SystemDown as fault:
            return self._waited_for(event, job, str(fault))
        except ConnectorError as fault:
            return self._recorded(event, ForHuman("system_refused", {"faults": [str(fault)]}), None)

    def _waited_for(self, event: ClaimRouted, job: Job, said: str) -> Recording:
        """Wait for a system to come back; a human is called in time before the claim is due."""
        too_late = self._clock.now() >= event.due - MARGIN
        if too_late and job.tries >= self._settings.retry.tries_max:
            return self._recorded(event, ForHuman("system_unavailable", {"faults": [said]}), None)
        systems = self._settings.controllers[event.controller].systems
        away = [name for name in systems if re.search(rf"(?:^|; ){re.escape(name)}[.:]", said)]
        raise Retry(f"{UNAVAILABLE}: {', '.join(away)}" if away else UNAVAILABLE, outage=True)

    def _noticed_before(self, event: ClaimRouted, noticed: Noticed) -> None:
        """Recall what the look that was shown to an officer noticed: killed meanwhile, an erasure finds no more."""
        with self._store.begin() as transaction:
            ref = noticed_ref(event.claim_id, event.attempt - 1)
            if self._vault.holds(transaction, ref):
                noticed.recall(self._vault.open(transaction, ref))

    def _remembered(self, event: ClaimRouted, noticed: Noticed, act: Mapping[str, Any] | None) -> Recording:
        """Return what keeps an act for a restore, and what was noticed for those who are asked besides."""

        def record(transaction: Transaction) -> None:
            ref = noticed_ref(event.claim_id, event.attempt)
            if not noticed.empty and not self._vault.holds(transaction, ref):
                self._vault.seal(transaction, event.person, "noticed", noticed.written(), ref=ref)
            if act is not None:
                register.keep(transaction, act)

        return record

    def _recorded(
        self, event: ClaimRouted, result: Result, subject: Subject | None, package: Packed | PackedInClear | None = None
    ) -> Recording:
        """Return what is written with the job's own end: the outcome, or the task with what its officer is shown."""
        cause = f"{event.claim_id}|{event.attempt}"
        if event.attempt == LIFTING:
            if isinstance(result, Done):
                return _nothing  # the person was told already, before it happened
            result = ForHuman("lifting_incomplete", result.preview)
        if isinstance(result, ForHuman):
            human = result

            def ask(transaction: Transaction) -> None:
                preview = None
                if human.preview:
                    preview = _preview_ref(event, event.attempt)
                    words = json.dumps(human.preview, default=str).encode()
                    if not self._vault.holds(transaction, preview):
                        self._vault.seal(transaction, event.person, "preview", words, ref=preview)
                transaction.enqueue(rooted(cause, task(event, human.reason, preview), SOURCE))

            return ask
        done = result

        def record(transaction: Transaction) -> None:
            facts = {**done.facts, **(package.facts() if isinstance(package, Packed) else {})}
            facts["recipients"] = [parseaddr(each)[0] or each for each in _recipients(done)]
            facts = skipping.with_reasons(facts, event, self._vault, transaction)
            letter = LetterFacts(facts=facts).model_dump_json().encode()
            sealed = self._vault.seal(transaction, event.person, "result", letter)
            if done.lists and subject is not None:
                addresses = subject.identities.get("email", ())
                suppress(
                    transaction, self._vault, event.controller, addresses, done.lists, event.claim_id,
                    self._clock.now(),
                )  # fmt: skip
            told = self._told(transaction, event, done)
            fulfilled = self._fulfilled(event, done, sealed).model_copy(update=told)
            fulfilled = skipping.named(fulfilled, event, self._vault)
            if isinstance(package, PackedInClear):
                transferring.keep(transaction, event, fulfilled, done.transfer, package)
            elif skipping.without(self._settings.controllers[event.controller], event).delegates_for(event.right):
                carried.keep(transaction, event, fulfilled)
            else:
                transaction.enqueue(rooted(cause, fulfilled, SOURCE))

        return record

    def _told(self, transaction: Transaction, event: ClaimRouted, done: Done) -> dict[str, Any]:
        """Return who else must know: whose data it was (Art. 28(3)(e)), and who received it (Art. 19 GDPR)."""
        recipients = _recipients(done)
        by_mail = [each for each in recipients if "@" in parseaddr(each)[1]]
        by_hand = [each for each in recipients if each not in by_mail]
        told: dict[str, Any] = {
            "customers": tuple(self._addressee(transaction, event, each) for each in self._customers(event, done)),
            "recipients": tuple(self._addressee(transaction, event, each) for each in by_mail),
        }
        if by_hand:
            words = json.dumps({"recipients": by_hand}).encode()
            told["recipients_by_hand"] = self._vault.seal(transaction, event.person, "preview", words)
        return told

    def _customers(self, event: ClaimRouted, done: Done) -> tuple[str, ...]:
        """Return whose data was changed; a copy leaves everything as it was, and goes to the person alone."""
        entry = self._settings.controllers[event.controller]
        if done.package or not entry.systems:
            return ()
        maps, _ = self._kept.maps([system.map for system in entry.systems.values()], load_maps)
        return customers(maps, done.did)

    def _addressee(self, transaction: Transaction, event: ClaimRouted, named: str) -> str:
        name, address = parseaddr(named)
        to = Recipient(channel=Channel.EMAIL, address=address, name=name)
        return self._vault.seal(transaction, event.person, "recipient", to.model_dump_json().encode())

    def _fulfilled(self, event: ClaimRouted, done: Done, sealed: str) -> ClaimFulfilled:
        receipts = tuple(
            ReceiptSummary(
                step_id=str(uuid5(NAMESPACE, f"{event.claim_id}|{event.attempt}|{each.table}|{each.action}")),
                system=each.table.system,
                action=each.action,
                count=each.count,
                withheld=each.withheld,
                digest=each.digest
                or self._vault.keyed_hash(
                    "receipt", event.claim_id, str(each.table), str(each.count), person=event.person
                ),
                reason=each.reason,
            )
            for each in done.did
        )
        return ClaimFulfilled(
            controller=event.controller,
            occurred=self._clock.now(),
            case_id=event.case_id,
            claim_id=event.claim_id,
            right=event.right,
            outcome=done.outcome,
            receipts=receipts,
            result=sealed,
            withheld_ground=done.withheld_ground,
        )


def _recipients(done: Done) -> list[str]:
    """Return who is to be told: everybody the maps name, where anything of the person's was changed."""
    return list(dict.fromkeys(done.recipients)) if any(each.count for each in done.did) else []


def _preview_ref(event: ClaimRouted, attempt: int) -> str:
    return f"vault:{uuid5(NAMESPACE, f'preview|{event.claim_id}|{attempt}')}"


def _both(first: Recording, second: Recording) -> Recording:
    def record(transaction: Transaction) -> None:
        # The register before the outcome: a reader of the outcome finds the act.
        second(transaction)
        first(transaction)

    return record


def _nothing(transaction: Transaction) -> None:
    """The person is forgotten, or asks no longer: there is nobody to answer and nothing to do."""
