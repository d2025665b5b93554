"""A directory keeps the connector's contract, on a real server, and a group loses only the person who goes."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from scripts.ldap_server import ADMIN, PASSWORD, ROOT_DN, LdapServer
from services.fulfil.connectors.ldap import client as ldap_client
from services.fulfil.connectors.ldap.connector import LdapConnector
from services.fulfil.connectors.protocol import Change, Find, Hit, Match, SystemDown, SystemRefuses
from services.fulfil.connectors.registry import connector_for
from services.fulfil.core.maps.model import DataMap, Field, Table
from tests.fulfil.connectors.contract import FIELDS, ConnectorContract, World
from tests.fulfil.connectors.test_folder import rows

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    import ldap3

CONTRACT = DataMap(
    "staff",
    (Table("people", fields=tuple(Field(name, primary_key=name == "id") for name in FIELDS)),),
    settings={"tables": {"people": {"class": "habeasPerson", "base": "ou=people"}}},
)
STAFF = DataMap(
    "staff",
    (Table("inetOrgPerson", fields=(Field("uid"), Field("mail"))), Table("members", fields=(Field("member"),))),
    settings={"tables": {"members": {"class": "groupOfNames", "each": "member"}}},
)


@dataclass
class Branch:
    """One branch of the directory, and a way into it past the connector."""

    server: LdapServer
    base: str
    link: Any

    def add(self, name: str, kind: str, /, **attributes: Any) -> str:
        """Add an entry and return its DN."""
        dn = f"{name},{self.base}"
        assert self.link.add(dn, kind, attributes), self.link.result
        return dn

    def person(self, uid: str, **more: Any) -> str:
        """Add a person."""
        return self.add(f"uid={uid}", "inetOrgPerson", cn=uid.title(), sn="Doe", mail=f"{uid}@example.org", **more)

    def look(self, asked: str = "(objectClass=*)", below: str = "") -> list[dict[str, Any]]:
        """Return the attributes of entries."""
        self.link.search(f"{below}{self.base}", asked, attributes=["*"])
        return [{**entry["attributes"], "dn": entry["dn"]} for entry in self.link.response]

    def connector(self, data_map: DataMap = STAFF) -> LdapConnector:
        """Return a connector to the branch."""
        found = connector_for("staff", self.server.url(self.base), data_map)
        assert isinstance(found, LdapConnector)
        return found


@pytest.fixture(scope="module")
def link(ldap_server: LdapServer) -> Iterator[Any]:
    """A way into the directory past the connector."""
    server = ldap3.Server("127.0.0.1", ldap_server.port, get_info=ldap3.SCHEMA)
    made = ldap3.Connection(server, ADMIN, PASSWORD, auto_bind=True)
    try:
        made.add(ROOT_DN, ["dcObject", "organization"], {"o": "habeas", "dc": "habeas"})
        yield made
    finally:
        made.unbind()  # as a context it would stay open: it leaves as it entered


@pytest.fixture
def branch(ldap_server: LdapServer, link: Any) -> Branch:
    """An empty branch."""
    base = ldap_server.new_branch()
    assert link.add(base, "organizationalUnit"), link.result
    return Branch(ldap_server, base, link)


class TestLdap(ConnectorContract):
    """Entries of a class of their own."""

    @pytest.fixture
    def world(self, branch: Branch) -> World:
        branch.add("ou=people", "organizationalUnit")
        for row in rows():
            held = {k: json.dumps(v) if k == "profile" else v for k, v in row.items() if v is not None and k != "id"}
            branch.add(f"id={row['id']},ou=people", "habeasPerson", **held)

        def look() -> dict[int, dict[str, Any]]:
            found = branch.look("(objectClass=habeasPerson)", "ou=people,")
            return {int(e["id"]): {n: _one(e.get(n)) for n in FIELDS} for e in found}

        return World(branch.connector(CONTRACT), look)


def _one(value: Any) -> Any:
    return (value[0] if value else None) if isinstance(value, list) else value


def perform(connector: LdapConnector, *wanted: Change) -> int:
    with connector.session(write=True) as session:
        done = sum(session.change(one) for one in wanted)
        session.commit()
    return done


def found(connector: LdapConnector, table: str, fields: tuple[str, ...], *matches: Match) -> list[Hit]:
    with connector.session(write=False) as session:
        return list(session.find(Find(table, fields, matches)))


def of(name: str, *values: Any) -> Match:
    return Match(((name,),), [(value,) for value in values])


def test_a_group_loses_the_person_who_goes_and_nobody_else(branch: Branch) -> None:
    ann, bob = branch.person("ann"), branch.person("bob")
    group = branch.add("cn=all", "groupOfNames", member=[ann.upper(), bob])
    connector = branch.connector()
    (person,) = found(connector, "inetOrgPerson", ("dn",), of("mail", "ann@example.org"))
    (member,) = found(connector, "members", ("dn", "member"), of("member", person.row[0]))
    assert member.row == (group, ann)
    done = perform(
        connector,
        Change("s", "members", ("dn", "member"), [(member.row, ())], delete=True),
        Change("s", "inetOrgPerson", ("dn",), [(person.row, ())], delete=True),
    )
    assert done == 2
    assert branch.look("(objectClass=groupOfNames)")[0]["member"] == [bob]
    assert [e["uid"] for e in branch.look("(objectClass=inetOrgPerson)")] == [["bob"]]


def test_a_group_that_would_be_left_empty_is_refused_with_the_reason(branch: Branch) -> None:
    ann = branch.person("ann")
    group = branch.add("cn=all", "groupOfNames", member=[ann])
    with pytest.raises(SystemRefuses, match="needs the attribute"):
        perform(branch.connector(), Change("s", "members", ("dn", "member"), [((group, ann), ())], delete=True))
    assert branch.look("(objectClass=groupOfNames)")[0]["member"] == [ann]


def test_the_name_of_an_entry_is_masked_by_renaming_it(branch: Branch) -> None:
    branch.person("ann", **{"description;lang-de": "Anns Akte", "telephoneNumber": ["+47 1", "+47 2"]})
    connector = branch.connector()
    live = connector.catalog(["inetOrgPerson"]).tables["inetOrgPerson"]
    assert (live.columns["sn"].nullable, live.columns["mail"].nullable) == (False, True)
    new = {"uid": "x1", "mail": None, "description": None, "telephoneNumber": None, "sn": "erased"}
    (hit,) = found(connector, "inetOrgPerson", ("dn", "telephoneNumber"), of("uid", "ann"))
    assert hit.row[1] == ["+47 1", "+47 2"]
    assert perform(connector, Change("s", "inetOrgPerson", ("dn",), [(hit.row[:1], ())], new)) == 1
    (left,) = branch.look("(objectClass=inetOrgPerson)")
    assert left["dn"] == f"uid=x1,{branch.base}"
    assert {k: v for k, v in left.items() if k not in ("objectClass", "dn")} == {
        "uid": ["x1"], "cn": ["Ann"], "sn": ["erased"],
    }  # fmt: skip


def test_a_required_attribute_is_never_emptied(branch: Branch) -> None:
    dn = branch.person("ann")
    change = Change("s", "inetOrgPerson", ("dn",), [((dn,), ())], {"sn": None})
    with pytest.raises(SystemRefuses, match="class needs the attribute"):
        perform(branch.connector(), change)
    with pytest.raises(SystemRefuses, match="erase: delete"):
        perform(branch.connector(), Change("s", "inetOrgPerson", ("dn",), [((dn,), ())], {"uid": None}))


def test_what_another_program_changed_meanwhile_is_left_alone(branch: Branch) -> None:
    dn = branch.person("ann")
    with branch.connector().session(write=True) as session:
        session.change(Change("s", "inetOrgPerson", ("dn",), [((dn,), ())], {"mail": None}))
        branch.link.modify(dn, {"mail": [("MODIFY_REPLACE", ["new@example.org"])]})
        with pytest.raises(SystemDown, match="another program"):
            session.commit()
    assert branch.look("(uid=ann)")[0]["mail"] == ["new@example.org"]


def test_names_of_entries_are_compared_as_directories_do(branch: Branch) -> None:
    ann = branch.person("ann")
    hits = found(branch.connector(), "inetOrgPerson", ("uid",), of("dn", ann.upper().replace(",", " , ")))
    assert [hit.row for hit in hits] == [("ann",)]
    assert not found(branch.connector(), "inetOrgPerson", ("uid",), of("dn", f"uid=nobody,{branch.base}", "none"))


def test_more_entries_than_a_page_holds_are_all_found(branch: Branch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ldap_client, "PAGE", 3)
    for n in range(8):
        branch.person(f"p{n}")
    assert len(found(branch.connector(), "inetOrgPerson", ("uid",), of("sn", "Doe"))) == 8


def test_names_with_signs_of_their_own_survive(branch: Branch) -> None:
    dn = branch.add("cn=Doe\\, Ann \\+ Co", "inetOrgPerson", sn="Doe")
    branch.add("cn=all", "groupOfNames", member=[dn])
    (hit,) = found(branch.connector(), "inetOrgPerson", ("dn", "cn"), of("cn", "Doe, Ann + Co"))
    assert len(found(branch.connector(), "members", ("dn",), of("member", hit.row[0]))) == 1
    change = Change("s", "inetOrgPerson", ("dn",), [(hit.row[:1], ())], {"cn": "x, y"})
    assert perform(branch.connector(), change) == 1
    assert branch.look("(objectClass=inetOrgPerson)")[0]["cn"] == ["x, y"]


def test_a_directory_is_reached_by_tls_alone_or_begun(branch: Branch) -> None:
    branch.person("ann")
    secure = branch.server.secure_url(branch.base)
    begun = secure.replace("ldaps://", "ldap://").replace(f":{branch.server.secure_port}/", f":{branch.server.port}/")
    for url in (secure, f"{begun}&tls=start"):
        connector = connector_for("staff", url, STAFF)
        assert isinstance(connector, LdapConnector)
        assert connector.check().reachable, connector.check().said
        assert len(found(connector, "inetOrgPerson", ("uid",), of("uid", "ann"))) == 1
    health = connector_for("staff", secure.partition("?")[0], STAFF).check()
    assert not health.reachable
    assert "not trusted" in health.said


def test_a_directory_that_cannot_be_used_is_said(branch: Branch) -> None:
    wrong = connector_for("staff", branch.server.url(branch.base, password="wrong"), STAFF).check()
    away = connector_for("staff", "ldap://127.0.0.1:1/dc=x", STAFF).check()
    blind = connector_for("staff", f"{branch.server.secure_url().partition('?')[0]}?ca=/no/such/file", STAFF).check()
    assert "names no readable file" in blind.said
    gone = connector_for("staff", branch.server.url(f"ou=nobody,{ROOT_DN}"), STAFF).check()
    assert [health.reachable for health in (wrong, away, gone)] == [False, False, False]
    assert "mend bind DN or password" in wrong.said
    assert "does not answer" in away.said
    assert "no such base" in gone.said


@pytest.mark.parametrize(
    ("url", "settings", "said"),
    [
        ("ldap://host", {}, "no host or no base"),
        ("ldap:///dc=x", {}, "no host or no base"),
        ("ldap://host/dc=x", {"tables": {"inetOrgPerson": {"clas": "x"}}}, "knows class, base"),
        ("ldap://host/dc=x", {"tables": {"inetOrgPerson": {"filter": "a=b"}}}, "in brackets"),
    ],
)
def test_a_wrong_connection_or_setting_says_what_to_write(url: str, settings: dict[str, Any], said: str) -> None:
    with pytest.raises(SystemRefuses, match=said):
        connector_for("staff", url, DataMap("staff", STAFF.tables, settings=settings))


def test_a_directory_says_what_classes_its_entries_have(branch: Branch) -> None:
    ann = branch.person("ann")
    branch.add("cn=all", "groupOfNames", member=[ann])
    connector = branch.connector(DataMap("staff", ()))
    assert {"groupOfNames", "inetOrgPerson"} <= set(connector.names())
    columns = connector.catalog(["inetOrgPerson"]).tables["inetOrgPerson"].columns
    assert {"uid", "mail", "cn", "sn", "dn"} <= set(columns)
    assert "carLicense" not in columns
