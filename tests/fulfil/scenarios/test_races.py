"""Neighbours do not stand still: what they add while Ann is being erased is neither blanked nor deleted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from services.fulfil import deleting, erasure
from services.fulfil.connectors.sql.connector import engine_for
from tests.fulfil.asking import ask
from tests.fulfil.places import Place, place

__all__ = ["place"]
TABLES = """
CREATE TABLE address (id INTEGER PRIMARY KEY, street VARCHAR(40));
CREATE TABLE person (id INTEGER PRIMARY KEY, email VARCHAR(60), address_id INTEGER REFERENCES address(id));
CREATE TABLE post (id INTEGER PRIMARY KEY, person_id INTEGER NOT NULL REFERENCES person(id), body TEXT);
CREATE TABLE answer (id INTEGER PRIMARY KEY, post_id INTEGER NOT NULL REFERENCES post(id) ON DELETE CASCADE, body TEXT);
INSERT INTO address VALUES (1,'Ann street');
INSERT INTO person VALUES (1,'ann@x.org',1),(2,'bob@x.org',NULL);
INSERT INTO post VALUES (10,1,'of ann');
"""
MAP = """
system: town
tables:
  address: {key: id, fields: {street: user.contact.address.street}}
  person: {key: id, fields: {email: {identity: email, category: user.contact.email}, address_id: {to: address.id}}}
  post: {key: id, erase: delete, fields: {person_id: {from: person.id}, body: user.content}}
"""
MOVES_IN = "UPDATE person SET address_id = 1 WHERE id = 2"
ANSWERS = "INSERT INTO answer VALUES (100, 10, 'of bob')"


@pytest.fixture
def town(place: Place) -> Place:
    if place.url.startswith("sqlite"):
        pytest.skip("SQLite lets one writer in at a time")
    place.run(TABLES)
    return place


def erase(town: Place, folder: Path) -> Any:
    (folder / "town.yml").write_text(MAP)
    options = ["--map", folder / "town.yml", "--connect", f"town={town.url}", "--identity", "email=ann@x.org", "--yes"]
    return ask("erasure", *options)


def meanwhile(monkeypatch: pytest.MonkeyPatch, module: Any, name: str, act: Callable[[], None], *, after: bool) -> None:
    """Let somebody act once, before or after one of the erasure's own acts."""
    original = getattr(module, name)
    done: list[bool] = []

    def acting(*args: Any, **options: Any) -> Any:
        if not after and not done:
            done.append(True)
            act()
        result = original(*args, **options)
        if after and not done:
            done.append(True)
            act()
        return result

    monkeypatch.setattr(module, name, acting)


def blocked(town: Place, statement: str) -> bool:
    """Whether a neighbour's statement has to wait for the erasure to end."""
    engine = engine_for(town.url)
    wait = "SET lock_timeout = '400ms'" if town.url.startswith("postgresql") else "SET innodb_lock_wait_timeout = 1"
    try:
        with engine.begin() as connection:
            connection.exec_driver_sql(wait)
            connection.exec_driver_sql(statement)
    except sa.exc.OperationalError:
        return True
    finally:
        engine.dispose()
    return False


def test_a_neighbour_who_moves_in_after_the_search_keeps_the_address(
    town: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    meanwhile(monkeypatch, erasure, "hold_shareable", lambda: town.run(MOVES_IN), after=False)
    answer = erase(town, tmp_path)
    assert answer.status == "complete"
    assert "shared" in answer.withheld("town.address")[1]
    assert town.dump()["address"] == {("1", "Ann street")}


def test_a_neighbour_who_moves_in_after_the_count_waits_and_finds_an_empty_address(
    town: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[bool] = []
    meanwhile(monkeypatch, erasure, "shared_rows", lambda: waited.append(blocked(town, MOVES_IN)), after=True)
    assert erase(town, tmp_path).status == "complete"
    assert waited == [True]
    assert town.dump()["address"] == {("1", "None")}


def test_an_answer_written_after_the_search_stops_the_deletion_of_what_it_answers(
    town: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    meanwhile(monkeypatch, erasure, "hold_shareable", lambda: town.run(ANSWERS), after=False)
    before = town.dump()
    answer = erase(town, tmp_path)
    assert (answer.exit, answer.status) == (3, "refused")
    assert "town.answer" in " ".join(answer.errors)
    assert town.dump() == {**before, "answer": {("100", "10", "of bob")}}


def test_an_answer_written_after_the_look_waits_and_finds_nothing_to_answer(
    town: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[bool] = []
    look = deleting.Deletions
    meanwhile(monkeypatch, look, "_look", lambda: waited.append(blocked(town, ANSWERS)), after=True)
    assert erase(town, tmp_path).status == "complete"
    assert waited == [True]
    assert town.dump()["post"] == town.dump()["answer"] == set()
