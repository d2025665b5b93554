"""A case cites the policy that was in force on the day of its receipt, and a day begins where the controller is."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.journeys.walk import house

MAILIGEN = "privacy@mailigen.com"


@pytest.mark.parametrize(
    ("moment", "version"),
    [
        (datetime(2018, 8, 1, 20, 59, tzinfo=UTC), "2010-10-15"),  # 23:59 in Riga
        (datetime(2018, 8, 1, 21, 0, tzinfo=UTC), "2018-08-02"),  # midnight in Riga, and still the day before in UTC
    ],
)
def test_the_policy_is_that_of_the_day_where_the_controller_is(tmp_path: Path, moment: datetime, version: str) -> None:
    with house(tmp_path / "home", moment) as at:
        at.mail(MAILIGEN, "Please send me a copy of my data.")
        assert at.case().policy_version == version
