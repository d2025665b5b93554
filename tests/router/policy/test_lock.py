"""Two imports at once: one waits, and one that waits too long changes nothing."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pytest

from services.router.api import policies as api
from services.router.core.policy.model import Seat
from services.router.policy_lock import alone

SEAT = Seat("Example Ltd", "", "IE", "Europe/Dublin", "IE", ("eu-gdpr",))
TEXT = "# Privacy policy\n\n" + "We collect personal data with your consent and delete it after {} years. " * 12


def wanted(day: date) -> api.Wanted:
    return api.Wanted("example", day, name="Example", seat=SEAT)


def test_two_imports_at_once_of_two_versions_both_stand(tmp_path: Path) -> None:
    days = [date(2020, 1, 1), date(2021, 1, 1), date(2022, 1, 1)]
    for day in days:
        (tmp_path / f"{day}.md").write_text(TEXT.replace("{}", str(day.year - 2018)), "utf-8")
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda day: api.import_file(tmp_path / f"{day}.md", wanted(day), tmp_path / "home"), days))
    versions = api.knowledge(tmp_path / "home").versions("example")
    assert [policy.effective for policy in versions] == days


def test_of_two_texts_of_one_day_imported_at_once_one_is_refused(tmp_path: Path) -> None:
    day = date(2020, 1, 1)
    start = threading.Barrier(2)

    def bring(number: int) -> str:
        path = tmp_path / f"{number}.md"
        path.write_text(TEXT.replace("{}", str(number)), "utf-8")
        start.wait()
        try:
            api.import_file(path, wanted(day), tmp_path / "home")
        except api.PolicyError as fault:
            return str(fault)
        return ""

    with ThreadPoolExecutor(2) as pool:
        told = sorted(pool.map(bring, (3, 5)))
    assert told[0] == ""
    assert "already has another text" in told[1]
    assert len(api.knowledge(tmp_path / "home").versions("example")) == 1


def test_an_import_that_waited_too_long_is_refused_and_writes_nothing(tmp_path: Path) -> None:
    with alone(tmp_path), pytest.raises(api.PolicyError, match="another import is at work"), alone(tmp_path, 0.1):
        pytest.fail("two held one folder")
    assert not list(tmp_path.iterdir())
