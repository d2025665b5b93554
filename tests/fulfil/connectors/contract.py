"""The contract that every connector keeps; a connector is right when this suite passes on the real system.

A test module derives from `ConnectorContract` and gives it a `world` fixture: a connector to a system that holds the
table `people` with the rows of `PEOPLE`, and a way to look into it from outside.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from services.fulfil.connectors.protocol import (
    Change,
    Connector,
    ConnectorError,
    Find,
    Match,
    Pointer,
    References,
    Session,
    SystemRefuses,
)

FIELDS = ("id", "email", "name", "boss", "profile")
PEOPLE: tuple[tuple[Any, ...], ...] = (
    (1, "ann@example.org", "Ann", None, {"phones": [{"number": "111"}, {"number": "112"}], "city": "Oslo"}),
    (2, "bob@example.org", "Bob", 1, {"phones": [{"number": "222"}], "city": "Rome"}),
    (3, "cat@example.org", "Cat", 1, {"phones": [], "city": "Oslo"}),
    (4, "o'neil@example.org", "Robert'); DROP TABLE people;--", 2, {"phones": [], "city": "Bonn"}),
)


@dataclass
class World:
    """A system with people in it. `look` returns each row by id, read past the connector."""

    connector: Connector
    look: Callable[[], dict[int, dict[str, Any]]]
    table: str = "people"


def by(field: str, *values: Any, fold_case: bool = False) -> Match:
    """Rows whose field, nested with dots, holds one of the values."""
    return Match((tuple(field.split(".")),), [(value,) for value in values], fold_case)


class ConnectorContract:
    """What `services/fulfil/connectors/protocol.py` promises."""

    def ids(self, session: Session, world: World, *matches: Match, **more: Any) -> list[int]:
        """The ids found, in order."""
        query = Find(world.table, ("id",), matches, **more)
        return sorted(int(hit.row[0]) for hit in session.find(query))

    def test_it_is_a_connector(self, world: World) -> None:
        assert isinstance(world.connector, Connector)
        assert world.connector.check().reachable

    def test_the_catalog_tells_the_fields_and_the_address_of_a_row(self, world: World) -> None:
        live = world.connector.catalog([world.table, "no_such_table"]).tables
        assert set(live) == {world.table}
        assert {"id", "email", "name"} <= set(live[world.table].columns)
        assert live[world.table].address == ("id",)

    def test_it_finds_rows_by_value(self, world: World) -> None:
        with self.open(world) as session:
            assert self.ids(session, world, by("email", "bob@example.org")) == [2]

    def test_it_finds_nothing_for_a_value_that_nobody_has(self, world: World) -> None:
        with self.open(world) as session:
            assert self.ids(session, world, by("email", "nobody@example.org")) == []
            assert self.ids(session, world, by("email")) == []

    def test_a_value_is_never_part_of_the_question(self, world: World) -> None:
        evil = "' OR '1'='1"
        with self.open(world) as session:
            assert self.ids(session, world, by("email", evil, '" OR ""="', "*", "%", "*)(uid=*")) == []
            assert self.ids(session, world, by("email", "o'neil@example.org")) == [4]

    def test_a_row_comes_once_however_many_matches_it_satisfies(self, world: World) -> None:
        query = Find(world.table, ("id",), (by("email", "ann@example.org", "cat@example.org"), by("id", 1)))
        with self.open(world) as session:
            hits = {int(hit.row[0]): hit.matched for hit in session.find(query)}
        assert hits == {1: 0b11, 3: 0b01}

    def test_keys_are_found_in_the_form_another_system_gives_them(self, world: World) -> None:
        with self.open(world) as session:
            assert self.ids(session, world, by("id", "2")) == [2]

    def test_case_is_folded_where_it_is_asked(self, world: World) -> None:
        with self.open(world) as session:
            assert self.ids(session, world, by("email", "ANN@Example.org", fold_case=True)) == [1]

    def test_it_finds_rows_by_what_is_nested_in_arrays(self, world: World) -> None:
        with self.open(world) as session:
            assert self.ids(session, world, by("profile.phones.number", "112", "222")) == [1, 2]

    def test_a_composite_key_is_compared_whole(self, world: World) -> None:
        match = Match((("boss",), ("name",)), [(1, "Bob"), (2, "Cat")])
        with self.open(world) as session:
            assert self.ids(session, world, match) == [2]

    def test_a_limit_bounds_the_answer(self, world: World) -> None:
        with self.open(world) as session:
            assert len(self.ids(session, world, by("id", 1, 2, 3), limit=2)) == 2

    def test_a_thousand_keys_are_one_question(self, world: World) -> None:
        with self.open(world) as session:
            assert self.ids(session, world, by("id", *range(2, 3000))) == [2, 3, 4]

    def test_it_counts_who_points_to_a_key(self, world: World) -> None:
        if not world.connector.abilities.counts_references:
            pytest.skip("the system cannot count references")
        query = References((Pointer(world.table, (("boss",),)),), [(1,), (2,), (3,)])
        with self.open(world) as session:
            assert {c.key: c.rows for c in session.references(query)} == {("1",): 2, ("2",): 1}

    def test_it_sets_constants_and_values_that_differ(self, world: World) -> None:
        if not world.connector.abilities.changes:
            pytest.skip("the system cannot be changed")
        change = Change("s1", world.table, ("id",), [((1,), ("a@x",)), ((2,), ("b@x",))], {"name": "gone"}, ("email",))
        with self.open(world, write=True) as session:
            assert session.change(change) == 2
            session.commit()
        seen = world.look()
        assert {n: (seen[n]["email"], seen[n]["name"]) for n in (1, 2, 3)} == {
            1: ("a@x", "gone"),
            2: ("b@x", "gone"),
            3: ("cat@example.org", "Cat"),
        }

    def test_doing_a_change_twice_leaves_what_doing_it_once_leaves(self, world: World) -> None:
        if not world.connector.abilities.changes:
            pytest.skip("the system cannot be changed")
        change = Change("s2", world.table, ("id",), [((1,), ())], {"name": None})
        states = []
        for _ in range(2):
            with self.open(world, write=True) as session:
                session.change(change)
                session.commit()
            states.append(world.look())
        assert states[0] == states[1]
        assert states[0][1]["name"] is None

    def test_it_deletes_the_rows_named_and_no_others(self, world: World) -> None:
        if not world.connector.abilities.deletes:
            pytest.skip("the system cannot delete")
        with self.open(world, write=True) as session:
            assert session.change(Change("s3", world.table, ("id",), [((4,), ()), ((99,), ())], delete=True)) == 1
            session.commit()
        assert set(world.look()) == {1, 2, 3}

    def test_what_is_not_committed_did_not_happen(self, world: World) -> None:
        if not world.connector.abilities.transactional:
            pytest.skip("the system has no transactions")
        before = world.look()
        with self.open(world, write=True) as session:
            session.change(Change("s4", world.table, ("id",), [((1,), ())], {"name": "gone"}))
        assert world.look() == before

    def test_a_missing_table_is_refused_by_name_and_tells_nobody_s_data(self, world: World) -> None:
        query = Find("no_such_table", ("id",), (by("email", "ann@example.org"),))
        with pytest.raises(ConnectorError) as caught, self.open(world) as session:
            list(session.find(query))
        assert isinstance(caught.value, SystemRefuses)
        assert "ann@" not in str(caught.value)

    def open(self, world: World, *, write: bool = False) -> Any:
        """A session, after the look at the schema that every request begins with."""
        world.connector.catalog([world.table])
        return world.connector.session(write=write)
