"""Somebody asks where their request stands, reports a breach, or complains: what they read is true of their case."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from schemas import events as bus
from schemas.rights import Right
from services.router.core.cases import commands as c
from tests.journeys.shop import Shop, home_with
from tests.journeys.walk import house

AXIGEN = "data-protection@axigen.com"
WHERE = "What is the status of my request?"


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path / "shop.db")


def test_the_status_tells_each_state_and_day_of_the_writers_own_cases(tmp_path: Path, shop: Shop) -> None:
    with house(home_with(shop, tmp_path)) as at:
        at.mail(AXIGEN, "Please send me a copy of my data.", sender="bob@example.org")
        at.mail(AXIGEN, WHERE)
        assert "there is no open request" in at.texts("ann@example.org")[-1], "nobody reads of another's request"
        at.mail(AXIGEN, "Please send me a copy of my data.")
        at.mail(AXIGEN, WHERE)
        waiting = at.texts("ann@example.org")[-1]
        assert "waiting for you to confirm that it was you, to be answered by 2 April 2027" in waiting
        at.mail(AXIGEN, "My daughter Anna is 12. Please delete all her data.")
        at.mail(AXIGEN, WHERE)
        assert at.texts("ann@example.org")[-1].count("to be answered by 2 April 2027") == 2, "both cases are told"
        assert len(at.told(bus.CaseOpened)) == 3, "asking where it stands opens nothing"


def test_the_status_follows_an_extension_and_the_end(tmp_path: Path, shop: Shop) -> None:
    with house(home_with(shop, tmp_path)) as at:
        at.mail(AXIGEN, "Please delete all my personal data.")
        (claim,) = at.case().claims
        reasons = at.sealed(at.case(), note="Two departments must be asked.")
        at.order(c.ExtendDeadline, at.case(), claim_id=claim.claim_id, ground="complexity", reasons=reasons)
        at.mail(AXIGEN, WHERE)
        due = at.case().claims[0].due
        assert due is not None
        assert due.day is not None
        assert f"{due.day.day} {due.day:%B %Y}" in at.texts("ann@example.org")[-1]
        at.mail(AXIGEN, "I withdraw my request.")
        at.mail(AXIGEN, WHERE)
        last = at.texts("ann@example.org")[-1]
        assert "closed" in last
        assert "to be answered by" not in last


def test_a_breach_report_opens_seventy_two_hours_and_calls_an_officer(tmp_path: Path, shop: Shop) -> None:
    with house(home_with(shop, tmp_path)) as at:
        at.mail(AXIGEN, "My account was hacked and my personal data was leaked from your website.")
        (claim,) = at.case().claims
        assert claim.right is Right.BREACH_REPORT
        assert claim.due is not None
        assert claim.due.due == claim.received + timedelta(hours=72)
        assert [task.reason for task in claim.tasks] == ["breach"]
        assert at.told(bus.TaskOpened)
        at.later(days=4)
        assert [event.due for event in at.told(bus.DeadlineMissed)] == [claim.due.due]


@pytest.mark.parametrize(
    ("controller", "inbox", "said"),
    [
        ("axigen", AXIGEN, ("Romanian Data Protection Supervisory Authority", "28-30 G-ral. Gheorghe Magheru Blvd.")),
        ("hexamail", "privacy@hexamail.com", ("Information Commissioner", "Wilmslow")),
        ("mailpro", "legal@maxony.com", ("Federal Data Protection", "Bern")),
        ("mailigen", "privacy@mailigen.com", ("Datu valsts inspekcija", "Elijas iela 17")),
    ],
)
def test_a_complaints_receipt_names_the_authority_with_its_address(
    tmp_path: Path, shop: Shop, controller: str, inbox: str, said: tuple[str, ...]
) -> None:
    with house(home_with(shop, tmp_path, "", controller, inbox)) as at:
        at.mail(inbox, "I want to complain about how you handle my personal data.")
        letter = at.texts("ann@example.org")[0]
        for words in said:
            assert words in letter
