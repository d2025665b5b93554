"""`habeas up`: everything in one process. `habeas run SERVICE`: one service, as many times as you like."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import click

from services.cli.faults import readable
from services.cli.options import settings_options, with_options
from services.cli.ports import require_open, settled
from services.fulfil.service import FulfilService
from services.intake.service import Intake
from services.intake.web import Health
from services.router.api.names import controller_names
from services.router.service import RouterService
from services.runtime.ground import Ground, ground, run_parts
from services.runtime.probing import served
from services.runtime.saying import command, place
from services.runtime.settings import FILE_NAME, Listen, Settings, listen, load
from services.runtime.telemetry import set_up_logging
from services.watch.embedded import EmbeddedWatch

F = TypeVar("F", bound=Callable[..., Any])

FIRST_SETTINGS = """\
# The settings of this habeas. Every name is documented in docs/operations.md; `habeas doctor` checks them.

# Mail to one of these addresses is that controller's. Hexamail's policy names no address: choose one.
[controllers.axigen]
addresses = ["data-protection@axigen.com", "webmaster@axigen.com"]

[controllers.mailigen]
addresses = ["privacy@mailigen.com", "support@mailigen.com", "info@mailigen.com"]

[controllers.mailpro]
addresses = ["legal@maxony.com"]

[controllers.hexamail]
addresses = ["privacy@hexamail.com"]

# Connect a system, and access requests are answered from it:
# [controllers.axigen.systems.shop]
# map = "/etc/habeas/shop.yml"
# connect = "postgresql://habeas:password@127.0.0.1/shop"
"""


def common(command: F) -> F:
    """Add the options that every long-running command takes."""
    return with_options(
        command,
        settings_options,
        click.option("--smtp", metavar="HOST:PORT", help="Where to take mail."),
        click.option("--http", metavar="HOST:PORT", help="Where to serve chat, links and metrics."),
        click.option("--relay", metavar="URL", help="Where mail goes out: smtp://… or maildir:DIR."),
        click.option("--bus", type=click.Choice(["embedded", "kafka"]), help="Which bus."),
        click.option("--bootstrap", metavar="HOST:PORT", help="The Kafka brokers."),
        click.option("--store", metavar="URL", help="The database: postgresql://… or sqlite:///…"),
        click.option("--log", type=click.Choice(["auto", "pretty", "json"]), help="How to log."),
    )


def settings_from(
    home: Path | None, config: Path | None, smtp: str | None, http: str | None, relay: str | None,
    bus: str | None, bootstrap: str | None, store: str | None, log: str | None,
) -> Settings:  # fmt: skip
    """Return the settings, the flags over everything else."""
    flags: dict[str, Any] = {"relay": relay, "store": store, "log": log}
    if smtp:
        flags["smtp"] = listen(smtp).model_dump()
    if http:
        flags["http"] = listen(http).model_dump()
    chosen = {name: value for name, value in (("kind", bus), ("bootstrap", bootstrap)) if value}
    if chosen:
        flags["bus"] = chosen
    return load(home, config, flags)


@click.command()
@common
def up(**options: Any) -> None:
    """Run the whole product in this process."""
    with readable():
        settings = settled(settings_from(**options))
        set_up_logging(settings.log, settings.log_level)
        require_open(settings)
        _first_settings(settings)
        _start(settings, ("intake", "router", "fulfil"), greet=True)


@click.command()
@click.argument("service", type=click.Choice(["intake", "router", "fulfil", "watch"]))
@common
def run(service: str, **options: Any) -> None:
    """Run one service; run as many of each as you like."""
    with readable():
        settings = settled(settings_from(**options))
        set_up_logging(settings.log, settings.log_level)
        if service == "watch":
            from services.watch.service import run_watch

            run_watch(settings)
            return
        if service == "intake":
            require_open(settings)
        # Only where asked for: several on one machine would want the same port.
        probed = settings.http if options["http"] and service != "intake" else None
        _start(settings, (service,), greet=False, probed=probed)


def _first_settings(settings: Settings) -> None:
    """Write a settings file that a newcomer can read and change; one that is there is never touched."""
    path = settings.home / FILE_NAME
    if not path.exists():
        settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.write_text(FIRST_SETTINGS, encoding="utf-8")


def _start(settings: Settings, services: tuple[str, ...], *, greet: bool, probed: Listen | None = None) -> None:
    with contextlib.suppress(asyncio.CancelledError):
        asyncio.run(_run(settings, services, greet=greet, probed=probed))


async def _run(settings: Settings, services: tuple[str, ...], *, greet: bool, probed: Listen | None) -> None:
    stopping = asyncio.Event()
    opening = asyncio.current_task()
    loop = asyncio.get_running_loop()

    def stop() -> None:
        stopping.set()
        if opening is not None and not ready:
            opening.cancel()  # still waiting for a broker or a database that is not there

    ready: list[Ground] = []
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop)
    async with ground(settings) as opened:
        ready.append(opened)
        if opened.notice:
            click.echo(opened.notice, err=True)
        parts = []
        if "router" in services:
            parts += RouterService(opened).parts(stopping)
        if "fulfil" in services:
            parts += FulfilService(opened).parts(stopping)
        if "intake" in services:
            watching = _watch(opened)
            shown = watching.figures if watching else None
            parts += Intake(opened, controller_names(settings), shown, Health(_readiness(opened))).parts(stopping)
            parts += [watching.run(stopping)] if watching else []
        if greet:
            click.echo(greeting(settings))
        probes = served(probed, opened.registry, _readiness(opened)) if probed else contextlib.nullcontext()
        async with probes:
            await run_parts(parts, stopping)


def _watch(opened: Ground) -> EmbeddedWatch | None:
    """Return the figures of the embedded bus; on Kafka they are `habeas run watch`'s to draw."""
    if opened.settings.bus.kind == "kafka":
        return None
    return EmbeddedWatch(opened.bus, opened.clock, opened.registry, opened.settings)


def _readiness(opened: Ground) -> Callable[[], Any]:
    async def ready() -> tuple[bool, Mapping[str, str]]:
        checks: dict[str, str] = {}
        try:
            await opened.database.store("intake").read(lambda reading: reading.now_ms)
            checks["store"] = "ok"
        except Exception as fault:  # noqa: BLE001 - whatever it is, the process cannot take work
            checks["store"] = type(fault).__name__
        try:
            faults = await opened.bus.compare_topics([])
            checks["bus"] = "ok" if not faults else faults[0]
        except Exception as fault:  # noqa: BLE001 - the same
            checks["bus"] = type(fault).__name__
        return all(state == "ok" for state in checks.values()), checks

    return ready


def greeting(settings: Settings) -> str:
    """Return what a newcomer can do next."""
    smtp, http = settings.smtp, settings.http
    address = next(iter(settings.controllers.values())).addresses[0]
    outbox = settings.relay.partition("@")[2] or settings.relay if settings.relay else str(settings.home / "outbox")
    called, home, kafka = command(), place(settings.home), settings.bus.kind == "kafka"
    # A flag that this process was started with is a flag that the next command needs too; a password is not repeated.
    bus = f" --bus kafka --bootstrap {settings.bus.bootstrap}" if kafka else ""
    store = " --store …" if settings.store else ""
    figures = (
        f"{called} run watch, which draws them from the topics" if kafka else f"http://{http.host}:{http.port}/figures"
    )
    return f"""habeas is running. Stop it with Ctrl-C; its state stays in {settings.home}.

  Mail      {smtp.host}:{smtp.port} takes mail, for example for {address}
  Try it    printf 'From: you@example.org\\nSubject: My data\\n\\nPlease send me a copy of my data.\\n' |
              curl -s --url smtp://{smtp.host}:{smtp.port} --mail-from you@example.org --mail-rcpt {address} -T -
  Answers   {outbox}
  Page      http://{http.host}:{http.port}/
  Figures   {figures}
  Topics    {called} topics tail --home {home}{bus} --from-beginning
  Cases     {called} case list --home {home}{store}
"""
