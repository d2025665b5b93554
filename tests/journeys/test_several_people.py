"""Somebody who writes for two people: nobody is dropped; and what an officer taught counts from the next mail on."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from schemas.events import CaseOpened, ReviewRequested
from services.router.teaching import Lessons, lesson_of
from tests.journeys.walk import house

INBOX = "legal@maxony.com"


def test_a_mail_for_two_opens_the_writers_case_and_shows_a_human_the_second_person(tmp_path: Path) -> None:
    with house(tmp_path) as home:
        home.mail(INBOX, "Please delete all personal data of me and my daughter Anna.\n\nKind regards\nRuth Calder")
        assert home.told(CaseOpened)
        assert [event.reason for event in home.told(ReviewRequested)] == ["several_people"]


def test_a_lesson_counts_from_the_next_mail_on_and_its_undoing_too(tmp_path: Path) -> None:
    with house(tmp_path) as home:
        text = "Kindly pull the plug on Bluebird for me."
        home.mail(INBOX, text, sender="one@example.org")
        assert not home.told(CaseOpened)
        lessons = Lessons(home.settings.home, "mailpro")
        lessons.add(
            lesson_of(
                1, language="en", right="erasure", strength="act", phrase="pull the plug on bluebird", example=None,
                at=datetime(2027, 3, 2, tzinfo=UTC), by="officer",
            )
        )  # fmt: skip
        home.mail(INBOX, text, sender="two@example.org")
        assert len(home.told(CaseOpened)) == 1
        lessons.undo(None, datetime(2027, 3, 3, tzinfo=UTC))
        home.mail(INBOX, text, sender="three@example.org")
        assert len(home.told(CaseOpened)) == 1
