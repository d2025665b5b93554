"""An old inbox is read in shadow: all is counted, nothing is kept but the report, and the report names nobody."""

from __future__ import annotations

import json
import mailbox
from email.message import EmailMessage
from pathlib import Path

import pytest
from click.testing import CliRunner

from services.cli.backtest import backtest

REQUEST = "Please delete my account.\n\nKind regards,\nWilhelmina Okonkwo\nwilhelmina@example.org"


def mail(text: str, *, html: bool = False, subject: str = "") -> EmailMessage:
    message = EmailMessage()
    message["From"] = "Wilhelmina Okonkwo <wilhelmina@example.org>"
    message["Subject"] = subject
    message.set_content(f"<p>{text}</p><style>p {{ }}</style>" if html else text, subtype="html" if html else "plain")
    return message


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    path = tmp_path / "old.mbox"
    with_card = mail(REQUEST)
    with_card.add_attachment(b"%PDF please delete my account", maintype="application", subtype="pdf", filename="id.pdf")
    forwarded = (
        "FYI\n\n---------- Forwarded message ---------\nFrom: a <a@example.org>\nTo: us <us@example.com>\n\n" + REQUEST
    )
    box = mailbox.mbox(str(path))
    for message in (
        mail(REQUEST),
        mail(REQUEST.replace("\n", "<br>"), html=True),
        with_card,
        mail(forwarded),
        mail("Where is my parcel?"),
        mail("Bitte löschen Sie mein Konto und alle meine Daten."),
        mail("Мен деректерім туралы сұрағым бар еді."),
        mail("See above.", subject="Unsubscribe me from your newsletter"),
    ):
        box.add(message)
    box.close()
    return path


def report(inbox: Path, *options: str) -> str:
    result = CliRunner().invoke(backtest, [str(inbox), "--home", str(inbox.parent / "none"), *options])
    assert result.exit_code == 0, result.output
    return result.stdout


def test_every_kind_of_mail_is_counted_by_what_would_have_happened(inbox: Path) -> None:
    counted = json.loads(report(inbox, "--format", "json"))
    assert counted["messages"] == 8
    assert counted["verdicts"] == {"opened": 5, "asked": 0, "reviewed": 2, "ignored": 1}
    assert counted["rights"]["erasure"] == {"opened": 4, "reviewed": 1}
    assert counted["rights"]["unsubscribe"] == {"opened": 1}


def test_the_report_names_nobody(inbox: Path) -> None:
    for form in ("text", "json", "html"):
        written = report(inbox, "--format", form)
        assert "delete my account" in written
        assert "Wilhelmina" not in written
        assert "@example.org" not in written


def test_nothing_is_kept_but_the_report(inbox: Path) -> None:
    before = inbox.read_bytes()
    output = inbox.parent / "report.html"
    report(inbox, "--format", "html", "--output", str(output))
    assert sorted(path.name for path in inbox.parent.iterdir()) == ["old.mbox", "report.html"]
    assert inbox.read_bytes() == before
    page = output.read_text("utf-8")
    assert page.count("<svg") == 1
    assert "http" not in page.replace("http://www.w3.org", "")


def test_the_lines_come_in_the_order_in_which_an_officer_cares(inbox: Path) -> None:
    written = report(inbox)
    places = [written.index(f"\n{word}") for word in ("opened: erasure", "reviewed", "ignored")]
    assert places == sorted(places)
    assert "Unsubscribe me from your newsletter | See above." in written


def test_an_old_mail_is_read_as_a_new_one_would_be(tmp_path: Path) -> None:
    folder = tmp_path / "eml"
    folder.mkdir()
    stub = EmailMessage()
    stub["From"], stub["Subject"] = "a@example.org", "Hello"
    stub.set_content("Your mail program cannot show this message.")
    stub.add_alternative("<p>Please delete my account and all my data.</p>", subtype="html")
    (folder / "stub.EML").write_bytes(stub.as_bytes())
    (folder / "away.eml").write_bytes(
        b"From: b@example.org\nSubject: Out of office\nAuto-Submitted: auto-replied\n\nPlease delete my account.\n"
    )
    (folder / "locked.eml").write_bytes(
        b"From: c@example.org\nContent-Type: application/pkcs7-mime; smime-type=enveloped-data\n"
        b"Content-Transfer-Encoding: base64\n\nMIAGCSqGSIb3\n"
    )
    counted = json.loads(report(folder, "--format", "json"))
    assert counted["verdicts"] == {"opened": 1, "asked": 0, "reviewed": 2, "ignored": 0}
    assert counted["rights"] == {"erasure": {"opened": 1, "reviewed": 1}}
    assert (counted["automatic"], counted["faults"]) == (1, ["locked.eml: is encrypted"])


def test_lines_that_hold_no_text_are_counted_and_the_rest_is_read(tmp_path: Path) -> None:
    lines = tmp_path / "old.jsonl"
    good = b'{"text": "Please delete my account."}\n'
    lines.write_bytes(
        b'\xef\xbb\xbf{"text": null}\n{"text": 5}\nnot json\n[1]\n\n{"text": "' + b"a" * 9_000_000 + b'"}\n' + good
    )
    counted = json.loads(report(lines, "--format", "json"))
    assert (counted["messages"], counted["unreadable"], counted["verdicts"]["opened"]) == (6, 5, 1)


@pytest.mark.parametrize("source", ["folder", "empty.mbox"])
def test_a_source_without_mail_is_told_so(tmp_path: Path, source: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "empty.mbox").touch()
    result = CliRunner().invoke(backtest, [str(tmp_path / source)])
    assert result.exit_code == 2
    assert "holds no mail" in result.output or "is empty" in result.output
