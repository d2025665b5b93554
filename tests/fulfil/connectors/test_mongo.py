"""MongoDB's protocol keeps the connector's contract; nested values are changed by path, where they still stand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pymongo
import pytest
from bson import Decimal128, ObjectId

from scripts.mongo_server import MongoServer
from services.fulfil.connectors.mongo.catalogs import live_of
from services.fulfil.connectors.mongo.connector import MongoConnector
from services.fulfil.connectors.mongo.values import differences
from services.fulfil.connectors.protocol import Change, Find, Hit, Match, SystemDown, SystemRefuses
from services.fulfil.connectors.registry import connector_for
from services.fulfil.core.maps.model import DataMap, Field, Table
from tests.fulfil.connectors.contract import FIELDS, ConnectorContract, World
from tests.fulfil.connectors.test_folder import rows
from tests.servers.mongo import empty_database

KEYED = DataMap("crm", (Table("people", fields=tuple(Field(name, primary_key=name == "id") for name in FIELDS)),))
UNKEYED = DataMap("crm", (Table("people", fields=(Field("email"),)),))


@pytest.fixture
def database(mongo_server: MongoServer) -> Iterator[Any]:
    """An empty database, past the connector."""
    client: pymongo.MongoClient[Any] = pymongo.MongoClient(empty_database(mongo_server), tz_aware=True)
    yield client.get_default_database()
    client.close()


def url_of(database: Any) -> str:
    host, port = database.client.address
    return f"mongodb://{host}:{port}/{database.name}"


@pytest.fixture
def connector(database: Any) -> Iterator[MongoConnector]:
    """A connector to the database, for a map without a key."""
    made = connector_for("crm", url_of(database), UNKEYED)
    assert isinstance(made, MongoConnector)
    yield made
    made.close()


class TestMongo(ConnectorContract):
    """Documents with an id of their own."""

    @pytest.fixture
    def world(self, database: Any) -> Iterator[World]:
        database.people.insert_many(rows())
        connector = connector_for("crm", url_of(database), KEYED)
        assert isinstance(connector, MongoConnector)
        yield World(connector, lambda: {row["id"]: row for row in database.people.find({}, {"_id": 0})})
        connector.close()


def perform(connector: MongoConnector, wanted: Change) -> int:
    with connector.session(write=True) as session:
        done = session.change(wanted)
        session.commit()
    return done


def found(connector: MongoConnector, fields: tuple[str, ...], path: str, *values: Any) -> list[Hit]:
    match = Match((tuple(path.split(".")),), [(value,) for value in values])
    with connector.session(write=False) as session:
        return list(session.find(Find("people", fields, (match,))))


def test_a_nested_value_is_changed_by_its_path_and_nothing_beside_it(database: Any, connector: MongoConnector) -> None:
    profile = {"phones": [{"number": "1", "kind": ObjectId("0" * 24)}, {"number": "2"}], "rate": Decimal128("1.50")}
    database.people.insert_one({"_id": 7, "email": "a@x", "profile": profile})
    (hit,) = found(connector, ("_id", "profile"), "profile.phones.number", "2")
    assert hit.row[1]["rate"] == Decimal("1.50")
    hit.row[1]["phones"][1]["number"] = None
    with connector.session(write=True) as session:
        session.change(Change("s", "people", ("_id",), [((7,), (hit.row[1],))], per_row=("profile",)))
        database.people.update_one({"_id": 7}, {"$set": {"profile.phones.0.number": "3"}})
        session.commit()
    after = database.people.find_one({"_id": 7})["profile"]
    assert after == {"phones": [{"number": "3", "kind": ObjectId("0" * 24)}, {"number": None}], "rate": profile["rate"]}


def test_what_another_program_changed_meanwhile_is_left_alone(database: Any, connector: MongoConnector) -> None:
    database.people.insert_one({"_id": 7, "email": "a@x"})
    with connector.session(write=True) as session:
        session.change(Change("s", "people", ("_id",), [((7,), ())], {"email": None}))
        database.people.update_one({"_id": 7}, {"$set": {"email": "new@x"}})
        with pytest.raises(SystemDown, match="another program"):
            session.commit()
    assert database.people.find_one({"_id": 7})["email"] == "new@x"


def test_ids_of_the_databases_own_kind_are_found_by_their_text(database: Any, connector: MongoConnector) -> None:
    one = database.people.insert_one({"email": "a@x", "since": dt.datetime(2026, 1, 2, tzinfo=dt.UTC)}).inserted_id
    database.people.insert_one({"email": "b@x"})
    (hit,) = found(connector, ("_id", "since"), "_id", str(one))
    assert hit.row == (str(one), dt.datetime(2026, 1, 2, tzinfo=dt.UTC))
    assert perform(connector, Change("s", "people", ("_id",), [((str(one),), ())], delete=True)) == 1
    assert [row["email"] for row in database.people.find()] == ["b@x"]


def test_a_field_that_a_document_lacks_is_not_added(database: Any, connector: MongoConnector) -> None:
    database.people.insert_one({"_id": 1, "email": "a@x"})
    assert perform(connector, Change("s", "people", ("_id",), [((1,), ())], {"email": None, "phone": None})) == 1
    assert database.people.find_one() == {"_id": 1, "email": None}


def test_what_indexes_and_validators_forbid_is_known_beforehand(database: Any) -> None:
    properties = {"name": {"bsonType": "string"}, "note": {"bsonType": ["string", "null"]}}
    about = {"options": {"validator": {"$jsonSchema": {"required": ["name"], "properties": properties}}}}
    database.people.create_index("email", unique=True)
    live = live_of(database.people, about, Table("people", fields=(Field("email"), Field("name"), Field("phone"))))
    assert {n: c.nullable for n, c in live.columns.items()} == {
        "_id": False, "email": False, "name": False, "note": True, "phone": True,
    }  # fmt: skip
    assert ("email",) in live.unique


def test_what_a_unique_index_refuses_is_said_with_the_remedy(database: Any, connector: MongoConnector) -> None:
    database.people.create_index("email", unique=True)
    database.people.insert_many([{"_id": 1, "email": "a@x"}, {"_id": 2, "email": "b@x"}])
    with pytest.raises(SystemRefuses, match="unique index") as caught:
        perform(connector, Change("s", "people", ("_id",), [((1,), ())], {"email": "b@x"}))
    assert "b@x" not in str(caught.value)


def test_two_documents_with_one_key_are_refused(database: Any, connector: MongoConnector) -> None:
    database.people.insert_many([{"id": 1}, {"id": 1}])
    with pytest.raises(SystemRefuses, match="one key"):
        perform(connector, Change("s", "people", ("id",), [((1,), ())], delete=True))
    assert database.people.count_documents({}) == 2


def test_a_pattern_in_an_address_is_no_pattern(database: Any, connector: MongoConnector) -> None:
    database.people.insert_many([{"_id": 1, "email": "A.b@x"}, {"_id": 2, "email": "acb@x"}])
    match = Match((("email",),), [("a.b@X",), ("$where",), (".*",)], fold_case=True)
    with connector.session(write=False) as session:
        assert [hit.row for hit in session.find(Find("people", ("_id",), (match,)))] == [(1,)]


@pytest.mark.parametrize(
    ("old", "new", "paths"),
    [
        ({"a": 1, "b": 2}, {"a": 1, "b": None}, ["f.b"]),
        ({"a.b": 1}, {"a.b": None}, ["f"]),
        ({"0": 1}, {"0": None}, ["f"]),
        ([1, 2], [1], ["f"]),
        ([{"a": [1, 2]}], [{"a": [None, 2]}], ["f.0.a.0"]),
        ("x", "x", []),
    ],
)
def test_a_change_is_named_as_near_to_its_leaf_as_a_path_can(old: Any, new: Any, paths: list[str]) -> None:
    assert [leaf.path for leaf in differences(old, new, "f")] == paths


@pytest.mark.parametrize("url", ["mongodb://host", "mongodb://", "mongodb://host:port/x", "mongodb://a:b:c@h/x"])
def test_a_wrong_connection_says_what_to_write(url: str) -> None:
    with pytest.raises(SystemRefuses, match="user:secret@host/database"):
        connector_for("crm", url, UNKEYED)


def test_a_database_that_does_not_answer_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.fulfil.connectors.mongo.client.CONNECT_MS", 300)
    made = connector_for("crm", "mongodb://127.0.0.1:1/crm", UNKEYED)
    assert isinstance(made, MongoConnector)
    health = made.check()
    made.close()
    assert not health.reachable
    assert "does not answer" in health.said


def test_a_database_says_what_collections_it_has(database: Any, connector: MongoConnector) -> None:
    database.people.insert_one({"email": "a@x", "n": 1})
    database.orders.insert_one({"person": 1})
    assert connector.names() == ["orders", "people"]
    with connector.session(write=False) as session:
        assert session.sample("people", ("email",), 5) == [("a@x",)]
