"""Something that only the person and the controller's systems know: an order's or a customer's number, as a keyed hash.

What a person types is hashed before it leaves the door, and what a system holds is hashed where it is read: the number
itself is on no topic, and two hashes are equal only for one check of one person.
"""

from __future__ import annotations

from typing import Final

from services.runtime.vault import Vault

GIVEN_CHARACTERS_MAX: Final = 100
NUMBER_CHARACTERS_MIN: Final = 6
"""Shorter numbers prove nothing: shops count their orders up, so five attempts find one of four digits too easily."""


def plain_number(written: object) -> str:
    """Return a number as it is compared: letters and digits only, small, and without zeros before it (#0010, 10)."""
    plain = "".join(filter(str.isalnum, str(written)[:GIVEN_CHARACTERS_MAX])).casefold()
    return plain.lstrip("0") if plain.isdigit() else plain


def long_enough(written: object) -> bool:
    """Tell whether a number is too long to be guessed: by its own letters and digits, whoever's it is."""
    return len(plain_number(written)) >= NUMBER_CHARACTERS_MIN


def factor_digest(vault: Vault, check_id: str, written: object) -> str:
    """Return the keyed hash of a number for one identity check; nothing for a number that could be guessed."""
    plain = plain_number(written)
    return vault.keyed_hash("identity factor", check_id, plain) if len(plain) >= NUMBER_CHARACTERS_MIN else ""
