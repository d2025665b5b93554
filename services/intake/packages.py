"""Packages, taken away once: a download that breaks off may be started again a few times, a finished one may not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Final

from sqlalchemy import select, update

from services.intake.links import PackageLink
from services.intake.tables import DOWNLOADS
from services.runtime.clock import Clock
from services.runtime.store import Store, Transaction
from services.runtime.vault import Forgotten, Missing, Vault

STARTS_MAX: Final = 5


class UsedUp(Exception):
    """The package was taken already, or it is gone."""


class Packages:
    """Hands packages out of the vault."""

    def __init__(self, store: Store, vault: Vault, clock: Clock) -> None:
        self._store = store
        self._vault = vault
        self._clock = clock

    async def take(self, link: PackageLink) -> AsyncIterator[bytes]:
        """Return the package's bytes in chunks; counted before the first byte leaves."""
        await self._store.run(lambda transaction: self._start(transaction, link.package))
        chunks = self._vault.reader(link.package)
        try:
            first = await asyncio.to_thread(next, chunks, None)
        except (Forgotten, Missing):
            raise UsedUp from None
        return _following(first, chunks)

    async def taken(self, link: PackageLink) -> None:
        """Remember that the last byte left."""
        moment = int(self._clock.now().timestamp() * 1000)
        statement = update(DOWNLOADS).where(DOWNLOADS.c.package == link.package).values(taken_ms=moment)
        await self._store.run(lambda transaction: transaction.execute(statement))

    def _start(self, transaction: Transaction, package: str) -> None:
        row = transaction.execute(select(DOWNLOADS).where(DOWNLOADS.c.package == package)).first()
        if row is None:
            transaction.execute(DOWNLOADS.insert().values(package=package, starts=1, taken_ms=None))
            return
        if row.taken_ms is not None or row.starts >= STARTS_MAX:
            raise UsedUp
        again = update(DOWNLOADS).where(DOWNLOADS.c.package == package).values(starts=row.starts + 1)
        transaction.execute(again)


async def _following(first: bytes | None, chunks: Iterator[bytes]) -> AsyncIterator[bytes]:
    chunk = first
    while chunk is not None:
        yield chunk
        chunk = await asyncio.to_thread(next, chunks, None)
