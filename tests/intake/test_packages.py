"""Packages are counted right on both databases, whoever fetches at once and whatever is repeated."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from services.intake.core.fetching import Standing
from services.intake.links import PackageLink
from services.intake.packages import Packages, UsedUp
from services.runtime.clock import Clock
from services.runtime.settings import Settings
from services.runtime.store import Database
from services.runtime.vault import Vault, open_vault

MORNING = datetime(2027, 3, 2, 9, tzinfo=UTC)
CONTENT = bytes(range(256)) * 9_000
PACKAGE = "vault:5a0e1c1e-0000-4000-8000-00000000000a"
PASSWORD = "vault:5a0e1c1e-0000-4000-8000-00000000000b"
FACTS = {"package": PACKAGE, "package_password": PASSWORD}
LINK = PackageLink("axigen", "case", PACKAGE, MORNING)


class HandClock(Clock):
    moment = MORNING

    def now(self) -> datetime:
        return self.moment


@pytest.fixture
def vault(database: Database, tmp_path: Path) -> Iterator[Vault]:
    opened = open_vault(tmp_path, database.store("intake").begin, keys_url=f"sqlite:///{tmp_path / 'keys.db'}").vault
    with opened.writer("p1", "package", ref=PACKAGE) as writer:
        writer.write(CONTENT)
        with database.begin("fulfil") as tx:
            opened.seal(tx, "p1", "package_password", b"abcde-fghjk", ref=PASSWORD)
            writer.finish(tx)
    yield opened
    opened.close()


@pytest.fixture
def packages(database: Database, vault: Vault) -> Packages:
    return Packages(database.store("intake"), vault, HandClock(), Settings())


async def take(packages: Packages, start: int, end: int) -> bytes:
    content = b"".join([chunk async for chunk in await packages.fetch(PACKAGE, (start, end))])
    await packages.fetched(PACKAGE, (start, end))
    return content


def test_pieces_that_are_fetched_at_once_are_all_counted(packages: Packages) -> None:
    async def walk() -> None:
        await packages.announce("axigen", "case", FACTS)
        assert (await packages.open(LINK)).password == "abcde-fghjk"
        assert await packages.size(PACKAGE, knows_tag=False) == len(CONTENT)
        cuts = [*range(0, len(CONTENT), 300_000), len(CONTENT)]
        pieces = pairwise(cuts)
        found = await asyncio.gather(*(take(packages, start, end) for start, end in pieces))
        assert b"".join(found) == CONTENT
        assert await packages.standing(LINK) is Standing.FINISHING
        with pytest.raises(UsedUp):
            await packages.size(PACKAGE, knows_tag=False)
        with pytest.raises(UsedUp):
            await packages.open(LINK)

    asyncio.run(walk())


def test_a_letter_that_is_sent_anew_gives_the_whole_time_until_somebody_pressed(packages: Packages) -> None:
    async def walk() -> None:
        first = await packages.announce("axigen", "case", FACTS)
        assert first.attached is None
        HandClock.moment = MORNING + timedelta(days=3)
        again = await packages.announce("axigen", "case", FACTS)
        assert again.expires - first.expires == timedelta(days=3)
        await packages.open(LINK)
        HandClock.moment = MORNING + timedelta(days=3, hours=2)
        assert (await packages.announce("axigen", "case", FACTS)).expires == again.expires

    try:
        asyncio.run(walk())
    finally:
        HandClock.moment = MORNING


def test_what_was_removed_is_announced_no_more(packages: Packages, vault: Vault, database: Database) -> None:
    async def walk() -> None:
        await packages.announce("axigen", "case", FACTS)
        HandClock.moment = MORNING + timedelta(days=14)
        assert await packages.sweep() == 1
        assert await packages.sweep() == 0
        with pytest.raises(UsedUp):
            await packages.announce("axigen", "case", FACTS)
        with pytest.raises(UsedUp):
            await packages.announce("axigen", "case", {**FACTS, "package": PACKAGE[:-1] + "f"})

    try:
        asyncio.run(walk())
    finally:
        HandClock.moment = MORNING
    with database.begin("intake") as tx:
        assert not vault.holds(tx, PACKAGE)
        assert not vault.holds(tx, PASSWORD)
