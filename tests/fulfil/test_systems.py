"""One person in two databases that know each other by soft keys, in a circle."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from tests.fulfil.asking import ask
from tests.fulfil.places import SAMPLES, Place, changed

CRM = """CREATE TABLE lead(uid TEXT PRIMARY KEY, email TEXT, shop_id TEXT, friend_uid TEXT);
INSERT INTO lead VALUES('u1','ann@x.org','7',NULL),('u2','bob@x.org','8','u1');"""
SHOP = """CREATE TABLE buyer(id INTEGER PRIMARY KEY, nick TEXT, crm_uid TEXT);
CREATE TABLE buy(id INTEGER PRIMARY KEY, buyer INTEGER, what TEXT);
INSERT INTO buyer VALUES(7,'annie','u1'),(8,'bobby','u2'); INSERT INTO buy VALUES(1,7,'x'),(2,8,'y'),(3,7,'z');"""


@pytest.fixture
def systems(tmp_path: Path) -> dict[str, Place]:
    places = {}
    for name, script in (("crm2", CRM), ("shop2", SHOP)):
        connection = sqlite3.connect(tmp_path / f"{name}.db")
        connection.executescript(script)
        connection.close()
        places[name] = Place(f"sqlite:///{tmp_path / name}.db")
    return places


def options(systems: dict[str, Place]) -> list[str]:
    urls = [f"{name}={place.url}" for name, place in systems.items()]
    return ["--map", str(SAMPLES / "two.yml"), "--connect", *urls, "--identity", "email=ann@x.org"]


def test_a_text_key_finds_a_number_in_another_system(systems: dict[str, Place]) -> None:
    answer = ask("access", *options(systems))
    assert answer.ids("shop2.buyer") == {7}
    assert answer.ids("shop2.buy") == {1, 3}
    assert answer.rows("crm2.lead") == [{"uid": "u1"}]


def test_both_systems_are_erased_and_nobody_else(systems: dict[str, Place]) -> None:
    before = {name: place.dump() for name, place in systems.items()}
    answer = ask("erasure", *options(systems), "--yes")
    assert answer.status == "complete"
    assert changed(before["crm2"], systems["crm2"].dump()) == {"lead": {"u1"}}
    assert changed(before["shop2"], systems["shop2"].dump()) == {"buyer": {"7"}, "buy": {"1", "3"}}


def test_a_system_without_a_connection_makes_access_incomplete_and_stops_erasure(systems: dict[str, Place]) -> None:
    only = {"crm2": systems["crm2"]}
    answer = ask("access", *options(only))
    assert (answer.exit, answer.status) == (1, "incomplete")
    before = systems["crm2"].dump()
    assert ask("erasure", *options(only), "--yes").exit == 3
    assert systems["crm2"].dump() == before
