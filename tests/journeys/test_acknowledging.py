"""Where a law sets a day for confirming the receipt, that day has a clock of its own beside the answer's."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from schemas import events as bus
from schemas.rights import Right
from tests.journeys.walk import house

AXIGEN = "data-protection@axigen.com"
CCPA = "Under the CCPA, as a California resident, I ask you: please send me a copy of my data."


def test_california_wants_the_receipt_confirmed_in_ten_business_days(tmp_path: Path) -> None:
    with house(tmp_path / "home") as at:
        at.mail(AXIGEN, CCPA)
        assert "us-ccpa" in at.case().law.laws
        (due,) = at.told(bus.AcknowledgementDue)
        assert due.right is Right.ACCESS
        # 2 March 2027 is a Tuesday; ten business days end on Tuesday 16 March, wherever the controller keeps its clock.
        assert due.due.date() in {date(2027, 3, 16), date(2027, 3, 17)}
        assert "7021(a)" in due.citation.source
        (confirmed,) = at.told(bus.Acknowledged)
        assert confirmed.margin_seconds > 9 * 86_400
        at.later(days=20)
        assert not at.told(bus.AcknowledgementMissed)


def test_a_receipt_that_never_left_is_missed_and_a_human_is_called(tmp_path: Path) -> None:
    with house(tmp_path / "home") as at:
        at.relay_is_down = True
        at.mail(AXIGEN, CCPA)
        assert not at.told(bus.Acknowledged)
        at.later(days=20)
        (missed,) = at.told(bus.AcknowledgementMissed)
        assert missed.moment == missed.due
        assert "acknowledge" in [task.reason for task in at.told(bus.TaskOpened)]


def test_where_no_law_asks_for_it_there_is_no_such_clock(tmp_path: Path) -> None:
    with house(tmp_path / "home") as at:
        at.mail(AXIGEN, "Please send me a copy of my data.")
        assert not at.told(bus.AcknowledgementDue)


def test_the_united_kingdom_wants_the_receipt_of_complaints_confirmed_and_of_nothing_else(tmp_path: Path) -> None:
    # DPA 2018 s.164A(3): a complaint to the controller, within 30 days that count the day of receipt.
    with house(tmp_path / "home") as at:
        at.mail("privacy@hexamail.com", "Please send me a copy of my data.")
        assert not at.told(bus.AcknowledgementDue)
        at.mail("privacy@hexamail.com", "I complain about how you handle my personal data.", sender="bob@example.org")
        assert [event.right for event in at.told(bus.AcknowledgementDue)] == [Right.COMPLAINT]


def test_the_letter_that_asks_who_wrote_confirms_everything_that_was_asked_for(tmp_path: Path) -> None:
    with house(tmp_path / "home") as at:
        at.mail(AXIGEN, "Please send me a copy of my data, and stop sending me your newsletter.")
        (letter,) = at.texts()
        assert "(access)" in letter
        assert "to be taken off our mailings" in letter
        assert "please confirm" in letter
