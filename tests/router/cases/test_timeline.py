"""A timeline tells a case in sentences that somebody who was not there can follow."""

from __future__ import annotations

from schemas.rights import Right
from services.router.core.cases import commands as c
from services.router.core.cases import events as e
from services.router.core.cases.timeline import _TOLD, line, timeline
from services.router.core.cases.values import Assurance
from tests.router.cases.scenario import NOTE, Told


def test_a_timeline_says_when_what_and_by_which_rule(told: Told) -> None:
    check = told.opened(Right.ACCESS, assurance=Assurance.NONE, challenge="code")
    requested = next(each for each in check if isinstance(each, e.IdentityRequested))
    told.later(days=2).tell(c.AnswerIdentity, check_id=requested.check_id, method="link", digest="code")
    told.later(days=1).tell(c.ExtendDeadline, claim_id="claim-access", ground="complexity", reasons=NOTE)
    told.later(hours=1).delivered("extension")
    told.later(days=1).fulfilled(Right.ACCESS, receipts_count=4)
    told.delivered("fulfilled")
    zone = told.terms.zone
    text = "\n".join(line(entry, zone) for entry in timeline(told.events, zone))
    assert (
        "Mon 2 Mar 2026 10:00 Berlin  case opened from an email received Mon 2 Mar 2026 10:00; law: eu-gdpr (seat)"
        in text
    )
    assert "access: due before Fri 3 Apr 2026 00:00 by eu-gdpr/answer (Art. 12(3) GDPR; Reg. 1182/71 Art. 3)" in text
    assert "access: extension decided by officer officer-1: complexity; the person is being told" in text
    assert "access: fulfilled, 4 receipts" in text
    assert "before the deadline" in text


def test_every_event_can_be_told(told: Told) -> None:
    assert set(_TOLD) == set(e.EVENTS.values())


def test_a_date_comes_with_the_steps_that_made_it(told: Told) -> None:
    told.opened(Right.ACCESS)
    entry = next(each for each in timeline(told.events, told.terms.zone) if each.event == "DeadlineSet")
    assert entry.details[1] == "+1 month = Thu 2 Apr 2026"
