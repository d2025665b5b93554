"""Storage that speaks S3 keeps the connector's contract, on a real server, with files and with objects."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import botocore.session
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from scripts.s3_server import KEY, SECRET, S3Server
from services.fulfil.connectors.protocol import Change, Find, Hit, Match, SystemDown, SystemRefuses
from services.fulfil.connectors.registry import connector_for
from services.fulfil.connectors.s3 import files
from services.fulfil.connectors.s3.connector import S3Connector
from services.fulfil.core.maps.model import DataMap, Field, Table
from tests.fulfil.connectors.contract import FIELDS, ConnectorContract, World
from tests.fulfil.connectors.test_folder import KINDS, rows

PERSON = tuple(Field(name, primary_key=name == "id") for name in FIELDS if name != "profile")
PROFILE = Field("profile", fields=(Field("city"), Field("phones", array=True, fields=(Field("number"),))))
MAP = DataMap("store", (Table("people", fields=(*PERSON, PROFILE)),))


@dataclass
class Store:
    """One bucket, and a way into it past the connector."""

    server: S3Server
    bucket: str
    client: Any

    def put(self, key: str, body: bytes, **more: Any) -> str:
        """Write an object and return its tag."""
        return str(self.client.put_object(Bucket=self.bucket, Key=key, Body=body, **more)["ETag"])

    def get(self, key: str) -> bytes:
        """Read an object."""
        with self.client.get_object(Bucket=self.bucket, Key=key)["Body"] as body:
            return bytes(body.read())

    def listed(self, below: str) -> list[str]:
        """Return the keys of everything that is seen below a prefix."""
        return [o["Key"] for o in self.client.list_objects_v2(Bucket=self.bucket, Prefix=below).get("Contents", [])]

    def versions(self) -> list[str]:
        """Return the key of every version and every mark of a deletion."""
        found = self.client.list_object_versions(Bucket=self.bucket)
        return [one["Key"] for one in (*found.get("Versions", []), *found.get("DeleteMarkers", []))]

    def keep_versions(self) -> None:
        """Let the bucket keep old versions from now on."""
        self.client.put_bucket_versioning(Bucket=self.bucket, VersioningConfiguration={"Status": "Enabled"})

    def connector(self, settings: dict[str, Any] | None = None, below: str = "", *tables: Table) -> S3Connector:
        """Return a connector to the bucket."""
        data_map = DataMap("store", tables or MAP.tables, settings=settings or {})
        found = connector_for("store", self.server.url(f"{self.bucket}{below}"), data_map)
        assert isinstance(found, S3Connector)
        return found


@pytest.fixture(scope="module")
def client(s3_server: S3Server) -> Iterator[Any]:
    """A way into the server past the connector."""
    made = botocore.session.Session().create_client(
        "s3", endpoint_url=f"http://127.0.0.1:{s3_server.port}", region_name="us-east-1",
        aws_access_key_id=KEY, aws_secret_access_key=SECRET,
    )  # fmt: skip
    yield made
    made.close()


@pytest.fixture(scope="module")
def shared(s3_server: S3Server, client: Any) -> Store:
    """One bucket for the tests that look below a prefix of their own only: making one takes the server a while."""
    bucket = s3_server.new_bucket()
    client.create_bucket(Bucket=bucket)
    return Store(s3_server, bucket, client)


@pytest.fixture
def store(s3_server: S3Server, client: Any) -> Store:
    """An empty bucket."""
    bucket = s3_server.new_bucket()
    client.create_bucket(Bucket=bucket)
    return Store(s3_server, bucket, client)


class TestFiles(ConnectorContract):
    """A file, one that another library reads, and a folder of files; the other kinds are read by the same hands."""

    @pytest.fixture(params=["csv", "parquet", "folder"])
    def world(self, request: pytest.FixtureRequest, shared: Store) -> Iterator[World]:
        name, written, read = KINDS[request.param]
        below = request.node.name.replace("[", "/").strip("]")
        shared.put(f"{below}/{name}", written(rows()))
        connector = shared.connector(below=f"/{below}")
        yield World(connector, lambda: {int(row["id"]): row for row in read(shared.get(f"{below}/{name}"))})
        connector.close()


class TestObjects(ConnectorContract):
    """One object a person."""

    @pytest.fixture
    def world(self, request: pytest.FixtureRequest, shared: Store) -> Iterator[World]:
        below = f"objects-{request.node.name}"
        for row in rows():
            shared.put(f"{below}/people/{row['id']}.json", json.dumps(row).encode())
        settings = {"objects": {"people": {"key": "people/{id}.json", "content": "json"}}}
        connector = shared.connector(settings, f"/{below}")

        def look() -> dict[int, dict[str, Any]]:
            people = [json.loads(shared.get(key)) for key in shared.listed(f"{below}/")]
            return {int(person["id"]): person for person in people}

        yield World(connector, look)
        connector.close()


def perform(connector: S3Connector, wanted: Change) -> int:
    with connector.session(write=True) as session:
        done = session.change(wanted)
        session.commit()
    return done


def found(connector: S3Connector, table: str, fields: tuple[str, ...], *matches: Match) -> list[Hit]:
    connector.catalog([table])
    with connector.session(write=False) as session:
        return list(session.find(Find(table, fields, matches)))


def of(name: str, *values: str) -> Match:
    return Match((tuple(name.split(".")),), [(value,) for value in values])


DELETED = Change("s", "people", ("id",), [(("1",), ())], delete=True)
PICTURES = Table("pictures", fields=(Field("customer_id"), Field("_metadata", fields=(Field("owner"),))))
NAMED = {"objects": {"pictures": "pictures/{customer_id}/{file}"}}


def test_a_file_that_another_program_wrote_meanwhile_is_left_alone(store: Store) -> None:
    store.put("people.csv", b"id,email\n1,a@example.org\n")
    with store.connector().session(write=True) as session:
        session.change(DELETED)
        store.put("people.csv", b"id,email\n1,a@example.org\n2,b@example.org\n")
        with pytest.raises(SystemDown, match="another program"):
            session.commit()
    assert b"b@example.org" in store.get("people.csv")


def test_a_write_between_the_last_look_and_ours_is_refused_by_the_store(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.put("people.csv", b"id,email\n1,a@example.org\n")
    connector = store.connector()
    looked = connector._bucket.head

    def late(entry: Any) -> Any:
        said = looked(entry)
        store.put("people.csv", b"id,email\n3,c@example.org\n")
        return said

    with connector.session(write=True) as session:
        session.change(DELETED)
        monkeypatch.setattr(connector._bucket, "head", late)
        with pytest.raises(SystemDown, match="another program"):
            session.commit()
    assert store.get("people.csv") == b"id,email\n3,c@example.org\n"


def test_files_of_one_name_in_different_folders_are_told_apart(store: Store) -> None:
    for year in ("2025", "2026"):
        store.put(f"people/{year}/part.jsonl", b'{"email":"x@example.org"}\n')
    table = Table("people", fields=(Field("email"),))
    hits = found(store.connector(None, "", table), "people", ("_file", "_record"), of("email", "x@example.org"))
    assert [hit.row for hit in hits] == [("2025/part.jsonl", 1), ("2026/part.jsonl", 1)]


def test_a_changed_file_keeps_what_the_store_knows_of_it(store: Store) -> None:
    store.put("people.csv", b"id,email\n1,a@x\n2,b@x\n", ContentType="text/csv", Metadata={"made-by": "nightly"})
    assert perform(store.connector(), DELETED) == 1
    head = store.client.head_object(Bucket=store.bucket, Key="people.csv")
    assert (store.get("people.csv"), head["ContentType"]) == (b"id,email\n2,b@x\n", "text/csv")
    assert head["Metadata"] == {"made-by": "nightly"}


def test_where_old_versions_are_kept_a_file_is_changed_only_when_the_map_says_what_becomes_of_them(
    store: Store,
) -> None:
    store.keep_versions()
    for n in (1, 2):
        store.put("people.csv", b"id,email\n1,a@x\n2,b@x\n" + b"\n" * n)
    assert "versions" in store.connector().check().said
    with pytest.raises(SystemRefuses, match="versions: remove"):
        perform(store.connector(), DELETED)
    assert len(store.versions()) == 2
    assert perform(store.connector({"versions": "remove"}), DELETED) == 1
    assert (store.versions(), b"a@x" in store.get("people.csv")) == (["people.csv"], False)
    store.put("people.csv", b"id,email\n1,a@x\n")
    assert perform(store.connector({"versions": "keep"}), DELETED) == 1
    assert len(store.versions()) == 3


def test_deleting_an_object_deletes_all_its_versions_and_no_neighbours(store: Store) -> None:
    store.keep_versions()
    for body in (b"1", b"2"):
        store.put("pictures/7/me.jpg", body)
        store.put("pictures/7/me.jpg.txt", body)
    connector = store.connector(NAMED, "", PICTURES)
    key = found(connector, "pictures", ("_key",), of("customer_id", "7"))[0].row
    assert perform(connector, Change("s", "pictures", ("_key",), [(key, ())], delete=True)) == 1
    assert store.versions() == ["pictures/7/me.jpg.txt"] * 2


def test_objects_are_found_by_their_key_and_by_their_metadata(store: Store) -> None:
    store.put("pictures/7/a/b.jpg", b"x", Metadata={"owner": "ann@example.org"}, ContentType="image/jpeg")
    store.put("pictures/77/c.jpg", b"xy", Metadata={"owner": "bob@example.org"})
    store.put("other/7/d.jpg", b"x")
    connector = store.connector(NAMED, "", PICTURES)
    fields = ("customer_id", "file", "_size", "_type", "_metadata")
    by_key = found(connector, "pictures", fields, of("customer_id", "7"))
    assert [hit.row for hit in by_key] == [("7", "a/b.jpg", 1, "image/jpeg", {"owner": "ann@example.org"})]
    by_owner = found(connector, "pictures", ("_key",), of("_metadata.owner", "bob@example.org"))
    assert [hit.row for hit in by_owner] == [("pictures/77/c.jpg",)]


def test_one_persons_objects_cost_one_listing_of_their_own(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    for n in range(5):
        store.put(f"pictures/{n}/me.jpg", b"x")
    connector = store.connector(NAMED, "", PICTURES)
    asked: list[str] = []
    listed = connector._bucket.listed
    monkeypatch.setattr(connector._bucket, "listed", lambda prefix: asked.append(prefix) or listed(prefix))
    assert len(found(connector, "pictures", ("_key",), of("customer_id", "3"))) == 1
    assert asked == ["pictures/3/"]


def test_metadata_is_masked_where_it_stands(store: Store) -> None:
    store.keep_versions()
    for _ in range(2):
        store.put("pictures/7/a.jpg", b"x", Metadata={"owner": "ann@example.org", "camera": "old"})
    connector = store.connector(NAMED, "", PICTURES)
    row: Any = ("pictures/7/a.jpg",), ({"owner": None, "camera": "old"},)
    assert perform(connector, Change("s", "pictures", ("_key",), [row], per_row=("_metadata",))) == 1
    assert store.client.head_object(Bucket=store.bucket, Key="pictures/7/a.jpg")["Metadata"] == {"camera": "old"}
    assert (store.get("pictures/7/a.jpg"), store.versions()) == (b"x", ["pictures/7/a.jpg"])


def test_an_objects_name_is_never_masked(store: Store) -> None:
    store.put("pictures/7/a.jpg", b"x")
    change = Change("s", "pictures", ("_key",), [(("pictures/7/a.jpg",), ())], {"customer_id": None})
    with pytest.raises(SystemRefuses, match="erase: delete"):
        perform(store.connector(NAMED, "", PICTURES), change)


def test_more_objects_than_a_page_holds_are_all_found(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    connector = store.connector(NAMED, "", PICTURES)
    real = connector._bucket._client.list_objects_v2
    for n in range(7):
        store.put(f"pictures/{n} ü&+/me.jpg", b"x")
    monkeypatch.setattr(connector._bucket._client, "list_objects_v2", lambda **a: real(**{**a, "MaxKeys": 3}))
    assert len(found(connector, "pictures", ("_key",), of("file", "me.jpg"))) == 7


def test_what_was_not_committed_did_not_happen(store: Store) -> None:
    store.put("people.csv", b"id,email\n1,a@x\n")
    with store.connector().session(write=True) as session:
        session.change(DELETED)
    assert b"a@x" in store.get("people.csv")


def test_what_a_conversation_fetches_is_bounded_and_gone_with_it(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MIRROR_BYTES_MAX", 100)
    for n in range(3):
        store.put(f"people/{n}.jsonl", json.dumps({"id": n, "email": "x" * 70}).encode() + b"\n")
    connector = store.connector()
    with connector.session(write=True) as session:
        shelf: Any = session._files._shelf
        assert session.change(Change("s", "people", ("id",), [((n,), ()) for n in range(3)], {"email": None})) == 3
        assert sum(1 for path in shelf._fetched if path.exists()) == 1
        session.commit()
        mirror = shelf._mirror
    assert not mirror.exists()
    assert [json.loads(store.get(f"people/{n}.jsonl"))["email"] for n in range(3)] == [None] * 3


@pytest.mark.parametrize(
    ("url", "said"),
    [
        (lambda s: s.server.url("no-such-bucket"), "no such bucket"),
        (lambda s: s.server.url(s.bucket, secret="wrong"), "mend key or rights"),
        (lambda _: "s3+http://a:b@127.0.0.1:1/bucket", "does not answer"),
    ],
)
def test_a_store_that_cannot_be_reached_is_said(store: Store, url: Callable[[Store], str], said: str) -> None:
    health = connector_for("store", url(store), MAP).check()
    assert not health.reachable
    assert said in health.said


@pytest.mark.parametrize(
    ("url", "settings", "said"),
    [
        ("s3+http://a:b@example.org/bucket", {}, "without TLS only on this machine"),
        ("s3+https://a:b@example.org", {}, "names no bucket"),
        ("s3://bucket", {"versions": "some"}, "`remove` or `keep`"),
        ("s3://bucket", {"objects": ["pictures"]}, "table of names"),
        ("s3://bucket", {"objects": {"pictures": "pictures/me.jpg"}}, "name in braces"),
        ("s3://bucket", {"objects": {"pictures": "pictures/{a}{b}"}}, "between two"),
        ("s3://bucket", {"objects": {"pictures": {"key": "{a}", "content": "xml"}}}, "json, text, bytes"),
        ("s3://bucket", {"objects": {"pictures": {"keys": "{a}"}}}, "not `keys`"),
    ],
)
def test_a_wrong_connection_or_setting_says_what_to_write(url: str, settings: dict[str, Any], said: str) -> None:
    with pytest.raises(SystemRefuses, match=said):
        connector_for("store", url, DataMap("store", MAP.tables, settings=settings))


def test_an_unreadable_object_is_said_without_what_stands_in_it(store: Store) -> None:
    store.put("people/1.json", b'["ann@example.org"]')
    connector = store.connector({"objects": {"people": {"key": "people/{id}.json", "content": "json"}}})
    with pytest.raises(SystemRefuses, match="JSON object") as caught:
        found(connector, "people", ("email",), of("id", "1"))
    assert "ann@" not in str(caught.value)


def test_a_bucket_says_what_tables_it_has(store: Store) -> None:
    out = io.BytesIO()
    pq.write_table(pa.Table.from_pylist([{"id": 1}]), out)
    for key, body in (("people.csv", b"id\n"), ("orders/a.parquet", out.getvalue()), ("pictures/7.jpg", b"x")):
        store.put(key, body)
    assert store.connector().names() == ["orders", "people"]
