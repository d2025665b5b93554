"""The one transition table of a claim: from where, by which event, to where. What is not listed cannot happen.

`decide` may only say an event that the table lists for the claim's stage, `evolve` takes the next stage from it, and
`docs/cases.md` is drawn from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from services.router.core.cases import events as e
from services.router.core.cases.values import Stage

S = Stage

_ENDS: Final[dict[type[e.CaseEvent], Stage]] = {
    e.ClaimFulfilled: S.ANSWERING,
    e.ClaimRefused: S.ANSWERING,
    e.ClaimWithdrawn: S.ANSWERING,
    e.ClaimTransferred: S.ANSWERING,
    e.ClaimNotIdentified: S.ANSWERING,
    e.ClaimDropped: S.COMPLETED,
}
_GOES_ON: Final[dict[type[e.CaseEvent], Stage]] = {
    e.ClaimRouted: S.ROUTED,
    e.ClaimQueued: S.WAITING_TURN,
    e.TaskOpened: S.AWAITING_HUMAN,
}
_ASKS: Final[tuple[type[e.CaseEvent], ...]] = (e.IdentityRequested, e.ClarificationRequested)
_CLOCK: Final[tuple[type[e.CaseEvent], ...]] = (
    e.DeadlineSet, e.DeadlinePaused, e.DeadlineResumed, e.PauseLapsed, e.AskingLapsed, e.ExtensionDecided,
    e.DeadlineExtended, e.ExtensionLapsed, e.DeadlineApproaching, e.DeadlineMissed, e.DeadlineMet, e.AwarenessRecorded,
    e.HistoryRecorded, e.TaskCompleted, e.AcknowledgementDue, e.Acknowledged, e.AcknowledgementMissed,
    e.ActReapplied,
)  # fmt: skip


def _stay(stage: Stage, *more: type[e.CaseEvent]) -> dict[type[e.CaseEvent], Stage]:
    """Return the events that change something about an open claim but not where it stands."""
    return dict.fromkeys((*_CLOCK, *more), stage)


TABLE: Final[Mapping[Stage, Mapping[type[e.CaseEvent], Stage]]] = {
    S.RECEIVED: {
        **_stay(S.RECEIVED, e.StepSkipped),
        **dict.fromkeys(_ASKS, S.AWAITING_PERSON),
        **_GOES_ON,
        **_ENDS,
    },
    S.AWAITING_PERSON: {
        **_stay(S.AWAITING_PERSON, *_ASKS, e.StepSkipped),
        **_GOES_ON,
        **_ENDS,
    },
    S.WAITING_TURN: {
        **_stay(S.WAITING_TURN, e.StepSkipped),
        **dict.fromkeys(_ASKS, S.AWAITING_PERSON),
        **_GOES_ON,
        **_ENDS,
    },
    S.ROUTED: {
        **_stay(S.ROUTED, e.StepSkipped, e.ClarificationRequested),
        e.ClaimRouted: S.ROUTED,
        e.ClaimParked: S.PARKED,
        e.TaskOpened: S.AWAITING_HUMAN,
        **_ENDS,
    },
    S.AWAITING_HUMAN: {
        **_stay(S.AWAITING_HUMAN, *_ASKS, e.TaskOpened, e.ClaimApproved, e.StepSkipped),
        e.ClaimRouted: S.ROUTED,
        e.ClaimQueued: S.WAITING_TURN,
        e.ClaimResumed: S.ROUTED,
        e.ClaimParked: S.PARKED,
        e.ClaimCompleted: S.COMPLETED,
        **_ENDS,
    },
    S.PARKED: {
        **_stay(S.PARKED, e.StepSkipped, e.ClarificationRequested, e.ClaimParked),
        e.ClaimRouted: S.ROUTED,
        e.TaskOpened: S.AWAITING_HUMAN,
        **_ENDS,
    },
    S.ANSWERING: {
        **_stay(S.ANSWERING),
        e.ClaimCompleted: S.COMPLETED,
        e.ClaimRouted: S.ROUTED,
        e.ClaimQueued: S.WAITING_TURN,
        e.TaskOpened: S.AWAITING_HUMAN,
        e.ClaimWithdrawn: S.ANSWERING,
    },
    S.COMPLETED: {
        e.ClaimReopened: S.ANSWERING,
        e.TaskOpened: S.COMPLETED,
        e.TaskCompleted: S.COMPLETED,
        e.LiftingDecided: S.COMPLETED,
        e.RestrictionLifted: S.COMPLETED,
        e.Acknowledged: S.COMPLETED,
        e.ActReapplied: S.COMPLETED,
    },
}


class UnlistedTransition(Exception):
    """An event that cannot happen to a claim where it stands. The message names both."""

    def __init__(self, stage: Stage, event: str) -> None:
        super().__init__(f"a claim that is {stage.value.replace('_', ' ')} cannot take {event}")
        self.stage = stage
        self.event = event


def next_stage(stage: Stage, event: type[e.CaseEvent]) -> Stage:
    """Return where an event takes a claim, or say that it cannot happen there."""
    try:
        return TABLE[stage][event]
    except KeyError:
        raise UnlistedTransition(stage, event.name()) from None


def allows(stage: Stage, event: type[e.CaseEvent]) -> bool:
    """Return whether the table lists this event for this stage."""
    return event in TABLE[stage]


def diagram() -> str:
    """Return the table as a Mermaid state diagram: every listed change of stage, joined by arrow."""
    arrows: dict[tuple[str, str], list[str]] = {}
    for stage, row in TABLE.items():
        for event, target in row.items():
            if target is not stage:
                arrows.setdefault((stage.value, target.value), []).append(event.name())
    lines = ["stateDiagram-v2", "    [*] --> received: ClaimOpened"]
    lines += [f"    {start} --> {end}: {', '.join(sorted(names))}" for (start, end), names in arrows.items()]
    lines.append("    completed --> [*]: CaseCompleted")
    return "\n".join(lines) + "\n"
