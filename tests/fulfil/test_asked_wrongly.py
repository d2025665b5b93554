"""What is asked wrongly is answered in a sentence that says what to do, before anything is done."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from services.cli.fulfil import fulfil
from services.cli.map import map_
from tests.fulfil.asking import ask
from tests.fulfil.places import Place

MAP = """
system: desk
tables:
  person: {key: id, fields: {email: {identity: email, category: user.contact.email}}}
  note: {key: id, fields: {email: {identity: email, category: user.contact.email}}}
"""


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    (tmp_path / "desk.db").touch()
    Place(f"sqlite:///{tmp_path / 'desk.db'}").run(
        "CREATE TABLE person (id INTEGER PRIMARY KEY, email TEXT);\n"
        "CREATE TABLE note (id INTEGER PRIMARY KEY, email TEXT);\n"
        "INSERT INTO person VALUES (1,'ann@x.org'),(2,'bob@x.org');\nINSERT INTO note VALUES (5,'ann@x.org');\n"
    )
    (tmp_path / "desk.yml").write_text(MAP)
    return tmp_path


def said(desk: Path, *, url: str = "", who: str = "ann@x.org", out: Path | None = None) -> tuple[int, str]:
    given = ["--map", str(desk / "desk.yml"), "--connect", f"desk={url or f'sqlite:///{desk}/desk.db'}"]
    given += ["--identity", f"email={who}", *(["--out", str(out)] if out else [])]
    result = CliRunner().invoke(fulfil, ["access", *given])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output


@pytest.mark.parametrize(
    ("url", "exit_", "word"),
    [
        ("postgresql://u:hush@host:port/x", 2, "port"),
        ("imap://u:hush@host:port/", 2, "port"),
        ("ldap://u:hush@host:port/", 2, "no address"),
        ("sqlite:////nowhere/x.db", 1, "no such file"),
        ("postgresql://u:hush@127.0.0.1:1/x", 1, "nobody answers"),
        ("mysql://u:hush@127.0.0.1:1/x", 1, "nobody answers"),
    ],
)
def test_a_connection_that_leads_nowhere_says_why_and_repeats_no_secret(
    desk: Path, url: str, exit_: int, word: str
) -> None:
    code, text = said(desk, url=url)
    assert code == exit_
    assert word in text
    assert "hush" not in text
    assert "no connection was given" not in text


def test_a_file_that_is_no_database_is_called_that(desk: Path) -> None:
    assert "no SQLite database" in said(desk, url=f"sqlite:///{desk / 'desk.yml'}")[1]


def test_an_address_copied_with_letters_that_nobody_sees_finds_its_person(desk: Path) -> None:
    assert "desk.person: 1 rows" in said(desk, who="\u200bann@x.org\u00a0")[1]


def test_an_address_that_is_no_text_is_refused_and_not_repeated(desk: Path) -> None:
    code, text = said(desk, who="ann\udcff@x.org")
    assert (code, "UTF-8" in text, "ann" in text) == (2, True, False)


def test_a_folder_that_cannot_be_written_to_is_named(desk: Path) -> None:
    (desk / "taken").write_text("")
    code, text = said(desk, out=desk / "taken" / "ann")
    assert (code, "cannot be written to" in text) == (2, True)


def test_a_folder_used_again_holds_nothing_of_the_one_before(desk: Path) -> None:
    out = desk / "out"
    said(desk, out=out)
    assert (out / "desk" / "note.jsonl").exists()
    said(desk, who="bob@x.org", out=out)
    assert [f["table"] for f in json.loads((out / "manifest.json").read_text())["files"]] == ["desk.person"]
    assert "ann@x.org" not in "".join(f.read_text() for f in out.rglob("*.*"))


def test_a_map_that_was_compared_with_nothing_is_not_said_to_fit(desk: Path) -> None:
    result = CliRunner().invoke(map_, ["check", "--map", str(desk / "desk.yml")])
    assert (result.exit_code, "was not compared" in result.output) == (0, True)


def test_a_draft_of_nothing_is_no_draft(desk: Path) -> None:
    (desk / "empty.db").touch()
    result = CliRunner().invoke(map_, ["scan", f"sqlite:///{desk / 'empty.db'}"])
    assert (result.exit_code, "no tables" in result.output) == (2, True)


def test_a_fides_annotation_in_the_wrong_place_is_shown_its_place(desk: Path) -> None:
    fields = "[{name: email, fides_meta: {identity: email}},\n {name: id, references: [{field: note.id}]}]"
    (desk / "desk.yml").write_text(f"dataset: [{{fides_key: desk, collections: [{{name: person, fields: {fields}}}]}}]")
    url = f"desk=sqlite:///{desk / 'desk.db'}"
    answer = ask("access", "--map", desk / "desk.yml", "--connect", url, "--identity", "email=ann@x.org")
    notes = " ".join(json.loads(answer.said)["notes"])
    assert "desk.yml:2: `references`" in notes
    assert "below `fides_meta:`" in notes
