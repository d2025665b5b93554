"""A long-lived process keeps systems connected, and sees all the same what changed."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from services.fulfil.api.engineer import UsageFault, load_maps, request
from services.fulfil.connectors.sql.connector import SqlConnector
from services.fulfil.kept import KEPT_SECONDS, KeptSystems, Maps
from tests.fulfil.places import Place

MAP = "system: desk\ntables:\n  person: {key: id, fields: {email: {identity: email, category: user.contact.email}}}\n"


@pytest.fixture
def desk(tmp_path: Path) -> Place:
    (tmp_path / "desk.yml").write_text(MAP)
    (tmp_path / "desk.db").touch()
    made = Place(f"sqlite:///{tmp_path / 'desk.db'}")
    made.run("CREATE TABLE person (id INTEGER PRIMARY KEY, email TEXT, name TEXT)")
    return made


def looks(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    seen: list[int] = []
    original = SqlConnector.catalog

    def counted(self: SqlConnector, tables: list[str]) -> object:
        seen.append(1)
        return original(self, tables)

    monkeypatch.setattr(SqlConnector, "catalog", counted)
    return seen


def once(desk: Place, folder: Path, kept: KeptSystems) -> list[str]:
    with request([folder / "desk.yml"], [f"desk={desk.url}"], ["email=ann@x.org"], kept) as (landscape, _, _):
        return [f.name for table in landscape.graph.tables.values() for f in table.fields]


def test_a_second_request_does_not_look_at_the_schema_again(
    desk: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen, kept = looks(monkeypatch), KeptSystems()
    once(desk, tmp_path, kept)
    once(desk, tmp_path, kept)
    assert len(seen) == 1
    kept.close()


def test_a_changed_map_and_an_old_look_are_made_afresh(
    desk: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0.0]
    seen, kept = looks(monkeypatch), KeptSystems(clock=lambda: now[0])
    assert "name" not in once(desk, tmp_path, kept)
    (tmp_path / "desk.yml").write_text(MAP.replace("fields: {", "fields: {name: user.name, "))
    assert "name" in once(desk, tmp_path, kept)
    now[0] = KEPT_SECONDS + 1
    once(desk, tmp_path, kept)
    assert len(seen) == 3
    kept.close()


def test_what_failed_is_not_kept(desk: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen, kept = looks(monkeypatch), KeptSystems()
    with (
        pytest.raises(RuntimeError),
        request([tmp_path / "desk.yml"], [f"desk={desk.url}"], ["email=a@x.org"], kept),
    ):
        raise RuntimeError
    once(desk, tmp_path, kept)
    assert len(seen) == 2
    kept.close()


def test_a_wrong_request_is_refused_as_ever(desk: Place, tmp_path: Path) -> None:
    kept = KeptSystems()
    with (
        pytest.raises(UsageFault, match="passport"),
        request([tmp_path / "desk.yml"], [f"desk={desk.url}"], ["passport=1"], kept),
    ):
        pass
    kept.close()


def test_maps_are_read_once_for_everybody_who_asks_until_their_file_changes(tmp_path: Path) -> None:
    file = tmp_path / "desk.yml"
    file.write_text(MAP)
    kept, read = KeptSystems(), []

    def reading(files: Iterable[Path]) -> Maps:
        read.append(1)
        return load_maps(files)

    first = kept.maps([file], reading)
    assert kept.maps([file], reading) is first
    file.write_text(MAP.replace("desk", "desks"))
    assert kept.maps([file], reading)[0][0].system == "desks"
    assert len(read) == 2
