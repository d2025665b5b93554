"""Whatever arrives, reading is bounded in time and memory and never raises."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.router.api.reading import Tier, as_json, read_message

HOSTILE = {
    "five megabytes": "please delete my account " * 200_000,
    "one endless token": "a" * 100_000,
    "binary": bytes(range(256)).decode("latin-1") * 500,
    "lone surrogates": "\ud800\udfff delete my account",
    "right to left marks": "\u202edelete my account\u202c" * 2_000,
    "zero width only": "\u200b" * 50_000,
    "quotation marks": ">" * 50_000,
    "brackets for a backtracking expression": "(a+)+" * 10_000 + "!" * 10_000,
    "numbers": "1234567890-" * 5_000,
    "many addresses": "a@b.c " * 8_000,
    "commas": "," * 50_000,
    "attribution lines": "On Monday Ann wrote " * 5_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_is_read_in_bounded_time(name: str) -> None:
    read_message("please delete my account")
    text = HOSTILE[name]
    started = time.process_time()
    reading = read_message(text)
    assert time.process_time() - started < 1.5
    assert reading.tier in tuple(Tier)
    for claim in reading.claims:
        for span in claim.spans:
            assert 0 <= span.start <= span.end <= len(text)


def test_a_text_too_long_to_read_whole_is_never_ignored() -> None:
    assert read_message("lorem ipsum dolor " * 20_000, language="en").tier is Tier.REVIEW


def test_an_empty_message_goes_to_a_human() -> None:
    assert read_message("").tier is Tier.REVIEW


@settings(max_examples=120, deadline=None)
@given(st.text(max_size=400), st.text(max_size=60))
def test_any_unicode_yields_a_verdict_with_spans_inside_the_text(text: str, subject: str) -> None:
    reading = read_message(text, subject=subject)
    for claim in reading.claims:
        for span in claim.spans:
            limit = len(text) if span.part == "text" else len(subject)
            assert 0 <= span.start <= span.end <= limit
    assert set(as_json(reading)) >= {"claims", "language", "details", "tier"}


WORDS = [
    "delete",
    "my",
    "account",
    "not",
    "please",
    "data",
    "if",
    "don't",
    "send",
    "copy",
    "stop",
    "newsletter",
    ",",
    ".",
]


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(WORDS), max_size=30))
def test_a_denied_right_is_never_acted_on(words: list[str]) -> None:
    for claim in read_message(" ".join(words), language="en").claims:
        assert not (claim.negated and claim.tier is not Tier.NONE)
