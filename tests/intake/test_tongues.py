"""The language that a browser asks for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.core.tongues import preferred

OURS = ("de", "en", "fr", "ro")


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", "en"),
        ("ro", "ro"),
        ("ro-RO,ro;q=0.9,en;q=0.8", "ro"),
        ("eo,fr;q=0.4,de;q=0.7", "de"),
        ("DE-at", "de"),
        ("eo, *;q=0.5", "en"),
        ("ro;q=0, de;q=0.1", "de"),
        ("ro;q=0", "en"),
        ("ro;q=much", "en"),
        ("en;q=0.5, fr; q=0.9", "fr"),
    ],
)
def test_the_language_that_is_asked_for_most_and_that_we_have_is_taken(accepted: str, language: str) -> None:
    assert preferred(accepted, OURS, "en") == language


@given(accepted=st.text() | st.text("adefnorq;=,.-0123456789* "))
def test_whatever_a_browser_says_it_gets_a_language_that_we_have(accepted: str) -> None:
    assert preferred(accepted, OURS, "en") in OURS
