"""Two cases of one person made one, without losing a right or a day."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from services.router.core.cases import commands as c
from services.router.core.cases import events as e
from services.router.core.cases.state import Case
from services.router.core.cases.values import Asked
from services.router.desk.base import Refused
from services.router.letters import reference


def carried_over(
    case: Case, other: Case, told: Sequence[e.CaseEvent], by: dict[str, Any], by_other: dict[str, Any]
) -> tuple[c.Command, ...]:
    """Return the orders that end `case` in `other`, which is refused where the person would lose by it."""
    _fitting(case, other)
    opened = next(event for event in told if isinstance(event, e.CaseOpened))
    asked = tuple(Asked(claim_id=claim.claim_id, right=claim.right) for claim in case.claims if claim.open)
    join = c.JoinCase(**by, into=other.case_id)
    if not asked:
        return (join,)
    message = c.JoinMessage(
        **by_other, message_id=opened.message_id, received=case.received, asked=asked, body=opened.body,
    )  # fmt: skip
    return message, join


def _fitting(case: Case, other: Case) -> None:
    if case.case_id == other.case_id:
        raise Refused("a case cannot be joined to itself", "join")
    if case.controller != other.controller:
        raise Refused(f"{reference(other.case_id)} is {other.controller}'s, this one {case.controller}'s", "join")
    if other.state != "open":
        raise Refused(f"{reference(other.case_id)} is {other.state}: only an open case takes another one in", "join")
    earlier = {claim.right: claim.received for claim in other.claims if claim.open}
    for claim in case.claims:
        if claim.open and claim.right in earlier and claim.received < earlier[claim.right]:
            # The clock of a right runs from when it was first used (Art. 12(3) GDPR): the later case gives way.
            raise Refused(
                f"{claim.right.value} was asked here first: join {reference(other.case_id)} into "
                f"{reference(case.case_id)} instead, so that the earlier deadline stays",
                "Art. 12(3) GDPR",
            )
