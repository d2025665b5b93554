"""The scanner for leaks finds a text however it is written, and nothing where there is nothing."""

from __future__ import annotations

import base64
import json
import quopri
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.leaks import LeakScanner

TEXTS = ("Māra Bērziņa-Ozola", "maria.santos+news@example.com", "please delete everything, I never agreed to this")


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("name", ["clear", "upper", "hex", "HEX", "url", "plus", "qp", "json", "utf16", "latin"])
def test_a_text_is_found_however_it_is_written(text: str, name: str) -> None:
    written = {
        "clear": text.encode(), "upper": text.upper().encode(), "hex": text.encode().hex().encode(),
        "HEX": text.encode().hex().upper().encode(), "url": quote(text).encode(), "plus": quote_plus(text).encode(),
        "qp": quopri.encodestring(text.encode()), "json": json.dumps({"a": text}).encode(),
        "utf16": text.encode("utf-16-le"), "latin": text.encode("cp1257"),
    }[name]  # fmt: skip
    assert LeakScanner([text]).scan("log", b"before " + written + b" after")


@given(before=st.binary(max_size=40), after=st.binary(max_size=40), lines=st.booleans(), safe=st.booleans())
def test_base64_is_found_wherever_the_text_begins(before: bytes, after: bytes, lines: bool, safe: bool) -> None:
    content = before + TEXTS[1].encode() + after
    plain = base64.urlsafe_b64encode(content) if safe else base64.b64encode(content)
    encoded = base64.encodebytes(content * 3) if lines else plain
    assert LeakScanner([TEXTS[1]]).scan("topic", b'{"x":"' + encoded + b'"}')


@given(content=st.binary(max_size=400))
def test_nothing_is_found_where_nothing_is(content: bytes) -> None:
    assert LeakScanner(TEXTS).scan("metrics", content) == []


def test_what_is_too_short_to_mean_anything_is_refused() -> None:
    with pytest.raises(ValueError, match="too short"):
        LeakScanner(["abc"])
