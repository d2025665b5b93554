"""Addresses that are never written to again: kept as keyed hashes, which say yes or no to an address and tell nothing.

The key is the controller's own and does not die with a person's, because the wish outlives the case (Art. 21(3) GDPR).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import select

from services.fulfil.core.handlers import suppression_entry
from services.fulfil.tables import SUPPRESSED
from services.runtime.store import Transaction
from services.runtime.store.transaction import insert_once
from services.runtime.vault import Vault

EVERY_LIST: Final = "*"
LIST_CHARACTERS_MAX: Final = 128
COLUMNS: Final = ("controller", "entry", "list")


def suppress(
    transaction: Transaction, vault: Vault, controller: str, addresses: Iterable[str], lists: Sequence[str],
    claim_id: str, since: datetime,
) -> int:  # fmt: skip
    """Keep an entry for each address and list; return how many were new."""
    new = 0
    for address in addresses:
        entry = suppression_entry(address, _key(vault, controller))
        for name in lists:
            row = {
                "controller": controller, "entry": entry, "list": name[:LIST_CHARACTERS_MAX], "claim_id": claim_id,
                "since_ms": int(since.timestamp() * 1000),
            }  # fmt: skip
            new += transaction.execute(insert_once(transaction, SUPPRESSED, COLUMNS), row).rowcount
    return new


def suppressed(transaction: Transaction, vault: Vault, controller: str, address: str) -> tuple[str, ...]:
    """Return the lists on which an address must not be written to; `*` is every one."""
    entry = suppression_entry(address, _key(vault, controller))
    query = select(SUPPRESSED.c.list).where(SUPPRESSED.c.controller == controller, SUPPRESSED.c.entry == entry)
    return tuple(sorted(transaction.execute(query).scalars()))


def _key(vault: Vault, controller: str) -> bytes:
    return vault.subkey(f"suppression {controller}")
