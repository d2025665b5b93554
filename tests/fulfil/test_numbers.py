"""Numbers as databases keep them: as large as they come, without a sign, with few digits."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.mariadb_server import MariaDBServer
from services.fulfil.core.catalog import Column, Kind
from services.fulfil.core.maps.model import Field
from services.fulfil.core.masking import limits, varied
from tests.fulfil.asking import ask
from tests.fulfil.places import Place
from tests.servers.mariadb import empty_database

DECLARED = ["tinyint", "tinyint unsigned", "smallint", "mediumint unsigned", "integer", "int unsigned", "bigint",
            "bigint unsigned", "numeric(5,2)", "decimal(4)", "numeric(3,3)", "smallserial", "serial"]  # fmt: skip


@pytest.mark.parametrize("declared", DECLARED)
def test_a_numbers_pseudonym_fits_its_type(declared: str) -> None:
    least, most = limits(declared)
    column = Column("n", Kind.INTEGER, declared, nullable=False)
    for value in range(300):
        assert least <= varied(Field("n"), column, None, value, b"salt") <= most


@pytest.mark.mariadb
def test_keys_beyond_signed_numbers_are_followed_and_unsigned_ones_masked(
    mariadb_server: MariaDBServer, tmp_path: Path
) -> None:
    place = Place(empty_database(mariadb_server))
    place.run(
        "CREATE TABLE person (id BIGINT UNSIGNED PRIMARY KEY, email VARCHAR(60), phone BIGINT UNSIGNED NOT NULL UNIQUE,"
        " pin SMALLINT UNSIGNED NOT NULL UNIQUE);\n"
        "CREATE TABLE note (id INT PRIMARY KEY, person_id BIGINT UNSIGNED, body VARCHAR(60));\n"
        "INSERT INTO person VALUES (18446744073709551615,'ann@x.org',491711,11),(2,'bob@x.org',491712,12);\n"
        "INSERT INTO note VALUES (7,18446744073709551615,'by ann'),(8,2,'by bob');\n"
    )
    (tmp_path / "crm.yml").write_text("""
system: crm
tables:
  person:
    key: id
    fields:
      id: {}
      email: {identity: email, category: user.contact.email}
      phone: {identity: phone, category: user.contact.phone_number}
      pin: user.authorization.credentials
  note: {key: id, fields: {person_id: {from: person.id}, body: user.content}}
""")
    given = ["--map", tmp_path / "crm.yml", "--connect", f"crm={place.url}", "--identity", "email=ann@x.org"]
    assert ask("access", *given).ids("crm.note") == {7}
    assert ask("erasure", *given, "--yes").status == "complete"
    after = place.dump()
    assert ("8", "2", "by bob") in after["note"]
    assert ("2", "bob@x.org", "491712", "12") in after["person"]
    assert not [row for row in after["person"] if "ann@x.org" in row or "491711" in row or "11" in row]
