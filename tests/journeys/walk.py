"""The whole product in one thread and on a clock that a test moves: what arrives is walked to its end, step by step.

Every part is the real one (store, vault, router, fulfil, letters); only the bus is short: what a service published is
handed to whoever listens to its topic, in the order in which it was committed.
"""

from __future__ import annotations

import asyncio
import email
import email.policy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Any, TypeVar

from schemas import envelope as wire
from schemas.base import Event
from schemas.content import LetterFacts
from schemas.envelope import Envelope
from schemas.events import IdentityRequested
from schemas.rights import Right
from schemas.topics import Topic
from services.fulfil.service import effects_of
from services.fulfil.service import topics as fulfil_topics
from services.fulfil.worker import Fulfil
from services.intake.chat import ChatRoom
from services.intake.delivery import MaildirTransport
from services.intake.front import Aligned, FrontDoor
from services.intake.identified import Identified
from services.intake.letterbox import LETTER, LetterEffect, order_letter
from services.intake.links import CheckLink, Links
from services.intake.packages import Packages
from services.intake.service import letter_writer
from services.router import casebook
from services.router.assembly import router_of
from services.router.core.cases import commands as c
from services.router.core.cases.state import Case
from services.router.destroying import destroy_due
from services.router.service import TOPICS, wake_due
from services.runtime.clock import Clock
from services.runtime.failures import Retry, failure_of
from services.runtime.settings import Settings, load
from services.runtime.store import Database
from services.runtime.store import jobs as rows
from services.runtime.store.migrate import migrate
from services.runtime.store.outbox import forget, waiting
from services.runtime.store.tables import SHARDS
from services.runtime.vault import open_vault

E = TypeVar("E", bound=Event)
Signing = Callable[[bytes], bytes]
ROUNDS_MAX = 200
MORNING = datetime(2027, 3, 2, 9, 0, tzinfo=UTC)


class HandClock(Clock):
    """A clock that stands until it is moved."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def now(self) -> datetime:
        return self.moment


class Outbox(MaildirTransport):
    """Keeps the order of the letters: two that are written within one tick of the clock are of the same moment."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._places: dict[str, int] = {}

    async def send(self, letter_id: str, envelope_sender: str, recipient: str, mail: bytes) -> None:
        await super().send(letter_id, envelope_sender, recipient, mail)
        self._places.setdefault(letter_id, len(self._places))

    def place_of(self, letter: Path) -> tuple[int, int]:
        """Return where a letter stands; those of an earlier house come first, by their moment."""
        return self._places.get(letter.name, -1), letter.stat().st_mtime_ns


class House:
    """A habeas at work, seen from inside."""

    def __init__(
        self, settings: Settings, database: Database, vault: Any, clock: HandClock, loop: asyncio.Runner,
        aligned: Aligned | None = None,
    ) -> None:  # fmt: skip
        self._loop = loop
        self.settings = settings
        self.clock = clock
        self.vault = vault
        self.stores = {name: database.store(name) for name in ("intake", "router", "fulfil")}
        self.router = router_of(settings, vault, clock)
        self.front = FrontDoor(self.stores["intake"], vault, clock, aligned)
        self.events: list[Event] = []
        self.receipts_lost = 0
        """How many of the next effects take place and are not written down, as when the process dies between."""
        self.relay_is_down = False
        self._seen: set[str] = set()
        self._fulfil = Fulfil(settings)
        sites = {name: entry.identity.session for name, entry in settings.controllers.items()}
        known = {name: site for name, site in sites.items() if site is not None}
        identified = Identified(self.stores["intake"], vault, clock, known)
        self.room = ChatRoom(self.stores["intake"], vault, self.front, clock, identified)
        self._outbox = settings.home / "outbox"
        self._sent = Outbox(self._outbox)
        self.packages = Packages(self.stores["intake"], vault, clock, settings)
        letters = LetterEffect(
            store=self.stores["intake"], vault=vault, writer=letter_writer(),
            transport=self._sent, chat=self.room,
            links=Links(vault.subkey("signed links"), "http://habeas.example"), clock=clock,
            senders={name: entry.sender for name, entry in settings.controllers.items()},
            names={name: entry.name or name for name, entry in settings.controllers.items()},
            packages=self.packages,
        )  # fmt: skip
        self._effects: dict[str, dict[str, Any]] = {
            "intake": {LETTER: letters},
            "fulfil": dict(effects_of(store=self.stores["fulfil"], vault=vault, settings=settings, clock=clock)),
        }

    # ---- what happens

    def mail(
        self, to: str, text: str, *, sender: str = "ann@example.org", subject: str = "", sign: Signing | None = None,
        attached: tuple[str, str, bytes] | None = None,
    ) -> None:  # fmt: skip
        """A person writes, and everything that follows is done."""
        mail = EmailMessage()
        mail["From"] = f"Ann Ash <{sender}>"
        mail["To"] = to
        mail["Subject"] = subject or "Hello"
        mail["Date"] = format_datetime(self.clock.moment)
        mail["Message-ID"] = f"<{len(self.events)}.{self.clock.moment.timestamp()}@example.org>"
        mail.set_content(text)
        if attached is not None:
            name, media_type, content = attached
            maintype, _, subtype = media_type.partition("/")
            mail.add_attachment(content, maintype=maintype, subtype=subtype, filename=name)
        controller = self.settings.controller_of(to)
        assert controller is not None, to
        raw = mail.as_bytes(policy=email.policy.SMTP)
        self.run(self._arrive(controller, to, sign(raw) if sign else raw, sender))

    async def _arrive(self, controller: str, to: str, raw: bytes, sender: str) -> None:
        await self.front.open()
        try:
            await self.front.mail(controller, to, raw, sender)
        finally:
            await self.front.close()
        await self._settle()

    def say(self, text: str, *, session: str, token: str | None = None, controller: str = "axigen") -> dict[str, Any]:
        """A person writes in a chat, and everything that follows is done; return what the door tells its browser."""

        async def take() -> dict[str, Any]:
            await self.front.open()
            try:
                told = {} if token is None else {"identity": await self.room.identify(controller, session, token)}
                if text:
                    spoken = await self.room.say(controller, session, text)
                    told |= {"message_id": spoken.message_id, "run_out": spoken.run_out}
            finally:
                await self.front.close()
            await self._settle()
            return told

        return dict(self._loop.run(take()))

    def heard(self, session: str, controller: str = "axigen") -> list[str]:
        """Return what the controller answered in a chat, each on one line."""
        lines = self._loop.run(self.room.hear(controller, session, 0, 0))
        return [" ".join(str(line["text"]).split()) for line in lines if line["from"] == "controller"]

    def follow_link(self, number: str = "") -> None:
        """The person follows the link of the last identity check, and gives a number where one is asked for."""
        asked = self.told(IdentityRequested)[-1]
        factor = "order_number" if asked.method == "link_and_factor" else ""
        link = CheckLink(asked.controller, asked.case_id, asked.check_id, asked.expires, factor)

        async def answer() -> None:
            await self.front.open()
            try:
                await self.front.identity_answered(link, number)
            finally:
                await self.front.close()
            await self._settle()

        self.run(answer())

    def order(self, kind: type[c.Command], case: Case, **fields: Any) -> None:
        """An officer decides."""
        named = {"officer": "officer-1"} if issubclass(kind, c.ByOfficer) else {}
        command = kind(
            case_id=case.case_id, cause=f"officer:{len(self.events)}", at=self.clock.now(), **(named | fields)
        )
        with self.stores["router"].begin() as transaction:
            self.router.carry_out(transaction, command, None)
        self.settle()

    def later(self, **delta: float) -> None:
        """Time passes, and the cases whose moment came are woken."""
        self.clock.moment += timedelta(**delta)

        async def wake() -> None:
            destroy_due(self.stores["router"], self.vault, self.router, self.clock.now())
            await wake_due(self.stores["router"], self.router, self.clock.now())
            await self._settle()

        self.run(wake())

    def settle(self) -> None:
        """Do everything that is to be done now."""
        self.run(self._settle())

    def run(self, work: Any) -> None:
        """Run this in the house's one loop."""
        self._loop.run(work)

    async def _settle(self) -> None:
        for _ in range(ROUNDS_MAX):
            moved = [await self._publish(name) for name in self.stores]
            moved += [await self._perform(name) for name in self._effects]
            if not any(moved):
                return
        raise AssertionError("the house does not come to rest")

    async def _publish(self, service: str) -> int:
        """Hand on what a service published."""

        def take(transaction: Any) -> list[Any]:
            found = list(waiting(transaction, range(SHARDS), 500))
            forget(transaction, found)
            return found

        found = await self.stores[service].run(take)
        for row in found:
            envelope = wire.read(row.record.headers, row.record.value)
            if envelope.id in self._seen:
                continue
            self._seen.add(envelope.id)
            self.events.append(envelope.event)
            await self._hand_on(row.record.topic, envelope)
        return len(found)

    async def _hand_on(self, topic: str, envelope: Envelope) -> None:
        if topic in {each.value for each in TOPICS}:
            await self.stores["router"].run(lambda transaction: self.router.handle(transaction, envelope))
        if topic in fulfil_topics():
            await self.stores["fulfil"].run(lambda transaction: self._fulfil.handle(transaction, envelope))
        if topic == Topic.LETTERS.value:
            await self.stores["intake"].run(lambda transaction: order_letter(transaction, envelope))

    async def _perform(self, service: str) -> int:
        """Perform the jobs that are due."""
        if service == "intake" and self.relay_is_down:
            return 0
        effects = self._effects[service]
        store = self.stores[service]
        claimed = await store.run(lambda transaction: rows.claim(transaction, effects, "walk", 60_000, 10))
        for job in claimed:
            try:
                recording = await effects[job.kind].perform(job)
            except Retry as fault:
                failed = failure_of(fault)

                def again(transaction: Any, job: Any = job, failure: Any = failed) -> None:
                    # The database's own moment: PostgreSQL's is the true one, wherever the house's clock stands.
                    rows.set_again(transaction, job, "walk", failure, transaction.now_ms + 60_000)

                await store.run(again)
                continue
            if self.receipts_lost:
                self.receipts_lost -= 1
                continue

            def record(transaction: Any, job: Any = job, recording: Any = recording) -> None:
                rows.finish(transaction, job, "walk")
                recording(transaction)

            await store.run(record)
        return len(claimed)

    # ---- what can be seen

    def told(self, kind: type[E]) -> list[E]:
        """Return the events of this kind that were on the bus."""
        return [event for event in self.events if isinstance(event, kind)]

    def case(self) -> Case:
        """Return the case that was opened last."""
        ids = [event.case_id for event in self.events if event.name() == "CaseOpened" and hasattr(event, "case_id")]
        with self.stores["router"].begin() as transaction:
            case, _ = casebook.load(transaction, ids[-1])
        assert case is not None
        return case

    def sealed(self, case: Case, **facts: Any) -> str:
        """Put an officer's words for the person into the vault."""
        with self.stores["router"].begin() as transaction:
            words = LetterFacts(facts=facts).model_dump_json().encode()
            return str(self.vault.seal(transaction, case.person, "note", words))

    def letters(self, to: str = "") -> list[EmailMessage]:
        """Return the letters that went out, the first first."""
        files = sorted((self._outbox / "new").glob("*"), key=self._sent.place_of)
        read = [email.message_from_bytes(path.read_bytes(), policy=email.policy.default) for path in files]
        return [letter for letter in read if isinstance(letter, EmailMessage) and to in str(letter["To"])]

    def texts(self, to: str = "") -> list[str]:
        """Return the words of the letters on one line each, however they were folded."""
        bodies = [letter.get_body(("plain",)) for letter in self.letters(to)]
        return [" ".join(str(body.get_content()).split()) for body in bodies if body is not None]

    def claim_id(self, right: Right) -> str:
        """Return the id of the case's claim of this right."""
        return next(claim.claim_id for claim in self.case().claims if claim.right is right)


@contextmanager
def house(home: Path, moment: datetime = MORNING, aligned: Aligned | None = None) -> Iterator[House]:
    """Open a house in this folder."""
    home.mkdir(parents=True, exist_ok=True)
    settings = load(home)
    clock = HandClock(moment)
    database = Database(settings.store_url, now_ms=lambda: int(clock.moment.timestamp() * 1000))
    try:
        migrate(database)
        opened = open_vault(home, lambda: database.begin("intake"), keys_url=settings.keys_url, clock=clock.now)
        try:
            with asyncio.Runner() as loop:
                yield House(settings, database, opened.vault, clock, loop, aligned)
        finally:
            opened.vault.close()
    finally:
        database.close()
