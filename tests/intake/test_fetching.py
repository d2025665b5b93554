"""A package may be fetched in pieces, in any order, and is taken when every byte has left."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.core.fetching import (
    FINISHING_MS,
    SENT_MORE_BYTES,
    Fetching,
    OutOfRange,
    Standing,
    asked_span,
    covers,
    merged,
)

DAY_MS = 86_400_000
SPANS = st.tuples(st.integers(0, 60), st.integers(0, 60)).map(lambda ends: (min(ends), max(ends)))


@pytest.mark.parametrize(
    ("header", "span"),
    [
        ("bytes=0-", (0, 100)), ("bytes=10-19", (10, 20)), ("bytes=10-999", (10, 100)), ("bytes=-30", (70, 100)),
        ("bytes=-300", (0, 100)), ("Bytes = 5-5", (5, 6)), ("", None), ("bytes=0-1,5-6", None), ("bytes=9-3", None),
        ("lines=1-2", None), ("bytes=-", None), ("bytes=x-y", None),
    ],
)  # fmt: skip
def test_a_range_is_read_as_its_rfc_says(header: str, span: tuple[int, int] | None) -> None:
    assert asked_span(header, 100) == span


@pytest.mark.parametrize("header", ["bytes=100-", "bytes=100-120", "bytes=-0"])
def test_bytes_that_are_not_there_are_out_of_range(header: str) -> None:
    with pytest.raises(OutOfRange):
        asked_span(header, 100)


@given(st.text(max_size=40))
def test_no_header_is_more_than_the_package_holds(header: str) -> None:
    try:
        span = asked_span(header, 100)
    except OutOfRange:
        return
    assert span is None or 0 <= span[0] < span[1] <= 100


@given(st.lists(SPANS, max_size=30))
def test_merged_spans_hold_the_same_bytes_whatever_their_order(spans: list[tuple[int, int]]) -> None:
    found: tuple[tuple[int, int], ...] = ()
    for span in spans:
        found = merged(found, span)
    held = {byte for start, end in spans for byte in range(start, end)}
    assert {byte for start, end in found for byte in range(start, end)} == held
    assert all(first[1] < second[0] for first, second in pairwise(found))
    assert covers(found, 60) == (held == set(range(60)))


def test_a_link_that_nobody_presses_ends_and_a_press_opens_a_window_beyond_it() -> None:
    untouched = Fetching(100, expires_ms=14 * DAY_MS, window_ms=DAY_MS)
    assert untouched.standing(14 * DAY_MS - 1) is Standing.ANNOUNCED
    assert untouched.outlived(14 * DAY_MS)
    late = Fetching(100, expires_ms=14 * DAY_MS, window_ms=DAY_MS, opened_ms=14 * DAY_MS - 1)
    assert late.standing(14 * DAY_MS + 1) is Standing.OPEN
    assert late.outlived(15 * DAY_MS)


def test_a_package_that_was_taken_is_only_finished_and_then_gone() -> None:
    taken = Fetching(100, 14 * DAY_MS, DAY_MS, opened_ms=0, taken_ms=1000)
    assert taken.standing(1000 + FINISHING_MS - 1) is Standing.FINISHING
    assert taken.outlived(1000 + FINISHING_MS)
    assert Fetching(100, 14 * DAY_MS, DAY_MS, removed_ms=5).standing(6) is Standing.GONE


def test_a_link_does_not_send_without_end() -> None:
    often = Fetching(100, 14 * DAY_MS, DAY_MS, opened_ms=0, sent_bytes=5 * 100 + SENT_MORE_BYTES + 1)
    assert often.standing(1) is Standing.GONE
