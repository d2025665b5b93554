"""After an erasure: what a trigger wrote down of it goes too, and what a duty keeps is told from what was missed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.fulfil.asking import Answer, ask
from tests.fulfil.places import Place, place

__all__ = ["place"]
TABLES = """
CREATE TABLE person (id INTEGER PRIMARY KEY, email VARCHAR(60), name VARCHAR(30));
CREATE TABLE history (no INTEGER PRIMARY KEY, email VARCHAR(60), name VARCHAR(30));
CREATE TABLE invoice (no INTEGER PRIMARY KEY, email VARCHAR(60), name VARCHAR(30));
INSERT INTO person VALUES (1,'ann@x.org','Ann'),(2,'bob@x.org','Bob');
INSERT INTO history VALUES (50,'bob@x.org','Bobby'),(60,'ann@x.org','Annie');
"""
WRITES_DOWN = {
    "postgresql": [
        "CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO history "
        "SELECT max(no) + 1, OLD.email, OLD.name FROM history; RETURN NEW; END'",
        "CREATE TRIGGER note AFTER UPDATE ON person FOR EACH ROW EXECUTE FUNCTION note()",
    ],
    "sqlite": [
        "CREATE TRIGGER note AFTER UPDATE ON person BEGIN INSERT INTO history "
        "SELECT max(no) + 1, OLD.email, OLD.name FROM history; END"
    ],
    "mysql": [
        "CREATE TRIGGER note AFTER UPDATE ON person FOR EACH ROW INSERT INTO history "
        "SELECT max(no) + 1, OLD.email, OLD.name FROM (SELECT no FROM history) AS h"
    ],
}
MAP = """
system: desk
tables:
  person: {key: id, fields: {id: {}, email: {identity: email, category: user.contact.email}, name: user.name}}
  history:
    key: no
    erase: delete
    fields: {no: {}, email: {identity: email, category: user.contact.email}, name: user.name}
  invoice:
    key: no
    retention: {ground: tax law, until: 2999-12-31}
    fields: {no: {}, email: {identity: email, category: user.contact.email}, name: user.name}
"""


def erase(place: Place, folder: Path) -> Answer:
    (folder / "desk.yml").write_text(MAP)
    options = ["--map", folder / "desk.yml", "--connect", f"desk={place.url}", "--identity", "email=ann@x.org", "--yes"]
    return ask("erasure", *options)


def receipt(answer: Answer, table: str) -> dict[str, Any]:
    [found] = [r for r in json.loads(answer.said)["receipts"] if r["table"] == table]
    return dict(found)


def test_what_a_trigger_writes_down_of_the_erasure_is_erased_with_it(place: Place, tmp_path: Path) -> None:
    """An audit table that is mapped: the erasure's own changes copy the old values into it."""
    place.run(TABLES)
    for trigger in WRITES_DOWN[place.url.split(":")[0]]:
        place.run(trigger)
    answer = erase(place, tmp_path)
    assert (answer.exit, answer.status) == (0, "complete"), answer.said
    assert place.dump() == {
        "person": {("1", "None", "None"), ("2", "bob@x.org", "Bob")},
        "history": {("50", "bob@x.org", "Bobby")},
        "invoice": set(),
    }
    assert {row["no"] for row in answer.rows("desk.history")} == {60, 61}
    assert answer.ids("desk.person") == {1}
    said = receipt(answer, "desk.history")
    assert (said["planned"], said["done"], len(said["digest"])) == (2, 2, 32)


def test_what_a_duty_keeps_is_still_found_and_said_so(place: Place, tmp_path: Path) -> None:
    """It is never called complete while an identity still finds somebody, but the reason stands beside it."""
    place.run(TABLES)
    place.run("INSERT INTO invoice VALUES (7,'ann@x.org','Ann')")
    answer = erase(place, tmp_path)
    assert (answer.exit, answer.status) == (1, "incomplete")
    [said] = answer.errors
    assert "desk.invoice: 1 rows can still be found by the person's identities. Withheld there: kept: tax law" in said
    assert [e["until"] for e in answer.tables["desk.invoice"]["withheld"]] == ["2999-12-31"]
    assert place.dump()["person"] == {("1", "None", "None"), ("2", "bob@x.org", "Bob")}


LOGINS = """
CREATE TABLE member (login VARCHAR(20) PRIMARY KEY, email VARCHAR(60), name VARCHAR(30));
CREATE TABLE post (id INTEGER PRIMARY KEY, author VARCHAR(20) NOT NULL, body VARCHAR(30),
  FOREIGN KEY (author) REFERENCES member(login));
INSERT INTO member VALUES ('ann80','ann@x.org','Ann'),('bob','bob@x.org','Bob');
INSERT INTO post VALUES (1,'ann80','of ann'),(2,'bob','of bob');
"""
LOGINS_MAP = """
system: desk
tables:
  member:
    key: login
    fields: {login: user.account.username, email: {identity: email, category: user.contact.email}, name: user.name}
  post: {key: id, fields: {id: {}, author: {from: member.login}, body: user.content}}
"""


def test_a_login_by_which_rows_find_each_other_stays_and_is_told(place: Place, tmp_path: Path) -> None:
    """Nothing that was mapped as personal is left without a word; a bare number is left and not worth one."""
    place.run(LOGINS)
    (tmp_path / "desk.yml").write_text(LOGINS_MAP)
    options = ["--map", tmp_path / "desk.yml", "--connect", f"desk={place.url}", "--identity", "email=ann@x.org"]
    told = "desk.member: login stays as it is: rows find each other by it."
    assert told in ask("erasure", *options, "--dry-run").said
    answer = ask("erasure", *options, "--yes")
    assert (answer.status, told in answer.said) == ("complete", True)
    assert ("ann80", "None", "None") in place.dump()["member"]
    place.run("UPDATE member SET name = 'Ann', email = 'ann@x.org' WHERE login = 'ann80'")
    (tmp_path / "desk.yml").write_text(LOGINS_MAP.replace("user.account.username", "user.unique_id"))
    assert "stays as it is" not in ask("erasure", *options, "--dry-run").said
