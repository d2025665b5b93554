"""Columns of PostgreSQL's own types that may not be empty: some value of each says nothing, and the server knows it."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.fulfil.connectors.sql.connector import engine_for
from tests.fulfil.asking import ask
from tests.fulfil.places import Place

pytestmark = pytest.mark.postgres
TYPES = {
    "tstzrange": "'[2023-05-01,2023-05-02)'", "daterange": "'[2023-05-01,2023-05-02)'", "int4range": "'[1,5)'",
    "nummultirange": "'{[1,2)}'", "point": "'(56.9,24.1)'", "box": "'(1,1),(0,0)'", "circle": "'<(1,1),3>'",
    "line": "'{1,2,3}'", "lseg": "'[(1,1),(2,2)]'", "path": "'((1,1),(2,2))'", "polygon": "'((1,1),(2,2))'",
    "interval": "'3 days'", "inet": "'10.0.0.1'", "cidr": "'10.0.0.0/8'", "macaddr": "'08:00:2b:01:02:03'",
    "macaddr8": "'08:00:2b:01:02:03:04:05'", "bit(7)": "B'1010101'", "bit varying(5)": "B'101'", "tsvector": "'ann'",
    "tsquery": "'ann'", "money": "'5.00'", "jsonb": "'\"Ann\"'", "bytea": "'Ann'", "\"char\"": "'A'",
    "full_name": "ROW('Ann','Ash')",
    "sex": "'f'", "iban": "'LV80BANK0000435195001'", "text[]": "'{Ann}'", "int[]": "'{5}'", "time": "'10:00'",
    "timetz": "'10:00'", "real": "5", "oid": "5", "uuid": "'123e4567-e89b-12d3-a456-426614174000'", "boolean": "true",
}  # fmt: skip
OWN_TYPES = """
CREATE TYPE full_name AS (given text, family text);
CREATE TYPE sex AS ENUM ('f', 'm', 'x');
CREATE DOMAIN iban AS varchar(34) CHECK (length(VALUE) >= 15);
"""


@pytest.mark.parametrize("declared", TYPES)
def test_a_column_of_any_type_is_emptied_of_what_it_says(postgres_url: str, tmp_path: Path, declared: str) -> None:
    place = Place(postgres_url.replace("+psycopg", ""))
    place.run(OWN_TYPES)
    place.run(
        f"CREATE TABLE person (id int PRIMARY KEY, email text, held {declared} NOT NULL);\n"
        f"INSERT INTO person VALUES (1, 'ann@x.org', {TYPES[declared]}), (2, 'bob@x.org', {TYPES[declared]})"
    )
    (tmp_path / "desk.yml").write_text(
        "system: desk\ntables:\n  person:\n    key: id\n    fields: {id: {}, "
        "email: {identity: email, category: user.contact.email}, held: user.content}\n"
    )
    options = ["--map", tmp_path / "desk.yml", "--connect", f"desk={place.url}", "--identity", "email=ann@x.org"]
    before = held(place)
    answer = ask("erasure", *options, "--yes")
    assert (answer.exit, answer.status) == (0, "complete"), answer.said
    after = held(place)
    assert after[1] != before[1]
    assert after[2] == before[2]


def held(place: Place) -> dict[int, str]:
    engine = engine_for(place.url)
    with engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT id, CAST(held AS text) FROM person").fetchall()
    engine.dispose()
    return {row[0]: row[1] for row in rows}


def test_a_refusal_names_the_table_whose_change_was_refused_and_no_host(postgres_url: str, tmp_path: Path) -> None:
    """Changes are sent one behind another; a read after the one that failed is what hears of it."""
    place = Place(postgres_url.replace("+psycopg", ""))
    place.run(
        "CREATE TABLE visit (id int PRIMARY KEY, person_id int, note text);\n"
        "CREATE TABLE person (id int PRIMARY KEY, email text NOT NULL UNIQUE, held jsonb);\n"
        "INSERT INTO person VALUES (1, 'ann@x.org', '{\"nick\": \"a\"}');\n"
        "INSERT INTO visit VALUES (10, 1, 'of ann')"
    )
    place.run("CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''never''; END'")
    place.run("CREATE TRIGGER no BEFORE UPDATE ON visit FOR EACH ROW EXECUTE FUNCTION no()")
    (tmp_path / "desk.yml").write_text(
        "system: desk\ntables:\n  person:\n    key: id\n    fields: {id: {}, email: {identity: email, category: "
        "user.contact.email}, held: {fields: {nick: user.name}}}\n"
        "  visit: {key: id, fields: {id: {}, person_id: {from: person.id}, note: user.content}}\n"
    )
    options = ["--map", tmp_path / "desk.yml", "--connect", f"desk={place.url}", "--identity", "email=ann@x.org"]
    answer = ask("erasure", *options, "--yes")
    assert (answer.exit, answer.status) == (3, "refused")
    assert answer.errors[0].startswith("desk.visit: ")
    assert "127.0.0.1" not in answer.said
