"""Somebody who writes for two people: nobody is dropped; and what an officer taught counts from the next mail on."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

from schemas.events import CaseOpened, IdentityConfirmed, IdentityRequested, ReviewRequested, TaskOpened
from schemas.rights import Right
from services.router.teaching import Lessons, lesson_of
from tests.journeys.walk import house

INBOX = "legal@maxony.com"


def test_a_mail_for_two_opens_a_case_for_each_and_a_human_sees_the_parents_authority(tmp_path: Path) -> None:
    with house(tmp_path) as home:
        home.mail(INBOX, "Please delete all personal data of me and my daughter Anna.\n\nKind regards\nRuth Calder")
        hers, own = home.told(CaseOpened)
        assert hers.case_id != own.case_id
        assert [claim.right for claim in (*hers.claims, *own.claims)] == [Right.ERASURE, Right.ERASURE]
        assert [check.case_id for check in home.told(IdentityRequested)] == [hers.case_id, own.case_id]
        assert not home.told(ReviewRequested)


def test_each_code_confirms_its_own_case_and_the_childs_waits_for_a_humans_look(tmp_path: Path) -> None:
    with house(tmp_path) as home:
        home.mail(INBOX, "Please delete all personal data of me and my daughter Anna.\n\nKind regards\nRuth Calder")
        hers, own = home.told(CaseOpened)
        for code in [re.findall(r"\b\d{8}\b", text)[0] for text in home.texts()]:
            home.mail(INBOX, f"Here is the code: {code}")
        assert {done.case_id for done in home.told(IdentityConfirmed)} == {hers.case_id, own.case_id}
        assert [task.reason for task in home.told(TaskOpened) if task.case_id == hers.case_id] == ["authority_parent"]


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
