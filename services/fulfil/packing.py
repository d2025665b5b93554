"""Packing: what a handler laid into its folder becomes a package in the vault, as a stream.

The person's package is encrypted with a password of its own. Both lie in the vault under the person's key, and go from
it together when the package's time is over: then only the person can open their archive.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID, uuid5

from services.fulfil.archive import archive
from services.fulfil.claims.outcome import Asked, Done
from services.fulfil.core.maps.model import TableName
from services.fulfil.readable import Cover, Statement
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

    def pack(self, asked: Asked, done: Done) -> Packed:
        """Stream the archive into the vault: never whole in memory, never in clear outside the claim's folder."""
        event = asked.event
        package, password_ref, _ = refs_of(event.claim_id, event.attempt)
        packed = Packed(package, password_ref)
        with self._store.begin() as transaction:
            if self._vault.holds(transaction, package):
                return packed
        password = new_password()
        mailed = asked.entry.packages.mail_bytes_max > 0
        parts = archive(asked.folder, cover_of(asked, done), counts_of(done), password, numbered=mailed)
        with self._vault.writer(event.person, PACKAGE, ref=package) as writer:
            for part in parts:
                writer.write(part)
            with self._store.begin() as transaction:
                self._vault.seal(transaction, event.person, PASSWORD, password.encode(), ref=password_ref)
                writer.finish(transaction)
        return packed

    def pack_in_clear(self, asked: Asked, done: Done) -> PackedInClear:
        """Stream the archive into the vault for another controller, and return its hash, which they confirm."""
        event = asked.event
        package = refs_of(event.claim_id, event.attempt)[2]
        digest, size_bytes = hashlib.sha256(), 0
        # What an earlier try left is made anew: its hash is not known any more, and nobody was sent it.
        self._vault.remove(package)
        # Who it is about: the other controller must find the same person among its own (Art. 20(2) GDPR).
        person = {kind: list(values) for kind, values in asked.subject.identities.items()}
        about = {"from": event.controller, "to": done.transfer, "person": person}
        parts = archive(asked.folder, cover_of(asked, done), counts_of(done), None, about=about)
        with self._vault.writer(event.person, "transfer", ref=package) as writer:
            for part in parts:
                writer.write(part)
                digest.update(part)
                size_bytes += len(part)
            with self._store.begin() as transaction:
                writer.finish(transaction)
        return PackedInClear(package, size_bytes, digest.hexdigest())


def refs_of(claim_id: str, attempt: int) -> tuple[str, str, str]:
    """Return where a claim's package, its password and its package for another controller are, if they are made."""
    package, password, clear = (
        f"vault:{uuid5(NAMESPACE, f'{what}|{claim_id}|{attempt}')}" for what in ("package", "password", "transfer")
    )
    return package, password, clear


def counts_of(done: Done) -> Mapping[TableName, int]:
    """Return how many rows of each table were handed out."""
    return {each.table: each.count for each in done.did}


def cover_of(asked: Asked, done: Done) -> Cover:
    """Return what the package's page says beside the data."""
    event = asked.event
    return Cover(
        controller=asked.entry.name or event.controller.capitalize(), made=asked.now, language=event.language,
        maps=asked.maps(),
        withheld={each.table: each.withheld for each in done.did},
        statements=[Statement(quote, event.policy_language) for quote in event.policy_says],
        authority=event.authority,
    )  # fmt: skip


def new_password() -> str:
    """Return a password that can be read out and typed: 123 bits, which makes guessing hopeless whatever the format."""
    groups = ("".join(secrets.choice(LETTERS) for _ in range(GROUP_CHARACTERS)) for _ in range(GROUPS))
    return "-".join(groups)
