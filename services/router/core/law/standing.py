"""How a deadline stands: open, paused, met or overdue, at `now` or else at the last thing that happened."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple

from services.router.core.law.deadline import Matter, Status
from services.router.core.law.model import Rule
from services.router.core.law.occurrences import Kind, Occurrence
from services.router.core.law.rights import ACK, COMPLAINT_ACK

_ANSWERS: Final = frozenset({Kind.ANSWERED, Kind.REFUSED, Kind.WITHDRAWN})
_RECEIPTS: Final = frozenset({ACK, COMPLAINT_ACK})


class Standing(NamedTuple):
    """The status, the answer that counts, and what an officer should know about it."""

    status: Status
    answered: datetime | None = None
    warnings: tuple[str, ...] = ()


def standing(
    matter: Matter,
    rule: Rule,
    known: Sequence[Occurrence],
    due: datetime,
    paused_since: datetime | None,
    first_end: datetime | None = None,
) -> Standing:
    """Return how the deadline stands. An answer that bounced was never given.

    `first_end` is where an extended period would have ended: a refusal is told before it, extension or not.
    """
    warnings: list[str] = []
    answer = _answer(matter, known)
    if answer is not None and answer.kind is Kind.REFUSED and first_end is not None and answer.moment >= first_end:
        # Art. 12(4) GDPR: at the latest within one month of receipt; only an answer may use the extended period.
        warnings.append(f"the refusal was told after the first period, so it does not count ({rule.source})")
        answer = _answer(matter, [each for each in known if each.kind is not Kind.REFUSED])
    if answer is not None:
        if answer.kind is Kind.REFUSED and not answer.reasons.strip():
            # Art. 12(4) GDPR: a refusal tells its reasons, the complaint and the court.
            warnings.append(
                "the refusal is recorded without its reasons: the person must be told why, and where to complain"
            )
        if answer.moment < due:
            return Standing(Status.MET, answer.moment, tuple(warnings))
        late = (answer.moment - due).days + 1
        warnings.append(f"answered late, on day {late} after the deadline ({rule.source})")
        return Standing(Status.OVERDUE, answer.moment, tuple(warnings))
    if paused_since is not None:
        return Standing(Status.PAUSED, None, tuple(warnings))
    now = matter.now or (known[-1].moment if known else matter.received)
    return Standing(Status.OVERDUE if now >= due else Status.OPEN, None, tuple(warnings))


def _answer(matter: Matter, known: Sequence[Occurrence]) -> Occurrence | None:
    """Return the first answer that was not taken back by a bounce."""
    answer: Occurrence | None = None
    for each in known:
        if each.kind in _ANSWERS or (each.kind is Kind.ACKNOWLEDGED and matter.right in _RECEIPTS):
            answer = answer or each
        elif each.kind is Kind.BOUNCED:
            answer = None
    return answer
