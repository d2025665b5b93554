"""Headers are read as people wrote them, and a name never becomes an address."""

from __future__ import annotations

import base64

import pytest

from services.intake.core.mail import address_of, read_mail

WANT = "Bitte löschen Sie alle meine Daten"


def subject(value: bytes) -> str:
    return read_mail(b"From: ana@example.org\r\nSubject: " + value + b"\r\n\r\nhello", "ana@example.org").subject


@pytest.mark.parametrize(
    "value",
    [
        WANT.encode(),
        WANT.encode("latin-1"),
        b"=?utf-8?B?" + base64.b64encode(WANT.encode()) + b"?=",
        b"=?utf-8?q?Bitte_l=C3=B6schen?=\r\n =?utf-8?q?_Sie_alle_meine_Daten?=",
        # a letter of two bytes, broken across two words
        b"=?utf-8?B?" + base64.b64encode(b"Bitte l\xc3") + b"?= =?utf-8?B?"
        + base64.b64encode(b"\xb6schen Sie alle meine Daten") + b"?=",
        "Bitte löschen =?utf-8?q?Sie?= alle meine Daten".encode(),
    ],
)  # fmt: skip
def test_a_subject_is_read_however_it_was_written(value: bytes) -> None:
    assert subject(value).replace("  ", " ") == WANT


def test_half_a_letter_in_a_subject_can_be_stored() -> None:
    subject(b"=?utf-7?q?+2AA-?= x").encode()
    subject(b"=?unicode_escape?q?=5Cud800?=").encode()


def sender(value: str) -> tuple[str, str]:
    mail = read_mail(f"From: {value}\r\n\r\nhello".encode(), "ana@example.org")
    return mail.sender_name, mail.sender_address


def test_a_name_that_holds_an_address_is_not_who_wrote() -> None:
    # RFC 2047 section 6.2: the header is taken apart before its words are decoded
    assert sender("=?utf-8?q?victim=40example.org=2C?= <other@example.org>")[1] == "other@example.org"
    assert sender("=?utf-8?q?=3Cvictim=40example.org=3E?= <other@example.org>")[1] == "other@example.org"


def test_an_address_in_the_letters_of_its_country_is_kept() -> None:
    # RFC 6532; a domain is compared as DNS spells it
    assert sender("Jörg <jörg@example.org>") == ("Jörg", "jörg@example.org")
    assert sender("Jörg <info@bücher.example>") == ("Jörg", "info@xn--bcher-kva.example")
    assert address_of("INFO@Bücher.example") == "info@xn--bcher-kva.example"


@pytest.mark.parametrize(
    "value", ["Family: Ana <ana@example.org>, Bob <b@example.org>;", "Ana <ana@example.org>, b@x.y"]
)
def test_of_several_writers_the_first_is_written_to(value: str) -> None:
    assert sender(value)[1] == "ana@example.org"


def test_a_mail_without_headers_is_all_text() -> None:
    for raw in (b"Please delete my data.\r\n", b"\r\nPlease delete my data.\r\n"):
        mail = read_mail(raw, "ana@example.org")
        assert (mail.text.strip(), mail.sender_address) == ("Please delete my data.", "ana@example.org")
