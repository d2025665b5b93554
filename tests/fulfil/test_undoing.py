"""Tables without transactions beside others: said before, left as late as can be, and told truly after a failure."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from scripts.mariadb_server import MariaDBServer
from services.cli.main import habeas
from services.fulfil.api.engineer import request as asking
from services.fulfil.core.acts import Marking
from services.fulfil.core.maps.model import TableName
from services.fulfil.core.undoing import changed_last
from services.fulfil.marking import Marks, mark, warnings_of
from tests.fulfil.asking import Answer, ask
from tests.fulfil.places import Place
from tests.servers.mariadb import empty_database

pytestmark = pytest.mark.mariadb
TABLES = """
CREATE TABLE customers (id INTEGER PRIMARY KEY, email VARCHAR(60), name VARCHAR(30)) ENGINE={customers};
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER, note VARCHAR(30)) ENGINE={orders};
CREATE TABLE logs (id INTEGER PRIMARY KEY, customer_id INTEGER, said VARCHAR(30)) ENGINE={logs};
INSERT INTO customers VALUES (1,'ann@x.org','Ann'),(2,'bob@x.org','Bob');
INSERT INTO orders VALUES (10,1,'of ann'),(20,2,'of bob');
INSERT INTO logs VALUES (100,1,'ann was here'),(200,2,'bob was here');
"""
MAP = """
system: shop
tables:
  customers: {key: id, fields: {id: {}, email: {identity: email, category: user.contact.email}, name: user.name}}
  orders: {key: id, fields: {id: {}, customer_id: {from: customers.id}, note: user.content}}
  logs: {key: id, fields: {id: {}, customer_id: {from: customers.id}, said: user.content}}
"""
FORBIDS = """
CREATE TRIGGER forbids BEFORE UPDATE ON {table} FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'no';
"""


@pytest.fixture
def empty(mariadb_server: MariaDBServer) -> Place:
    return Place(empty_database(mariadb_server))


def shop(place: Place, *, customers: str = "InnoDB", orders: str = "InnoDB", logs: str = "InnoDB") -> Place:
    place.run(TABLES.format(customers=customers, orders=orders, logs=logs))
    return place


def given(place: Place, folder: Path) -> list[str | Path]:
    (folder / "shop.yml").write_text(MAP)
    return ["--map", folder / "shop.yml", "--connect", f"shop={place.url}", "--identity", "email=ann@x.org"]


def erase(place: Place, folder: Path, *more: str) -> Answer:
    return ask("erasure", *given(place, folder), *(more or ("--yes",)))


def notes(answer: Answer) -> str:
    return " ".join(json.loads(answer.said)["notes"])


def receipts(answer: Answer) -> dict[str, tuple[str, int]]:
    return {r["table"]: (r["outcome"], r["done"]) for r in json.loads(answer.said)["receipts"]}


@pytest.mark.parametrize("engine", ["MyISAM", "Aria", "MEMORY"])
def test_a_preview_and_a_check_name_the_engine_and_what_helps(empty: Place, tmp_path: Path, engine: str) -> None:
    place = shop(empty, logs=engine)
    answer = erase(place, tmp_path, "--dry-run")
    assert f"shop.logs: {engine} has no transactions." in notes(answer)
    assert "ALTER TABLE logs ENGINE=InnoDB;" in notes(answer)
    assert "shop.orders" not in notes(answer)
    result = CliRunner().invoke(habeas, ["map", "check", *map(str, given(place, tmp_path)[:4])])
    assert f"`logs`: {engine} has no transactions; a change there cannot be undone." in result.output
    assert notes(erase(place, tmp_path)) == "", "once it is done, there is nothing to warn of"


def test_what_can_fail_is_tried_before_what_cannot_be_undone(empty: Place, tmp_path: Path) -> None:
    """The logs would be changed before their customer; a refusal there must not leave them changed."""
    place = shop(empty, logs="MyISAM")
    place.run(FORBIDS.format(table="customers"))
    before = place.dump()
    answer = erase(place, tmp_path)
    assert (answer.exit, answer.status) == (3, "refused")
    assert "Everything was undone." in notes(answer)
    assert place.dump() == before
    place.run("DROP TRIGGER forbids")
    assert erase(place, tmp_path).status == "complete"


def test_a_failure_says_what_stays_changed_and_a_repetition_does_the_rest(empty: Place, tmp_path: Path) -> None:
    """Two tables without transactions, of which the second one refuses."""
    place = shop(empty, orders="Aria", logs="MyISAM")
    place.run(FORBIDS.format(table="logs"))
    before = place.dump()
    answer = erase(place, tmp_path)
    assert (answer.exit, answer.status) == (1, "incomplete")
    assert "shop.orders: Aria has no transactions, so what was changed there stays changed." in notes(answer)
    assert "shop.logs: MyISAM has no transactions, so some of its rows may be changed" in notes(answer)
    assert "undone" not in notes(answer)
    assert receipts(answer) == {
        "shop.customers": ("undone", 0), "shop.orders": ("done", 1), "shop.logs": ("failed", 0)
    }  # fmt: skip
    assert answer.ids("shop.orders") == {10}
    assert answer.rows("shop.customers") == answer.rows("shop.logs") == []
    after = place.dump()
    assert {t for t in before if before[t] != after[t]} == {"orders"}
    place.run("DROP TRIGGER forbids")
    assert erase(place, tmp_path).status == "complete"
    assert {name for table in place.dump().values() for row in table for name in row if "nn" in name} == set()


def test_rows_by_which_others_are_found_are_changed_when_those_last(empty: Place, tmp_path: Path) -> None:
    """Masked first, a customer whom no transaction brings back would leave orders that nobody can find any more."""
    place = shop(empty, customers="MyISAM")
    place.run(FORBIDS.format(table="customers"))
    answer = erase(place, tmp_path)
    assert (answer.exit, answer.status) == (1, "incomplete")
    assert "Erased in shop.orders, shop.logs" in notes(answer) or "Erased in shop.logs, shop.orders" in notes(answer)
    left = place.dump()
    assert ("1", "ann@x.org", "Ann") in left["customers"], "the person can still be found"
    assert ("10", "1", "None") in left["orders"]
    assert answer.ids("shop.orders") == {10}
    place.run("DROP TRIGGER forbids")
    assert erase(place, tmp_path).status == "complete"


def broken_off(place: Place, folder: Path, number: int) -> None:
    """Let the connection die before its n-th change, each time that it is tried."""
    count = 0

    def dying(connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        nonlocal count
        if statement.startswith(("UPDATE", "DELETE")):
            count += 1
            if count == number:
                connection.connection.driver_connection._force_close()

    sa.event.listen(sa.Engine, "before_cursor_execute", dying)
    try:
        erase(place, folder)
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", dying)


@pytest.fixture(params=[("MyISAM", "InnoDB"), ("InnoDB", "MyISAM")], ids=["found by it", "found over it"])
def half(request: pytest.FixtureRequest, mariadb_server: MariaDBServer) -> list[Place]:
    customers, others = request.param
    return [shop(Place(empty_database(mariadb_server)), customers=customers, logs=others) for _ in range(4)]


def test_broken_off_at_any_change_it_is_completed_by_a_repetition(half: list[Place], tmp_path: Path) -> None:
    for number, place in enumerate(half, start=1):
        broken_off(place, tmp_path, number)
        assert erase(place, tmp_path).status == "complete"
        left = place.dump()
        assert {row for table in left.values() for row in table if "2" in row[0][:1]} == {
            ("2", "bob@x.org", "Bob"), ("20", "2", "of bob"), ("200", "2", "bob was here")
        }  # fmt: skip
        assert not [word for table in left.values() for row in table for word in row if "nn" in word], number


def corrected(place: Place, folder: Path) -> tuple[list[str], Marks]:
    """Rename Ann in both tables; return what an officer is told before, and what became of it."""
    files, connections, who = given(place, folder)[1], str(given(place, folder)[3]), str(given(place, folder)[5])
    logs, customers = TableName("shop", "logs"), TableName("shop", "customers")
    markings = [Marking(logs, {"said": "Anne was here"}), Marking(customers, {"name": "Anne"})]
    with asking([Path(files)], [connections], [who]) as (landscape, identities, budget):
        now = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
        marks = mark(landscape, identities, budget, markings, now=now, cause="c", salt=b"s")
        return warnings_of(landscape, [logs, customers]), marks


def test_a_correction_says_before_and_after_what_cannot_be_undone(empty: Place, tmp_path: Path) -> None:
    place = shop(empty, customers="MyISAM", logs="MyISAM")
    place.run(FORBIDS.format(table="customers"))
    told, marks = corrected(place, tmp_path)
    assert [said.split(" has ")[0] for said in told] == ["shop.logs: MyISAM", "shop.customers: MyISAM"]
    refused, *left = marks.faults
    assert "a rule or trigger of the database refuses" in refused
    assert [said.partition(",")[0] for said in left] == [
        "shop.logs: MyISAM has no transactions", "shop.customers: MyISAM has no transactions"
    ]  # fmt: skip
    assert "what was changed there stays changed" in left[0]
    assert "some of its rows may be changed" in left[1]
    place.run("DROP TRIGGER forbids")
    assert corrected(place, tmp_path)[1].faults == []
    assert ("100", "1", "Anne was here") in place.dump()["logs"]


def test_a_correction_that_is_refused_leaves_what_no_transaction_takes_back_as_it_was(
    empty: Place, tmp_path: Path
) -> None:
    place = shop(empty, logs="MyISAM")
    place.run(FORBIDS.format(table="customers"))
    before = place.dump()
    assert len(corrected(place, tmp_path)[1].faults) == 1
    assert place.dump() == before


def test_tables_that_others_are_found_by_keep_their_place() -> None:
    a, b, c, d = (TableName("s", name) for name in "abcd")
    assert changed_last((a, b, c), [a], []) == (b, c, a)
    assert changed_last((a, b, c, d), [a, c], [c]) == (b, a, c, d)
    assert changed_last((a, b, c, d), [d], [d]) == (a, b, c, d)
