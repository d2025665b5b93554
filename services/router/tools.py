"""What every turn of the router is made with: the vault, what is known, the readers; and how ids derive."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Final
from uuid import UUID

from schemas.ids import derived_text
from schemas.rights import Right
from services.router.tables import SERVICE
from services.router.terms import Knowledge
from services.runtime.clock import Clock
from services.runtime.vault import Vault

if TYPE_CHECKING:
    from services.router.core.policy.answers.answer import Answer
    from services.router.reading import Banks, Reader

SOURCE: Final = f"/habeas/{SERVICE}"
NAMESPACE: Final = UUID("8e2f7c2a-3f0e-5b8e-9a52-3c9a0a4f2d51")

Answering = Callable[[str, str, date, str], "Answer | None"]
"""A controller, a question, a day and a language: the answer; None where the controller has no policy."""


@dataclass(frozen=True, slots=True)
class Tools:
    """What a turn needs besides its transaction."""

    vault: Vault
    knowledge: Knowledge
    reading: Callable[[], Reader]
    """The reader, made when the first message is read: an officer's command reads none."""
    answering: Answering
    clock: Clock
    handled: frozenset[Right]
    code_digits: int = 8

    @property
    def reader(self) -> Reader:
        """Return what reads messages."""
        return self.reading()

    @property
    def banks(self) -> Banks:
        """Return the phrase banks that no officer taught."""
        return self.reader.banks

    def decided_at(self, received: datetime) -> datetime:
        """Return when we decide: after an outage that is later than the receipt, and what we ask is asked only now."""
        return max(self.clock.now(), received)


def derived(*parts: str) -> str:
    """Return an id made of its cause: doing anything twice gives the same id."""
    return derived_text(NAMESPACE, "|".join(parts))
