"""An identity that two people share: nobody gets the other's data, an officer is told why, and the clock runs on."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from schemas import events as bus
from tests.journeys.shop import MAP, Shop, home_with
from tests.journeys.walk import house

AXIGEN = "data-protection@axigen.com"
SPLIT = "      passport: {identity: passport_number, category: user.government_id}\n"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Please delete all my personal data.", "erasure_refused"),
        ("Please send me a copy of all my personal data.", "access_refused"),
        ("Please send me my data in a portable, machine-readable format.", "portability_refused"),
        ("Please restrict the processing of my personal data.", "restriction_incomplete"),
    ],
)
def test_a_familys_email_gives_and_changes_nothing_and_an_officer_reads_why(
    tmp_path: Path, text: str, reason: str
) -> None:
    shop = Shop(tmp_path / "shop.db")
    shop.execute(
        "ALTER TABLE customers ADD COLUMN passport TEXT; UPDATE customers SET passport = 'P-1' WHERE id = 1;"
        "INSERT INTO customers (id, email, name, passport) VALUES (3, 'Ann@example.org', 'Cat Ash', 'P-2');"
    )
    before = shop.whole()
    home = home_with(shop, tmp_path)
    (tmp_path / "shop.yml").write_text(MAP.replace("      score: {", SPLIT + "      score: {", 1), encoding="utf-8")
    with house(home) as at:
        at.mail(AXIGEN, text)
        at.follow_link()
        (claim,) = at.case().claims
        (task,) = claim.tasks
        assert task.reason == reason
        assert task.preview is not None
        with at.stores["router"].begin() as transaction:
            shown = str(json.loads(at.vault.open(transaction, task.preview))["faults"])
        assert "shop.customers: 2 records were found that differ in passport_number" in shown
        assert "P-1" not in shown
        assert "example.org" not in shown
        assert claim.due is not None
        assert not at.told(bus.ClaimFulfilled)
        assert not at.told(bus.ClaimCompleted)
    assert shop.whole() == before
