"""Intake as a service: the doors, the letters' job runner, the worker that hears ReplyRequested, the relay."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from importlib.resources import files

from aiohttp import web

from schemas.topics import Topic
from services.intake.chat import ChatRoom
from services.intake.core.letters import Writer, read_phrases
from services.intake.delivery import SmtpTransport, transport_for
from services.intake.front import Aligned, FrontDoor
from services.intake.identified import Identified
from services.intake.letterbox import LETTER, LetterEffect, order_letter
from services.intake.links import Links
from services.intake.packages import Packages
from services.intake.refusing import Refusing
from services.intake.signatures import Signatures
from services.intake.smtp import open_mail_door
from services.intake.tables import SERVICE
from services.intake.web import Doors, Figures, Health, make_app
from services.runtime.ground import Ground, Part
from services.runtime.jobs import JobRunner
from services.runtime.relay import Relay
from services.runtime.settings import Settings
from services.runtime.store import Store
from services.runtime.worker import Worker

SHUTDOWN_SECONDS = 2.0


def letter_writer() -> Writer:
    """Return the writer of letters, in every language that is shipped."""
    folder = files("services.intake").joinpath("letters")
    found = {}
    for entry in folder.iterdir():
        if entry.name.endswith(".toml"):
            language = entry.name.removesuffix(".toml")
            found[language] = read_phrases(language, entry.read_text(encoding="utf-8"))
    return Writer(found)


def aligned_by(settings: Settings) -> Aligned | None:
    """Return what tells whether a mail is its sender's own; None where the settings ask for no look-up."""
    if not settings.dkim:
        return None
    signatures = Signatures()

    def aligned(raw: bytes, sender: str, recipient: str) -> bool:
        controller = settings.controllers.get(settings.controller_of(recipient) or "")
        return controller is not None and signatures.aligned(raw, sender, frozenset(controller.addresses))

    return aligned


def identified_by(settings: Settings, store: Store, ground: Ground) -> Identified:
    """Return who remembers whom the controllers' own sites have signed in."""
    sites = {name: entry.identity.session for name, entry in settings.controllers.items()}
    return Identified(
        store, ground.vault, ground.clock, {name: site for name, site in sites.items() if site is not None}
    )


class Intake:
    """The doors of one process."""

    def __init__(self, ground: Ground, names: Mapping[str, str], figures: Figures | None, health: Health) -> None:
        settings = ground.settings
        store = ground.database.store(SERVICE)
        self._ground = ground
        self._store = store
        self._refusing = Refusing()
        self.front = FrontDoor(store, ground.vault, ground.clock, aligned_by(settings))
        chat = ChatRoom(store, ground.vault, self.front, ground.clock, identified_by(settings, store, ground))
        self._transport = transport_for(settings.relay, settings.home)
        public = settings.public_url or f"http://{settings.http.host}:{settings.http.port}"
        links = Links(ground.vault.subkey("signed links"), public)
        writer = letter_writer()
        self._packages = Packages(store, ground.vault, ground.clock, settings)
        self._effect = LetterEffect(
            store=store,
            vault=ground.vault,
            writer=writer,
            transport=self._transport,
            chat=chat,
            links=links,
            clock=ground.clock,
            senders={name: entry.sender for name, entry in settings.controllers.items()},
            names=names,
            packages=self._packages,
        )
        doors = Doors(
            settings=settings, front=self.front, chat=chat, packages=self._packages, links=links, clock=ground.clock,
            registry=ground.registry, health=health, names=names, writer=writer, refusing=self._refusing,
            figures=figures,
        )  # fmt: skip
        self._app = make_app(doors)

    def parts(self, stopping: asyncio.Event) -> list[Part]:
        """Return what runs until told to stop."""
        ground = self._ground
        worker = Worker(
            group=SERVICE, topics=[Topic.LETTERS.value], bus=ground.bus, store=self._store, handle=order_letter,
            metrics=ground.metrics, retry=ground.settings.retry, pace=ground.pace,
        )  # fmt: skip
        jobs = JobRunner(
            store=self._store, effects={LETTER: self._effect}, metrics=ground.metrics, retry=ground.settings.retry
        )
        relay = Relay(store=self._store, bus=ground.bus, metrics=ground.metrics)
        return [
            worker.run(stopping), jobs.run(stopping), relay.run(stopping), self._doors(stopping),
            self._packages.keep_swept(stopping),
        ]  # fmt: skip

    async def _doors(self, stopping: asyncio.Event) -> None:
        settings = self._ground.settings
        await self.front.open()
        mail = await open_mail_door(settings, self.front, self._refusing)
        runner = web.AppRunner(self._app, shutdown_timeout=SHUTDOWN_SECONDS, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, settings.http.host, settings.http.port).start()
        try:
            await stopping.wait()
        finally:
            if isinstance(self._transport, SmtpTransport):
                self._transport.stop()
            mail.close()
            await runner.cleanup()
            await self.front.close()
            if isinstance(self._transport, SmtpTransport):
                await self._transport.close()
