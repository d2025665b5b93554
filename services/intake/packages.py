"""Packages on their way to their person: announced by a letter, opened by a press, fetched once, removed in time."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final

import structlog
from sqlalchemy import RowMapping, select, update

from services.intake.core.fetching import Fetching, Span, Standing, merged
from services.intake.links import PackageLink
from services.intake.tables import PACKAGES
from services.runtime.clock import Clock
from services.runtime.settings import Settings
from services.runtime.store import Conflict, Store, StoreFault, Transaction
from services.runtime.store.transaction import insert_once
from services.runtime.vault import Forgotten, Missing, Vault
from services.runtime.waiting import either

SWEEP_SECONDS: Final = 300.0
SWEEP_ROWS_MAX: Final = 100
HOUR_MS: Final = 3_600_000
_log = structlog.get_logger()


class UsedUp(Exception):
    """The package was taken already, or it is gone."""


@dataclass(frozen=True, slots=True)
class Announced:
    """What a letter says of a package: until when its link works, and its bytes where the letter carries them."""

    expires: datetime
    attached: bytes | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    """What the page behind the button shows, once."""

    password: str
    size_bytes: int
    ends: datetime


class Packages:
    """Hands packages out of the vault."""

    def __init__(self, store: Store, vault: Vault, clock: Clock, settings: Settings) -> None:
        self._store = store
        self._vault = vault
        self._clock = clock
        self._settings = settings

    # ---- letters

    async def announce(self, controller: str, case_id: str, facts: Mapping[str, Any]) -> Announced:
        """Remember that a letter offers this package, and return what it says of it; raise UsedUp for one that is gone.

        Written before the letter leaves: a person may press the button before its sending is on record.
        """
        entry = self._settings.controllers[controller].packages
        package, password = str(facts["package"]), str(facts["package_password"])
        wish = str(facts.get("delivery") or "")
        bytes_max = entry.mail_bytes_max if wish == "mail" or (entry.mail_when == "always" and not wish) else -1

        def remember(transaction: Transaction) -> RowMapping:
            expires_ms = self._now_ms(timedelta(days=entry.days))
            before = self._find(transaction, package)
            if before is None:
                size_bytes = self._size_bytes(transaction, package)
                row = {
                    "package": package, "password": password, "controller": controller, "case_id": case_id,
                    "size_bytes": size_bytes, "mailed": size_bytes <= bytes_max,
                    "announced_ms": self._now_ms(), "expires_ms": expires_ms,
                    "window_ms": int(entry.window_hours * HOUR_MS), "sent_bytes": 0, "spans": "[]",
                }  # fmt: skip
                transaction.execute(insert_once(transaction, PACKAGES, ("package",)), row)
            elif before["removed_ms"] is not None:
                raise UsedUp
            elif before["opened_ms"] is None:
                # A letter that is sent anew, to another address after a bounce, gives the whole time once more.
                self._change(transaction, package, expires_ms=expires_ms)
            return self._row(transaction, package)

        row = await self._store.run(remember)
        expires = datetime.fromtimestamp(row["expires_ms"] / 1000, UTC)
        if not row["mailed"]:
            return Announced(expires)
        return Announced(expires, await self._store.read(lambda reading: self._vault.open(reading, package)))

    def _size_bytes(self, transaction: Transaction, package: str) -> int:
        try:
            return self._vault.size_bytes(transaction, package)
        except Missing:
            raise UsedUp from None

    async def not_mailed(self, package: str) -> None:
        """Remember that a mail with the package was refused, so that the letter goes without it from now on."""
        change = update(PACKAGES).where(PACKAGES.c.package == package).values(mailed=False)
        await self._store.run(lambda transaction: transaction.execute(change))

    # ---- the door

    async def standing(self, link: PackageLink) -> Standing:
        """Return what may be done with a package, and change nothing."""
        found = await self._store.read(lambda reading: self._find(reading, link.package))
        return Standing.GONE if found is None else fetching_of(found).standing(self._now_ms())

    async def open(self, link: PackageLink) -> Opened:
        """Open the package's window, if it is not open yet, and return what its page shows."""

        def press(transaction: Transaction) -> Opened:
            row = self._find(transaction, link.package)
            if row is None or fetching_of(row).standing(self._now_ms()) not in _OPENS:
                raise UsedUp
            if row["opened_ms"] is None:
                self._change(transaction, link.package, opened_ms=self._now_ms())
            fetching = fetching_of(self._row(transaction, link.package))
            try:
                password = self._vault.open(transaction, row["password"]).decode()
            except (Forgotten, Missing):
                raise UsedUp from None
            return Opened(password, row["size_bytes"], datetime.fromtimestamp(fetching.ends_ms / 1000, UTC))

        return await self._store.run(press)

    def tag(self, package: str) -> str:
        """Return the package's strong validator (RFC 9110 section 8.8.3); nobody guesses it who was not told."""
        return f'"{self._vault.keyed_hash("package tag", package)[:32]}"'

    async def size(self, package: str, *, knows_tag: bool) -> int:
        """Return the size of a package that may be fetched now; its end only by who fetched the rest before."""
        row = await self._store.read(lambda reading: self._find(reading, package))
        if row is None:
            raise UsedUp
        standing = fetching_of(row).standing(self._now_ms())
        if standing is Standing.OPEN or (standing is Standing.FINISHING and knows_tag):
            return int(row["size_bytes"])
        raise UsedUp

    async def fetch(self, package: str, span: Span) -> AsyncIterator[bytes]:
        """Return these bytes of the package, a chunk at a time."""
        chunks = self._vault.reader(package, span[0])
        try:
            first = await asyncio.to_thread(next, chunks, None)
        except (Forgotten, Missing):
            raise UsedUp from None
        return _following(first, chunks, span[1] - span[0])

    async def fetched(self, package: str, span: Span) -> None:
        """Remember that these bytes left; when all have, the package is taken."""

        def record(transaction: Transaction) -> None:
            row = self._find(transaction, package, hold=True)
            if row is None or row["removed_ms"] is not None:
                return
            spans = merged(_spans(row), span)
            taken = row["taken_ms"]
            if taken is None and Fetching(row["size_bytes"], 0, 0, spans=spans).whole():
                taken = self._now_ms()
            self._change(
                transaction, package, spans=json.dumps(spans), sent_bytes=row["sent_bytes"] + span[1] - span[0],
                taken_ms=taken,
            )  # fmt: skip

        await self._store.run(record)

    # ---- their end

    async def sweep(self) -> int:
        """Remove the packages whose time is over, with their passwords; return how many."""
        now_ms = self._now_ms()
        due = await self._store.read(lambda reading: self._outlived(reading, now_ms))
        for row in due:
            for ref in (row["package"], row["password"]):
                await asyncio.to_thread(self._vault.remove, ref)
            await self._store.run(partial(self._change, package=row["package"], removed_ms=now_ms))
        return len(due)

    async def keep_swept(self, stopping: asyncio.Event) -> None:
        """Remove what is over, every few minutes, until told to stop."""
        while not stopping.is_set():
            try:
                while count := await self.sweep():
                    _log.info("packages removed", count=count)
            except (StoreFault, Conflict) as fault:
                _log.warning("packages wait for the store", fault=type(fault).__name__)
            await either(SWEEP_SECONDS, stopping)

    def _outlived(self, reading: Transaction, now_ms: int) -> list[RowMapping]:
        query = select(PACKAGES).where(PACKAGES.c.removed_ms.is_(None)).order_by(PACKAGES.c.expires_ms)
        over: list[RowMapping] = []
        for row in reading.execute(query).mappings():
            if fetching_of(row).outlived(now_ms):
                over.append(row)
                if len(over) == SWEEP_ROWS_MAX:
                    break
        return over

    # ---- rows

    def _find(self, transaction: Transaction, package: str, *, hold: bool = False) -> RowMapping | None:
        query = select(PACKAGES).where(PACKAGES.c.package == package)
        return transaction.execute(query.with_for_update() if hold else query).mappings().first()

    def _row(self, transaction: Transaction, package: str) -> RowMapping:
        return transaction.execute(select(PACKAGES).where(PACKAGES.c.package == package)).mappings().one()

    def _change(self, transaction: Transaction, package: str, **values: Any) -> None:
        transaction.execute(update(PACKAGES).where(PACKAGES.c.package == package).values(**values))

    def _now_ms(self, later: timedelta = timedelta()) -> int:
        return int((self._clock.now() + later).timestamp() * 1000)


_OPENS: Final = frozenset({Standing.ANNOUNCED, Standing.OPEN})


def fetching_of(row: RowMapping) -> Fetching:
    """Return how far the package of a row is."""
    return Fetching(
        size_bytes=row["size_bytes"], expires_ms=row["expires_ms"], window_ms=row["window_ms"],
        opened_ms=row["opened_ms"], taken_ms=row["taken_ms"], removed_ms=row["removed_ms"],
        sent_bytes=row["sent_bytes"], spans=_spans(row),
    )  # fmt: skip


def _spans(row: RowMapping) -> tuple[Span, ...]:
    return tuple((int(start), int(end)) for start, end in json.loads(row["spans"]))


async def _following(first: bytes | None, chunks: Iterator[bytes], count: int) -> AsyncIterator[bytes]:
    chunk = first
    while chunk is not None and count > 0:
        yield chunk[:count]
        count -= len(chunk)
        chunk = await asyncio.to_thread(next, chunks, None)
