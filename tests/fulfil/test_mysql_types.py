"""Columns of MySQL's and MariaDB's own types, those that SQLAlchemy does not know included: read, and emptied."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.mariadb_server import MariaDBServer
from tests.fulfil.asking import ask
from tests.fulfil.places import Place
from tests.servers.mariadb import empty_database

pytestmark = pytest.mark.mariadb
TYPES = {
    "inet6": "'2001:db8::1'", "inet4": "'10.0.0.1'", "uuid": "'123e4567-e89b-12d3-a456-426614174000'", "year": "1980",
    "bit(4)": "b'1010'", "set('vip','new')": "'vip'", "enum('gold','unknown')": "'gold'", "point": "POINT(1,2)",
    "geometry": "POINT(1,2)", "linestring": "ST_GeomFromText('LINESTRING(0 0,5 5)')",
    "polygon": "ST_GeomFromText('POLYGON((0 0,0 5,5 5,0 0))')", "multipoint": "ST_GeomFromText('MULTIPOINT(1 2,3 4)')",
    "timestamp": "'2020-01-01 10:00:00'", "datetime(6)": "'2020-01-01 10:00:00'", "date": "'2020-01-01'",
    "time": "'10:00:00'", "tinyblob": "'Ann'", "varbinary(9)": "'Ann'", "json": "'{\"a\": 1}'", "decimal(3,1)": "5",
    "mediumint unsigned": "5", "double": "5", "tinytext": "'Ann'", "char(1)": "'A'",
}  # fmt: skip


def test_every_type_is_read_handed_out_and_emptied(mariadb_server: MariaDBServer, tmp_path: Path) -> None:
    """One table with a column of each; one unknown type must not close a whole database."""
    place = Place(empty_database(mariadb_server))
    names = {f"held{n}": declared for n, declared in enumerate(TYPES)}
    columns = ", ".join(f"{name} {declared} NOT NULL" for name, declared in names.items())
    values = ", ".join(TYPES[declared] for declared in names.values())
    place.run(
        f"CREATE TABLE person (id INT PRIMARY KEY, email VARCHAR(60), {columns});\n"
        f"INSERT INTO person VALUES (1, 'ann@x.org', {values}), (2, 'bob@x.org', {values})"
    )
    fields = "".join(f"      {name}: user.content\n" for name in names)
    (tmp_path / "desk.yml").write_text(
        "system: desk\ntables:\n  person:\n    key: id\n    fields:\n      id: {}\n"
        f"      email: {{identity: email, category: user.contact.email}}\n{fields}"
    )
    options = ["--map", tmp_path / "desk.yml", "--connect", f"desk={place.url}", "--identity", "email=ann@x.org"]
    answer = ask("access", *options, "--out", tmp_path / "out")
    assert (answer.exit, answer.status) == (0, "complete"), answer.said
    [before] = [row for row in place.dump()["person"] if row[0] == "2"]
    answer = ask("erasure", *options, "--yes")
    assert (answer.exit, answer.status) == (0, "complete"), answer.said
    rows = {row[0]: row for row in place.dump()["person"]}
    assert rows["2"] == before
    same = [names[f"held{n}"] for n, (one, two) in enumerate(zip(rows["1"][2:], before[2:], strict=True)) if one == two]
    assert same == []
