"""Which chats belong to somebody whom the controller's own site has signed in, and until when.

A token is good once: in another chat it is refused. A chat that belongs to one person is never handed to another, who
would read what the first one wrote.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import delete, select

from schemas.content import MessageContent
from schemas.rights import Channel
from services.intake.recognising import Names
from services.intake.tables import CHAT_IDENTITIES
from services.intake.vouching import NotVouched, Vouched, vouched
from services.runtime.clock import Clock
from services.runtime.correspondents import ID_CHARACTERS
from services.runtime.settings import SessionSettings
from services.runtime.store import Reading, Store, Transaction
from services.runtime.store.transaction import insert_once
from services.runtime.vault import Forgotten, Missing, Vault

KEPT_DAYS: Final = 30
NO_SESSIONS: Final = "this controller takes no signed identities; the chat goes on without one"
USED: Final = "the identity token was used in another chat; the site must give a fresh one"
NOT_YOURS: Final = "this chat belongs to somebody else who was signed in; begin a new one by leaving the session out"
RUN_OUT: Final = "the signed identity has run out; the site must give a fresh one"


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who speaks in a chat, in the word of the controller's site."""

    names: Names
    email: str
    name: str
    identities: Mapping[str, tuple[str, ...]]
    until: datetime


class Identified:
    """Remembers who is signed in where."""

    def __init__(self, store: Store, vault: Vault, clock: Clock, settings: Mapping[str, SessionSettings]) -> None:
        self._store = store
        self._vault = vault
        self._clock = clock
        self._settings = settings

    def read(self, controller: str, token: str) -> Vouched:
        """Return who the token says this is, or say why it is not taken."""
        settings = self._settings.get(controller)
        if settings is None:
            raise NotVouched(NO_SESSIONS)
        return vouched(token, controller, settings, self._clock.now())

    async def bind(self, controller: str, room: str, who: Vouched, names: Names) -> None:
        """Let a chat be this person's until the token ends, or say why not."""
        settings = self._settings[controller]
        identities = {settings.identity: (who.subject,)} if settings.identity else {}
        # What is known of the speaker is sealed like a message of theirs: the row alone names nobody.
        content = MessageContent(
            channel=Channel.CHAT, sender_address=who.email, sender_name=who.name, identities=identities
        )
        token = self._vault.keyed_hash("chat token", controller, who.token_id)[:ID_CHARACTERS]
        subject = self._vault.keyed_hash("chat subject", controller, who.subject)[:ID_CHARACTERS]

        def write(transaction: Transaction) -> None:
            self._purge(transaction)
            of_room = select(CHAT_IDENTITIES.c.subject).where(CHAT_IDENTITIES.c.room == room)
            if any(row.subject != subject for row in transaction.execute(of_room)):
                raise NotVouched(NOT_YOURS)
            same = select(CHAT_IDENTITIES.c.room).where(CHAT_IDENTITIES.c.token == token)
            used = transaction.execute(same).first()
            if used is None:
                row = {
                    "token": token, "room": room, "subject": subject, "person": names.person,
                    "correspondent": names.correspondent, "until_ms": _ms(who.until),
                    "content": self._vault.seal(
                        transaction, names.person, "message", content.model_dump_json().encode()
                    ),
                }  # fmt: skip
                transaction.execute(insert_once(transaction, CHAT_IDENTITIES, ("token",)), row)
                used = transaction.execute(same).one()
            if used.room != room:
                raise NotVouched(USED)

        await self._store.run(write)

    async def speaker(self, room: str) -> Speaker | None:
        """Return who speaks in a chat now; None where nobody is signed in, or no more."""
        now_ms = _ms(self._clock.now())
        return await self._store.read(lambda reading: self._speaker(reading, room, now_ms))

    async def belongs(self, room: str) -> bool:
        """Tell whether somebody was signed in here, be it that their token has run out."""
        query = select(CHAT_IDENTITIES.c.token).where(CHAT_IDENTITIES.c.room == room)
        return await self._store.read(lambda reading: reading.execute(query).first()) is not None

    def _speaker(self, reading: Reading, room: str, now_ms: int) -> Speaker | None:
        query = (
            select(CHAT_IDENTITIES)
            .where(CHAT_IDENTITIES.c.room == room, CHAT_IDENTITIES.c.until_ms > now_ms)
            .order_by(CHAT_IDENTITIES.c.until_ms.desc())
            .limit(1)
        )
        row = reading.execute(query).first()
        if row is None:
            return None
        try:
            content = MessageContent.model_validate_json(self._vault.open(reading, row.content))
        except (Forgotten, Missing):
            return None
        return Speaker(
            names=Names(row.correspondent, row.person), email=content.sender_address, name=content.sender_name,
            identities=content.identities, until=datetime.fromtimestamp(row.until_ms / 1000, UTC),
        )  # fmt: skip

    def _purge(self, transaction: Transaction) -> None:
        before = _ms(self._clock.now()) - KEPT_DAYS * 86_400_000
        transaction.execute(delete(CHAT_IDENTITIES).where(CHAT_IDENTITIES.c.until_ms < before))


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
