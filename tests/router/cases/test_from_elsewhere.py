"""Cases that came by post or from another system: what was asked there counts, what was never posted does not."""

from __future__ import annotations

from datetime import timedelta

import pytest

from schemas.rights import Channel, Right
from services.router.core.cases import commands as c
from services.router.core.cases import events as e
from services.router.core.cases.story import CommandRefused
from services.router.core.cases.values import Assurance, Happened
from tests.router.cases.scenario import START, Told, names


def test_a_letter_that_nobody_posted_asked_nobody_and_ends_no_request(told: Told) -> None:
    told.opened(Right.ACCESS, channel=Channel.LETTER, assurance=Assurance.NONE)
    due = told.later(days=15).claim(Right.ACCESS).due
    assert due is not None
    assert due.paused_since is not None
    events = told.tell(c.PassTime)
    assert "ClaimNotIdentified" not in names(events)
    claim = told.claim(Right.ACCESS)
    assert [task.reason for task in claim.tasks] == ["identity_letter_bounced"]
    assert claim.due is not None
    assert claim.due.paused_since is None
    assert claim.due.suspended_days == 0, "who was asked nothing lets no clock stand"


def test_a_posted_letter_that_nobody_answers_ends_the_request(told: Told) -> None:
    told.opened(Right.ACCESS, channel=Channel.LETTER, assurance=Assurance.NONE)
    told.delivered("identity_request")
    assert "ClaimNotIdentified" in names(told.later(days=15).tell(c.PassTime))


def test_what_another_system_asked_and_told_moves_the_clock(told: Told) -> None:
    told.opened(Right.ACCESS, acknowledged=True)
    assert not [each for each in told.events if isinstance(each, e.LetterRequested)]
    before = told.claim(Right.ACCESS).due
    told.later(days=12)
    asked = Happened(kind="identity_requested", moment=START + timedelta(days=1))
    given = Happened(kind="identity_received", moment=START + timedelta(days=7))
    told.tell(c.RecordHistory, claim_id="claim-access", happened=(asked, given), ground="taken_over")
    after = told.claim(Right.ACCESS).due
    assert before is not None
    assert after is not None
    assert after.suspended_days == 6
    assert after.due > before.due


@pytest.mark.parametrize(
    ("happened", "said"),
    [
        (Happened(kind="bribed", moment=START), "unknown bribed; known are"),
        (Happened(kind="identity_requested", moment=START - timedelta(days=1)), "before the receipt or in the future"),
        (Happened(kind="identity_requested", moment=START + timedelta(days=99)), "before the receipt or in the future"),
        (Happened(kind="extension_notified", moment=START), "counts only with the reasons"),
    ],
)
def test_a_history_that_cannot_be_is_refused(told: Told, happened: Happened, said: str) -> None:
    told.opened(Right.ACCESS)
    case = told.case
    with pytest.raises(CommandRefused, match=said):
        told.tell(c.RecordHistory, claim_id="claim-access", happened=(happened,), ground="taken_over")
    assert told.case == case


def test_who_told_an_officer_is_recorded(told: Told) -> None:
    told.opened(Right.ACCESS)
    (withdrawn,) = [each for each in told.tell(c.WithdrawClaims, officer="olga") if isinstance(each, e.ClaimWithdrawn)]
    assert withdrawn.officer == "olga"
