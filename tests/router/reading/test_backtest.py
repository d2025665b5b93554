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
