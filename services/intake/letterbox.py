"""Letters out: the event orders a job, the job writes and sends the letter, the receipt says that it was accepted.

The law's clock stops at ReplySent, so it is published only once the relay said yes (or the chat line is written). A
relay may have said yes just before we died: then the same Message-ID goes out once more, and the event says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from schemas.content import LetterFacts, Recipient
from schemas.envelope import Envelope, rooted
from schemas.events import ReplyBounced, ReplyRequested, ReplySent
from schemas.rights import Channel
from services.intake.chat import ChatRoom
from services.intake.core.letters import Letter, Writer
from services.intake.core.mime import Archive, greeting_name, mail_bytes
from services.intake.delivery import NotYet, Transport, Undeliverable
from services.intake.links import AskedLink, CheckLink, Links, PackageLink
from services.intake.packages import Announced, Packages, UsedUp
from services.intake.tables import SERVICE
from services.intake.vendors import vendor_writer
from services.runtime.clock import Clock
from services.runtime.failures import Retry
from services.runtime.jobs import Recording
from services.runtime.store import JobOrder, Store, Transaction
from services.runtime.store.jobs import Job
from services.runtime.vault import Forgotten, Vault

LETTER: Final = "letter"
SOURCE: Final = f"/habeas/{SERVICE}"


def order_letter(transaction: Transaction, envelope: Envelope) -> None:
    """Handle ReplyRequested: record the intent; the letters of one thread go out one after another."""
    event = envelope.event
    assert isinstance(event, ReplyRequested)
    reference = {"event": event.model_dump(mode="json"), "trace": envelope.traceparent}
    transaction.order(JobOrder(id=event.letter_id, kind=LETTER, key=event.ordered_by, reference=reference))


class LetterEffect:
    """Writes a letter and hands it over."""

    def __init__(
        self,
        *,
        store: Store,
        vault: Vault,
        writer: Writer,
        transport: Transport,
        chat: ChatRoom,
        links: Links,
        clock: Clock,
        senders: Mapping[str, str],
        names: Mapping[str, str],
        packages: Packages,
    ) -> None:
        self._store = store
        self._vault = vault
        self._writer = writer
        self._to_vendors = vendor_writer()
        self._transport = transport
        self._chat = chat
        self._links = links
        self._clock = clock
        self._senders = senders
        self._names = names
        self._packages = packages

    async def perform(self, job: Job) -> Recording:
        """Send the letter, and return what its sending means."""
        event = ReplyRequested.model_validate(job.reference["event"])
        try:
            facts, recipient = await self._store.read(lambda reading: self._opened(reading, event))
        except Forgotten:
            return self._bounced(event, "forgotten")
        try:
            announced = await self._announced(event, facts)
        except (UsedUp, Forgotten):
            # A link that leads nowhere is no answer: a human sends a new package.
            return self._bounced(event, "package_removed")
        if recipient.channel is Channel.CHAT:
            letter = self._written(event, facts, recipient, announced)
            return self._said(event, recipient, letter.text)
        try:
            await self._send(event, facts, recipient, announced)
        except NotYet:
            raise Retry("RelayNotReady", outage=True) from None
        except Undeliverable as refused:
            return self._bounced(event, refused.status)
        sent = self._sent(event, repeats_possible=bool(job.repeats) and self._transport.repeats_possible)
        return lambda transaction: transaction.enqueue(sent)

    async def _send(
        self, event: ReplyRequested, facts: dict[str, Any], recipient: Recipient, announced: Announced | None
    ) -> None:
        """Send the letter; where a mail is refused with its archive, the same letter goes with the link alone."""
        try:
            await self._hand_over(event, facts, recipient, announced)
        except Undeliverable:
            if announced is None or announced.attached is None:
                raise
            await self._packages.not_mailed(str(facts["package"]))
            await self._hand_over(event, facts, recipient, Announced(announced.expires))

    async def _hand_over(
        self, event: ReplyRequested, facts: dict[str, Any], recipient: Recipient, announced: Announced | None
    ) -> None:
        attached = announced.attached if announced else None
        mail = mail_bytes(
            self._written(event, facts, recipient, announced),
            letter_id=event.letter_id,
            sender=recipient.sender or self._senders[event.controller],
            sender_name=self._names.get(event.controller, ""),
            recipient=recipient.address,
            written=self._clock.now(),
            message_id=recipient.message_id,
            references=recipient.references,
            archive=None if attached is None else Archive(_link(event, facts, announced).file_name, attached),
        )
        await self._transport.send(event.letter_id, "", recipient.address, mail)

    async def _announced(self, event: ReplyRequested, facts: dict[str, Any]) -> Announced | None:
        if not facts.get("package") or not event.case_id:
            return None
        return await self._packages.announce(event.controller, event.case_id, facts)

    def _written(
        self, event: ReplyRequested, facts: dict[str, Any], recipient: Recipient, announced: Announced | None
    ) -> Letter:
        known = self._complete(event, facts, recipient)
        if announced is not None:
            known["link"] = self._links.package(_link(event, facts, announced))
            known["expires"] = announced.expires.isoformat()
            known["attached"] = announced.attached is not None
        writer = self._to_vendors if facts.get("acknowledge") else self._writer
        return writer.compose(event.template, event.language, known)

    def give_up(self, job: Job, cause: str) -> Recording | None:
        """A relay that never answers is a fault of ours, not of the address: an operator looks at it."""
        return None

    def _opened(self, reading: Transaction, event: ReplyRequested) -> tuple[dict[str, Any], Recipient]:
        facts = LetterFacts.model_validate_json(self._vault.open(reading, event.facts)).facts
        return facts, Recipient.model_validate_json(self._vault.open(reading, event.recipient))

    def _complete(self, event: ReplyRequested, facts: dict[str, Any], recipient: Recipient) -> dict[str, Any]:
        """Add what only intake knows: our name, links, and a name that is fit for a greeting."""
        known = {
            **facts,
            "controller": self._names.get(event.controller, event.controller),
            "name": greeting_name(recipient.name),
        }
        if facts.get("acknowledge"):
            known["link"] = self._links.asked(AskedLink(event.controller, str(facts["acknowledge"]), event.language))
        check = facts.get("check")
        if check and event.case_id:
            expires = datetime.fromisoformat(check["expires"])
            factor = str(check.get("factor") or "")
            known["link"] = self._links.check(CheckLink(event.controller, event.case_id, check["id"], expires, factor))
            known["expires"] = check["expires"]
        return known

    def _said(self, event: ReplyRequested, recipient: Recipient, text: str) -> Recording:
        sent = self._sent(event, repeats_possible=False)

        def record(transaction: Transaction) -> None:
            session = recipient.session
            self._chat.answer(transaction, session, event.person, event.letter_id, text)
            transaction.enqueue(sent)
            transaction.after_commit(lambda: self._chat.wake(session))

        return record

    def _sent(self, event: ReplyRequested, *, repeats_possible: bool) -> Envelope:
        sent = ReplySent(
            controller=event.controller,
            occurred=self._clock.now(),
            letter_id=event.letter_id,
            ordered_by=event.ordered_by,
            template=event.template,
            channel=event.channel,
            case_id=event.case_id,
            completes=event.completes,
            repeats_possible=repeats_possible,
        )
        return rooted(f"sent|{event.letter_id}", sent, SOURCE)

    def _bounced(self, event: ReplyRequested, status: str) -> Recording:
        bounced = ReplyBounced(
            controller=event.controller,
            occurred=self._clock.now(),
            letter_id=event.letter_id,
            ordered_by=event.ordered_by,
            case_id=event.case_id,
            completes=event.completes,
            status=status,
        )
        return lambda transaction: transaction.enqueue(rooted(f"bounced|{event.letter_id}", bounced, SOURCE))


def _link(event: ReplyRequested, facts: Mapping[str, Any], announced: Announced | None) -> PackageLink:
    assert announced is not None
    return PackageLink(event.controller, event.case_id or "", str(facts["package"]), announced.expires)
