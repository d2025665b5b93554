"""Packing: what a handler laid into its folder becomes a package in the vault, as a stream.

The person's package is encrypted with a password of its own. Both lie in the vault under the person's key, and go from
it together when the package's time is over: then only the person can open their archive.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final
from uuid import UUID, uuid5

from schemas.events import ClaimRouted
from services.fulfil.api.engineer import load_maps
from services.fulfil.archive import archive
from services.fulfil.claims.outcome import Done
from services.fulfil.core.maps.model import TableName
from services.fulfil.readable import Cover, Statement
from services.runtime.settings import ControllerSettings
from services.runtime.store import Store
from services.runtime.vault import Vault

NAMESPACE: Final = UUID("c4d7e5a0-55a4-5c1e-8f6e-2b9b0c1a7e10")
PACKAGE: Final = "package"
PASSWORD: Final = "package_password"  # noqa: S105 - the name of a fact, not a password
LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without those that people take for one another: i, l and 1, o and 0."""
GROUPS: Final = 5
GROUP_CHARACTERS: Final = 5


@dataclass(frozen=True, slots=True)
class Packed:
    """A package in the vault, and its password's place there."""

    package: str
    password: str

    def facts(self) -> dict[str, str]:
        """Return what the letter needs to know of it."""
        return {PACKAGE: self.package, PASSWORD: self.password}


@dataclass(frozen=True, slots=True)
class PackedInClear:
    """A package for another controller, who is sent it over an encrypted way."""

    package: str
    size_bytes: int
    digest: str


class Packer:
    """Makes packages."""

    def __init__(self, store: Store, vault: Vault) -> None:
        self._store = store
        self._vault = vault

    def pack(self, event: ClaimRouted, entry: ControllerSettings, folder: Path, done: Done, now: datetime) -> Packed:
        """Stream the archive into the vault: never whole in memory, never in clear outside this folder."""
        packed = packed_of(event)
        with self._store.begin() as transaction:
            if self._vault.holds(transaction, packed.package):
                return packed
        password = new_password()
        parts = archive(folder, cover_of(event, entry, done, now), counts_of(done), password)
        with self._vault.writer(event.person, PACKAGE, ref=packed.package) as writer:
            for part in parts:
                writer.write(part)
            with self._store.begin() as transaction:
                self._vault.seal(transaction, event.person, PASSWORD, password.encode(), ref=packed.password)
                writer.finish(transaction)
        return packed

    def pack_in_clear(
        self, event: ClaimRouted, entry: ControllerSettings, folder: Path, done: Done, now: datetime
    ) -> PackedInClear:
        """Stream the archive into the vault for another controller, and return its hash, which they confirm."""
        package = _ref(event, "transfer")
        digest, size_bytes = hashlib.sha256(), 0
        # What an earlier try left is made anew: its hash is not known any more, and nobody was sent it.
        self._vault.remove(package)
        with self._vault.writer(event.person, "transfer", ref=package) as writer:
            for part in archive(folder, cover_of(event, entry, done, now), counts_of(done), None):
                writer.write(part)
                digest.update(part)
                size_bytes += len(part)
            with self._store.begin() as transaction:
                writer.finish(transaction)
        return PackedInClear(package, size_bytes, digest.hexdigest())

    def drop(self, event: ClaimRouted) -> None:
        """Remove what was packed for a claim that was taken back before its person was told."""
        packed = packed_of(event)
        for ref in (packed.package, packed.password, _ref(event, "transfer")):
            self._vault.remove(ref)


def packed_of(event: ClaimRouted) -> Packed:
    """Return where a claim's package and its password are, once they are made."""
    return Packed(_ref(event, "package"), _ref(event, "password"))


def counts_of(done: Done) -> Mapping[TableName, int]:
    """Return how many rows of each table were handed out."""
    return {each.table: each.count for each in done.did}


def cover_of(event: ClaimRouted, entry: ControllerSettings, done: Done, now: datetime) -> Cover:
    """Return what the package's page says beside the data."""
    return Cover(
        controller=entry.name or event.controller.capitalize(), made=now, language=event.language,
        maps=load_maps([system.map for system in entry.systems.values()])[0],
        withheld={each.table: each.withheld for each in done.did},
        statements=[Statement(quote, event.policy_language) for quote in event.policy_says],
        authority=event.authority,
    )  # fmt: skip


def new_password() -> str:
    """Return a password that can be read out and typed: 123 bits, which makes guessing hopeless whatever the format."""
    groups = ("".join(secrets.choice(LETTERS) for _ in range(GROUP_CHARACTERS)) for _ in range(GROUPS))
    return "-".join(groups)


def _ref(event: ClaimRouted, what: str) -> str:
    return f"vault:{uuid5(NAMESPACE, f'{what}|{event.claim_id}|{event.attempt}')}"
