"""Asking delegates: once the own systems have carried a claim out, each delegate is asked, and waited for.

Every look is a job of its own, which does its part, writes down how far each delegate is and orders the next look: so
waiting is no failure. What cannot be settled by asking becomes a human's task in time before the claim is due, and the
claim is told as fulfilled only when nobody is outstanding.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID, uuid5

from schemas.content import LetterFacts, Subject
from schemas.envelope import rooted
from schemas.events import ClaimFulfilled, ClaimRouted, TaskOpened
from schemas.values import ReceiptSummary
from services.fulfil import carried, mailing, remembering, skipping
from services.fulfil.carried import Carried, Delegated, State
from services.fulfil.connectors.delegates.making import delegate_for
from services.fulfil.connectors.protocol import ConnectorError, Order, Reply, Standing, SystemDown
from services.fulfil.noticing import Noticed, noticed_ref
from services.runtime.clock import Clock
from services.runtime.jobs import Recording
from services.runtime.settings import DelegateSettings, Settings
from services.runtime.store import Store, Transaction
from services.runtime.store.jobs import Job
from services.runtime.vault import Forgotten, Vault

SOURCE: Final = "/habeas/fulfil"
NAMESPACE: Final = UUID("7b0c6c1e-5d3f-5a52-8a9b-3f7f5f4a2d61")
MARGIN: Final = timedelta(days=3)
"""What a human needs to reach a vendor and to answer the person before the claim is due."""
UNREACHED_MAX: Final = timedelta(days=1)
"""A delegate that is down for longer is called by a human, whatever time is left."""
FIRST_LOOK: Final = timedelta(minutes=1)
LONGEST_LOOK: Final = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class Opened:
    """A claim opened for asking."""

    known: Carried
    subject: Subject
    orders: Mapping[str, Any]
    places: Mapping[str, str]
    answers: Mapping[str, str]
    noticed: Noticed

    def identities_for(self, name: str) -> dict[str, tuple[str, ...]]:
        """Return what a delegate is told of who the person is: what they said, and what the maps pass on to it."""
        found = {kind: dict.fromkeys(values) for kind, values in self.subject.identities.items()}
        for kind, values in self.noticed.passed_to(name).items():
            found.setdefault(kind, {}).update(dict.fromkeys(values))
        return {kind: tuple(values) for kind, values in found.items() if values}


@dataclass(frozen=True, slots=True)
class Looked:
    """What one look at one delegate found; with a reason, a human is called, who is shown `preview`.

    `letter` is the template of a mail that is to be sent to `address`.
    """

    delegated: Delegated
    place: str = ""
    reason: str = ""
    preview: Mapping[str, str] | None = None
    letter: str = ""
    address: str = ""
    language: str = "en"


class AskEffect:
    """One look at everybody who is asked for a claim."""

    def __init__(self, *, store: Store, vault: Vault, settings: Settings, clock: Clock) -> None:
        self._store = store
        self._vault = vault
        self._settings = settings
        self._clock = clock

    async def perform(self, job: Job) -> Recording:
        """Ask who was not asked yet, look after who was."""
        event = ClaimRouted.model_validate(job.reference["event"])
        try:
            opened = await self._store.read(lambda reading: self._opened(reading, event))
        except Forgotten:
            return _nothing
        if opened is None:
            return _nothing
        asked = skipping.without(self._settings.controllers[event.controller], event).delegates_for(event.right)
        # All at once: one that is slow to fail must not use up the time of the others.
        looks = (asyncio.to_thread(self._look_at, event, opened, name, entry) for name, entry in asked.items())
        return self._recorded(event, opened, await asyncio.gather(*looks), int(job.reference["look"]))

    def give_up(self, job: Job, cause: str) -> Recording | None:
        """A look that cannot be finished waits, parked, for a human."""
        return None

    def _opened(self, reading: Transaction, event: ClaimRouted) -> Opened | None:
        """Return what is asked, or None where the claim was taken back, told, or overtaken by a later attempt."""
        known = carried.find(reading, event.claim_id)
        if known is None or remembering.is_stopped(reading, event):
            return None
        subject = Subject.model_validate_json(self._vault.open(reading, event.subject))
        orders: dict[str, Any] = {}
        if event.orders is not None:
            orders = LetterFacts.model_validate_json(self._vault.open(reading, event.orders)).facts
        places = {name: _place_ref(event, known, name) for name in known.delegated}
        held = {
            name: self._vault.open(reading, ref).decode()
            for name, ref in places.items()
            if self._vault.holds(reading, ref)
        }
        noticed = Noticed()
        for attempt in (known.attempt - 1, known.attempt):
            ref = noticed_ref(event.claim_id, attempt)
            if self._vault.holds(reading, ref):
                noticed.recall(self._vault.open(reading, ref))
        answers = mailing.answers(reading, self._vault, event.claim_id)
        return Opened(known, subject, orders, held, answers, noticed)

    def _look_at(self, event: ClaimRouted, opened: Opened, name: str, entry: DelegateSettings) -> Looked:
        before = opened.known.delegated.get(name)
        if before is not None and before.ended:
            return Looked(before)
        if before is not None and before.state is State.HUMAN:
            # The task's end sent the claim back here: whoever closed it has settled it with the delegate.
            settled = event.attempt > before.attempt
            return Looked(Delegated(name, State.BY_HAND, event.attempt) if settled else before)
        if entry.mail_address:
            return self._by_mail(event, opened, name, entry)
        delegate = delegate_for(name, entry)
        if delegate is None:
            passed = opened.noticed.passed_to(name)
            said = "; ".join(f"{kind}: {', '.join(values)}" for kind, values in sorted(passed.items()))
            return _for_human(event, name, "delegate_by_hand", known_by=said)
        order = self._order(event, opened, name)
        waiting = before is not None and before.state is State.WAITING
        try:
            reply = delegate.answer(order) if waiting else delegate.ask(order)
        except SystemDown as fault:
            state = State.WAITING if waiting else State.UNREACHED
            return self._later(event, opened.known, Delegated(name, state, event.attempt), str(fault))
        except ConnectorError as fault:
            return _for_human(event, name, "delegate_refused", why=str(fault))
        return self._replied(event, opened.known, name, reply)

    def _by_mail(self, event: ClaimRouted, opened: Opened, name: str, entry: DelegateSettings) -> Looked:
        """Write to a vendor, remind them, and hand to a human what they wrote, or that they did not."""
        before = opened.known.delegated.get(name)
        waiting = Delegated(name, State.WAITING, event.attempt)
        if before is None:
            return Looked(waiting, letter=mailing.REQUEST, address=entry.mail_address, language=entry.language)
        if before.state is State.BOUNCED:
            return _for_human(event, name, "delegate_refused", why="the mail to it came back")
        if before.state is State.ANSWERED:
            return _for_human(event, name, "delegate_answered", wrote=opened.answers.get(name, "it was acknowledged"))
        looked = self._later(event, opened.known, waiting, "it was asked by mail")
        if looked.reason or not mailing.is_overdue(event, self._clock.now(), MARGIN):
            return looked
        return Looked(waiting, letter=mailing.REMINDER, address=entry.mail_address, language=entry.language)

    def _replied(self, event: ClaimRouted, known: Carried, name: str, reply: Reply) -> Looked:
        if reply.standing is Standing.REFUSED:
            return _for_human(event, name, "delegate_refused")
        if reply.standing is Standing.WAITING:
            return self._later(event, known, Delegated(name, State.WAITING, event.attempt), "", reply.place)
        if reply.results:
            # The copy is the person's: a human sees to it that it reaches them with ours.
            return _for_human(event, name, "delegate_results", results=reply.results)
        return Looked(Delegated(name, State.DONE, event.attempt))

    def _later(self, event: ClaimRouted, known: Carried, delegated: Delegated, why: str, place: str = "") -> Looked:
        """Wait, as long as there is time for a human after it."""
        now = self._clock.now()
        too_long = delegated.state is State.UNREACHED and now >= known.asked + UNREACHED_MAX
        if now >= event.due - MARGIN or too_long:
            return _for_human(event, delegated.name, "delegate_silent", why=why)
        return Looked(delegated, place)

    def _order(self, event: ClaimRouted, opened: Opened, name: str) -> Order:
        particulars = {"set": opened.orders["set"]} if "set" in opened.orders else {}
        if opened.subject.details.get("said") and event.right.value in _READ_OFF_WORDS:
            particulars["said"] = str(opened.subject.details["said"])
        return Order(
            step_id=_step_id(event, opened.known, name), right=event.right.value,
            identities=opened.identities_for(name), asked=opened.known.asked, particulars=particulars,
            place=opened.places.get(name, ""),
        )  # fmt: skip

    def _recorded(self, event: ClaimRouted, opened: Opened, looked: list[Looked], look: int) -> Recording:
        def record(transaction: Transaction) -> None:
            if not carried.waits(transaction, event.claim_id) or remembering.is_stopped(transaction, event):
                return
            carried.note(transaction, event.claim_id, (each.delegated for each in looked))
            for each in looked:
                self._keep_place(transaction, event, opened.known, each)
                self._write_to(transaction, event, opened, each)
                self._call_human(transaction, event, each)
            if all(each.delegated.ended for each in looked):
                self._tell(transaction, event, opened.known, looked)
            elif look < mailing.HASTENED and any(each.delegated.state in _OPEN for each in looked):
                # A look that an answer ordered is besides those that go on.
                carried.order_look(transaction, event, look + 1, self._next_ms(event, look))

        return record

    def _write_to(self, transaction: Transaction, event: ClaimRouted, opened: Opened, each: Looked) -> None:
        if each.letter:
            asked = self._order(event, opened, each.delegated.name)
            mailing.order(
                transaction, self._vault, event, opened.known, asked, each.delegated.name, each.address, each.language,
                each.letter, self._clock.now(), max(event.due - MARGIN, self._clock.now()),
            )  # fmt: skip

    def _keep_place(self, transaction: Transaction, event: ClaimRouted, known: Carried, each: Looked) -> None:
        """Keep the place that the first reply named: sealed, because a vendor may write a person into it."""
        ref = _place_ref(event, known, each.delegated.name)
        if each.place and not self._vault.holds(transaction, ref):
            self._vault.seal(transaction, event.person, "place", each.place.encode(), ref=ref)

    def _call_human(self, transaction: Transaction, event: ClaimRouted, each: Looked) -> None:
        if not each.reason:
            return
        name = f"{event.claim_id}|{event.attempt}|{each.delegated.name}|{each.reason}"
        preview = f"vault:{uuid5(NAMESPACE, f'preview|{name}')}"
        if not self._vault.holds(transaction, preview):
            words = json.dumps(dict(each.preview or {})).encode()
            self._vault.seal(transaction, event.person, "preview", words, ref=preview)
        task = TaskOpened(
            controller=event.controller, occurred=self._clock.now(), case_id=event.case_id,
            task_id=str(uuid5(NAMESPACE, f"task|{name}")), claim_id=event.claim_id, right=event.right,
            reason=each.reason, due=event.due, preview=preview,
        )  # fmt: skip
        transaction.enqueue(rooted(name, task, SOURCE))

    def _tell(self, transaction: Transaction, event: ClaimRouted, known: Carried, looked: list[Looked]) -> None:
        receipts = tuple(self._receipt(event, known, each.delegated) for each in looked)
        told = known.fulfilled.model_copy(
            update={"occurred": self._clock.now(), "receipts": (*known.fulfilled.receipts, *receipts)}
        )
        carried.told(transaction, event.claim_id)
        told = skipping.named(self._with_reasons(transaction, event, told), event, self._vault)
        transaction.enqueue(rooted(f"{event.claim_id}|{event.attempt}", told, SOURCE))

    def _with_reasons(self, transaction: Transaction, event: ClaimRouted, told: ClaimFulfilled) -> ClaimFulfilled:
        """Return what is told with a letter that names what was left out since it was written."""
        if not event.skipped or told.result is None:
            return told
        facts = LetterFacts.model_validate_json(self._vault.open(transaction, told.result)).facts
        said = skipping.with_reasons(facts, event, self._vault, transaction)
        sealed = LetterFacts(facts=said).model_dump_json().encode()
        return told.model_copy(update={"result": self._vault.seal(transaction, event.person, "result", sealed)})

    def _receipt(self, event: ClaimRouted, known: Carried, delegated: Delegated) -> ReceiptSummary:
        return ReceiptSummary(
            step_id=_step_id(event, known, delegated.name), system=delegated.name, action="ask", count=0,
            digest=self._vault.keyed_hash("receipt", event.claim_id, delegated.name, person=event.person),
            reason=delegated.state.value,
        )  # fmt: skip

    def _next_ms(self, event: ClaimRouted, look: int) -> int:
        """Look again after twice the time, and at the latest when a human must be called."""
        now = self._clock.now()
        wait = min(FIRST_LOOK * 2 ** min(look, 12), LONGEST_LOOK)
        return int(min(now + wait, max(event.due - MARGIN, now + FIRST_LOOK)).timestamp() * 1000)


_OPEN: Final = frozenset({State.WAITING, State.UNREACHED})
_READ_OFF_WORDS: Final = frozenset({"unsubscribe", "objection", "consent_withdrawal"})
"""What these mean (which list, which purpose) is read off the person's own words, by the delegate as by ourselves."""


def _for_human(event: ClaimRouted, name: str, reason: str, **shown: str) -> Looked:
    preview = {"delegate": name} | {key: value for key, value in shown.items() if value}
    return Looked(Delegated(name, State.HUMAN, event.attempt), reason=reason, preview=preview)


def _step_id(event: ClaimRouted, known: Carried, name: str) -> str:
    """Return an id that OpenDSR takes too: version 4 in form, derived from its cause like every other."""
    cause = f"{event.claim_id}|{known.attempt}|{name}|{int(known.asked.timestamp() * 1000)}"
    return str(UUID(bytes=hashlib.sha256(cause.encode()).digest()[:16], version=4))


def _place_ref(event: ClaimRouted, known: Carried, name: str) -> str:
    return f"vault:{uuid5(NAMESPACE, f'place|{_step_id(event, known, name)}')}"


def _nothing(transaction: Transaction) -> None:
    """Taken back, told already, or forgotten: nobody is asked."""
