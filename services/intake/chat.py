"""The chat room: what was said in a session, kept in the store, heard by whoever holds the session's secret."""

from __future__ import annotations

import asyncio
import contextlib
import re
import secrets
from collections import defaultdict
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import select

from schemas.content import MessageContent
from schemas.rights import Channel
from services.intake.core.charsets import whole
from services.intake.front import ChatLine, FrontDoor
from services.intake.identified import RUN_OUT, Identified
from services.intake.tables import CHAT_LINES
from services.intake.vouching import NotVouched
from services.runtime.clock import Clock
from services.runtime.store import Reading, Store, Transaction
from services.runtime.store.transaction import insert_once
from services.runtime.vault import Forgotten, Missing, Vault

LINE_CHARACTERS_MAX: Final = 20_000
LINES_MAX: Final = 200
LOOK_SECONDS: Final = 2.0
_SESSION = re.compile(r"^[A-Za-z0-9_-]{16,64}$")


class LineRefused(ValueError):
    """A line that cannot be taken; the message says what to send instead."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """A line that was taken, and what became of an identity that the chat had."""

    message_id: str
    run_out: dict[str, Any] | None = None


def ours(session: str) -> None:
    """Refuse a session that cannot be one that we gave."""
    if not _SESSION.match(session):
        raise LineRefused("the session is not one of ours; leave it out to begin a new one")


class ChatRoom:
    """Takes lines and lets them be heard."""

    def __init__(
        self, store: Store, vault: Vault, front: FrontDoor, clock: Clock, identified: Identified | None = None
    ) -> None:
        self._identified = identified or Identified(store, vault, clock, {})
        self._store = store
        self._vault = vault
        self._front = front
        self._clock = clock
        self._silent: dict[str, asyncio.Event] = {}
        """Chats that are listened to and in which nobody has said anything yet."""
        self._spoken: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)

    async def identify(self, controller: str, session: str, token: str) -> dict[str, Any]:
        """Take the site's word about who is signed in, and tell whether it was taken, until when, or why not."""
        ours(session)
        try:
            who = self._identified.read(controller, token)
            room = (await self._front.names(controller, Channel.CHAT, session)).correspondent
            names = await self._front.names(controller, Channel.CHAT, who.email)
            await self._identified.bind(controller, room, who, names)
        except NotVouched as refused:
            return {"accepted": False, "why": str(refused)}
        return {"accepted": True, "until": who.until.isoformat(timespec="seconds")}

    async def say(self, controller: str, session: str, text: str) -> Spoken:
        """Take a person's line, and return its id once it is durable."""
        ours(session)
        if not text.strip():
            raise LineRefused("the text is empty; write something")
        if len(text) > LINE_CHARACTERS_MAX:
            raise LineRefused(f"a line may hold {LINE_CHARACTERS_MAX} characters")
        room = await self._front.names(controller, Channel.CHAT, session)
        speaker = await self._identified.speaker(room.correspondent)
        line = ChatLine(controller, session, whole(text.replace("\x00", "")), secrets.token_hex(8), room, speaker)
        run_out = speaker is None and await self._identified.belongs(room.correspondent)
        message_id = await self._front.chat_line(line)
        if begun := self._silent.pop(session, None):
            begun.set()
        return Spoken(message_id, {"accepted": False, "why": RUN_OUT} if run_out else None)

    async def hear(self, controller: str, session: str, after: int, wait_seconds: int) -> list[dict[str, Any]]:
        """Return the lines after a number, waiting a while for the next one when there is none yet."""
        if not _SESSION.match(session):
            return []
        deadline = self._clock.monotonic() + wait_seconds
        key = await self._known(controller, session, deadline)
        if key is None:
            return []
        while True:
            spoken = self._spoken[key]
            lines = await self._store.read(lambda transaction: self._lines(transaction, key, after))
            left = deadline - self._clock.monotonic()
            if lines or left <= 0:
                if not lines:
                    self._spoken.pop(key, None)
                return lines
            # Another process may have written the line: look again now and then, not only when woken.
            try:
                await asyncio.wait_for(spoken.wait(), min(left, LOOK_SECONDS))
            except TimeoutError:
                continue
            spoken.clear()

    async def _known(self, controller: str, session: str, deadline: float) -> str | None:
        """Return a session's name once something was said in it, or nothing when the time is over.

        Whoever opens a chat and says nothing yet must cost nothing: it is waited for, not asked for again and again.
        """
        while True:
            key = await asyncio.to_thread(self._front.known, controller, Channel.CHAT, session)
            left = deadline - self._clock.monotonic()
            if key is not None or left <= 0:
                return key
            begun = self._silent.setdefault(session, asyncio.Event())
            # Another process may take the first line: look again now and then, not only when woken.
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(begun.wait(), min(left, LOOK_SECONDS))
            self._silent.pop(session, None)

    def answer(self, transaction: Transaction, session: str, person: str, letter_id: str, text: str) -> None:
        """Write our line into a session, once, however often the letter is tried."""
        key = session
        content = MessageContent(channel=Channel.CHAT, text=text)
        known = transaction.execute(select(CHAT_LINES.c.number).where(CHAT_LINES.c.line_id == letter_id)).first()
        if known is None:
            ref = self._vault.seal(transaction, person, "message", content.model_dump_json().encode())
            transaction.execute(
                insert_once(transaction, CHAT_LINES, ("line_id",)),
                {
                    "session": key,
                    "line_id": letter_id,
                    "speaker": "controller",
                    "content": ref,
                    "said_ms": int(self._clock.now().timestamp() * 1000),
                },
            )

    def wake(self, session: str) -> None:
        """Let whoever listens to this session in this process look at once."""
        if session in self._spoken:
            self._spoken[session].set()

    def _lines(self, transaction: Reading, key: str, after: int) -> list[dict[str, Any]]:
        query = (
            select(CHAT_LINES)
            .where(CHAT_LINES.c.session == key, CHAT_LINES.c.number > after)
            .order_by(CHAT_LINES.c.number)
            .limit(LINES_MAX)
        )
        lines: list[dict[str, Any]] = []
        for row in transaction.execute(query):
            try:
                content = MessageContent.model_validate_json(self._vault.open(transaction, row.content))
            except (Forgotten, Missing):
                continue
            lines.append({"number": row.number, "from": row.speaker, "text": content.text})
        return lines
