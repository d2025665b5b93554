"""Whether a taught phrase may stay: nothing known may be read worse with it than without it.

What is known are labelled messages: those habeas ships with, and those an officer decided. A phrase that mends the
message it was taught for and spoils another is refused, with the spoiled messages named.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from services.router.core.reading.rights import Right, Tier
from services.router.core.reading.verdict import Reading


@dataclass(frozen=True, slots=True)
class Known:
    """A message whose rights are known: `rights` must be read, `optional` may be."""

    text: str
    rights: frozenset[Right]
    optional: frozenset[Right] = frozenset()
    language: str | None = None
    origin: str = "shipped"


@dataclass(frozen=True, slots=True)
class Difference:
    """A known message that is read otherwise with a phrase than without it."""

    known: Known
    before: frozenset[Right]
    after: frozenset[Right]

    @property
    def is_worse(self) -> bool:
        """Tell whether more is wrong after than before."""
        return _wrong(self.known, self.after) > _wrong(self.known, self.before)


def differences(
    known: Iterable[Known], before: Callable[[Known], Reading], after: Callable[[Known], Reading]
) -> list[Difference]:
    """Return the known messages that two readers read differently."""
    found = []
    for message in known:
        first, second = settled(before(message)), settled(after(message))
        if first != second:
            found.append(Difference(message, first, second))
    return found


def settled(reading: Reading) -> frozenset[Right]:
    """Return the rights that a reading would act or ask on."""
    return frozenset(
        claim.right for claim in reading.claims if not claim.negated and claim.tier in (Tier.ACT, Tier.ASK)
    )


def misread(known: Iterable[Known], read: Callable[[Known], Reading]) -> list[Difference]:
    """Return the known messages that are read wrong."""
    found = []
    for message in known:
        rights = settled(read(message))
        if _wrong(message, rights):
            found.append(Difference(message, message.rights, rights))
    return found


def _wrong(known: Known, rights: frozenset[Right]) -> int:
    return len(known.rights - rights) + len(rights - known.rights - known.optional)
