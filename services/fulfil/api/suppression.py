"""The door to the addresses that are never written to again: what a mailing asks before it goes out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from services.fulfil import suppression
from services.fulfil.tables import SERVICE
from services.runtime.beside import vault_beside
from services.runtime.clock import Clock
from services.runtime.settings import Settings
from services.runtime.store import Store
from services.runtime.vault import Vault

ADDRESS_CHARACTERS_MAX = 320


class SuppressionFault(Exception):
    """What was asked cannot be answered; the message says why, and never repeats an address."""


@dataclass(frozen=True, slots=True)
class Suppressions:
    """One controller's entries."""

    store: Store
    vault: Vault
    clock: Clock
    controller: str

    def lists(self, address: str) -> tuple[str, ...]:
        """Return the lists on which this address must not be written to; `*` is every one."""
        with self.store.begin() as transaction:
            return suppression.suppressed(transaction, self.vault, self.controller, _address(address))

    def add(self, address: str, lists: Sequence[str]) -> bool:
        """Keep an entry that somebody's older list already holds; return whether it is new."""
        with self.store.begin() as transaction:
            new = suppression.suppress(
                transaction, self.vault, self.controller, [_address(address)], list(lists) or [suppression.EVERY_LIST],
                "imported", self.clock.now(),
            )  # fmt: skip
        return new > 0


def _address(given: str) -> str:
    address = given.strip()
    local, at, domain = address.rpartition("@")
    if not (local and at and domain) or len(address) > ADDRESS_CHARACTERS_MAX or any(c.isspace() for c in address):
        raise SuppressionFault("this is no email address; give one, such as ann@example.org")
    return address


@contextmanager
def suppressions(settings: Settings, controller: str) -> Iterator[Suppressions]:
    """Open the entries of a controller; services may be running beside it."""
    if controller not in settings.controllers:
        raise SuppressionFault(f"no controller {controller[:64]}; the settings have: {', '.join(settings.controllers)}")
    with vault_beside(settings, SERVICE, SuppressionFault) as (database, vault):
        yield Suppressions(database.store(SERVICE), vault, Clock(), controller)
