"""What `habeas doctor` looks at, one function a subject; each finding says what to do."""

from __future__ import annotations

import asyncio
import errno
import json
import os
import shutil
import smtplib
import socket
import sqlite3
import ssl
import time
import urllib.request
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from sqlalchemy import text

from schemas.topics import all_topics
from services.cli.ports import shared, unopenable
from services.runtime.beside import file_of
from services.runtime.bus.factory import DATABASE_NAME, bus_for
from services.runtime.bus.port import BusUnavailable, BusUnusable
from services.runtime.bus.sqlite.looking import compare
from services.runtime.factors import NUMBER_CHARACTERS_MIN
from services.runtime.settings import Listen, Settings
from services.runtime.store import Database, DatabaseOlder, StoreFault
from services.runtime.store.migrate import require_current
from services.runtime.vault import VaultFault, master_key_source
from services.runtime.vault.opening import holds_keys, is_tied
from services.runtime.vault.opening import look_at_keys as inspect_keys

OK: Final = "ok"
WARN: Final = "warn"
FAIL: Final = "FAIL"
REACH_SECONDS: Final = 8.0
OURS_SECONDS: Final = 5.0
"""How long whoever holds a port may take to say that it is habeas: one that is at work may be slow to."""
SKEW_SECONDS_WARN: Final = 2.0
SKEW_SECONDS_MAX: Final = 60.0
DISK_BYTES_WARN: Final = 2_000_000_000
DISK_BYTES_MIN: Final = 200_000_000
_NOT_FROM_OUTSIDE: Final = frozenset({"127.0.0.1", "::1", "localhost", "0.0.0.0", "::"})  # noqa: S104 - names, not sockets
YEAR_BUILT: Final = 1_767_225_600
"""2026-01-01: a machine whose clock says earlier has not been told the time."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: how it is, and what to do."""

    check: str
    state: str
    says: str


async def examine(settings: Settings) -> list[Finding]:
    """Look at everything; what one look meets keeps none of the others from being taken."""
    looks: list[tuple[str, Callable[[], Awaitable[Sequence[Finding]]]]] = [
        ("store", lambda: asyncio.to_thread(look_at_store, settings)),
        ("bus", lambda: look_at_bus(settings)),
        ("ports", lambda: asyncio.to_thread(look_at_ports, settings)),
        ("keys", lambda: asyncio.to_thread(look_at_keys, settings)),
        ("disk", lambda: asyncio.to_thread(look_at_disk, settings)),
        ("relay", lambda: asyncio.to_thread(look_at_relay, settings)),
        ("links", lambda: asyncio.to_thread(look_at_links, settings)),
        ("identity", lambda: asyncio.to_thread(look_at_identity, settings)),
        ("systems", lambda: asyncio.to_thread(look_at_systems, settings)),
    ]
    found: list[Finding] = []
    for check, look in looks:
        try:
            found += await look()
        except Exception as fault:  # noqa: BLE001 - a look that fails is a finding; its text may name a person
            found.append(Finding(check, FAIL, f"could not be looked at ({type(fault).__name__})"))
    return found


def look_at_store(settings: Settings) -> list[Finding]:
    """Say whether the database is there, sound and of this release, and whether its clock agrees with ours."""
    url = settings.store_url
    file = file_of(url)
    if file and not file.exists():
        if settings.store and not file.parent.is_dir():
            said = f"there is no folder {file.parent} for the database; make it, or name another file with --store"
            return [Finding("store", FAIL, said), _clock(None)]
        return [Finding("store", WARN, f"there is no database yet; the first start makes it in {file}"), _clock(None)]
    database = Database(url, looking=True)
    try:
        with database.look("router") as transaction:
            if database.is_sqlite:
                answer = transaction.connection.execute(text("PRAGMA quick_check(1)")).scalar()
                if answer != "ok":
                    return [Finding("store", FAIL, "the database file is damaged; stop habeas and restore a backup")]
                theirs = None
            else:
                theirs = float(transaction.connection.execute(text("SELECT extract(epoch FROM now())")).scalar_one())
        clock = _clock(theirs)
        require_current(database)
    except DatabaseOlder as fault:
        return [Finding("store", WARN, str(fault)), clock]
    except (StoreFault, sqlite3.DatabaseError) as fault:
        said = str(fault) if isinstance(fault, StoreFault) else "the database file cannot be read; restore a backup"
        return [Finding("store", FAIL, said), _clock(None)]
    finally:
        database.close()
    return [Finding("store", OK, "reachable, sound and at this release"), clock]


def _clock(theirs: float | None) -> Finding:
    """Compare with the database's clock; deadlines are read off ours."""
    ours = time.time()
    if ours < YEAR_BUILT:
        return Finding("clock", FAIL, "this machine's clock is years behind; set it (NTP), deadlines depend on it")
    skew = 0.0 if theirs is None else abs(theirs - ours)
    if skew > SKEW_SECONDS_WARN:
        said = f"{skew:.0f} seconds away from the database's clock; run NTP on both machines, deadlines depend on it"
        return Finding("clock", FAIL if skew > SKEW_SECONDS_MAX else WARN, said)
    if theirs is None:
        return Finding("clock", OK, "plausible; not compared, as no other machine's clock is at hand: keep NTP running")
    return Finding("clock", OK, "agrees with the database's")


async def look_at_bus(settings: Settings) -> list[Finding]:
    """Say whether the bus answers and its topics are as documented."""
    if settings.bus.kind == "embedded":
        return await asyncio.to_thread(_look_at_embedded_bus, settings.home / DATABASE_NAME)
    bus = bus_for(settings.bus, settings.home)
    opened = False
    try:
        async with asyncio.timeout(REACH_SECONDS):
            await bus.open()
            opened = True
            differences = await bus.compare_topics(all_topics())
    except TimeoutError:
        said = f"Kafka at {settings.bus.bootstrap} does not answer; check that it runs and that bus.bootstrap names it"
        return [Finding("bus", FAIL, said)]
    except (BusUnavailable, BusUnusable) as fault:
        return [Finding("bus", FAIL, str(fault))]
    finally:
        if opened:
            with suppress(Exception):
                await bus.close()
    return [_of_topics(differences)]


def _look_at_embedded_bus(path: Path) -> list[Finding]:
    if not path.exists():
        return [Finding("bus", WARN, "there is no bus yet; the first start makes it")]
    try:
        return [_of_topics(compare(path, all_topics()))]
    except (BusUnavailable, BusUnusable) as fault:
        return [Finding("bus", FAIL, str(fault))]


def _of_topics(differences: Sequence[str]) -> Finding:
    if all("is missing" in said for said in differences) and differences:
        return Finding("bus", WARN, f"reachable; {len(differences)} topics are missing, the next start makes them")
    if differences:
        return Finding("bus", FAIL, "\n".join(differences))
    return Finding("bus", OK, "reachable, every topic as documented")


def look_at_ports(settings: Settings) -> list[Finding]:
    """Say whether the ports are free, or held by a habeas that answers."""
    found = [_port("smtp", settings.smtp, _is_our_smtp), _port("http", settings.http, _is_our_http)]
    return [*found[:1], Finding("http", FAIL, said)] if (said := shared(settings)) else found


def _port(name: str, listen: Listen, ours: Callable[[Listen], bool]) -> Finding:
    where = f"{listen.host}:{listen.port}"
    fault = unopenable(name, listen)
    if fault is None:
        return Finding(name, OK, f"{where} is free")
    if fault[0] == errno.EADDRINUSE and ours(listen):
        return Finding(name, OK, f"{where} is served by a habeas that runs")
    return Finding(name, FAIL, fault[1])


def _home(listen: Listen) -> str:
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(listen.host, listen.host)  # noqa: S104 - a name, not a socket


def _is_our_http(listen: Listen) -> bool:
    host = _home(listen)
    url = f"http://{f'[{host}]' if ':' in host else host}:{listen.port}/healthz"
    with suppress(OSError, ValueError), urllib.request.urlopen(url, timeout=OURS_SECONDS) as answer:
        return bool(json.loads(answer.read(1000)) == {"alive": True})
    return False


def _is_our_smtp(listen: Listen) -> bool:
    with (
        suppress(OSError, ValueError),
        socket.create_connection((_home(listen), listen.port), timeout=OURS_SECONDS) as client,
    ):
        return b"habeas" in client.recv(512).lower()
    return False


def look_at_keys(settings: Settings) -> list[Finding]:
    """Say whether the master key is there, private, and the one that the key store was made with."""
    source = master_key_source(settings.home, file=settings.master_key)
    try:
        present = source.load()
        keys_url = settings.keys_url
        made = holds_keys(keys_url, source)
        if not present:
            if made:
                said = f"{source.where()} is missing and there are keys that it wraps; restore it, never make a new one"
                return [Finding("keys", FAIL, said)]
            said = f"there is no master key yet; the first start makes it in {source.where()}"
            return [Finding("keys", WARN, said)]
        if not made and (settings.home / DATABASE_NAME).exists():
            said = (
                "the key store is missing, and what people wrote is sealed with it. Restore the key store that belongs"
            )
            return [Finding("keys", FAIL, f"{said} to this database, never make a new one")]
        if not made:
            return [
                Finding("keys", WARN, f"{source.where()} is good; there is no key store yet, the first start makes it")
            ]
        inspect_keys(keys_url, source, tied=_was_tied(settings.store_url))
    except (VaultFault, StoreFault) as fault:
        return [Finding("keys", FAIL, str(fault))]
    return [Finding("keys", OK, f"{source.where()} is private and opens the key store")]


def _was_tied(url: str) -> bool:
    """Tell whether a database knows of a key store; one that cannot be asked is looked at by itself."""
    file = file_of(url)
    if file and (not file.exists() or not file.stat().st_size):
        return False
    database = Database(url, looking=True)
    try:
        return is_tied(lambda: database.look("router"))
    except StoreFault:
        return True
    finally:
        database.close()


def look_at_disk(settings: Settings) -> list[Finding]:
    """Say how much room the home folder has, and whether it can be written."""
    folder = settings.home
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    if not os.access(folder, os.W_OK):
        return [Finding("disk", FAIL, f"{folder} cannot be written by this user; give it to the user that runs habeas")]
    free = shutil.disk_usage(folder).free
    said = f"{free / 1e9:.1f} GB free where {settings.home} is"
    if free < DISK_BYTES_MIN:
        return [Finding("disk", FAIL, f"{said}; make room, or mail will be refused")]
    return [Finding("disk", WARN, f"{said}; make room soon") if free < DISK_BYTES_WARN else Finding("disk", OK, said)]


def look_at_links(settings: Settings) -> list[Finding]:
    """Say whether whoever gets a letter could follow its links."""
    url = settings.public_url or f"http://{settings.http.host}:{settings.http.port}"
    leaves = settings.relay is not None and not settings.relay.startswith("maildir:")
    if leaves and (urlsplit(url).hostname or "") in _NOT_FROM_OUTSIDE:
        said = f"links in letters begin with {url}, which nobody else can open; set public_url to what people can reach"
        return [Finding("links", WARN, said)]
    return [Finding("links", OK, f"links in letters begin with {url}")]


def look_at_identity(settings: Settings) -> list[Finding]:
    """Say of each number that is asked for beside a link which ones can prove anything."""
    return [
        Finding(
            "identity",
            WARN,
            f"{controller} asks for numbers in {entry.identity.factor.where}: those of fewer than "
            f"{NUMBER_CHARACTERS_MIN} letters and digits, zeros in front aside, can be guessed and are never accepted; "
            "where yours are shorter, name another field",
        )
        for controller, entry in settings.controllers.items()
        if entry.identity.factor is not None
    ]


def look_at_relay(settings: Settings) -> list[Finding]:
    """Say whether mail can go out."""
    if settings.relay is None or settings.relay.startswith("maildir:"):
        folder = settings.relay.removeprefix("maildir:") if settings.relay else str(settings.home / "outbox")
        return [
            Finding("relay", WARN, f"no mail leaves: letters are put in {folder}; name a relay with --relay smtp://…")
        ]
    parts = urlsplit(settings.relay)
    secure = parts.scheme == "smtps"
    host, port = parts.hostname or "", parts.port or (465 if secure else 25)
    try:
        relay = (
            smtplib.SMTP_SSL(host, port, timeout=REACH_SECONDS)
            if secure
            else smtplib.SMTP(host, port, timeout=REACH_SECONDS)
        )
        with relay:
            relay.ehlo()
    except ssl.SSLError:
        return [
            Finding(
                "relay", FAIL, f"{host}:{port} does not speak TLS as expected; try smtp:// or check its certificate"
            )
        ]
    except (OSError, smtplib.SMTPException):
        return [Finding("relay", FAIL, f"{host}:{port} does not answer; letters wait until it does: check --relay")]
    return [Finding("relay", OK, f"{host}:{port} answers")]


def look_at_systems(settings: Settings) -> list[Finding]:
    """Whether each connected system's data map can be used; nothing is connected to, and nothing said where none is."""
    from services.fulfil.api.engineer import UsageFault, load_maps

    found, usable = [], 0
    for controller, entry in sorted(settings.controllers.items()):
        for name, system in sorted(entry.systems.items()):
            try:
                maps, _ = load_maps([system.map])
            except UsageFault as fault:
                found.append(Finding("systems", FAIL, f"{controller}.{name}: {fault}"))
                continue
            if name not in {each.system for each in maps}:
                found.append(Finding("systems", FAIL, f"{controller}.{name}: {system.map} describes no {name}"))
                continue
            usable += 1
    if usable:
        said = f"{usable} data maps can be used; `habeas connectors test` tries what they lead to"
        found.append(Finding("systems", OK, said))
    return found
