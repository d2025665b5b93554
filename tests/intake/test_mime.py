"""A header written as it stands is the header that the library would have written."""

from __future__ import annotations

import email
import email.policy
from datetime import UTC, datetime
from email.header import decode_header, make_header

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.core import mime
from services.intake.core.letters import Letter

PRINTABLE = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=150)
WRITTEN = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)


def by_the_library(name: str, value: str) -> str:
    return str(mime._POLICY.header_factory(name, value).fold(policy=mime._POLICY))


@given(st.sampled_from(["Subject", "X-Loop", "References", "In-Reply-To"]), PRINTABLE)
def test_a_plain_header_is_written_as_the_library_writes_it(name: str, value: str) -> None:
    assert mime._plain(name, value).fold(policy=mime._POLICY) == by_the_library(name, value)


@given(
    st.from_regex(r"[a-z0-9]([a-z0-9+_-]{0,10}\.?[a-z0-9]){0,3}@[a-z]([a-z-]{0,10}[a-z])?\.[a-z]{2,6}", fullmatch=True)
)
def test_an_address_is_written_as_the_library_writes_it(address: str) -> None:
    assert mime._plain("To", address).fold(policy=mime._POLICY) == by_the_library("To", address)


@pytest.mark.parametrize(
    "value", ["Grüße", "a" * 250, "one\r\nBcc: two@example.org", "=?utf-8?q?Gr=C3=BC=C3=9Fe?=", "a\tb"]
)
def test_what_is_not_plain_goes_through_the_library(value: str) -> None:
    try:
        written = mime._plain("Subject", value)
    except ValueError:
        return  # the library refuses a line break in a header
    assert not isinstance(written, mime._Plain)


@given(st.text(max_size=60), st.text(st.characters(exclude_categories=["C"]), max_size=60))
def test_a_letter_is_read_back_as_it_was_written(subject: str, name: str) -> None:
    letter = Letter(" ".join(subject.split()), "Hello\n")
    written = mime.mail_bytes(
        letter, letter_id="an-id", sender="dpo@example.com", sender_name=name, recipient="a@example.org",
        written=WRITTEN, message_id="<first@example.org>",
    )  # fmt: skip
    mail = email.message_from_bytes(written, policy=email.policy.compat32)
    assert " ".join(str(make_header(decode_header(str(mail["Subject"])))).split()) == letter.subject
    assert (mail["To"], mail["Message-ID"], mail["In-Reply-To"]) == (
        "a@example.org",
        "<an-id@example.com>",
        "<first@example.org>",
    )
