"""What can go wrong with the vault, by name; no message holds content, a key or an address."""

from __future__ import annotations

from services.runtime.store.errors import StoreFault


class VaultFault(Exception):
    """Anything the vault refuses or cannot do."""


class Missing(VaultFault):
    """The vault holds nothing under this reference."""


class Forgotten(VaultFault):
    """The person's key was destroyed: nothing of theirs can be opened or sealed any more."""


class Tampered(VaultFault):
    """What is stored is not what was sealed: changed, cut short, reordered, or moved under another reference."""


class AlreadySealed(VaultFault):
    """The reference is taken by other content; a reference names one content for ever."""


class MasterKeyFault(VaultFault):
    """The master key is absent, unreadable, open to others, or another one than the key store was made with."""


class KeyStoreFault(VaultFault, StoreFault):
    """The key store is absent, damaged, of a newer release, or belongs to another database: no event is at fault."""


class KeyStoreFull(KeyStoreFault):
    """There is no room for another key now."""


class DatabaseLost(KeyStoreFault):
    """The key store knows people, and the database knows nothing of it."""

    def __init__(self, keys: str) -> None:
        super().__init__(
            "the database is empty, and the key store holds keys of people whose cases were in it: it was lost or "
            "moved. Restore its latest backup and start again; the keys open it. To begin anew without them, put the "
            f"key store {keys} away too. No key was touched"
        )
