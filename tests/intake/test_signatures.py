"""A mail is its sender's own where the sender's domain signed it, to us; everything else proves nothing."""

from __future__ import annotations

import pytest

from services.intake.signatures import Signatures
from tests.intake.signing import SIGNED, names, signed

MAIL = (
    b"From: Ann <ann@example.org>\r\nTo: privacy@pens.example\r\nSubject: My data\r\n"
    b"Date: Tue, 02 Mar 2027 09:00:00 +0000\r\nMessage-ID: <1@example.org>\r\n\r\nUnsubscribe me, please.\r\n"
)
US = frozenset({"privacy@pens.example"})


def asking(*domains: str) -> Signatures:
    known = names(*domains)
    return Signatures(lambda name, _seconds: known.get(name))


def test_a_mail_that_its_senders_domain_signed_is_aligned() -> None:
    assert asking("example.org").aligned(signed(MAIL), "ann@example.org", US)


def test_a_domain_above_the_senders_may_sign_and_one_beside_it_may_not() -> None:
    mail = MAIL.replace(b"ann@example.org", b"ann@mail.example.org")
    assert asking("example.org").aligned(signed(mail), "ann@mail.example.org", US)
    beside = asking("other.example").aligned(signed(MAIL, "other.example"), "ann@example.org", US)
    assert not beside
    assert not asking("ample.org").aligned(signed(MAIL, "ample.org"), "ann@example.org", US)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"Unsubscribe", b"Delete everything, unsubscribe"),
        (b"Subject: My data", b"Subject: Another"),
        (b"Ann <ann@example.org>", b"Ann <eve@example.org>"),
    ],
)
def test_a_mail_that_was_changed_on_its_way_is_not(old: bytes, new: bytes) -> None:
    raw = signed(MAIL).replace(old, new)
    sender = "eve@example.org" if b"eve@" in raw else "ann@example.org"
    assert not asking("example.org").aligned(raw, sender, US)


def test_a_signed_mail_to_somebody_else_is_no_wish_addressed_to_us() -> None:
    assert not asking("example.org").aligned(signed(MAIL), "ann@example.org", frozenset({"privacy@ink.example"}))


def test_a_second_from_line_makes_it_nobodys() -> None:
    raw = b"From: eve@example.org\r\n" + signed(MAIL)
    assert not asking("example.org").aligned(raw, "eve@example.org", US)
    assert not asking("example.org").aligned(raw, "ann@example.org", US)


@pytest.mark.parametrize("missing", [b"to", b"subject", b"date"])
def test_a_signature_that_leaves_out_what_matters_is_not_enough(missing: bytes) -> None:
    headers = tuple(name for name in SIGNED if name != missing)
    assert not asking("example.org").aligned(signed(MAIL, headers=headers), "ann@example.org", US)


def test_a_signature_over_the_texts_beginning_only_is_not_enough() -> None:
    assert not asking("example.org").aligned(signed(MAIL, length=True), "ann@example.org", US)


def test_a_name_service_that_is_down_proves_nothing_and_refuses_nothing() -> None:
    assert not Signatures(lambda _name, _seconds: None).aligned(signed(MAIL), "ann@example.org", US)


@pytest.mark.parametrize(
    "line",
    [
        b"DKIM-Signature: \r\n",
        b"DKIM-Signature: v=1; a=rsa-sha256; d=example.org; s=pens; h=from; bh=!!; b=??\r\n",
        b"DKIM-Signature: v=2; nonsense\r\n",
        b"DKIM-Signature: v=1; a=rsa-sha256; c=simple; d=\xff; s=x; h=from:to; bh=YQ==; b=YQ==\r\n",
    ],
)
def test_a_broken_signature_is_no_signature(line: bytes) -> None:
    assert not asking("example.org").aligned(line + MAIL, "ann@example.org", US)


def test_a_whole_signature_below_a_broken_one_counts() -> None:
    broken = b"DKIM-Signature: v=1; a=rsa-sha256; d=list.example; s=x; h=from; bh=YQ==; b=YQ==\r\n"
    assert asking("example.org").aligned(broken + signed(MAIL), "ann@example.org", US)


def test_a_key_is_looked_up_once_for_many_mails() -> None:
    known, asked = names("example.org"), []

    def lookup(name: bytes, _seconds: int) -> bytes | None:
        asked.append(name)
        return known.get(name)

    signatures = Signatures(lookup)
    assert all(signatures.aligned(signed(MAIL), "ann@example.org", US) for _ in range(5))
    assert len(asked) == 1
