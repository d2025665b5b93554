"""A mail that is encrypted with a key that we do not have: its writer learns it, and a human too."""

from __future__ import annotations

from pathlib import Path

import pytest

from schemas.events import CaseOpened, ReviewRequested
from tests.journeys.walk import house

LOCKED = "-----BEGIN PGP MESSAGE-----\n\nhQEMA0vV9k1xQ\n=abcd\n-----END PGP MESSAGE-----\n"


@pytest.mark.parametrize(
    ("subject", "words"), [("...", "without encryption"), ("Eine vertrauliche Nachricht an Sie", "unverschlüsselt")]
)
def test_whoever_sends_what_we_cannot_open_is_told_what_to_do(tmp_path: Path, subject: str, words: str) -> None:
    with house(tmp_path) as at:
        at.mail("data-protection@axigen.com", LOCKED, subject=subject)
        (letter,) = at.texts("ann@example.org")
        assert words in letter
        assert [event.reason for event in at.told(ReviewRequested)] == ["encrypted"]


def test_a_request_beside_what_is_locked_is_taken(tmp_path: Path) -> None:
    with house(tmp_path) as at:
        at.mail("data-protection@axigen.com", f"Please send me a copy of my data.\n\n{LOCKED}")
        assert len(at.told(CaseOpened)) == 1
