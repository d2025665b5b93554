"""Something that only the person and the controller's systems know: an order's or a customer's number, as a keyed hash.

What a person types is hashed before it leaves the door, and what a system holds is hashed where it is read: the number
itself is on no topic, and two hashes are equal only for one check of one person.
"""

from __future__ import annotations

from typing import Final

from services.runtime.vault import Vault

GIVEN_CHARACTERS_MAX: Final = 100


def plain_number(written: object) -> str:
    """Return a number as it is compared: letters and digits only, small, and without zeros before it (#0010, 10)."""
    plain = "".join(filter(str.isalnum, str(written)[:GIVEN_CHARACTERS_MAX])).casefold()
    return plain.lstrip("0") if plain.isdigit() else plain


def factor_digest(vault: Vault, check_id: str, written: object) -> str:
    """Return the keyed hash of a number for one identity check; nothing for what holds no letter and no digit."""
    plain = plain_number(written)
    return vault.keyed_hash("identity factor", check_id, plain) if plain else ""
