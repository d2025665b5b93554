"""What may be a claim, before claims are merged and put into tiers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from services.router.core.reading.rights import Right, State

TAUGHT: Final = "taught phrase"
"""How the reason begins of what an officer's phrase found."""
EXERCISED: Final = 'rule "exercise the right to'
"""How the reason begins of what a writer says they use by its name in law."""

ERASE_NOTHING: Final = 'rule "erase nothing"'
"""The reason of a denied erasure that names no data: "please delete nothing"."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A claim before merging: words `first` to `after`, how they stand, and what found them."""

    right: Right
    score: float
    first: int
    after: int
    state: State
    requested: bool
    reason: str
    weak: bool = False
