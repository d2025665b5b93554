"""Wrong maps, missing tables, constraints that forbid, evil addresses: a clear word each, and nothing half done."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from services.fulfil import erasure
from services.fulfil.connectors.protocol import Change, SystemDown, Tally
from services.fulfil.connectors.sql import gathering
from services.fulfil.connectors.sql.changes import send
from services.fulfil.connectors.sql.connector import SqlSession
from tests.fulfil.asking import ask
from tests.fulfil.places import Place, changed, place

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


def test_a_missing_column_is_named_with_its_line_and_stops_an_erasure(desk: Place, tmp_path: Path) -> None:
    file = written(tmp_path, MAP + "      nickname: user.name\n")
    answer = ask("access", *options(desk, file))
    assert (answer.exit, answer.status) == (1, "incomplete")
    assert "map.yml:9: desk.person has no column `nickname`" in " ".join(answer.errors)
    before = desk.dump()
    assert ask("erasure", *options(desk, file), "--yes").status == "refused"
    assert desk.dump() == before


def test_more_rows_than_are_listed_are_kept_when_a_law_keeps_them(desk: Place, tmp_path: Path) -> None:
    desk.run("CREATE TABLE bill (id INTEGER PRIMARY KEY, person_id INTEGER, name VARCHAR(20))")
    values = ",".join(f"({n},1,'Ann')" for n in range(1, 2_501))
    desk.run(f"INSERT INTO bill VALUES {values}")
    extra = (
        "  bill:\n    key: id\n    retention: {ground: law, until: 2999-01-01}\n"
        "    fields: {person_id: {from: person.id}, name: user.name}\n"
    )
    bills = desk.dump()["bill"]
    answer = ask("erasure", *options(desk, written(tmp_path, MAP + extra)), "--yes")
    assert answer.status == "complete"
    assert desk.dump()["bill"] == bills
    assert len(answer.tables["desk.bill"]["withheld"]) + answer.tables["desk.bill"]["withheld_more"] == 2_500
    assert answer.rows("desk.bill") == []


BRANCH = "CREATE TABLE copy (id INTEGER PRIMARY KEY, email VARCHAR(60)); INSERT INTO copy VALUES (1,'ann@x.org')"
BRANCH_MAP = """
system: branch
tables:
  copy: {key: id, fields: {email: {identity: email, category: user.contact.email}}}
"""


@pytest.fixture
def two(desk: Place, tmp_path: Path) -> list[str]:
    branch = tmp_path / "branch.db"
    with sqlite3.connect(branch) as connection:
        connection.executescript(BRANCH)
    connection.close()
    (tmp_path / "branch.yml").write_text(BRANCH_MAP)
    first = options(desk, written(tmp_path, MAP))
    return [*first, "--map", str(tmp_path / "branch.yml"), "--connect", f"branch=sqlite:///{branch}"]


def rows_of(tmp_path: Path) -> list[tuple[int, str | None]]:
    with sqlite3.connect(tmp_path / "branch.db") as connection:
        found = connection.execute("SELECT * FROM copy").fetchall()
    connection.close()
    return found


def one_by_one(session: SqlSession) -> AbstractContextManager[Callable[[Change], Tally]]:
    """Changes that are waited for each, so that one of them can be made to fail or to lie."""
    return nullcontext(lambda change: partial(int, session.change(change)))


@pytest.mark.postgres
@pytest.mark.parametrize("pause_seconds", [0.0, 0.3], ids=["at_once", "answered_before_the_next_is_sent"])
def test_a_statement_that_fails_among_many_names_its_table_and_changes_nothing(
    tmp_path: Path, postgres_server: Any, monkeypatch: pytest.MonkeyPatch, pause_seconds: float
) -> None:
    from tests.servers.postgres import empty_database

    def slowly(*change: Any) -> Iterator[Any]:
        time.sleep(pause_seconds)
        yield from send(*change)

    monkeypatch.setattr(gathering, "send", slowly)
    place = Place(empty_database(postgres_server).replace("+psycopg", ""))
    place.run(
        "CREATE TABLE one (id int PRIMARY KEY, email text);\n"
        "CREATE TABLE two (id int PRIMARY KEY, email text);\n"
        "CREATE TABLE three (id int PRIMARY KEY, email text);\n"
        "INSERT INTO one VALUES (1, 'ann@x.org');\nINSERT INTO two VALUES (1, 'ann@x.org');\n"
        "INSERT INTO three VALUES (1, 'ann@x.org');\n"
        "CREATE FUNCTION never() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE unique_violation; END';\n"
        "CREATE TRIGGER never BEFORE UPDATE ON two FOR EACH ROW EXECUTE FUNCTION never();\n"
    )
    file = tmp_path / "map.yml"
    tables = "".join(
        f"  {name}: {{key: id, fields: {{email: {{identity: email}}}}}}\n" for name in ("one", "two", "three")
    )
    file.write_text(f"system: desk\ntables:\n{tables}")
    before = place.dump()
    answer = ask("erasure", "--map", file, "--connect", f"desk={place.url}", "--identity", "email=ann@x.org", "--yes")
    assert (answer.exit, answer.status) == (3, "refused")
    assert "desk.two" in " ".join(answer.errors)
    assert place.dump() == before


@pytest.mark.parametrize("breaks", ["change", "commit"])
def test_a_system_that_goes_away_in_the_middle_leaves_everything_as_it_was(
    two: list[str], desk: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, breaks: str
) -> None:
    calls = []
    original = getattr(SqlSession, breaks)

    def gone(self: SqlSession, *args: Any) -> Any:
        calls.append(1)
        if breaks == "commit" or len(calls) % 2 == 0:
            raise SystemDown("desk: the database is gone; it is tried again.")
        return original(self, *args)

    monkeypatch.setattr(SqlSession, breaks, gone)
    monkeypatch.setattr(SqlSession, "gathering", one_by_one)
    monkeypatch.setattr(erasure, "PAUSE_SECONDS", 0.001)
    before = desk.dump()
    answer = ask("erasure", *two, "--yes")
    assert (answer.exit, answer.status) == (1, "incomplete")
    assert len(calls) >= erasure.ATTEMPTS_MAX
    assert desk.dump() == before
    assert rows_of(tmp_path) == [(1, "ann@x.org")]


def test_a_system_that_refuses_after_another_has_finished_is_said_and_the_repetition_finishes(
    two: list[str], desk: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    committed: list[int] = []
    original = SqlSession.commit

    def refuses(self: SqlSession) -> None:
        committed.append(1)
        if len(committed) == 2:
            raise SystemDown("the database is gone")
        original(self)

    monkeypatch.setattr(SqlSession, "commit", refuses)
    before = desk.dump()
    answer = ask("erasure", *two, "--yes")
    assert (answer.exit, answer.status) == (1, "incomplete")
    assert "undone elsewhere" in answer.said
    monkeypatch.undo()
    again = ask("erasure", *two, "--yes")
    assert again.status == "complete"
    assert changed(before, desk.dump()) == {"person": {"1"}}
    assert rows_of(tmp_path) == [(1, None)]


def test_a_system_that_lies_about_what_it_changed_is_not_believed(
    desk: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SqlSession, "change", lambda _self, change: sum(1 for _ in change.rows))
    monkeypatch.setattr(SqlSession, "gathering", one_by_one)
    answer = ask("erasure", *options(desk, written(tmp_path, MAP)), "--yes")
    assert (answer.exit, answer.status) == (1, "incomplete")
    assert "can still be found" in " ".join(answer.errors)
