"""What people write in each language: requests, letters, chat, and what only looks like a request.

Every file beside this one holds one language. `labels` must be found in the act or ask tier, `optional` may be; an
empty list is ordinary talk.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from services.router.api.reading import Tier, read_message

FILES = sorted(Path(__file__).parent.glob("*.jsonl"))
FOUND_SHARE_MIN = 0.9
INVENTED_SHARE_MAX = 0.06


def rows(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]


def settled(text: str, *tiers: Tier) -> set[str]:
    return {claim.right.value for claim in read_message(text).claims if not claim.negated and claim.tier in tiers}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_nine_of_ten_requests_of_a_language_are_found(file: Path) -> None:
    asked = [row for row in rows(file) if row["labels"]]
    missed = [row["text"] for row in asked if not set(row["labels"]) <= settled(row["text"], Tier.ACT, Tier.ASK)]
    assert len(asked) >= 50
    assert len(missed) <= len(asked) * (1 - FOUND_SHARE_MIN), missed


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_hardly_anything_is_read_that_was_not_said(file: Path) -> None:
    every = rows(file)
    invented = [
        row["text"]
        for row in every
        if settled(row["text"], Tier.ACT, Tier.ASK) - set(row["labels"]) - set(row.get("optional", ()))
    ]
    assert len(invented) <= len(every) * INVENTED_SHARE_MAX, invented


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_nothing_is_erased_for_a_message_that_asks_for_no_erasure(file: Path) -> None:
    wrong = [row["text"] for row in rows(file) if "erasure" in settled(row["text"], Tier.ACT) - set(row["labels"])]
    assert wrong == []


@pytest.mark.parametrize(
    "text",
    [
        "Please cancel my request to delete my account",
        "Proszę anulować mój wniosek o usunięcie konta",
        "Vreau să anulez cererea de ștergere a contului",
    ],
)
def test_the_content_of_a_request_taken_back_is_not_asked_for(text: str) -> None:
    assert settled(text, Tier.ACT, Tier.ASK) == {"withdrawal_of_request"}
