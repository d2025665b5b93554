"""Which of a mail's parts are its words, however its program wrote them."""

from __future__ import annotations

import base64
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.core.bodies import PASSED_ON, unflowed
from services.intake.core.mail import Mail, read_mail
from services.intake.core.pages import readable

WANT = "Please delete all the personal data you hold about me."
HEAD = b"From: Ana <ana@example.org>\r\nSubject: Hello\r\nMIME-Version: 1.0\r\n"


def mail(kind: str, body: str | bytes, *more: str) -> Mail:
    lines = "".join(f"{line}\r\n" for line in (f"Content-Type: {kind}", *more, ""))
    content = body if isinstance(body, bytes) else body.replace("\n", "\r\n").encode()
    return read_mail(HEAD + lines.encode() + content, "ana@example.org")


def parts(kind: str, *inner: tuple[str, str]) -> Mail:
    body = "".join(f"--b\nContent-Type: {each}\n\n{text}\n" for each, text in inner)
    return mail(f'{kind}; boundary="b"', f"{body}--b--\n")


def test_html_before_a_scanners_footer_in_plain_text_is_read() -> None:
    found = parts("multipart/mixed", ("text/html", f"<p>{WANT}</p>"), ("text/plain", "-- \nScanned by a filter"))
    assert WANT in found.text


def test_all_pieces_around_an_attachment_are_read() -> None:
    found = parts(
        "multipart/mixed", ("text/html", "<p>First</p>"), ("application/pdf", "%PDF"), ("text/html", "<p>Last</p>")
    )
    assert ("First" in found.text, "Last" in found.text) == (True, True)


@pytest.mark.parametrize("stub", ["", "   ", "This message is in HTML. Your program cannot show it."])
def test_html_is_read_where_the_plain_part_says_nothing(stub: str) -> None:
    assert WANT in parts("multipart/alternative", ("text/plain", stub), ("text/html", f"<p>{WANT}</p>")).text


@pytest.mark.parametrize(
    "stub",
    [
        "Your mail program cannot display this message.",
        "To view this email as a web page, go to https://mail.example.org/v/88120",
        "Ihr E-Mail-Programm kann diese Nachricht leider nicht anzeigen.",
        "Votre logiciel de messagerie ne peut pas afficher ce message.",
        "[image: logo]",
        "--",
    ],
)
def test_html_is_read_where_the_plain_part_leaves_out_what_it_says(stub: str) -> None:
    page = f"<head><title>Mail</title><style>p {{ color: red }}</style></head><!-- x --><p>{WANT}</p>"
    assert WANT in parts("multipart/alternative", ("text/plain", stub), ("text/html", page)).text


def test_a_plain_part_that_says_what_its_page_says_is_read_alone() -> None:
    page = f"<style>{'p { color: red } ' * 50}</style><p>Hello &amp; good day,<br>{WANT}</p>"
    assert (
        parts("multipart/alternative", ("text/plain", f"Hello, {WANT}"), ("text/html", page)).text == f"Hello, {WANT}"
    )


def test_what_only_the_plain_part_says_is_not_lost_beside_a_longer_page() -> None:
    page = "<p>We wish you a sunny summer with our new collection of garden chairs.</p>"
    assert WANT in parts("multipart/alternative", ("text/plain", WANT), ("text/html", page)).text


@pytest.mark.parametrize("bomb", ["<style", "<!--", "<", "<head><style></head", "</"])
def test_a_page_of_openings_is_looked_at_in_bounded_time(bomb: str) -> None:
    begun = time.perf_counter()
    parts("multipart/alternative", ("text/plain", "Hello there"), ("text/html", bomb * (100_000 // len(bomb))))
    assert time.perf_counter() - begun < 5


def test_a_plain_part_that_speaks_of_html_is_kept_where_there_is_no_other() -> None:
    assert (
        "HTML mails" in parts("multipart/alternative", ("text/plain", "Stop your HTML mails."), ("text/html", "")).text
    )


def test_a_mail_passed_on_as_an_attachment_is_marked_as_somebody_elses() -> None:
    inner = f"From: Bob <bob@example.net>\nSubject: My data\n\n{WANT}"
    found = parts("multipart/mixed", ("text/plain", "please see the request below"), ("message/rfc822", inner))
    before, mark, after = found.text.partition(PASSED_ON)
    assert "see the request below" in before
    assert mark
    assert ("bob@example.net" in after, "My data" in after, WANT in after) == (True, True, True)


def test_what_a_report_returns_is_not_what_it_says() -> None:
    found = parts(
        "multipart/report; report-type=delivery-status", ("text/plain", "It did not arrive."),
        ("message/delivery-status", "Action: failed"), ("message/rfc822", f"Subject: x\n\n{WANT}"),
    )  # fmt: skip
    assert (found.text.strip(), found.automatic) == ("It did not arrive.", True)


def test_a_text_attached_to_an_empty_mail_is_read_and_one_beside_words_is_not() -> None:
    attached = ("text/plain; name=a.txt\nContent-Disposition: attachment; filename=a.txt", WANT)
    assert WANT in parts("multipart/mixed", ("text/plain", ""), attached).text
    assert WANT not in parts("multipart/mixed", ("text/plain", "How are you?"), attached).text


@pytest.mark.parametrize("kind", ['multipart/mixed; boundary="never"', "multipart/mixed", "text", "text/enriched"])
def test_words_under_a_wrong_label_are_read(kind: str) -> None:
    assert WANT in mail(kind, WANT).text


def test_the_formatting_of_enriched_text_is_not_read() -> None:
    assert WANT in mail("text/enriched", WANT.replace("delete", "<bold>delete</bold>")).text


def test_a_signature_in_the_text_is_not_read() -> None:
    signed = (
        f"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n{WANT}\n"
        "-----BEGIN PGP SIGNATURE-----\n\niQIzBAEBCgAdFiEE\n=abcd\n-----END PGP SIGNATURE-----\n"
    )
    assert mail("text/plain", signed).text.strip() == WANT


def test_what_is_signed_beside_its_text_is_read_and_not_called_encrypted() -> None:
    found = parts("multipart/signed", ("text/plain", WANT), ("application/pkcs7-signature; name=smime.p7s", "MIIB"))
    assert (found.text.strip(), found.encrypted) == (WANT, False)


ARMOURED = "-----BEGIN PGP MESSAGE-----\n\nhQEMA0vV9k1xQ\n-----END PGP MESSAGE-----\n"


def test_what_is_encrypted_says_so() -> None:
    assert parts("multipart/encrypted", ("application/octet-stream", ARMOURED)).encrypted
    assert mail("text/plain", ARMOURED).encrypted
    assert mail("application/pkcs7-mime; smime-type=enveloped-data", "MIIB").encrypted
    assert mail("application/x-pkcs7-mime", "MIIB").encrypted
    assert not mail("application/pkcs7-mime; smime-type=signed-data", "MIIB").encrypted


ENCODED = base64.encodebytes(WANT.encode()).decode()


@pytest.mark.parametrize(
    "body", [ENCODED, ENCODED.strip().rstrip("="), ENCODED.strip()[:-1], f"{ENCODED}-- \nlist footer\n", WANT]
)
def test_base64_that_is_cut_or_added_to_or_none_is_read(body: str) -> None:
    assert WANT[:-2] in mail("text/plain; charset=utf-8", body, "Content-Transfer-Encoding: base64").text


def test_paragraphs_broken_for_narrow_screens_are_put_together() -> None:
    # RFC 3676 section 4
    assert unflowed("Please send me \na copy of my \ndata.\n\n-- \nAna", joined=False) == (
        "Please send me a copy of my data.\n\n-- \nAna"
    )
    assert unflowed("a co \npy of all\n", joined=True) == "a copy of all\n"
    assert unflowed(">> deep \n>> er\n> less", joined=False) == ">> deep er\n> less"
    assert unflowed(" >stuffed", joined=False) == ">stuffed"


@given(st.lists(st.text(alphabet="ab >-", max_size=8), max_size=8))
def test_putting_paragraphs_together_loses_no_letter(lines: list[str]) -> None:
    text = "\n".join(lines)
    assert [letter for letter in unflowed(text, joined=False) if letter in "ab"] == [x for x in text if x in "ab"]


@pytest.mark.parametrize("depth", [10, 255, 300, 3_000, 30_000])
def test_words_in_html_are_read_however_deep_they_stand(depth: int) -> None:
    assert WANT in readable("<div>" * depth + f"<p>{WANT}</p>" + "</div>" * depth)


def test_a_quotation_in_html_stands_there_as_one() -> None:
    page = '<p>New.</p><blockquote type="cite">Old<blockquote type="cite">Older</blockquote></blockquote><p>Below.</p>'
    lines = [line for line in readable(page).split("\n") if line.strip()]
    assert [line.strip() for line in lines if not line.startswith(">")] == ["New.", "Below."]
    assert [line.split(">")[-1].strip() for line in lines if line.startswith(">")] == ["Old", "Older"]


def test_a_margin_that_quotes_nobody_is_the_writers() -> None:
    page = '<p>New.</p><blockquote style="margin:0 0 0 40px">Indented by hand</blockquote><cite>x</cite>'
    assert ">" not in readable(page)
