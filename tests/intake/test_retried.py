"""A sender's retry is one message; another person's mail, and the same words on another day, are not."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from services.intake.core.mail import NESTING_MAX, is_marked
from tests.journeys.walk import House, house

BARE = b"From: ana@example.org\r\nSubject: My data\r\n\r\nPlease delete my data.\r\n"
NOBODY = b"Subject: My data\r\n\r\nPlease delete my data.\r\n"
DEEP = b"Subject: x\r\n" + b"Content-Type: multipart/mixed\r\n\r\n" * (NESTING_MAX + 1)


def taken(at: House, *mails: tuple[bytes, str, timedelta]) -> list[str]:
    """Return the id of each mail; the clock goes on by so much before each."""

    found: list[str] = []

    async def go() -> None:
        await at.front.open()
        try:
            for raw, sender, later in mails:
                at.clock.moment += later
                found.append(await at.front.mail("axigen", "dpo@axigen.com", raw, sender))
        finally:
            await at.front.close()

    at.run(go())
    return found


NOW, MONTH = timedelta(0), timedelta(days=30)


@pytest.mark.parametrize(
    ("mails", "messages"),
    [
        ([(BARE, "ana@example.org", NOW), (BARE, "ana@example.org", NOW)], 1),
        ([(BARE, "ana@example.org", NOW), (BARE, "ana@example.org", MONTH)], 2),
        ([(b"Message-ID: <1@x>\r\n" + BARE, "", NOW), (b"Message-ID: <1@x>\r\n" + BARE, "", MONTH)], 1),
        ([(NOBODY, "ana@example.org", NOW), (NOBODY, "ben@example.org", NOW)], 2),
        ([(DEEP, "ana@example.org", NOW), (DEEP, "ben@example.org", NOW)], 2),
        ([(DEEP, "ana@example.org", NOW), (DEEP, "ana@example.org", NOW)], 1),
    ],
)
def test_mails_are_one_message_only_where_they_are_a_retry(
    tmp_path: Path, mails: list[tuple[bytes, str, timedelta]], messages: int
) -> None:
    with house(tmp_path) as at:
        assert len(set(taken(at, *mails))) == messages


@pytest.mark.parametrize(
    "mark", [b"Date: Mon, 2 Mar 2026 09:00:00 +0000", b"received:\r\n from a by b", b"MESSAGE-ID : <1@x>"]
)
def test_a_mark_tells_a_mail_from_the_next_one(mark: bytes) -> None:
    assert is_marked(mark + b"\r\n" + BARE)


@pytest.mark.parametrize(
    "raw", [b"", BARE, b"Date: \r\n" + BARE, BARE + b"Date: today\r\n", b"X-Date: today\r\n" + BARE]
)
def test_a_mail_without_a_mark_has_none(raw: bytes) -> None:
    assert not is_marked(raw)
