"""The front door: what arrives is durable before anybody is told that it was taken.

Arrivals that come together are committed together, so that a busy door does not wait for the disk once a mail. Ids come
from what arrived (a keyed hash of the Message-ID and the content), so a sender's retry is the same message.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Final

import structlog
from sqlalchemy import select

from schemas.base import Event
from schemas.content import MessageContent
from schemas.envelope import rooted
from schemas.events import DelegateAnswered, IdentityAnswered, MessageHeld, MessageReceived
from schemas.rights import Channel
from schemas.values import Held
from services.intake.core.machines import is_returned
from services.intake.core.mail import Mail, MailHeld, is_marked, read_mail
from services.intake.identified import Speaker
from services.intake.links import AskedLink, CheckLink
from services.intake.recognising import Names, Recognising, Writer
from services.intake.signatures import maybe_signed
from services.intake.tables import CHAT_LINES, MESSAGES, SERVICE
from services.runtime.asked import PURPOSE, Asked, referred
from services.runtime.clock import Clock
from services.runtime.correspondents import ADDRESS, ID_CHARACTERS, correspondent
from services.runtime.factors import factor_digest
from services.runtime.store import Store, Transaction
from services.runtime.store.prepared import Prepared
from services.runtime.store.transaction import prepared_once
from services.runtime.vault import Vault

BATCH_MAX: Final = 64
AGAIN_SECONDS: Final = 120
"""For so long the same bytes from the same host are one mail, where nothing in them tells one from the next: whoever
heard no answer tries again at once, and whoever waits longer means it."""
SHORT_BYTES: Final = 8_000
"""A mail as short as this is read sooner than it could be handed to another thread."""
_log = structlog.get_logger()


@cache
def _remember(sqlite: bool) -> Prepared:
    return prepared_once(sqlite, MESSAGES, ("message_id",))


Aligned = Callable[[bytes, str, str], bool]
"""A mail, its sender, and to whom it came: whether the sender's own domain signed it."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """Something that came in, and how to write it down."""

    write: Callable[[Transaction], None]
    taken: asyncio.Future[None]


@dataclass(frozen=True, slots=True)
class ChatLine:
    """What was said in a chat, and who says so: the chat's own names, and whoever the site has signed in there."""

    controller: str
    session: str
    text: str
    line: str
    room: Names
    speaker: Speaker | None = None


class FrontDoor:
    """Writes down what arrives, a few at a time."""

    def __init__(self, store: Store, vault: Vault, clock: Clock, aligned: Aligned | None = None) -> None:
        self._store = store
        self._vault = vault
        self._recognising = Recognising(vault)
        self._clock = clock
        self._asked_key = vault.subkey(PURPOSE)
        self._aligned = aligned or (lambda _raw, _sender, _recipient: False)
        self._waiting: asyncio.Queue[Arrival] = asyncio.Queue(maxsize=BATCH_MAX * 16)
        self._task: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Start to take arrivals."""
        self._task = asyncio.create_task(self._take_turns(), name="front door")

    async def close(self) -> None:
        """Finish what is being written; what was not acknowledged stays with its sender."""
        if self._task:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    def correspondent(self, controller: str, channel: Channel, address: str, person: str) -> str:
        """Return the opaque name that orders this address's, or chat session's, messages on the bus."""
        return correspondent(self._vault, controller, channel, address, person)

    def known(self, controller: str, channel: Channel, address: str) -> str | None:
        """Return the correspondent's name if they have written before; looking makes nobody known."""
        person = self._vault.find_person(ADDRESS, controller, address)
        return None if person is None else self.correspondent(controller, channel, address, person)

    async def names(self, controller: str, channel: Channel, address: str) -> Names:
        """Return the opaque names of whoever writes; a person seen for the first time gets a key in the vault."""
        return await self._recognising.names(Writer(controller, channel, address))

    async def mail(self, controller: str, recipient: str, raw: bytes, envelope_sender: str, peer: str = "") -> str:
        """Take a mail that this peer handed over: return its id once it is durable."""
        received = self._clock.now()
        try:
            if len(raw) <= SHORT_BYTES:
                mail = read_mail(raw, envelope_sender)
            else:
                mail = await asyncio.to_thread(read_mail, raw, envelope_sender)
        except MailHeld as held:
            return await self._hold(controller, raw, envelope_sender, held.reason, received, peer)
        # What is returned holds the subject in the mail that it returns.
        returned = is_returned(raw) if mail.automatic else False
        asked = referred(self._asked_key, raw.decode("latin-1") if returned else mail.subject)
        if asked is not None and (returned or not mail.automatic):
            return await self._vendor_wrote(controller, recipient, raw, mail, asked, received, peer)
        digest = hashlib.sha256(raw).hexdigest()
        message_id = await self._id_of(raw, (controller, mail.message_id, digest, mail.sender_address), received, peer)
        aligned = maybe_signed(raw) and await asyncio.to_thread(self._aligned, raw, mail.sender_address, recipient)
        names = await self.names(controller, Channel.EMAIL, mail.sender_address or digest)
        content = _content(mail, recipient)

        def write(transaction: Transaction) -> None:
            if not self._first(transaction, message_id):
                return
            original = self._vault.seal(transaction, names.person, "mail", raw)
            self._publish(
                transaction,
                MessageReceived(
                    controller=controller,
                    occurred=received,
                    correspondent=names.correspondent,
                    message_id=message_id,
                    channel=Channel.EMAIL,
                    received=received,
                    body=self._seal(transaction, names, content.model_copy(update={"original": original})),
                    person=names.person,
                    size_bytes=len(raw),
                    automatic=mail.automatic or not mail.sender_address,
                    aligned=aligned,
                ),
                message_id,
            )

        await self._wait(write)
        return message_id

    async def _id_of(self, raw: bytes, facts: tuple[str, ...], received: datetime, peer: str) -> str:
        """Return the id that a sender's retry has too, and nobody else's mail, nor the same words on another day.

        A form or a script may write mails that differ in nothing, not even a date. From one host within two minutes
        two of them are a retry of somebody who heard no answer: mail servers, which try again much later, mark what
        they pass on. A later one, or one from elsewhere, is somebody who asks again.
        """
        if is_marked(raw):
            return self._hashed(*facts, "")
        # The span that this moment lies in and the one before it cover the minutes before, wherever it lies.
        span = int(received.timestamp() // AGAIN_SECONDS)
        now, before = (self._hashed(*facts, f"{peer}|{each}") for each in (span, span - 1))
        since_ms = int((received.timestamp() - AGAIN_SECONDS) * 1000)
        return before if await self._store.read(lambda reading: _was_taken(reading, before, since_ms)) else now

    def _hashed(self, *facts: str) -> str:
        return self._vault.keyed_hash("message", *facts)[:ID_CHARACTERS]

    async def _vendor_wrote(
        self, controller: str, recipient: str, raw: bytes, mail: Mail, asked: Asked, received: datetime, peer: str
    ) -> str:
        """Take a mail that answers one of ours to a vendor: it belongs to that claim and opens no case."""
        digest = hashlib.sha256(raw).hexdigest()
        message_id = await self._id_of(raw, (controller, mail.message_id, digest, mail.sender_address), received, peer)
        names = await self.names(controller, Channel.EMAIL, mail.sender_address or digest)

        def write(transaction: Transaction) -> None:
            if not self._first(transaction, message_id):
                return
            original = self._vault.seal(transaction, names.person, "mail", raw)
            content = _content(mail, recipient).model_copy(update={"original": original})
            event = DelegateAnswered(
                controller=controller, occurred=received, claim_id=asked.claim_id, delegate=asked.delegate,
                means="bounce" if mail.automatic else "mail", body=self._seal(transaction, names, content),
            )  # fmt: skip
            self._publish(transaction, event, message_id)

        await self._wait(write)
        return message_id

    async def vendor_acknowledged(self, link: AskedLink) -> None:
        """Take the word of a vendor who followed the link and pressed the button; pressing it twice is one answer."""
        asked = referred(self._asked_key, link.reference)
        if asked is None:
            return
        event = DelegateAnswered(
            controller=link.controller, occurred=self._clock.now(), claim_id=asked.claim_id, delegate=asked.delegate,
            means="link",
        )  # fmt: skip
        await self._wait(lambda transaction: self._publish(transaction, event, f"acknowledged|{link.reference}"))

    async def _hold(self, controller: str, raw: bytes, sender: str, reason: Held, received: datetime, peer: str) -> str:
        """Keep a mail that cannot be read, whole, for a human."""
        digest = hashlib.sha256(raw).hexdigest()
        message_id = await self._id_of(raw, (controller, digest, sender), received, peer)
        names = await self.names(controller, Channel.EMAIL, sender or message_id)

        def write(transaction: Transaction) -> None:
            if not self._first(transaction, message_id):
                return
            event = MessageHeld(
                controller=controller,
                occurred=received,
                correspondent=names.correspondent,
                message_id=message_id,
                reason=reason,
                body=self._vault.seal(transaction, names.person, "mail", raw),
                received=received,
            )
            self._publish(transaction, event, message_id)
            transaction.after_commit(
                lambda: _log.warning("a mail is held for a human", reason=reason.value, size_bytes=len(raw))
            )

        await self._wait(write)
        return message_id

    async def chat_line(self, line: ChatLine) -> str:
        """Take a line of a chat: return its id once it is durable."""
        received = self._clock.now()
        # Who is signed in is one person in all their chats; what anybody says in a chat belongs to that chat alone.
        names = line.speaker.names if line.speaker else line.room
        message_id = self._vault.keyed_hash("message", line.controller, line.session, line.line)[:ID_CHARACTERS]
        content = MessageContent(
            channel=Channel.CHAT, text=line.text, session=line.session, room=line.room.correspondent
        )
        if line.speaker is not None:
            content = content.model_copy(
                update={
                    "sender_address": line.speaker.email, "sender_name": line.speaker.name,
                    "identities": dict(line.speaker.identities),
                }
            )  # fmt: skip

        def write(transaction: Transaction) -> None:
            if not self._first(transaction, message_id):
                return
            body = self._seal(transaction, names, content)
            transaction.execute(
                CHAT_LINES.insert().values(
                    session=line.room.correspondent,
                    line_id=message_id,
                    speaker="person",
                    content=body,
                    said_ms=int(received.timestamp() * 1000),
                )
            )
            event = MessageReceived(
                controller=line.controller,
                occurred=received,
                correspondent=names.correspondent,
                message_id=message_id,
                channel=Channel.CHAT,
                received=received,
                body=body,
                person=names.person,
                size_bytes=len(line.text.encode()),
                identified=line.speaker is not None,
            )
            self._publish(transaction, event, message_id)

        await self._wait(write)
        return message_id

    async def identity_answered(self, link: CheckLink, number: str = "") -> None:
        """Take the word that somebody followed a check's link and pressed the button, and the number that they gave."""
        digest = factor_digest(self._vault, link.check_id, number) if link.factor else ""
        event = IdentityAnswered(
            controller=link.controller,
            occurred=self._clock.now(),
            case_id=link.case_id,
            check_id=link.check_id,
            method="link_and_factor" if link.factor else "link",
            answer_digest=digest,
        )
        # The id comes from the check and the number alone: pressing the button twice is one answer, and one attempt.
        cause = f"link|{link.check_id}" + (f"|{digest}" if digest else "")
        await self._wait(lambda transaction: self._publish(transaction, event, cause))

    def _seal(self, transaction: Transaction, names: Names, content: MessageContent) -> str:
        return self._vault.seal(transaction, names.person, "message", content.model_dump_json().encode())

    def _publish(self, transaction: Transaction, event: Event, cause: str) -> None:
        transaction.enqueue(rooted(cause, event, f"/habeas/{SERVICE}"))

    def _first(self, transaction: Transaction, message_id: str) -> bool:
        """Tell whether this message is new, and remember it."""
        received_ms = int(self._clock.now().timestamp() * 1000)
        row = {"message_id": message_id, "received_ms": received_ms}
        is_new = _remember(transaction.is_sqlite).changed(transaction, row) == 1
        if not is_new:
            transaction.after_commit(lambda: _log.info("a mail came again and is taken once", message=message_id))
        return is_new

    async def _wait(self, write: Callable[[Transaction], None]) -> None:
        taken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        await self._waiting.put(Arrival(write, taken))
        await taken

    async def _take_turns(self) -> None:
        while True:
            arrivals = [await self._waiting.get()]
            while len(arrivals) < BATCH_MAX and not self._waiting.empty():
                arrivals.append(self._waiting.get_nowait())
            await self._commit(arrivals)

    async def _commit(self, arrivals: Sequence[Arrival]) -> None:
        """Commit the arrivals together; when that fails, each alone, so that one cannot spoil the others' turn."""

        def write(transaction: Transaction) -> None:
            for arrival in arrivals:
                arrival.write(transaction)

        try:
            await self._store.run(write)
        except Exception as fault:  # noqa: BLE001 - every arrival learns of it, and its sender keeps the mail
            if len(arrivals) == 1:
                if not arrivals[0].taken.done():
                    arrivals[0].taken.set_exception(fault)
                return
            for arrival in arrivals:
                await self._commit([arrival])
            return
        for arrival in arrivals:
            if not arrival.taken.done():
                arrival.taken.set_result(None)


def _was_taken(reading: Transaction, message_id: str, since_ms: int) -> bool:
    query = select(MESSAGES.c.message_id).where(MESSAGES.c.message_id == message_id, MESSAGES.c.received_ms > since_ms)
    return reading.execute(query).first() is not None


def _content(mail: Mail, recipient: str) -> MessageContent:
    return MessageContent(
        channel=Channel.EMAIL,
        subject=mail.subject,
        text=mail.text,
        sender_address=mail.sender_address,
        sender_name=mail.sender_name,
        addressed_to=recipient,
        message_id=mail.message_id,
        references=mail.references,
        attachments=mail.attachments,
        truncated=mail.truncated,
        encrypted=mail.encrypted,
    )
