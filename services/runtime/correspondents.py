"""The opaque name of whoever writes: the same for intake's mail and for a letter that an officer takes in.

It is hashed with the person's own key, so that it leads nowhere once the person is forgotten.
"""

from __future__ import annotations

from typing import Final

from schemas.rights import Channel
from services.runtime.vault import Vault

ID_CHARACTERS: Final = 32
ADDRESS: Final = "address"
"""The purpose under which the vault looks a person up by a controller and an address."""


def correspondent(vault: Vault, controller: str, channel: Channel, address: str, person: str) -> str:
    """Return the opaque name that orders this address's, or chat session's, messages on the bus."""
    return vault.keyed_hash("correspondent", controller, channel.value, address, person=person)[:ID_CHARACTERS]
