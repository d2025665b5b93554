"""What every service process stands on, opened in the one right order and closed in the other."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from prometheus_client import CollectorRegistry

from schemas.topics import all_topics
from services.runtime.bus.factory import bus_for, inline_log
from services.runtime.bus.port import Bus
from services.runtime.clock import Clock
from services.runtime.logs import Log
from services.runtime.metrics import RuntimeMetrics
from services.runtime.settings import Settings
from services.runtime.store import Database
from services.runtime.store.inline import Inline
from services.runtime.store.migrate import check, migrate
from services.runtime.telemetry import new_registry
from services.runtime.vault import Vault, master_key_source, open_vault
from services.runtime.worker.worker import Pace

_log = Log()

Part = Coroutine[Any, Any, None]


@dataclass(frozen=True, slots=True)
class Ground:
    """Settings, database, vault, bus, clock, metrics: opened and checked."""

    settings: Settings
    database: Database
    vault: Vault
    bus: Bus
    clock: Clock
    registry: CollectorRegistry
    metrics: RuntimeMetrics
    notice: str = ""

    @property
    def pace(self) -> Pace:
        """Return how workers pace themselves.

        Where store and bus are one SQLite file, a turn need not wait for the disk: power lost takes back position,
        work and events together, as if the turn had not been taken. What a sender was told is durable before.
        """
        embedded = self.settings.bus.kind == "embedded" and self.database.is_sqlite and self.settings.store is None
        return Pace(durable=not embedded)


def open_database(settings: Settings) -> Database:
    """Return the database of record, checked and at this release."""
    settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    database = Database(settings.store_url)
    check(database)
    migrate(database)
    return database


@asynccontextmanager
async def ground(settings: Settings) -> AsyncIterator[Ground]:
    """Open everything, and close it again whatever happens."""
    database = await asyncio.to_thread(open_database, settings)
    clock = Clock()
    try:
        masters = master_key_source(settings.home, file=settings.master_key)
        opened = await asyncio.to_thread(
            lambda: open_vault(
                settings.home,
                lambda: database.begin("intake"),
                keys_url=settings.keys_url,
                masters=masters,
                clock=clock.now,
            )
        )
        await asyncio.to_thread(_tidy, opened.vault)
        registry = new_registry()
        bus = bus_for(settings.bus, settings.home)
        await bus.open()
        try:
            await bus.ensure_topics(all_topics())
            metrics = RuntimeMetrics(registry)
            _publish_inline(database, bus, metrics)
            yield Ground(settings, database, opened.vault, bus, clock, registry, metrics, opened.notice)
        finally:
            await bus.close()
            opened.vault.close()
    finally:
        database.close()


def _publish_inline(database: Database, bus: Bus, metrics: RuntimeMetrics) -> None:
    """Let transactions publish by themselves where bus and store are one file."""
    log = inline_log(bus, Path(database.url.database or "")) if database.is_sqlite else None
    if log is not None:
        database.publish_inline(Inline(log, lambda service, count: metrics.published.labels(service).inc(count)))


def _tidy(vault: Vault) -> None:
    """Obey tombstones that a restored backup does not know, and remove what was never finished or has expired."""
    vault.apply_tombstones()
    vault.sweep_unfinished()
    vault.forgetting.drop_expired()


async def run_parts(parts: Sequence[Part], stopping: asyncio.Event) -> None:
    """Run until told to stop or one part fails; then let all finish what they hold, and raise what failed."""
    tasks = [asyncio.ensure_future(part) for part in parts]
    stop = asyncio.ensure_future(stopping.wait())
    try:
        await asyncio.wait([*tasks, stop], return_when=asyncio.FIRST_COMPLETED)
        stopping.set()
        _, late = await asyncio.wait(tasks, timeout=30)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
    finally:
        stop.cancel()
    for task in tasks:
        if not task.cancelled() and (fault := task.exception()) is not None:
            raise fault
