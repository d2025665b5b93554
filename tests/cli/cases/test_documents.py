"""Identity documents at the command line: taken only when asked for, looked at once, and then gone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import select

from services.router.documents import owner
from services.router.tables import DOCUMENTS
from services.runtime.vault import Forgotten
from tests.cli.cases.office import Office, days_ago, huge

SCAN = b"%PDF-1.7 " + bytes(range(200)) * 40
WHY = "The address on file was changed yesterday."


@pytest.fixture
def asked(office: Office, tmp_path: Path) -> str:
    name = str(office.open("access")["case"])
    office.run("identify", name, "--by", "document", "--reasons", WHY)
    return name


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    path = tmp_path / "passport of ann.pdf"
    path.write_bytes(SCAN)
    return path


def test_a_document_by_post_is_kept_looked_at_and_destroyed(
    office: Office, asked: str, scan: Path, tmp_path: Path
) -> None:
    kept = office.json("document", asked, "--scan", str(scan))
    assert kept["tasks"] == ["identity_document_came"]
    (document,) = office.show(asked)["documents"]
    assert "destroyed after" in office.run("show", asked)
    folder = tmp_path / "look"
    told = office.run("document", asked, "--out", str(folder))
    (file,) = folder.iterdir()
    assert file.read_bytes() == SCAN
    assert file.name == "01-passport-of-ann.pdf"
    assert (folder.stat().st_mode & 0o777, file.stat().st_mode & 0o777) == (0o700, 0o600)
    assert "remove the folder" in told
    confirmed = office.json("confirm", asked, "--ground", "passport_seen")
    shown = office.show(asked)
    assert shown["documents"] == []
    assert shown["version"] == confirmed["version"], "the version that was printed is the one to decide on next"
    told_last = [each["what"] for each in shown["timeline"]][-1]
    assert told_last == "1 identity document destroyed, with the key: nobody has to look any more"
    assert "Art. 5(1)(e) GDPR" in office.refused("document", asked, "--out", str(tmp_path / "again"))
    with office.desk() as at, pytest.raises(Forgotten):
        at.vault.keys.key_of(owner(document["document"]))


def test_a_document_is_kept_and_destroyed_on_either_database(both: Office, scan: Path, tmp_path: Path) -> None:
    name = str(both.open("access")["case"])
    both.run("identify", name, "--by", "document", "--reasons", WHY)
    both.run("document", name, "--scan", str(scan))
    both.run("document", name, "--out", str(tmp_path / "look"))
    both.run("confirm", name, "--ground", "passport_seen")
    assert both.show(name)["documents"] == []
    with both.desk() as at, at.store.begin() as transaction:
        assert transaction.execute(select(DOCUMENTS)).all() == []


@pytest.mark.parametrize(
    "words",
    [
        ("refuse", "--ground", "excessive", "--reasons", "The same a week ago."),
        ("withdraw",),
        ("identify", "--by", "document", "--reasons", "The photograph cannot be read."),
        ("complete", "--answered", "today", "--evidence", "registered letter RR 1"),
    ],
)
def test_every_other_end_destroys_it_too(office: Office, asked: str, scan: Path, words: tuple[str, ...]) -> None:
    office.run("document", asked, "--scan", str(scan))
    command, *options = (days_ago(0) if word == "today" else word for word in words)
    office.run(command, asked, *options)
    assert office.show(asked)["documents"] == []
    with office.desk() as at, at.store.begin() as transaction:
        assert b"passport" not in b"".join(
            at.vault.open(transaction, ref)
            for (ref,) in transaction.connection.exec_driver_sql(
                "SELECT ref FROM vault_objects WHERE kind = 'identity_document' AND chunks > 0"
            )
        )


def test_a_document_that_nobody_asked_for_is_refused_with_what_to_do(office: Office, scan: Path) -> None:
    name = str(office.open("access")["case"])
    why = office.refused("document", name, "--scan", str(scan))
    assert "habeas case identify --by document" in why
    assert "Art. 5(1)(c) GDPR" in why


def test_a_documents_day_lies_between_the_asking_and_today(office: Office, asked: str, scan: Path) -> None:
    assert "Art. 5(1)(c)" in office.refused("document", asked, "--scan", str(scan), "--received", days_ago(9))
    assert "future" in office.refused("document", asked, "--scan", str(scan), "--received", days_ago(-3))
    office.run("document", asked, "--scan", str(scan), "--received", days_ago(0))


def test_a_record_that_a_backup_brought_back_says_that_the_document_is_gone(
    office: Office, asked: str, scan: Path, tmp_path: Path
) -> None:
    office.run("document", asked, "--scan", str(scan))
    (document,) = office.show(asked)["documents"]
    with office.desk() as at:
        at.vault.forget(owner(document["document"]))
    told = office.refused("document", asked, "--out", str(tmp_path / "look"))
    assert "was destroyed" in told
    assert "habeas case identify" in told
    assert not (tmp_path / "look").exists()


def test_slips_are_one_line(office: Office, asked: str, scan: Path, tmp_path: Path) -> None:
    assert "--out FOLDER" in office.refused("document", asked)
    empty = tmp_path / "empty.pdf"
    empty.touch()
    assert "empty" in office.refused("document", asked, "--scan", str(empty))
    assert "larger than 25000000 bytes" in office.refused("document", asked, "--scan", str(huge(tmp_path)))
    office.run("document", asked, "--scan", str(scan))
    assert "name a new folder" in office.refused("document", asked, "--out", str(tmp_path))


def test_the_authoritys_folder_tells_of_the_document_and_does_not_hold_it(
    office: Office, asked: str, scan: Path, tmp_path: Path
) -> None:
    office.run("document", asked, "--scan", str(scan))
    folder = tmp_path / "evidence"
    office.run("export", asked, "--out", str(folder), "--originals")
    files = {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert not any(SCAN in content or b"passport of ann" in content for content in files.values())
    told = json.loads(files[Path("case.json")]) if Path("case.json") in files else files
    assert "the identity document that was asked for arrived" in str(told)


def test_a_document_is_not_approved_but_decided(office: Office, asked: str, scan: Path) -> None:
    office.run("document", asked, "--scan", str(scan))
    assert "habeas case document" in office.refused("approve", asked, "--ground", "seen")
