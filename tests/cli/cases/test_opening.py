"""Letters and calls that an officer takes in."""

from __future__ import annotations

import contextlib
import os
import threading
import tracemalloc
from datetime import date
from pathlib import Path

import pytest

from services.router.api.cases import Refused, brought
from tests.cli.cases.office import Office, days_ago, huge


def test_a_letter_is_a_case_with_its_deadline_from_the_receipt(office: Office) -> None:
    found = office.open("access", received="2026-03-31T09:00", reference="letter 7")
    shown = office.show(found["reference"])
    (claim,) = shown["claims"]
    assert claim["due_day"] == "2026-04-30"
    assert claim["source"].startswith("Art. 12(3) GDPR")
    assert shown["timeline"][0]["who"] == "officer olga"
    assert "a letter received Tue 31 Mar 2026 09:00" in shown["timeline"][0]["what"]
    assert claim["waits"] == ["identity"], "a letter proves nobody: the person is asked"


def test_the_same_letter_twice_is_one_case(office: Office) -> None:
    first = office.open("access", reference="letter 7")
    before = office.show(first["case"])
    second = office.open("access", reference="letter 7")
    assert (first["how"], second["how"]) == ("opened", "known")
    assert office.show(first["case"]) == before
    assert len(office.json("list")) == 1


def test_a_second_letter_joins_the_open_case_and_is_not_opened_twice(office: Office) -> None:
    first = office.open("access", reference="letter 7")
    joined = office.open("access", "erasure", received=days_ago(1), reference="letter 8")
    assert (joined["how"], joined["case"]) == ("joined", first["case"])
    assert joined["rights"] == ["access", "erasure"]
    assert office.open("access", "erasure", received=days_ago(1), reference="letter 8")["how"] == "known"
    apart = office.json("open", "--controller", "axigen", "--right", "access", "--channel", "call", "--received",
                        days_ago(0), "--person-email", "ann@example.org", "--separate")  # fmt: skip
    assert apart["case"] != first["case"]


def test_a_caller_whom_the_officer_knows_is_not_asked_again(office: Office) -> None:
    found = office.open("erasure", channel="call", identified="Known customer", received=days_ago(0))
    shown = office.show(found["case"])
    assert shown["assurance"] == "document"
    assert shown["claims"][0]["stage"] == "routed"
    confirmed = next(entry for entry in shown["timeline"] if entry["event"] == "IdentityConfirmed")
    assert (confirmed["who"], confirmed["why"]) == ("officer olga", "known customer")


def test_a_letter_without_an_address_to_mail_to_is_answered_by_post(office: Office) -> None:
    found = office.open("access", person_email="", postal="1 High Street, Riga", language="en")
    (letter,) = office.json("letters", found["case"])
    assert letter["template"] == "identity_request"
    received = date.fromisoformat(days_ago(2))
    assert f"{received.day} {received:%B %Y}" in letter["text"], "the day where the controller is"
    assert "://" not in letter["text"], "nobody types a link from paper"
    code = letter["text"].partition("code: ")[2].split()[0]
    assert "before the receipt or in the future" in office.refused(
        "posted", found["case"], letter["letter"], "--on", days_ago(-2)
    )
    assert "it cannot have been posted before" in office.refused(
        "posted", found["case"], letter["letter"], "--on", days_ago(1)
    )
    office.run("posted", found["case"], "receipt", "--on", days_ago(0), "--evidence", "RR 123")
    assert office.json("letters", found["case"]) == []
    wrong = str((int(code) + 1) % 10 ** len(code)).zfill(len(code))
    assert "4 attempts are left" in office.refused("confirm", found["case"], "--code", wrong)
    assert office.json("confirm", found["case"], "--code", code)["waiting_for"] == ["routed"]
    posted = next(x for x in office.show(found["case"])["timeline"] if x["event"] == "LetterSent")
    assert (posted["who"], posted["words"]) == ("officer olga", ["RR 123"])


def test_what_they_wrote_is_kept_and_read_again(office: Office, tmp_path: Path) -> None:
    letter = tmp_path / "letter.txt"
    letter.write_text("Sehr geehrte Damen und Herren, bitte senden Sie mir eine Kopie meiner Daten.", "utf-8")
    scan = tmp_path / "letter.pdf"
    scan.write_bytes(b"%PDF-1.4 ...")
    found = office.json("open", "--controller", "axigen", "--right", "access", "--channel", "letter", "--received",
                        days_ago(1), "--name", "Ann Ash", "--text", str(letter), "--scan", str(scan))  # fmt: skip
    assert office.show(found["case"])["language"] == "de"
    content = office.json("read", found["case"])
    assert "Kopie meiner Daten" in content["text"]
    assert content["attachments"][0]["media_type"] == "application/pdf"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"--controller": "nobody"}, "unknown controller nobody; known are: axigen"),
        ({"--right": "flying"}, "unknown right 'flying'; known are: access"),
        ({"--received": "31.3.2026"}, "is no date: write 2026-03-31"),
        ({"--received": "1800-01-01"}, "is out of range: 1970 to 2150"),
        ({"--received": "2026-02-30"}, "is no date"),
        ({"--received": "1999-01-01"}, "more than ten years ago"),
        ({"--received": "2149-01-01"}, "the receipt lies in the future"),
        ({"--zone": "Mars/Olympus"}, "unknown time zone 'Mars/Olympus'"),
        ({"--law": "lex-rhodia"}, "lex-rhodia"),
        ({"--name": "", "--person-email": ""}, "say who it is about"),
        ({"--person-email": "not an address"}, "not an address such as"),
        ({"--language": "klingon"}, "is no language"),
        ({"--identity": "4711"}, "KIND=VALUE"),
        ({"--channel": "pigeon"}, "is not one of"),
        ({"--asker": "dog"}, "is not one of"),
        ({"--identified": "Ça va?!"}, "use a short word"),
    ],
)
def test_what_cannot_be_taken_in_is_refused_with_the_remedy(office: Office, changed: dict[str, str], said: str) -> None:
    given = {
        "--controller": "axigen", "--right": "access", "--channel": "letter", "--received": days_ago(2),
        "--name": "Ann Ash", "--person-email": "ann@example.org",
    }  # fmt: skip
    words = [word for name, value in (given | changed).items() if value for word in (name, value)]
    assert said in office.refused("open", *words)
    assert office.json("list", "--state", "all") == []


def test_a_file_that_is_no_text_is_refused_by_name(office: Office, tmp_path: Path) -> None:
    letter = tmp_path / "letter.bin"
    letter.write_bytes(b"\xff\xfe\x00")
    said = office.refused("open", "--controller", "axigen", "--right", "access", "--channel", "letter", "--received",
                          days_ago(1), "--name", "Ann", "--text", str(letter))  # fmt: skip
    assert "letter.bin is not UTF-8 text" in said


def test_a_scan_that_is_too_large_is_refused_and_nothing_is_opened(office: Office, tmp_path: Path) -> None:
    said = office.refused("open", "--controller", "axigen", "--right", "access", "--channel", "letter", "--received",
                          days_ago(1), "--name", "Ann", "--scan", str(huge(tmp_path)))  # fmt: skip
    assert "huge.pdf is larger than 25000000 bytes" in said
    assert office.json("list", "--state", "all") == []


def test_a_file_that_is_too_large_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = huge(tmp_path)
    tracemalloc.start()
    try:
        with pytest.raises(Refused, match="larger than"):
            brought(path)
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


def test_a_pipe_that_does_not_end_is_read_no_further_than_a_file_may_be_large(tmp_path: Path) -> None:
    path = tmp_path / "pipe.pdf"
    os.mkfifo(path)

    def pour() -> None:
        with contextlib.suppress(BrokenPipeError), path.open("wb", buffering=0) as pipe:
            while True:
                pipe.write(bytes(2**20))

    writer = threading.Thread(target=pour, daemon=True)
    writer.start()
    with pytest.raises(Refused, match="larger than"):
        brought(path)
    writer.join(timeout=60)
    assert not writer.is_alive()


def test_a_receipt_today_is_today_where_the_controller_is(office: Office) -> None:
    found = office.open("access", received=days_ago(0))
    assert found["how"] == "opened"


def test_knowledge_that_cannot_be_read_is_one_line(office: Office) -> None:
    grounds = office.home / "knowledge" / "grounds"
    grounds.mkdir(parents=True)
    (grounds / "own.toml").write_text("[[ground]]\nid = 'ours'\n", "utf-8")
    said = office.refused("list")
    assert "cannot be read: own.toml: ground ours needs [citations]" in said
