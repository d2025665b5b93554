"""Deadlines worked out on a wall calendar, each with the reason for its day: regions, leap years, waits, DST."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from services.router.api.deadlines import deadline

WORKED = [
    json.loads(line)
    for line in Path(__file__).with_name("worked_by_hand.jsonl").read_text(encoding="utf-8").splitlines()
]


@pytest.mark.parametrize("line", WORKED, ids=[f"{line['id']} {line['regime']}: {line['note']}" for line in WORKED])
def test_a_deadline_is_the_one_that_was_worked_out_by_hand(line: dict[str, Any]) -> None:
    found = deadline({key: value for key, value in line.items() if key not in {"due", "status"}}).fields()
    assert found["due"] == line["due"]
    assert found["status"] == line.get("status", found["status"])
