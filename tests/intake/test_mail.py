"""Reading mails: whatever arrives is read, or held with a named reason."""

from __future__ import annotations

import contextlib
from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.values import Held
from services.intake.core.mail import MailHeld, read_mail

WRITER = "ana@example.org"
HEAD = b"From: Ana Ruiz <Ana@Example.org>\r\nTo: dpo@example.com\r\nMessage-ID: <1@example.org>\r\nSubject: Hello\r\n"


def test_the_plain_part_of_a_multipart_mail_is_read_and_its_attachment_named() -> None:
    mail = EmailMessage()
    mail["From"], mail["Subject"] = f"Ana Ruiz <{WRITER}>", "My data"
    mail.set_content("Please send me my data.")
    mail.add_alternative("<p>Another text</p>", subtype="html")
    mail.add_attachment(b"1234", maintype="application", subtype="pdf", filename="id.pdf")
    found = read_mail(mail.as_bytes(), WRITER)
    assert found.text.strip() == "Please send me my data."
    assert [(each.name, each.size_bytes) for each in found.attachments] == [("id.pdf", 4)]
    assert (found.sender_name, found.sender_address) == ("Ana Ruiz", WRITER)


def test_a_mail_in_html_only_is_read_without_its_tags() -> None:
    found = read_mail(HEAD + b"Content-Type: text/html\r\n\r\n<p>Delete <b>everything</b></p>", WRITER)
    assert "Delete everything" in found.text


@pytest.mark.parametrize("charset", ["utf-8", "us-ascii", "x-unheard-of", "\xff\xfe"])
def test_a_wrong_charset_loses_no_readable_word(charset: str) -> None:
    kind = f'Content-Type: text/plain; charset="{charset}"\r\n\r\n'.encode("latin-1")
    assert "bitte" in read_mail(HEAD + kind + "L\xf6schen Sie bitte".encode("latin-1"), WRITER).text


def test_a_bomb_of_nested_parts_is_held() -> None:
    bomb = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(2000))
    with pytest.raises(MailHeld) as held:
        read_mail(HEAD + bomb, WRITER)
    assert held.value.reason is Held.TOO_DEEP


def test_a_header_without_end_is_held() -> None:
    with pytest.raises(MailHeld) as held:
        read_mail(HEAD + b"X-A: b\r\n" * 6000, WRITER)
    assert held.value.reason is Held.TOO_LARGE


@pytest.mark.parametrize(
    "header",
    [
        b"Auto-Submitted: auto-replied",
        b"Precedence: bulk",
        b"List-Id: <news.example.org>",
        b"X-Auto-Response-Suppress: All",
        b"X-Loop: habeas",
        b"Content-Type: multipart/report; boundary=x",
    ],
)
def test_what_a_machine_wrote_is_marked_so(header: bytes) -> None:
    # RFC 3834 section 2
    assert read_mail(HEAD + header + b"\r\n\r\nhello", WRITER).automatic


def test_a_bounce_is_automatic_and_a_person_is_not() -> None:
    assert read_mail(HEAD + b"\r\nhello", "<>").automatic
    assert not read_mail(HEAD + b"Auto-Submitted: no\r\n\r\nhello", WRITER).automatic


def test_a_reply_to_receives_no_letter() -> None:
    assert read_mail(HEAD + b"Reply-To: thief@example.net\r\n\r\nhello", WRITER).sender_address == WRITER


@pytest.mark.parametrize("nobody", ["noreply@forms.example", "do-not-reply@forms.example", "No_Reply@forms.example"])
def test_a_web_form_that_writes_as_nobody_speaks_for_the_address_typed_into_it(nobody: str) -> None:
    raw = b"From: Form <%s>\r\nReply-To: Irena Kos <irena.kos@primer.hr>\r\n\r\nhello" % nobody.encode()
    mail = read_mail(raw, nobody)
    assert (mail.sender_name, mail.sender_address) == ("Irena Kos", "irena.kos@primer.hr")


def test_a_form_with_two_addresses_typed_in_speaks_for_neither() -> None:
    raw = b"From: noreply@forms.example\r\nReply-To: a@example.org, b@example.org\r\n\r\nhello"
    assert read_mail(raw, "noreply@forms.example").sender_address == "noreply@forms.example"


def test_a_header_cannot_bring_a_line_of_its_own() -> None:
    raw = b"From: ana@example.org\r\nSubject: =?utf-8?q?a=0D=0ABcc:_b=40example.org?=\r\n\r\nhello"
    assert not {"\r", "\n", "\x00"} & set(read_mail(raw, WRITER).subject)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=600), st.booleans())
def test_no_bytes_raise_anything_but_held(raw: bytes, headed: bool) -> None:
    with contextlib.suppress(MailHeld):
        read_mail(HEAD + raw if headed else raw, WRITER)


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(
        [b"From", b"Subject", b"Content-Type", b"Content-Disposition", b"Content-Transfer-Encoding", b"To"]
    ),
    st.text(max_size=80),
)
def test_no_header_raises_anything_but_held(name: bytes, words: str) -> None:
    raw = name + b": " + words.encode("utf-8", "replace") + b"\r\n\r\nhello"
    with contextlib.suppress(MailHeld):
        read_mail(raw, WRITER)
