"""Who received the data learns what became of it, and the person learns who they were (Art. 19 GDPR)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from schemas import events as bus
from schemas.rights import Right
from services.router.core.cases import commands as c
from services.router.desk import finding
from services.router.desk.filters import Criteria
from tests.journeys.shop import MAP, Shop, home_with
from tests.journeys.walk import House, house

AXIGEN = "data-protection@axigen.com"


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path / "shop.db")


def home(tmp_path: Path, shop: Shop, recipients: str) -> Path:
    found = home_with(shop, tmp_path)
    text = MAP.replace("recipients: [Parcel Ltd.]", f"recipients: [{recipients}]")
    (tmp_path / "shop.yml").write_text(text, encoding="utf-8")
    return found


def approve(at: House, **orders: object) -> None:
    task = at.case().claims[0].tasks[0]
    result = at.sealed(at.case(), **orders) if orders else None
    at.order(c.CompleteTask, at.case(), task_id=task.task_id, result=result)


def corrected(at: House) -> None:
    at.mail(AXIGEN, "Please correct my name: it is Anne Ash, not Ann Ash.")
    at.follow_link()
    approve(at, set={"shop.customers.name": "Anne Ash"})


def test_a_recipient_with_an_address_is_written_to_and_the_person_learns_who_it_was(tmp_path: Path, shop: Shop) -> None:
    with house(home(tmp_path, shop, "Parcel Ltd. <privacy@parcel.example>")) as at:
        corrected(at)
        (notice,) = at.texts("privacy@parcel.example")
        assert "This is about: ann@example.org" in notice
        assert "name = Anne Ash" in notice
        assert "Art. 19 GDPR" in notice
        told = next(text for text in at.texts("ann@example.org") if "Parcel Ltd." in text)
        assert "We have told everybody" in told
        assert [event.right for event in at.told(bus.ClaimCompleted)] == [Right.RECTIFICATION]


def test_an_erasure_tells_no_more_than_whom_it_was_about(tmp_path: Path, shop: Shop) -> None:
    with house(home(tmp_path, shop, "Parcel Ltd. <privacy@parcel.example>")) as at:
        at.mail(AXIGEN, "Please delete all my personal data.")
        at.follow_link()
        approve(at)
        (notice,) = at.texts("privacy@parcel.example")
        assert "Customer records" not in notice
        assert at.told(bus.ClaimCompleted)


def listed(at: House) -> list[tuple[str, list[str]]]:
    """Return what an officer's list shows."""
    with at.stores["router"].begin() as transaction:
        found = finding.cases(transaction, Criteria(), at.clock.now())
        assert not finding.cases(transaction, Criteria(overdue=True), at.clock.now())
    return [(case.state, [task.reason for claim in case.claims for task in claim.tasks]) for case in found]


def test_a_recipient_without_an_address_is_a_task_that_outlives_the_answer(tmp_path: Path, shop: Shop) -> None:
    with house(home(tmp_path, shop, "Parcel Ltd.")) as at:
        corrected(at)
        assert at.told(bus.ClaimCompleted), "the person's answer does not wait for it"
        (task,) = at.case().claims[0].tasks
        assert task.reason == "tell_recipients"
        assert task.preview is not None
        with at.stores["router"].begin() as transaction:
            assert json.loads(at.vault.open(transaction, task.preview)) == {"recipients": ["Parcel Ltd."]}
        assert not [text for text in at.texts() if "We have told everybody" in text], "nobody was told yet"
        assert listed(at) == [("completed", ["tell_recipients"])], "it stands in the list of what is to be done"
        approve(at)
        assert listed(at) == []
        assert "Parcel Ltd." in at.texts("ann@example.org")[-1]
        assert not at.case().claims[0].tasks
        assert len(at.told(bus.ClaimFulfilled)) == 1, "nothing is carried out a second time"


def test_a_notice_that_bounces_calls_a_human(tmp_path: Path, shop: Shop) -> None:
    with house(home(tmp_path, shop, "Parcel Ltd. <privacy@parcel.example>")) as at:
        corrected(at)
        letter = next(each for each in at.case().delivered if each.template == "recipient_notice")
        at.order(c.RecordReplyBounced, at.case(), letter_id=letter.letter_id, status="5.1.1")
        (task,) = at.case().claims[0].tasks
        assert task.reason == "tell_recipients"
        assert at.told(bus.TaskOpened)[-1].reason == "tell_recipients"


def test_nobody_is_told_where_nothing_was_changed(tmp_path: Path, shop: Shop) -> None:
    with house(home(tmp_path, shop, "Parcel Ltd. <privacy@parcel.example>")) as at:
        at.mail(AXIGEN, "Please restrict the processing of my data.", sender="nobody@example.org")
        at.follow_link()
        assert at.told(bus.ClaimCompleted)
        assert at.texts("privacy@parcel.example") == []
