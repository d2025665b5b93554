"""Ann's account is deleted whole; what the database would take with it is not always hers."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fulfil.asking import Answer, ask
from tests.fulfil.places import Place, changed, place

__all__ = ["place"]

CLUB = """
CREATE TABLE member (
    id INTEGER PRIMARY KEY, email VARCHAR(60), sponsor_id INTEGER REFERENCES member(id) ON DELETE SET NULL);
CREATE TABLE post (
    id INTEGER PRIMARY KEY, member_id INTEGER NOT NULL REFERENCES member(id) ON DELETE CASCADE, body TEXT);
CREATE TABLE answer (
    id INTEGER PRIMARY KEY, post_id INTEGER NOT NULL REFERENCES post(id) ON DELETE CASCADE, by_email VARCHAR(60),
    body TEXT);
CREATE TABLE audit (id INTEGER PRIMARY KEY, member_id INTEGER REFERENCES member(id) ON DELETE CASCADE, line TEXT);
INSERT INTO member VALUES (1,'ann@x.org',NULL),(2,'bob@x.org',NULL);
INSERT INTO post VALUES (10,1,'mine'),(20,2,'his');
INSERT INTO answer VALUES (100,20,'bob@x.org','to myself');
"""
MAP = """
system: club
tables:
  member:
    key: id
    erase: delete
    fields: {email: {identity: email, category: user.contact.email}}
  post:
    key: id
    erase: delete
    fields: {member_id: {from: member.id}, body: user.content}
  answer:
    key: id
    fields: {by_email: {identity: email, category: user.contact.email}, body: user.content}
"""


@pytest.fixture
def club(place: Place) -> Place:
    place.run(CLUB)
    return place


def erase(club: Place, folder: Path, *more: str, mapped: str = MAP) -> Answer:
    (folder / "club.yml").write_text(mapped)
    options = ["--map", folder / "club.yml", "--connect", f"club={club.url}", "--identity", "email=ann@x.org", *more]
    return ask("erasure", *options)


def test_what_cascades_into_her_own_rows_is_deleted(club: Place, tmp_path: Path) -> None:
    before = club.dump()
    answer = erase(club, tmp_path, "--yes")
    assert (answer.exit, answer.status) == (0, "complete")
    assert changed(before, club.dump()) == {"member": {"1"}, "post": {"10"}}


@pytest.mark.parametrize(
    ("another", "table"),
    [
        ("INSERT INTO audit VALUES (1,1,'unmapped')", "audit"),
        ("INSERT INTO answer VALUES (101,10,'bob@x.org','to ann')", "post"),
        ("UPDATE member SET sponsor_id = 1 WHERE id = 2", "member"),
    ],
)
@pytest.mark.parametrize("how", ["--yes", "--dry-run"])
def test_what_would_take_another_row_with_it_is_refused_before_anything_is_done(
    club: Place, tmp_path: Path, another: str, table: str, how: str
) -> None:
    club.run(another)
    before = club.dump()
    answer = erase(club, tmp_path, how)
    assert (answer.exit, answer.status) == (3, "refused")
    assert f"club.{table} " in " ".join(answer.errors)
    assert "ann@" not in " ".join(answer.errors)
    assert club.dump() == before


def test_a_row_the_law_keeps_keeps_what_it_points_to_masked_and_the_rest_is_deleted(
    club: Place, tmp_path: Path
) -> None:
    kept = MAP.replace(
        "    erase: delete\n    fields: {member_id",
        "    retention: {ground: law, until: 2999-01-01}\n    fields: {member_id",
    )
    club.run("INSERT INTO member VALUES (3,'Ann@x.org',NULL)")
    before = club.dump()
    answer = erase(club, tmp_path, "--yes", mapped=kept)
    assert (answer.exit, answer.status) == (0, "complete")
    assert changed(before, club.dump()) == {"member": {"1", "3"}}
    assert {row[:2] for row in club.dump()["member"]} == {("1", "None"), ("2", "bob@x.org")}
    assert answer.withheld("club.post") == {10: "kept: law"}
    assert "masked, not deleted" in answer.said


def test_what_must_be_kept_and_cannot_be_masked_is_refused(club: Place, tmp_path: Path) -> None:
    mapped = MAP.replace(
        "identity: email, category: user.contact.email", "identity: email, read_only: true", 1
    ).replace(
        "    erase: delete\n    fields: {member_id",
        "    retention: {ground: law, until: 2999-01-01}\n    fields: {member_id",
    )
    before = club.dump()
    answer = erase(club, tmp_path, "--yes", mapped=mapped)
    assert (answer.exit, answer.status) == (3, "refused")
    assert "read_only" in " ".join(answer.errors)
    assert club.dump() == before
