"""Who wrote: names for the persons behind addresses, found together for all who write at the same moment.

A person seen for the first time gets a key, and a key must be on the disk before anything is sealed with it. Ten people
who write while the disk is busy wait for it once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from schemas.rights import Channel
from services.runtime.correspondents import ADDRESS, correspondent
from services.runtime.vault import Vault

TOGETHER_MAX: Final = 64


@dataclass(frozen=True, slots=True)
class Names:
    """The opaque names of who wrote: none of them tells an address without the vault's key."""

    correspondent: str
    person: str


@dataclass(frozen=True, slots=True)
class Writer:
    """Somebody who wrote, as the door knows them."""

    controller: str
    channel: Channel
    address: str


class Recognising:
    """Finds names, a few at a time."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._waiting: list[tuple[Writer, asyncio.Future[Names]]] = []
        self._working: asyncio.Task[None] | None = None

    async def names(self, writer: Writer) -> Names:
        """Return the names of whoever writes, once their key is durable."""
        found: asyncio.Future[Names] = asyncio.get_running_loop().create_future()
        self._waiting.append((writer, found))
        if self._working is None or self._working.done():
            self._working = asyncio.create_task(self._name_who_waits(), name="recognising")
        return await found

    async def _name_who_waits(self) -> None:
        while self._waiting:
            taken, self._waiting = self._waiting[:TOGETHER_MAX], self._waiting[TOGETHER_MAX:]
            await self._name(taken)

    async def _name(self, taken: Sequence[tuple[Writer, asyncio.Future[Names]]]) -> None:
        """Name them together; when that fails, each alone, so that one cannot spoil the others' turn."""
        try:
            named = await asyncio.to_thread(self._found, [writer for writer, _ in taken])
        except Exception as fault:  # noqa: BLE001 - whoever waits learns of it, and the sender keeps the mail
            if len(taken) == 1:
                if not taken[0][1].done():
                    taken[0][1].set_exception(fault)
                return
            for one in taken:
                await self._name([one])
            return
        for (_, found), names in zip(taken, named, strict=True):
            if not found.done():
                found.set_result(names)

    def _found(self, writers: Sequence[Writer]) -> list[Names]:
        vault = self._vault
        persons = vault.recognise_all(ADDRESS, [(writer.controller, writer.address) for writer in writers])
        return [
            Names(correspondent(vault, writer.controller, writer.channel, writer.address, person), person)
            for writer, person in zip(writers, persons, strict=True)
        ]
