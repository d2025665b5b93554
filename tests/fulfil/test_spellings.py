"""An address is found however a system spells it, and at no cost that grows with the table; where not, it is said."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from click.testing import CliRunner

from services.cli.main import habeas
from services.fulfil.connectors.protocol import Find, Match
from services.fulfil.connectors.sql.connector import SqlConnector
from services.fulfil.core.catalog import Column, Kind, LiveTable, Order
from services.fulfil.core.lookups import Lookup, lookup
from tests.fulfil.places import Place, place

__all__ = ["place"]
ASKED = "anna.b@x-y.com"
POSTGRESQL = {
    "lower": ("email text", "CREATE INDEX ON people (lower(email))", Lookup.FOLDED),
    "upper": ("email varchar(80)", "CREATE INDEX ON people (upper(email))", Lookup.FOLDED),
    "bytes": ('email text COLLATE "C" UNIQUE', "", Lookup.WALK),
    "words": ('email varchar(80) COLLATE "en-x-icu"', "CREATE INDEX ON people (email, id)", Lookup.RANGE),
    "capitals first": ('email text COLLATE "und-u-kf-upper-x-icu" UNIQUE', "", Lookup.RANGE),
    "danish": ('email text COLLATE "da-x-icu" UNIQUE', "", Lookup.READ),
    "no case": ('email text COLLATE "no_case" UNIQUE', "", Lookup.ITSELF),
    "no index": ("email text", "", Lookup.READ),
    "half an index": ("email text", "CREATE INDEX ON people (email) WHERE id > 5", Lookup.READ),
    "a hash": ("email text", "CREATE INDEX ON people USING hash (email)", Lookup.READ),
    "a pattern's index": ("email text", "CREATE INDEX ON people (email text_pattern_ops)", Lookup.READ),
}
SQLITE = {
    "no case": ("email TEXT COLLATE NOCASE UNIQUE", "", Lookup.ITSELF),
    "an index without case": ("email TEXT", "CREATE INDEX one ON people (email COLLATE NOCASE)", Lookup.FOLDED),
    "lower": ("email TEXT", "CREATE INDEX one ON people (lower(email))", Lookup.FOLDED),
    "bytes": ("email VARCHAR(80) NOT NULL UNIQUE", "", Lookup.WALK),
    "no index": ("email TEXT", "", Lookup.READ),
}
MARIADB = {
    "no case": ("email VARCHAR(80) UNIQUE", "", Lookup.ITSELF),
    "bytes": ("email VARCHAR(80) COLLATE utf8mb4_bin UNIQUE", "", Lookup.READ),
}
COLLATIONS = """
CREATE COLLATION "und-u-kf-upper-x-icu" (provider = icu, locale = 'und-u-kf-upper');
CREATE COLLATION no_case (provider = icu, locale = 'und-u-ks-level2', deterministic = false)
"""


def spelled(address: str, seed: int) -> str:
    """The address in another mix of small and capital letters."""
    letters = random.Random(seed)
    return "".join(c.upper() if letters.random() < 0.5 else c for c in address)


def people() -> list[str]:
    """The person in many spellings, once each, and many others who are nearly called so."""
    near = ["anna.b@x-y.co", "anna.b@x-y.comm", "annaab@x-y.com", "Anna_b@x-y.com", "aaa@x-y.com", "zz@x-y.com", "AN"]
    mine = dict.fromkeys([ASKED, ASKED.upper(), *(spelled(ASKED, n) for n in range(30))])
    return [*mine, *near, *(f"User{n}@x-y.com" for n in range(100))]


def ways(place: Place) -> dict[str, tuple[str, str, Lookup]]:
    """The columns to try on this database."""
    return {"sqlite": SQLITE, "postgresql": POSTGRESQL, "mariadb": MARIADB}[
        "mariadb" if "mariadb" in place.url or "mysql" in place.url else place.url.split(":")[0]
    ]


def filled(place: Place, column: str, index: str) -> int:
    """Fill a table, and return how many of its rows are the person's: a column that ignores case takes one spelling."""
    listed = people()
    if "NOCASE UNIQUE" in column or "no_case" in column or column == MARIADB["no case"][0]:
        listed = [spelled(ASKED, 3), *(each for each in listed if each.lower() != ASKED)]
    rows = ",".join(f"({n}, '{email}')" for n, email in enumerate(listed))
    table = f"CREATE TABLE people (id INTEGER PRIMARY KEY, {column});\n"
    place.run(f"{table}{index + ';' if index else ''}\nINSERT INTO people VALUES {rows};\n")
    return sum(email.lower() == ASKED for email in listed)


def test_every_spelling_is_found_whatever_the_column_offers(place: Place) -> None:
    """By an expression's index, a range, a walk, the column's own comparison, or by reading."""
    if place.url.startswith("postgresql"):
        place.run(COLLATIONS)
    for what, (column, index, way) in ways(place).items():
        mine = filled(place, column, index)
        connector = SqlConnector("shop", place.url)
        live = connector.catalog(["people"]).tables["people"]
        assert lookup(live, live.columns["email"], [ASKED]) is way, what
        by_email = Match((("email",),), [("ANNA.b@x-Y.com",), ("nobody@x-y.com",)], fold_case=True)
        with connector.session(write=False) as session:
            alone = [hit.row[1] for hit in session.find(Find("people", ("id", "email"), (by_email,)))]
            both = list(session.find(Find("people", ("id", "email"), (by_email, Match((("id",),), [(0,), (40,)])))))
        connector.close()
        assert {email.lower() for email in alone} == {ASKED}, what
        assert len(alone) == mine, what
        assert {hit.row[1].lower() for hit in both if hit.matched & 1} == {ASKED}, what
        assert {hit.row[0] for hit in both if hit.matched & 2} == {0, 40}, what
        place.run("DROP TABLE people")


@pytest.mark.postgres
def test_the_pages_looked_at_do_not_grow_with_the_table(postgres_url: str) -> None:
    """With a plain unique index, a hundred times as many rows cost a few pages more, not a hundred times as many."""
    place = Place(postgres_url.replace("+psycopg", ""))
    cost = {}
    for rows in (2_000, 200_000):
        place.run(
            "CREATE TABLE people (id INTEGER PRIMARY KEY, email text UNIQUE, word text COLLATE \"en-x-icu\" UNIQUE);\n"
            "INSERT INTO people SELECT i, 'Person'||i||'@X.org', 'Person'||i||'@X.org' "
            f"FROM generate_series(1, {rows}) i;\n"
            "ANALYZE people"
        )  # fmt: skip
        connector = SqlConnector("shop", place.url)
        live = connector.catalog(["people"]).tables["people"]
        for column in ("email", "word"):
            bound = connector._dialect.bound()
            match = Match(((column,),), [("person1234@x.org",)], fold_case=True)
            where = connector._dialect.matching(live, match, bound)
            with connector._engine.connect() as connection:
                sql = f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) SELECT id FROM people WHERE {where}"
                plan = connection.exec_driver_sql(sql, bound.values).scalar_one()[0]["Plan"]
            assert plan["Actual Rows"] == 1
            cost[column, rows] = plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]
        connector.close()
        place.run("DROP TABLE people")
    assert cost["word", 200_000] <= 20
    assert cost["email", 200_000] <= 2 * cost["email", 2_000] < 400


def test_a_large_table_is_not_read_where_an_index_answers_some_spellings() -> None:
    """Only where nothing better is to be had, and the table is large, are spellings listed."""
    column = Column("email", Kind.TEXT, "varchar", nullable=False)
    sure = {"columns": {"email": column}, "address": ("id",), "unique": (("email",),), "family": "oracle"}
    assert lookup(LiveTable("t", rows_estimate=300_000, **sure), column) is Lookup.READ  # type: ignore[arg-type]
    assert lookup(LiveTable("t", rows_estimate=300_001, **sure), column) is Lookup.LISTED  # type: ignore[arg-type]
    words = Column("email", Kind.TEXT, "text", nullable=False, order=Order.SMALL_FIRST)
    live = LiveTable("t", {"email": words}, ("id",), ordered=frozenset({"email"}), unique=(("email",),))
    assert lookup(live, words, ["straße@x.org"]) is Lookup.LISTED


MAP = """
system: shop
tables:
  people:
    key: id
    fields: {id: {}, email: {identity: email, category: user.contact.email}}
  letters:
    key: id
    fields: {id: {}, email: {identity: email, category: user.contact.email}, text: user.content}
"""


@pytest.fixture
def crowded(place: Place, monkeypatch: pytest.MonkeyPatch) -> Place:
    """Two tables, of which the letters' index answers some spellings only and may not be read whole."""
    monkeypatch.setattr("services.fulfil.core.lookups.FOLDED_ROWS_MAX", -1)
    plain = "VARCHAR(80)"
    column, kind = {"sqlite": (plain, "TEXT COLLATE RTRIM"), "postgresql": (plain, 'text COLLATE "da-x-icu"')}.get(
        place.url.split(":")[0], ("VARCHAR(80)", "VARCHAR(80) COLLATE utf8mb4_bin")
    )
    place.run(
        f"CREATE TABLE people (id INTEGER PRIMARY KEY, email {column});\n"
        f"CREATE TABLE letters (id INTEGER PRIMARY KEY, email {kind}, text VARCHAR(80));\n"
        "CREATE INDEX letters_email ON letters (email);\n"
        "INSERT INTO people VALUES (1, 'Anna@X.com'), (2, 'bob@x.com');\n"
        "INSERT INTO letters VALUES (1, 'anna@x.com', 'a'), (2, 'Anna@X.com', 'b'), (3, 'aNNA@x.com', 'c'), "
        "(4, 'bob@x.com', 'd')"
    )
    return place


def run(*arguments: str) -> tuple[int, str]:
    """Run a command; returns its exit status and what it printed."""
    result = CliRunner().invoke(habeas, arguments)
    return result.exit_code, result.output


def test_spellings_of_the_persons_own_rows_are_asked_for_and_the_rest_is_said(crowded: Place, tmp_path: Path) -> None:
    """`Anna@X.com` stands in the customer's row, so the letters are asked for it; `aNNA@x.com` nobody can know of."""
    file = tmp_path / "map.yml"
    file.write_text(MAP)
    given = ("--map", str(file), "--connect", f"shop={crowded.url}", "--identity", "email=ANNA@x.com")
    _, output = run("fulfil", "access", *given, "--json")
    found = json.loads(output)
    assert [row["id"] for row in found["tables"]["shop.people"]["rows"]] == [1]
    assert sorted(row["id"] for row in found["tables"]["shop.letters"]["rows"]) == [1, 2]
    assert found["tables"]["shop.letters"]["spellings"] == "listed"
    assert "spellings" not in found["tables"]["shop.people"]
    [said] = [note for note in found["notes"] if "shop.letters.email" in note]
    assert "another mix of capital letters was not found" in said

    _, output = run("map", "plan", *given)
    assert "by identity email, in any spelling" in output
    assert "as given and in small letters only" in output
    _, output = run("map", "check", *given[:4])
    assert "`letters.email`: an address is found as given and in small letters only." in output
    assert ("_ci" if "maria" in crowded.url or "mysql" in crowded.url else "CREATE INDEX") in output

    _, output = run("fulfil", "erasure", *given, "--yes", "--json")
    erased = json.loads(output)
    assert (erased["status"], erased["tables"]["shop.letters"]["spellings"]) == ("complete", "listed")
    assert any("another mix of capital letters" in note for note in erased["notes"])
    left = {row for row in crowded.dump()["letters"] if row[1].lower() == "anna@x.com"}
    assert {row[0] for row in left} == {"3"}
