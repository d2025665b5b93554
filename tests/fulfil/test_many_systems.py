"""One person in a bucket, a directory and a document database: found across them, erased everywhere, nobody else."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import botocore.session
import pymongo
import pytest
import yaml
from click.testing import CliRunner, Result

from scripts.ldap_server import ADMIN, PASSWORD, ROOT_DN, LdapServer
from scripts.mongo_server import MongoServer
from scripts.s3_server import KEY, SECRET, S3Server
from services.cli.connectors import connectors
from services.cli.map import map_
from services.fulfil.connectors.protocol import SystemRefuses
from services.fulfil.connectors.s3.client import Bucket
from tests.fulfil.asking import ask
from tests.servers.mongo import empty_database

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    import ldap3

MAPS = """\
system: crm
tables:
  people:
    key: _id
    fields:
      emails: {type: "string[]", category: user.contact.email, identity: email}
      account: {category: user.unique_id}
      home: {fields: {street: user.contact.address.street, city: user.contact.address.city}}
---
system: staff
connector:
  tables:
    members: {class: groupOfNames, each: member}
tables:
  inetOrgPerson:
    erase: delete
    fields:
      dn: {}
      mail: {category: user.contact.email, identity: email}
      sn: user.name
  members:
    erase: delete
    fields:
      member: {from: inetOrgPerson.dn, category: user.unique_id}
---
system: store
connector:
  versions: remove
  objects:
    pictures: "pictures/{account}/{file}"
    profiles: {key: "profiles/{id}.json", content: json}
tables:
  orders:
    key: id
    fields:
      email: {category: user.contact.email, identity: email}
      note: user.content
  pictures:
    erase: delete
    fields:
      account: {from: crm:people.account, category: user.unique_id}
      file: user.content
  profiles:
    fields:
      mail: {category: user.contact.email, identity: email}
"""


class Systems:
    """The three systems, filled with two people."""

    def __init__(self, folder: Path, s3: S3Server, ldap: LdapServer, mongo: MongoServer) -> None:
        self.bucket = s3.new_bucket()
        self.s3 = botocore.session.Session().create_client(
            "s3", endpoint_url=f"http://127.0.0.1:{s3.port}", region_name="us-east-1", aws_access_key_id=KEY,
            aws_secret_access_key=SECRET,
        )  # fmt: skip
        self.s3.create_bucket(Bucket=self.bucket)
        self.s3.put_bucket_versioning(Bucket=self.bucket, VersioningConfiguration={"Status": "Enabled"})
        self.base = ldap.new_branch()
        self.ldap = ldap3.Connection(ldap3.Server("127.0.0.1", ldap.port), ADMIN, PASSWORD, auto_bind=True)
        self.ldap.add(ROOT_DN, ["dcObject", "organization"], {"o": "habeas", "dc": "habeas"})
        self.ldap.add(self.base, "organizationalUnit")
        url = empty_database(mongo)
        self.mongo: pymongo.MongoClient[Any] = pymongo.MongoClient(url)
        self.people = self.mongo.get_default_database().people
        self.connections = {
            "crm": url, "staff": ldap.url(self.base), "store": s3.url(self.bucket),
        }  # fmt: skip
        self.maps = []
        for document in MAPS.split("---\n"):
            self.maps.append(folder / f"{yaml.safe_load(document)['system']}.yml")
            self.maps[-1].write_text(document)
        for n, name in enumerate(("ann", "bob"), 1):
            self._fill(n, name)
        self._write("orders.csv", b"id,email,note\n1,ann@example.org,ring twice\n2,bob@example.org,none\n")
        self.ldap.add(f"cn=all,{self.base}", "groupOfNames", {"member": [self.dn("ann"), self.dn("bob")]})

    def dn(self, name: str) -> str:
        """The name of a person's entry."""
        return f"uid={name},{self.base}"

    def _write(self, key: str, body: bytes) -> None:
        for _ in range(2):
            self.s3.put_object(Bucket=self.bucket, Key=key, Body=body)

    def _fill(self, n: int, name: str) -> None:
        home = {"street": f"{name} street", "city": "Oslo"}
        self.people.insert_one({"emails": [f"{name}@example.org"], "account": f"a{n}", "home": home})
        self._write(f"pictures/a{n}/me.jpg", b"x")
        self._write(f"profiles/{n}.json", json.dumps({"mail": f"{name}@example.org", "tags": ["x"]}).encode())
        self.ldap.add(self.dn(name), "inetOrgPerson", {"cn": name, "sn": name.title(), "mail": f"{name}@example.org"})

    def everything(self) -> str:
        """All that stands in the three, old versions too."""
        versions = self.s3.list_object_versions(Bucket=self.bucket).get("Versions", [])
        bodies = []
        for one in versions:
            with self.s3.get_object(Bucket=self.bucket, Key=one["Key"], VersionId=one["VersionId"])["Body"] as body:
                bodies.append((one["Key"], body.read()))
        self.ldap.search(self.base, "(objectClass=*)", attributes=["*"])
        entries = [(entry["dn"], entry["attributes"]) for entry in self.ldap.response]
        return str(bodies) + str(entries) + str(list(self.people.find({}, {"_id": 0})))

    def arguments(self) -> list[str]:
        """The options of a command."""
        return [
            *(part for place in self.maps for part in ("--map", str(place))),
            *(part for name, url in self.connections.items() for part in ("--connect", f"{name}={url}")),
        ]


@pytest.fixture
def systems(tmp_path: Path, s3_server: S3Server, ldap_server: LdapServer, mongo_server: MongoServer) -> Iterator[Any]:
    """The systems of one test."""
    made = Systems(tmp_path, s3_server, ldap_server, mongo_server)
    yield made
    made.s3.close()
    made.ldap.unbind()
    made.mongo.close()


def run(group: Any, *args: str) -> Result:
    result = CliRunner().invoke(group, args)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def test_a_person_is_found_across_the_three_and_nobody_else_is(systems: Systems) -> None:
    found = ask("access", *systems.arguments(), "--identity", "email=ann@example.org")
    assert (found.exit, found.status) == (0, "complete"), found.said
    assert {name: len(table["rows"]) for name, table in found.tables.items()} == {
        "crm.people": 1, "staff.inetOrgPerson": 1, "staff.members": 1, "store.orders": 1, "store.pictures": 1,
        "store.profiles": 1,
    }  # fmt: skip
    assert found.rows("staff.members") == [{"dn": f"cn=all,{systems.base}", "member": systems.dn("ann")}]
    assert found.rows("store.pictures") == [{"_key": "pictures/a1/me.jpg"}]


def test_a_person_is_erased_from_the_three_with_old_versions_and_memberships(systems: Systems) -> None:
    before = systems.everything()
    done = ask("erasure", *systems.arguments(), "--identity", "email=ANN@example.org", "--yes")
    assert (done.exit, done.status) == (0, "complete"), done.said
    after = systems.everything()
    for trace in ("ann@", "uid=ann", "ann street", "ring twice", "a1/me"):
        assert trace in before
        assert trace not in after
    for kept in ("bob@example.org", "uid=bob", "bob street", "pictures/a2/me.jpg"):
        assert after.count(kept) in (before.count(kept), before.count(kept) - 1), kept
        assert kept in after
    again = ask("access", *systems.arguments(), "--identity", "email=ann@example.org")
    assert not any(table["rows"] for table in again.tables.values())


def test_a_bucket_that_would_keep_the_person_refuses_before_anything_is_changed(systems: Systems) -> None:
    store = systems.maps[-1]
    store.write_text(store.read_text().replace("  versions: remove\n", ""))
    before = systems.everything()
    done = ask("erasure", *systems.arguments(), "--identity", "email=ann@example.org", "--yes")
    assert (done.exit, done.status) == (3, "refused")
    assert "versions: keep" in " ".join(done.errors)
    assert systems.everything() == before


def test_a_bucket_that_refuses_half_way_is_not_called_undone(systems: Systems, monkeypatch: pytest.MonkeyPatch) -> None:
    def locked(*_: Any, **__: Any) -> None:
        raise SystemRefuses("store: an object is locked")

    monkeypatch.setattr(Bucket, "forget_versions", locked)
    done = ask("erasure", *systems.arguments(), "--identity", "email=ann@example.org", "--yes")
    assert (done.exit, done.status) == (1, "incomplete")
    assert "may be changed there already" in done.said
    monkeypatch.undo()
    again = ask("erasure", *systems.arguments(), "--identity", "email=ann@example.org", "--yes")
    assert again.status == "complete"
    assert "ann@" not in systems.everything()


def test_the_three_are_tried_and_their_maps_fit(systems: Systems) -> None:
    tried = run(connectors, "test", *systems.arguments())
    assert tried.exit_code == 0, tried.output
    assert tried.output.count("ok  ") == 3
    assert "keeps old versions" in tried.output
    checked = run(map_, "check", *systems.arguments(), "--json")
    assert [r for r in json.loads(checked.output)["remarks"] if r["wrong"]] == []


@pytest.mark.parametrize(
    ("system", "table", "field", "entry"),
    [
        ("crm", "people", "emails", {"category": "user.contact.email", "identity": "email"}),
        ("staff", "inetOrgPerson", "mail", {"category": "user.contact.email", "identity": "email"}),
        ("store", "orders", "email", {"category": "user.contact.email", "identity": "email"}),
        ("store", "pictures", "part_1", {}),
        ("store", "profiles", "mail", {"category": "user.contact.email", "identity": "email"}),
    ],
)
def test_a_map_is_drafted_from_what_is_there_and_fits(
    systems: Systems, tmp_path: Path, system: str, table: str, field: str, entry: dict[str, str]
) -> None:
    drafted = run(map_, "scan", systems.connections[system], "--system", system)
    assert drafted.exit_code == 0, drafted.output
    draft = yaml.safe_load(drafted.output)
    assert entry.items() <= draft["tables"][table]["fields"][field].items()
    assert "ann" not in drafted.output
    place = tmp_path / "draft.yml"
    place.write_text(drafted.output)
    url = systems.connections[system]
    checked = run(map_, "check", "--map", str(place), "--connect", f"{system}={url}", "--json")
    assert [r for r in json.loads(checked.output)["remarks"] if r["wrong"]] == []
