"""Wrong maps, missing tables, constraints that forbid, evil addresses: a clear word each, and nothing half done."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fulfil.asking import ask
from tests.fulfil.places import Place, place

__all__ = ["place"]
TABLES = """
CREATE TABLE person (id INTEGER PRIMARY KEY, email VARCHAR(60) NOT NULL UNIQUE, name VARCHAR(20));
CREATE TABLE ticket (id INTEGER PRIMARY KEY, person_email VARCHAR(60) NOT NULL REFERENCES person(email), body TEXT);
INSERT INTO person VALUES (1,'ann@x.org','Ann'),(2,'bob@x.org','Bob');
INSERT INTO ticket VALUES (1,'bob@x.org','help');
"""
MAP = """
system: desk
tables:
  person:
    key: id
    fields:
      email: {identity: email, category: user.contact.email}
      name: user.name
"""


def written(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "map.yml"
    file.write_text(text)
    return file


@pytest.fixture
def desk(place: Place) -> Place:
    place.run(TABLES)
    return place


def options(desk: Place, file: Path, who: str = "ann@x.org") -> list[str]:
    return ["--map", str(file), "--connect", f"desk={desk.url}", "--identity", f"email={who}"]


@pytest.mark.parametrize("evil", ["' OR '1'='1", "x'; DROP TABLE person;--", '"; DELETE FROM person', "%", "*", "\\"])
def test_sql_in_an_address_is_an_address(desk: Place, tmp_path: Path, evil: str) -> None:
    before = desk.dump()
    answer = ask("erasure", *options(desk, written(tmp_path, MAP), evil), "--yes")
    assert answer.status == "complete"
    assert answer.rows("desk.person") == []
    assert desk.dump() == before


@pytest.mark.parametrize(
    ("text", "line", "hint"),
    [
        (MAP.replace("identity: email", "identty: email"), 7, "identity"),
        (MAP.replace("key: id", "key: id\n    key: id"), 6, "twice"),
        (MAP.replace("name: user.name", "name: {to: nowhere.id}"), 8, "not mapped"),
        (MAP.replace("    fields", "  fields:\n   - ]"), 7, "indentation"),
    ],
)
def test_a_wrong_map_names_line_and_remedy(tmp_path: Path, text: str, line: int, hint: str) -> None:
    answer = ask("access", "--map", written(tmp_path, text), "--connect", "desk=sqlite:///x", "--identity", "email=a@b")
    assert answer.exit == 2
    assert f"map.yml:{line}:" in answer.said
    assert hint in answer.said


def test_a_missing_table_makes_access_incomplete_and_erasure_refused(desk: Place, tmp_path: Path) -> None:
    extra = MAP + "  gone:\n    key: id\n    fields: {person_id: {from: person.id}}\n"
    file = written(tmp_path, extra)
    answer = ask("access", *options(desk, file))
    assert (answer.exit, answer.status) == (1, "incomplete")
    assert answer.ids("desk.person") == {1}
    assert any("gone" in said and ":9:" in said for said in answer.errors)
    before = desk.dump()
    assert ask("erasure", *options(desk, file), "--yes").exit == 3
    assert desk.dump() == before


def test_a_foreign_key_that_forbids_is_said_before_anything_changes(desk: Place, tmp_path: Path) -> None:
    extra = (
        MAP + "  ticket:\n    key: id\n    fields: {person_email: {from: person.email, category: user}, body: user}\n"
    )
    before = desk.dump()
    answer = ask("erasure", *options(desk, written(tmp_path, extra), "bob@x.org"), "--yes")
    if desk.url.startswith("sqlite"):
        # SQLite checks at the end of the transaction, so both ends take the same pseudonym.
        assert answer.status == "complete"
        return
    assert (answer.exit, answer.status) == (3, "refused")
    assert "person_email" in " ".join(answer.errors)
    assert desk.dump() == before


def test_a_database_that_is_down_is_said_in_a_sentence(tmp_path: Path) -> None:
    file = written(tmp_path, MAP)
    url = "desk=postgresql://nobody:secret@127.0.0.1:1/none"
    answer = ask("access", "--map", file, "--connect", url, "--identity", "email=a@b.c")
    assert answer.exit == 1
    assert "secret" not in answer.said
    assert "cannot be reached" in " ".join(answer.errors)


def test_a_mistyped_sqlite_path_is_an_error_and_no_new_file(tmp_path: Path) -> None:
    missing = tmp_path / "no.db"
    args = ["--map", str(written(tmp_path, MAP)), "--connect", f"desk=sqlite:///{missing}", "--identity", "email=a@b.c"]
    assert ask("access", *args).exit == 1
    assert not missing.exists()


def test_an_identity_no_map_knows_is_named(desk: Place, tmp_path: Path) -> None:
    args = ["--map", str(written(tmp_path, MAP)), "--connect", f"desk={desk.url}", "--identity", "passport=1"]
    answer = ask("access", *args)
    assert answer.exit == 2
    assert "passport" in answer.said
    assert "email" in answer.said
