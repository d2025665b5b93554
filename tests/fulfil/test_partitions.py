"""Rows of partitions and of tables that inherit lie at like places, and are told apart all the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.postgres_server import PostgresServer
from tests.fulfil.asking import ask
from tests.fulfil.places import Place
from tests.servers.postgres import empty_database

pytestmark = pytest.mark.postgres
TABLES = """
CREATE TABLE log (at date NOT NULL, email text, said text) PARTITION BY RANGE (at);
CREATE TABLE log_25 PARTITION OF log FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TABLE log_26 PARTITION OF log FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
INSERT INTO log VALUES ('2025-05-05','ann@x.org','a'),('2025-06-05','bob@x.org','b'),('2026-05-05','bob@x.org','c'),
  ('2026-05-06','ann@x.org','d'),('2026-05-07','bob@x.org','e');
CREATE TABLE person (id int PRIMARY KEY, email text, name text);
CREATE TABLE staff (salary int) INHERITS (person);
INSERT INTO person VALUES (1,'ann@x.org','Ann'),(2,'bob@x.org','Bob');
INSERT INTO staff VALUES (1,'bob@x.org','Bob S',5),(2,'ann@x.org','Ann S',6);
"""
LOG = """
  log:
    erase: delete
    fields: {email: {identity: email, category: user.contact.email}, said: user.content}
"""
PERSON = """
  person: {key: id, fields: {email: {identity: email, category: user.contact.email}, name: user.name}}
"""
STAFF = """
  staff: {key: id, fields: {email: {identity: email, category: user.contact.email}, name: user.name, salary: user.job}}
"""


@pytest.fixture
def office(postgres_server: PostgresServer) -> Place:
    place = Place(empty_database(postgres_server).replace("+psycopg", ""))
    place.run(TABLES)
    return place


def options(office: Place, folder: Path, tables: str) -> list[str | Path]:
    (folder / "office.yml").write_text(f"system: office\ntables:{tables}")
    url = f"office={office.url}"
    return ["--map", folder / "office.yml", "--connect", url, "--identity", "email=ann@x.org"]


def test_a_log_without_a_key_loses_the_persons_lines_in_every_partition_and_no_others(
    office: Place, tmp_path: Path
) -> None:
    given = options(office, tmp_path, LOG)
    assert [row["tableoid"] for row in ask("access", *given).rows("office.log")] == ["log_25", "log_26"]
    assert ask("erasure", *given, "--yes").status == "complete"
    assert {row[2] for row in office.dump()["log"]} == {"b", "c", "e"}


@pytest.mark.parametrize("tables", [PERSON, PERSON + STAFF])
def test_a_key_that_an_inheriting_table_repeats_is_one_persons_all_the_same(
    office: Place, tmp_path: Path, tables: str
) -> None:
    given = options(office, tmp_path, tables)
    answer = ask("access", *given)
    found = [row["id"] for table in answer.tables for row in answer.rows(table)]
    assert sorted(found) == [1, 2]
    assert ask("erasure", *given, "--yes").status == "complete"
    assert {row[:3] for row in office.dump()["person"]} == {
        ("1", "None", "None"), ("2", "bob@x.org", "Bob"), ("1", "bob@x.org", "Bob S"), ("2", "None", "None"),
    }  # fmt: skip


def test_a_type_with_a_condition_of_its_own_is_masked_within_it(
    postgres_server: PostgresServer, tmp_path: Path
) -> None:
    place = Place(empty_database(postgres_server).replace("+psycopg", ""))
    place.run(
        "CREATE DOMAIN postcode AS varchar(5) NOT NULL CHECK (VALUE ~ '^[0-9]{5}$' AND VALUE <> 'VALUE');\n"
        'CREATE TABLE person (id int PRIMARY KEY, email text, "Post Code" postcode);\n'
        "INSERT INTO person VALUES (1,'ann@x.org','12345'),(2,'bob@x.org','54321');\n"
    )
    given = options(
        place, tmp_path, '\n  person: {key: id, fields: {email: {identity: email}, "Post Code": user.contact}}\n'
    )
    assert ask("erasure", *given, "--yes").status == "complete"
    (left,) = (row for row in place.dump()["person"] if row[0] == "1")
    assert left[2] != "12345"
    assert len(left[2]) == 5
