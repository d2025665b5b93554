"""A drafted map can be used as it is: it loads, fits its system, and finds what a map written by hand finds."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from scripts.postgres_server import PostgresServer
from services.cli.map import map_
from services.fulfil.core.drafting import outline_of
from tests.fulfil.asking import ask
from tests.fulfil.places import Place, changed, place
from tests.fulfil.scenarios.world import Scenario, scenarios, script_for
from tests.servers.postgres import empty_database

__all__ = ["place"]

ONE = [s for s in scenarios() if len(s.said["systems"]) == 1]
# Their drafts lead as far as the maps written by hand; the others' need a word that only a person knows.
ALIKE = {"accounts_deleted", "cascades", "composite", "forum", "referrals", "retention", "duplicates"}


def drafted(scenario: Scenario, folder: Path) -> tuple[Path, str]:
    (name, script), *_ = scenario.said["systems"].items()
    (folder / "drafted.db").touch()
    place = Place(f"sqlite:///{folder / 'drafted.db'}")
    place.run(script_for("sqlite", script))
    result = CliRunner().invoke(map_, ["scan", place.url, "--system", name])
    assert result.exit_code == 0, result.output
    (folder / "drafted.yml").write_text(result.stdout, encoding="utf-8")
    return folder / "drafted.yml", f"{name}={place.url}"


@pytest.mark.parametrize("scenario", [pytest.param(s, id=s.name) for s in ONE])
def test_a_draft_fits_the_system_it_was_drafted_from(scenario: Scenario, tmp_path: Path) -> None:
    file, url = drafted(scenario, tmp_path)
    result = CliRunner().invoke(map_, ["check", "--map", str(file), "--connect", url])
    assert result.exit_code == 0, result.output


@pytest.mark.parametrize("scenario", [pytest.param(s, id=s.name) for s in ONE if s.name in ALIKE])
def test_a_draft_finds_what_the_map_written_by_hand_finds(scenario: Scenario, tmp_path: Path) -> None:
    file, url = drafted(scenario, tmp_path)
    answer = ask("access", "--map", file, "--connect", url, "--identity", *scenario.said["who"])
    assert answer.status == "complete"
    found = {t: {str(next(iter(r.values()))) for r in said["rows"]} for t, said in answer.tables.items()}
    assert {t: rows for t, rows in found.items() if rows} == scenario.rows("found")


def test_no_value_that_was_sampled_stands_in_a_draft(tmp_path: Path) -> None:
    nested = next(s for s in ONE if s.name == "nested")
    file, _ = drafted(nested, tmp_path)
    text = file.read_text(encoding="utf-8")
    assert "identity: email" in text
    for word in ("ann@", "bob@", "my words", "dark"):
        assert word not in text


def test_an_outline_is_of_keys_alone() -> None:
    assert outline_of(['{"a": [{"b": 1}, {"mail": "x"}], "c": null}', "no json", None]) == {
        "[]": False,
        "a": {"[]": True, "b": None, "mail": "user.contact.email"},
        "c": None,
    }


COURSES = """
CREATE TABLE person (id INTEGER PRIMARY KEY, email VARCHAR(60), first_name VARCHAR(20), photo VARCHAR(20));
CREATE TABLE course (id INTEGER PRIMARY KEY, name VARCHAR(20), description VARCHAR(80));
CREATE TABLE attendance (id INTEGER PRIMARY KEY, person INTEGER,
  course_id INTEGER REFERENCES course(id), remark VARCHAR(80));
CREATE TABLE course_reviews (id INTEGER PRIMARY KEY, person_id INTEGER REFERENCES person(id), title VARCHAR(80));
INSERT INTO person VALUES (1,'ann@x.org','Ann','ann.png'),(2,'bob@x.org','Bob',NULL);
INSERT INTO course VALUES (5,'Swimming','For all');
INSERT INTO attendance VALUES (10,1,5,'late'),(11,2,NULL,'-');
INSERT INTO course_reviews VALUES (20,1,'wet'),(21,2,'dry');
"""


def test_an_unread_draft_erases_the_persons_rows_and_no_course_they_took(place: Place, tmp_path: Path) -> None:
    place.run(COURSES)
    before = place.dump()
    result = CliRunner().invoke(map_, ["scan", place.url, "--system", "club"])
    (tmp_path / "club.yml").write_text(result.stdout, encoding="utf-8")
    assert "attendance.person is guessed to point to person" in result.stdout
    options = ["--map", tmp_path / "club.yml", "--connect", f"club={place.url}", "--identity", "email=ann@x.org"]
    assert ask("erasure", *options, "--yes").status == "complete"
    assert changed(before, place.dump()) == {"person": {"1"}, "attendance": {"10"}, "course_reviews": {"20"}}


@pytest.mark.postgres
def test_a_draft_of_a_schema_says_which(postgres_server: PostgresServer, tmp_path: Path) -> None:
    place = Place(empty_database(postgres_server).replace("+psycopg", ""))
    place.run('CREATE SCHEMA "Old Shop";\nCREATE TABLE "Old Shop".person (id INTEGER PRIMARY KEY, email TEXT);\n'
              "INSERT INTO \"Old Shop\".person VALUES (1, 'ann@x.org');")  # fmt: skip
    result = CliRunner().invoke(map_, ["scan", place.url, "--system", "shop", "--schema", "Old Shop"])
    (tmp_path / "shop.yml").write_text(result.stdout, encoding="utf-8")
    options = ["--map", tmp_path / "shop.yml", "--connect", f"shop={place.url}", "--identity", "email=ann@x.org"]
    assert ask("access", *options).ids("shop.person") == {1}
