"""A case as the figures need it: which claims are open, until when, and how long the others took."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from schemas.events import CaseSnapshot
from schemas.values import ClaimState

COMPLETED: Final = "completed"
OPEN: Final = "open"


@dataclass(frozen=True, slots=True)
class ClaimEntry:
    """One claim; moments are whole seconds since 1970, which take less room than moments with a zone."""

    right: str
    received: int
    due: int
    completed: int | None = None
    paused: bool = False
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class CaseEntry:
    """The latest known state of a case. A case that was joined into another one has no claims of its own here."""

    controller: str
    revision: int
    state: str
    claims: tuple[ClaimEntry, ...] = ()

    @property
    def open(self) -> bool:
        """Whether somebody still waits."""
        return self.state == OPEN

    @property
    def settled(self) -> int | None:
        """Return when the last claim was completed, for a case where nobody waits any more."""
        if self.open:
            return None
        return max((claim.completed or 0 for claim in self.claims), default=0)


def entry_of(snapshot: CaseSnapshot) -> CaseEntry:
    """Return what the figures need of a snapshot."""
    if snapshot.state not in {OPEN, COMPLETED}:
        return CaseEntry(snapshot.controller, snapshot.revision, snapshot.state)
    claims = tuple(_claim(claim) for claim in snapshot.claims if not _dropped(claim))
    return CaseEntry(snapshot.controller, snapshot.revision, snapshot.state, claims)


def newer(known: CaseEntry | None, told: CaseEntry) -> bool:
    """Tell whether this is news; a snapshot read again, or one that was overtaken, is not."""
    return known is None or told.revision > known.revision


def to_json(entry: CaseEntry) -> dict[str, Any]:
    """Return the entry as a table keeps it."""
    claims = [[one.right, one.received, one.due, one.completed, one.paused, one.outcome] for one in entry.claims]
    return {"controller": entry.controller, "revision": entry.revision, "state": entry.state, "claims": claims}


def from_json(kept: Mapping[str, Any]) -> CaseEntry:
    """Return the entry that a table kept."""
    claims = tuple(ClaimEntry(*claim) for claim in kept["claims"])
    return CaseEntry(kept["controller"], kept["revision"], kept["state"], claims)


def _claim(claim: ClaimState) -> ClaimEntry:
    completed = claim.completed if claim.state == COMPLETED else None
    return ClaimEntry(
        right=claim.right.value,
        received=seconds(claim.received),
        due=seconds(claim.due),
        completed=None if completed is None else seconds(completed),
        paused=claim.paused,
        outcome=claim.outcome.value if claim.outcome and completed else "",
    )


def _dropped(claim: ClaimState) -> bool:
    """Tell whether an officer found that nothing was claimed: then nobody waits, and nothing was completed."""
    return claim.state == COMPLETED and claim.outcome is None


def seconds(moment: datetime) -> int:
    """Return a moment as whole seconds since 1970."""
    return int(moment.timestamp())
