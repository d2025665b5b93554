"""The router's door for auditors: checkpoints over its case events."""

from __future__ import annotations

from collections.abc import Callable

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.router.tables import CASE_EVENTS
from services.runtime.audit.ledger import Ledger


def ledger(key_of: Callable[[str], Ed25519PrivateKey]) -> Ledger:
    """Return the ledger over the router's case events; `key_of` gives the key that signs for a controller."""
    return Ledger(CASE_EVENTS, key_of)
