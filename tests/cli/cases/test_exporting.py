"""A case as a folder for the authority: whole, without other people, and proven without the system."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from services.cli.audit import audit
from tests.cli.cases.office import Office, days_ago

LETTER = """\
Dear Sir or Madam,

please delete the data about me. My brother Bob Bay (bob.bay@example.net, +371 2912 3456) can confirm it. So can my
colleague Mrs Zita Zars. Write to me at ann@example.org, or call +49 30 1234567.

On 3 March 2026 "Carla Cruz" <carla@example.com> wrote to me about it. Her account is DE89 3704 0044 0532 0130 00.

Regards
Ann Ash
"""
OTHERS = ("Bob", "Bay", "bob.bay", "2912", "Zita", "Zars", "Carla", "Cruz", "0532 0130", "Dora")


@pytest.fixture
def ended(office: Office, tmp_path: Path) -> str:
    """A case with a letter, a question, an extension that was refused, a note about others, and an answer by post."""
    letter = tmp_path / "letter.txt"
    letter.write_text(LETTER, "utf-8")
    name = str(
        office.open(
            "erasure", text=str(letter), identified="known_customer", identity="phone=+49 30 1234567", language="en"
        )["case"]
    )
    office.run("note", name, "Bob Bay called; Dora Diaz at the warehouse knows more: dora@example.net.")
    office.run("ask", name, "--question", "Which account do you mean?", "--ground", "which_account")
    office.deliver(name, "clarification_request")
    office.run("answered", name, "--note", "Both.")
    office.run("refuse", name, "--ground", "legal_obligation", "--reasons", "Your invoices must be kept.")
    office.deliver(name, "refused")
    return name


def export(office: Office, name: str, folder: Path, *words: str) -> dict[str, Any]:
    return dict(office.json("export", name, "--out", str(folder), *words))


def verify(folder: Path, *words: str) -> Result:
    return CliRunner().invoke(audit, ["verify", "--folder", str(folder), *words], catch_exceptions=False)


def texts(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): path.read_text("utf-8")
        for path in folder.rglob("*")
        if path.is_file() and not path.is_relative_to(folder / "law") and not path.is_relative_to(folder / "policy")
    }


def test_the_folder_tells_the_case_with_law_policy_decisions_and_deliveries(
    office: Office, ended: str, tmp_path: Path
) -> None:
    folder = tmp_path / "evidence"
    export(office, ended, folder)
    timeline = json.loads((folder / "timeline.json").read_text("utf-8"))
    links = (folder / "audit" / "links.jsonl").read_text("utf-8").splitlines()
    assert len(timeline["timeline"]) == len(links) - 1
    decisions = json.loads((folder / "decisions.json").read_text("utf-8"))["decisions"]
    (refusal,) = [each for each in decisions if "refused" in each["decision"]]
    assert refusal["reasons"] == ["Your invoices must be kept."]
    assert "Art. 17(3)(b) GDPR" in refusal["why"]
    assert refusal["who"] == "officer olga"
    letters = {each["template"]: each for each in json.loads((folder / "letters.json").read_text("utf-8"))["letters"]}
    assert re.fullmatch(r"<[0-9a-f-]{36}@axigen\.com>", letters["refused"]["message_id"])
    assert "accepted by the relay" in letters["refused"]["delivery"]
    assert "Your invoices must be kept." in (folder / letters["refused"]["file"]).read_text("utf-8")
    page = (folder / "index.html").read_text("utf-8")
    for shown in ("Your invoices must be kept.", "Art. 17(3)(b) GDPR", "Bucharest (UTC+0", "officer olga"):
        assert shown in page
    assert "src=" not in page, "nothing is fetched"
    assert "://" not in page
    assert (folder / "law" / "eu-gdpr.toml").is_file()
    policy = Path("knowledge/policies/axigen/2018-11-10.md").read_bytes()
    quoted = json.loads((folder / "policy" / "policy.json").read_text("utf-8"))
    assert quoted["version"] == "2018-11-10"
    assert (folder / "policy" / "axigen-2018-11-10.txt").read_bytes().strip() == policy.strip()


def test_nobody_else_is_in_the_folder_and_the_person_is(office: Office, ended: str, tmp_path: Path) -> None:
    folder = tmp_path / "evidence"
    done = export(office, ended, folder, "--redact", "Dora Diaz")
    for path, text in texts(folder).items():
        for other in OTHERS:
            assert not re.search(rf"(?<![0-9a-f]){re.escape(other)}(?![0-9a-f])", text), f"{other} is in {path}"
    message = (folder / "messages" / "01-letter.txt").read_text("utf-8")
    for own in ("Ann Ash", "ann@example.org", "+49 30 1234567", "3 March 2026"):
        assert own in message
    assert done["redacted"]["messages/01-letter.txt"] >= 6
    assert done["redacted"]["timeline"] >= 3


def test_the_authoritys_own_numbers_stay_in_a_refusal(office: Office, ended: str, tmp_path: Path) -> None:
    folder = tmp_path / "evidence"
    export(office, ended, folder)
    (refusal,) = folder.glob("letters/*-refused.txt")
    told = " ".join(refusal.read_text("utf-8").split())
    assert "anspdcp@dataprotection.ro" in told
    assert len(re.findall(r"\+40[\d. ]{9,}\d", told)) == 2, "what the policy publishes is nobody's secret"
    assert "another person's" not in told


def test_the_folder_is_proven_without_the_system(office: Office, ended: str, tmp_path: Path) -> None:
    where = ["--home", str(office.home), "--store", office.url]
    kept = tmp_path / "kept"
    CliRunner().invoke(audit, ["checkpoint", "--folder", str(kept), *where], catch_exceptions=False)
    published = tmp_path / "key.pem"
    published.write_text(CliRunner().invoke(audit, ["key", "axigen", *where], catch_exceptions=False).output)
    folder = tmp_path / "evidence"
    export(office, ended, folder)
    moved = tmp_path / "elsewhere"
    shutil.move(folder, moved)
    shutil.rmtree(office.home / "nothing", ignore_errors=True)
    (office.home / "habeas.db").rename(tmp_path / "gone.db")
    checkpoint = next(kept.iterdir())
    found = verify(moved, "--public-key", str(published), "--checkpoint", str(checkpoint))
    assert found.exit_code == 0, found.output
    assert re.search(r"covers (\d+) of \1 links", found.output)
    assert "axigen: sound" in found.output
    assert subprocess.run(["sha256sum", "-c", "--quiet", "SHA256SUMS"], cwd=moved, check=False).returncode == 0
    (tmp_path / "gone.db").rename(office.home / "habeas.db")
    other = tmp_path / "other.pem"
    other.write_text(CliRunner().invoke(audit, ["key", "mailpro", *where], catch_exceptions=False).output)
    wrong = verify(moved, "--public-key", str(other))
    assert wrong.exit_code == 1
    assert "manifest.json: changed, or signed by another key" in wrong.output


def test_every_tampered_file_is_named(office: Office, ended: str, tmp_path: Path) -> None:
    where = ["--home", str(office.home), "--store", office.url]
    CliRunner().invoke(audit, ["checkpoint", *where], catch_exceptions=False)
    folder = tmp_path / "evidence"
    export(office, ended, folder)
    assert verify(folder).exit_code == 0
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        before = path.read_bytes()
        name = path.relative_to(folder).as_posix()
        for changed in (before[:-3] + b"x\n" + before[-2:], b""):
            path.write_bytes(changed)
            found = verify(folder)
            assert found.exit_code == 1, name
            assert name.removesuffix(".sig.json").removesuffix(".json") in found.output, name
            assert "Traceback" not in found.output
        path.unlink()
        assert name.partition(".")[0] in verify(folder).output, f"{name} is missing"
        path.write_bytes(before)
    (folder / "letters" / "99-more.txt").write_text("We gave everything back.")
    assert "letters/99-more.txt: added" in verify(folder).output


def test_a_link_changed_together_with_every_sum_is_still_noticed(office: Office, ended: str, tmp_path: Path) -> None:
    from services.runtime.audit import evidence

    folder = tmp_path / "evidence"
    export(office, ended, folder)
    links = folder / "audit" / "links.jsonl"
    links.write_text(links.read_text("utf-8").replace("legal_obligation", "excessive"), "utf-8")
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    manifest["files"]["audit/links.jsonl"]["sha256"] = evidence.sha256(links.read_bytes())
    (folder / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    found = verify(folder)
    assert found.exit_code == 1
    assert "manifest.json: changed" in found.output
    assert re.search(r"audit/links.jsonl: case \S+, link \d+: changed", found.output)


@pytest.mark.parametrize("name", ["../outside.txt", "/etc/hostname"])
def test_a_manifest_that_leads_outside_the_folder_is_refused(
    office: Office, ended: str, tmp_path: Path, name: str
) -> None:
    folder = tmp_path / "evidence"
    export(office, ended, folder)
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    manifest["files"][name] = {"sha256": "0" * 64, "bytes": 1}
    (folder / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    found = verify(folder)
    assert found.exit_code == 1
    assert "outside the folder" in found.output


def test_a_folder_that_is_there_is_not_written_over(office: Office, ended: str, tmp_path: Path) -> None:
    folder = tmp_path / "evidence"
    folder.mkdir()
    (folder / "mine.txt").write_text("mine")
    assert "is there already and not empty" in office.refused("export", ended, "--out", str(folder))
    assert [path.name for path in folder.iterdir()] == ["mine.txt"]
    assert "is no evidence folder" in verify(folder).output or "manifest.json is missing" in verify(folder).output


def test_a_scan_is_added_only_when_asked_for(office: Office, tmp_path: Path) -> None:
    scan = tmp_path / "scan.pdf"
    scan.write_bytes(b"%PDF-1.4 of Ann")
    name = office.open("access", scan=str(scan), received=days_ago(1))["case"]
    export(office, name, tmp_path / "without")
    assert not (tmp_path / "without" / "originals").exists()
    assert "scan.pdf (application/pdf" in (tmp_path / "without" / "messages" / "01-letter.txt").read_text("utf-8")
    export(office, name, tmp_path / "with", "--originals")
    assert (tmp_path / "with" / "originals" / "01.bin").read_bytes() == b"%PDF-1.4 of Ann"


def test_a_letter_that_went_by_post_is_in_the_folder_without_its_code(office: Office, tmp_path: Path) -> None:
    name = office.open("access", person_email="", language="en", received=days_ago(1))["case"]
    (letter,) = office.json("letters", name)
    code = letter["text"].partition("code: ")[2].split()[0]
    office.run("posted", name, "identity_request", "--on", days_ago(0), "--evidence", "RR 123")
    folder = tmp_path / "evidence"
    export(office, name, folder)
    (listed,) = json.loads((folder / "letters.json").read_text("utf-8"))["letters"]
    assert "posted by officer olga" in listed["delivery"]
    text = (folder / listed["file"]).read_text("utf-8")
    assert "We have your request" in text
    assert code not in "".join(texts(folder).values())


def test_a_bare_name_is_withheld_on_suspicion_and_an_officer_can_leave_it_in(office: Office, tmp_path: Path) -> None:
    letter = tmp_path / "letter.txt"
    letter.write_text("Please send me my data. On Monday Wojciech Szczęsny of Ravelin saw it.", encoding="utf-8")
    name = office.open("access", text=str(letter), identified="known_customer")["case"]
    office.run("note", name, "The caller said that Gheorghe knows more.")
    done = export(office, name, tmp_path / "one")
    assert {"Wojciech", "Szczęsny", "Gheorghe"} <= set(done["perhaps"])
    for path, text in texts(tmp_path / "one").items():
        for other in ("Wojciech", "Szczęsny", "Gheorghe"):
            assert other not in text, f"{other} is in {path}"
    marks = json.loads((tmp_path / "one" / "redactions.json").read_text("utf-8"))["marks"]
    assert "withheld on suspicion" in marks["[perhaps another person]"]
    said = office.run("export", name, "--out", str(tmp_path / "two"), "--keep", "Ravelin")
    assert "they look like names: Gheorghe, Szczęsny, Wojciech; --keep TEXT" in said
    assert "of Ravelin saw it" in (tmp_path / "two" / "messages" / "01-letter.txt").read_text("utf-8")
