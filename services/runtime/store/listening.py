"""Wake-ups from other processes: PostgreSQL's notifications become the signals of this one."""

from __future__ import annotations

import asyncio
from typing import Final

import psycopg
from sqlalchemy import URL

from services.runtime.logs import Log
from services.runtime.store.signals import Signals
from services.runtime.store.transaction import CHANNEL
from services.runtime.waiting import either

RECONNECT_SECONDS: Final = 5.0
_LOOK_SECONDS: Final = 1.0

log = Log(__name__)


async def listen(url: URL, signals: Signals, stopping: asyncio.Event) -> None:
    """Raise a signal for each notification until stopped; a lost connection is made again, polling bridges the gap."""
    address = url.set(drivername="postgresql").render_as_string(hide_password=False)
    while not stopping.is_set():
        try:
            await _listen_once(address, signals, stopping)
        except psycopg.OperationalError:
            log.warning("notifications are away", remedy="check the database; habeas polls meanwhile")
            await either(RECONNECT_SECONDS, stopping)


async def _listen_once(address: str, signals: Signals, stopping: asyncio.Event) -> None:
    connection = await psycopg.AsyncConnection.connect(address, autocommit=True)
    async with connection:
        await connection.execute(f"LISTEN {CHANNEL}".encode())
        while not stopping.is_set():
            async for notice in connection.notifies(timeout=_LOOK_SECONDS):
                service, _, matter = notice.payload.partition(":")
                signals.raise_(matter, service)
