"""A sender's retry is one message; another person's mail, and the same words on another day, are not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from itertools import groupby, zip_longest
from pathlib import Path
from random import Random

import pytest

from services.intake.core.mail import NESTING_MAX, is_marked
from services.intake.front import AGAIN_SECONDS
from tests.journeys.walk import House, house

BARE = b"From: ana@example.org\r\nSubject: My data\r\n\r\nPlease delete my data.\r\n"
NOBODY = b"Subject: My data\r\n\r\nPlease delete my data.\r\n"
DEEP = b"Subject: x\r\n" + b"Content-Type: multipart/mixed\r\n\r\n" * (NESTING_MAX + 1)


def taken(at: House, *mails: tuple[bytes, str, timedelta], peers: Sequence[str] = ()) -> list[str]:
    """Return the id of each mail; the clock goes on by so much before each."""

    found: list[str] = []

    async def go() -> None:
        await at.front.open()
        try:
            for (raw, sender, later), peer in zip_longest(mails, peers, fillvalue="192.0.2.1"):
                at.clock.moment += later
                found.append(await at.front.mail("axigen", "dpo@axigen.com", raw, sender, peer))
        finally:
            await at.front.close()

    at.run(go())
    return found


NOW, MONTH = timedelta(0), timedelta(days=30)
ANA = "ana@example.org"


def test_a_bare_mail_that_comes_again_soon_is_a_retry_wherever_the_clock_stands(tmp_path: Path) -> None:
    chance = Random(7)
    lengths = (1, 59, 61, AGAIN_SECONDS - 1, AGAIN_SECONDS, AGAIN_SECONDS + 1, 3600)
    waits = [timedelta(seconds=chance.choice(lengths)) for _ in range(60)]
    mails = [b"Subject: %d\r\n\r\nPlease delete my data." % number for number in range(60)]
    with house(tmp_path) as at:
        each = ((raw, ANA, later) for raw, wait in zip(mails, waits, strict=True) for later in (wait / 3, wait))
        ids = taken(at, *each)
    for number, wait in enumerate(waits):
        first, second = ids[2 * number : 2 * number + 2]
        assert (first == second) == (wait < timedelta(seconds=AGAIN_SECONDS)), wait


def test_a_bare_mail_is_not_kept_from_being_sent_again_by_its_own_retries(tmp_path: Path) -> None:
    # A retry is measured from the mail that was taken, not from the last retry.
    with house(tmp_path) as at:
        ids = taken(at, *[(BARE, ANA, timedelta(seconds=AGAIN_SECONDS * 0.4))] * 15)
        assert [len(list(group)) for _, group in groupby(ids)] == [3, 3, 3, 3, 3]


def test_the_same_bare_mail_from_another_host_is_another_one(tmp_path: Path) -> None:
    with house(tmp_path) as at:
        ids = taken(at, (BARE, ANA, NOW), (BARE, ANA, NOW), peers=("192.0.2.1", "192.0.2.2"))
        assert len(set(ids)) == 2


@pytest.mark.parametrize(
    ("mails", "messages"),
    [
        ([(BARE, "ana@example.org", NOW), (BARE, "ana@example.org", NOW)], 1),
        ([(BARE, "ana@example.org", NOW), (BARE, "ana@example.org", MONTH)], 2),
        ([(b"Message-ID: <1@x>\r\n" + BARE, "", NOW), (b"Message-ID: <1@x>\r\n" + BARE, "", MONTH)], 1),
        ([(NOBODY, "ana@example.org", NOW), (NOBODY, "ben@example.org", NOW)], 2),
        ([(DEEP, "ana@example.org", NOW), (DEEP, "ben@example.org", NOW)], 2),
        ([(DEEP, "ana@example.org", NOW), (DEEP, "ana@example.org", NOW)], 1),
        ([(DEEP, "ana@example.org", NOW), (DEEP, "ana@example.org", MONTH)], 2),
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
