"""Replacing the master key, so that stopping anywhere loses nothing and starting again goes on.

1. The new key is made durable where the old one is (`<file>.next`), or both come from the environment.
2. The key store says, in one transaction: new keys use the new one, the old one is still accepted.
3. Every wrapped key is unwrapped and wrapped anew, a page a transaction. A process that meets a key wrapped by a
   master key it does not know reads its source again.
4. The last transaction finds nothing left to wrap and ends the acceptance of the old key.
5. The new key takes the old one's place; the old file's bytes are overwritten.
"""

from __future__ import annotations

from services.runtime.vault.keystore import KeyStore


def rotate(keys: KeyStore) -> int:
    """Replace the master key; return how many keys were wrapped anew."""
    keys.begin_rotation(keys.masters.stage())
    return finish_rotation(keys)


def finish_rotation(keys: KeyStore) -> int:
    """Wrap what is left with the key in force and let the old one go; return how many keys were wrapped anew."""
    wrapped = 0
    while page := keys.rewrap_page():
        wrapped += page
    keys.masters.settle(keys.current_master())
    keys.database.scrub()
    return wrapped
