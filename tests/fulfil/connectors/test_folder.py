"""Files keep the connector's contract, and what is not the person's stays byte for byte."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from services.fulfil.connectors.folder.connector import FilesConnector, folder_connector
from services.fulfil.connectors.protocol import Change, Find, Hit, Match, SystemDown, SystemRefuses
from services.fulfil.core.maps.model import DataMap, Field, Table
from tests.fulfil.connectors.contract import FIELDS, PEOPLE, ConnectorContract, World

MAP = DataMap("people", (Table("people", fields=(Field("id", primary_key=True), Field("email"))),))
UNKEYED = DataMap("people", (Table("people", fields=(Field("email"),)),))
Row = dict[str, Any]


def rows() -> list[Row]:
    return [dict(zip(FIELDS, row, strict=True)) for row in PEOPLE]


def as_csv(entries: list[Row]) -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, FIELDS)
    writer.writeheader()
    for row in entries:
        writer.writerow({**row, "profile": json.dumps(row["profile"])})
    return out.getvalue().encode()


def from_csv(raw: bytes) -> list[Row]:
    return [{name: value or None for name, value in row.items()} for row in csv.DictReader(io.StringIO(raw.decode()))]


def as_lines(entries: list[Row]) -> bytes:
    return b"".join(json.dumps(row).encode() + b"\n" for row in entries)


def from_lines(raw: bytes) -> list[Row]:
    return [json.loads(line) for line in raw.splitlines()]


def as_document(entries: list[Row]) -> bytes:
    return json.dumps({"exported": "2026-11-21", "people": entries}, indent=2).encode()


def from_document(raw: bytes) -> list[Row]:
    found: list[Row] = json.loads(raw)["people"]
    return found


def as_parquet(entries: list[Row]) -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(entries), out)
    return out.getvalue()


def from_parquet(raw: bytes) -> list[Row]:
    found: list[Row] = pq.read_table(io.BytesIO(raw)).to_pylist()
    return found


Kind = tuple[str, Callable[[list[Row]], bytes], Callable[[bytes], list[Row]]]
KINDS: dict[str, Kind] = {
    "csv": ("people.csv", as_csv, from_csv),
    "jsonl": ("people.jsonl", as_lines, from_lines),
    "json": ("people.json", as_document, from_document),
    "packed": ("people.csv.gz", lambda e: gzip.compress(as_csv(e)), lambda raw: from_csv(gzip.decompress(raw))),
    "parquet": ("people.parquet", as_parquet, from_parquet),
    "folder": ("people/part-1.jsonl", as_lines, from_lines),
}


class TestFolder(ConnectorContract):
    """Each kind of file, and a table that is a folder of files."""

    @pytest.fixture(params=KINDS)
    def world(self, request: pytest.FixtureRequest, tmp_path: Path) -> World:
        name, written, read = KINDS[request.param]
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(written(rows()))
        return World(
            folder_connector("people", f"file://{tmp_path}", MAP),
            lambda: {int(row["id"]): row for row in read(file.read_bytes())},
        )


def folder(path: Path, data_map: DataMap = MAP) -> FilesConnector:
    return folder_connector("people", f"file://{path}", data_map)


def change(connector: FilesConnector, wanted: Change) -> int:
    with connector.session(write=True) as session:
        done = session.change(wanted)
        session.commit()
    return done


def look(connector: FilesConnector) -> list[Hit]:
    connector.catalog(["people"])
    with connector.session(write=False) as session:
        return list(session.find(Find("people", ("id",), (Match((("id",),), [("1",)]),))))


def test_other_peoples_records_stay_byte_for_byte(tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    strange = '"2";"Müller; ""the"" other\r\nperson";  spaced  \r\n'.encode("latin-1")
    file.write_bytes(b"id;name;note\r\n1;Ann;x\r\n" + strange + b'"3";"Cat";"y"')
    assert change(folder(tmp_path), Change("s", "people", ("id",), [(("3",), ())], {"name": "gone", "note": None})) == 1
    assert file.read_bytes() == b"id;name;note\r\n1;Ann;x\r\n" + strange + b'"3";"gone";""'


def test_lines_that_are_not_the_persons_stay_byte_for_byte(tmp_path: Path) -> None:
    file = tmp_path / "people.jsonl"
    others = b'{"id": 1.0,  "name":"\\u00e9" }\r\n\r\n'
    file.write_bytes(others + b'{"id": 2, "name": "Bob"}')
    assert change(folder(tmp_path), Change("s", "people", ("id",), [((2,), ())], {"name": None})) == 1
    assert file.read_bytes() == others + b'{"id": 2, "name": null}'


def test_without_a_key_records_are_told_apart_by_their_place(tmp_path: Path) -> None:
    (tmp_path / "people").mkdir()
    for name in ("a.jsonl", "b.jsonl"):
        (tmp_path / "people" / name).write_text('{"email":"x@example.org"}\n{"email":"y@example.org"}\n')
    connector = folder(tmp_path, UNKEYED)
    assert connector.catalog(["people"]).tables["people"].address == ("_file", "_record")
    query = Find("people", ("_file", "_record"), (Match((("email",),), [("y@example.org",)]),))
    with connector.session(write=True) as session:
        keys = [hit.row for hit in session.find(query)]
        assert keys == [("a.jsonl", 2), ("b.jsonl", 2)]
        session.change(Change("s", "people", ("_file", "_record"), [(keys[1], ())], delete=True))
        assert [hit.row for hit in session.find(query)] == [("a.jsonl", 2)]
        session.commit()
    assert (tmp_path / "people" / "b.jsonl").read_text() == '{"email":"x@example.org"}\n'


def test_two_files_of_one_name_in_different_folders_are_told_apart(tmp_path: Path) -> None:
    for year in ("2025", "2026"):
        (tmp_path / "people" / year).mkdir(parents=True)
        (tmp_path / "people" / year / "part.jsonl").write_text('{"email":"x@example.org"}\n{"email":"y@example.org"}\n')
    connector = folder(tmp_path, UNKEYED)
    query = Find("people", ("_file", "_record"), (Match((("email",),), [("y@example.org",)]),))
    with connector.session(write=True) as session:
        keys = [hit.row for hit in session.find(query)]
        assert keys == [("2025/part.jsonl", 2), ("2026/part.jsonl", 2)]
        assert session.change(Change("s", "people", ("_file", "_record"), [(keys[0], ())], delete=True)) == 1
        session.commit()
    assert (tmp_path / "people/2025/part.jsonl").read_text() == '{"email":"x@example.org"}\n'
    assert "y@example.org" in (tmp_path / "people/2026/part.jsonl").read_text()


def test_what_has_not_changed_is_described_without_being_read_again(tmp_path: Path) -> None:
    file = tmp_path / "people.jsonl"
    file.write_text('{"id": 1}\n')
    connector = folder(tmp_path)
    first = connector.catalog(["people"]).tables["people"]
    assert connector.catalog(["people"]).tables["people"] is first
    file.write_text('{"id": 1, "email": "a@example.org"}\n')
    assert "email" in connector.catalog(["people"]).tables["people"].columns


def test_two_records_with_one_key_are_refused_and_nothing_changes(tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text("id,email\n1,a@example.org\n1,b@example.org\n")
    with pytest.raises(SystemRefuses, match="one key"):
        change(folder(tmp_path), Change("s", "people", ("id",), [(("1",), ())], delete=True))
    assert file.read_text() == "id,email\n1,a@example.org\n1,b@example.org\n"


def test_a_file_changed_by_another_program_meanwhile_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text("id,email\n1,a@example.org\n")
    with folder(tmp_path).session(write=True) as session:
        session.change(Change("s", "people", ("id",), [(("1",), ())], delete=True))
        file.write_text("id,email\n1,a@example.org\n2,b@example.org\n")
        with pytest.raises(SystemDown, match="another program"):
            session.commit()
    assert "b@example.org" in file.read_text()
    assert list(tmp_path.iterdir()) == [file]


def test_a_second_writer_is_told_to_try_again(tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text("id,email\n")
    connector = folder(tmp_path)
    with connector.session(write=True), pytest.raises(SystemDown, match="try again"), connector.session(write=True):
        pass


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("people.csv", b"id,id\n1,2\n", "twice"),
        ("people.csv", b"", "first line"),
        ("people.csv", b"id,email\n1,a@example.org,spilled\n", "record 1 has 3 cells"),
        ("people.jsonl", b'{"id":1}\n{"id":\n', "line 2"),
        ("people.jsonl", b"[1]\n", "no JSON object"),
        ("people.json", b'{"a":[],"b":[]}', "array of objects"),
        ("people.csv.gz", b"no gzip", "cannot be read"),
        ("people.parquet", b"PAR1 and no more", "Parquet"),
        ("people.csv", "id".encode("utf-16"), "UTF-16"),
    ],
)
def test_an_unreadable_file_is_named_without_what_stands_in_it(
    tmp_path: Path, name: str, text: bytes, said: str
) -> None:
    (tmp_path / name).write_bytes(text)
    with pytest.raises(SystemRefuses, match=said) as caught:
        look(folder(tmp_path))
    assert "a@example" not in str(caught.value)


def test_two_files_that_could_be_one_table_are_refused(tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text("id\n")
    (tmp_path / "people.json").write_text("[]")
    with pytest.raises(SystemRefuses, match="several files"):
        folder(tmp_path).catalog(["people"])


def test_a_table_never_lies_outside_the_folder(tmp_path: Path) -> None:
    (tmp_path / "secret").mkdir()
    (tmp_path / "inside").mkdir()
    assert not folder(tmp_path / "inside").catalog(["../secret", "..", "."]).tables


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    assert not folder(tmp_path / "nowhere").check().reachable
    with pytest.raises(SystemDown):
        folder(tmp_path / "nowhere").catalog(["people"])
