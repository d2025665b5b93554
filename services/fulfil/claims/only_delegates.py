"""A controller that keeps nothing itself: what is asked for is asked of its processors and vendors alone."""

from __future__ import annotations

from typing import Final

from schemas.rights import Outcome, Right
from services.fulfil.claims.outcome import Asked, Done, ForHuman, Result
from services.runtime.settings import ControllerSettings

COPIES: Final = frozenset({Right.ACCESS, Right.PORTABILITY})
"""Without a system there is no copy to send; a human gathers what the delegates hold."""


def can(entry: ControllerSettings, right: Right) -> bool:
    """Tell whether this right is carried out by asking alone."""
    return right not in COPIES and bool(entry.delegates_for(right))


def asking(asked: Asked) -> Result:
    """Do nothing here; what cannot be undone is approved before anybody is asked (Art. 17 GDPR)."""
    names = list(asked.entry.delegates_for(asked.event.right))
    if asked.event.right is Right.ERASURE and not asked.approved:
        return ForHuman("approve_erasure", {"tables": [], "recipients": [], "notes": [], "delegates": names})
    return Done(Outcome.FULFILLED, facts={"receipts": names})
