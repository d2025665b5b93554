"""The short cut that an import leaves beside a version: it says what reading would say, or nothing."""

from __future__ import annotations

import json
import tomllib
from datetime import date
from pathlib import Path

import pytest

from services.router import policies, policy_cache
from services.router.core.policy.model import Policy, Seat
from services.router.policy_import import Wanted, import_file

SEAT = Seat("Example GmbH", "Am Weg 1", "DE", "Europe/Berlin", "DE-BE", ("eu-gdpr",))
SHAPES = sorted(
    path for path in (Path(__file__).parent / "shapes").iterdir() if path.suffix in (".md", ".txt", ".html")
)


def imported(path: Path, root: Path) -> tuple[Policy, Path]:
    """Import a text for a new controller and return what was made of it, with its file."""
    wanted = Wanted("example", date(2024, 1, 1), name="Example", seat=SEAT)
    made = import_file(path, wanted, root, policies.load([root]))
    return made.policy, made.path


def read(root: Path) -> Policy:
    """Read the only version of the only controller."""
    return policies.load([root]).policies["example"][0]


@pytest.mark.parametrize("shape", SHAPES, ids=lambda path: path.name)
def test_the_short_cut_says_what_reading_says(tmp_path: Path, shape: Path) -> None:
    _, text = imported(shape, tmp_path)
    kept = json.loads(policy_cache.path_of(text).read_text("utf-8"), object_hook=policy_cache._dated)
    assert kept["record"] == tomllib.loads(text.with_suffix(".toml").read_text("utf-8"))
    quick = read(tmp_path)
    policy_cache.path_of(text).unlink()
    assert read(tmp_path) == quick
    assert not policy_cache.path_of(text).exists()


def test_an_edited_record_is_read_and_the_short_cut_brought_up_to_date(tmp_path: Path) -> None:
    _, text = imported(SHAPES[0], tmp_path)
    record = text.with_suffix(".toml")
    record.write_text(record.read_text("utf-8").replace('language = "', 'language = "x-', 1), "utf-8")
    before = policy_cache.path_of(text).read_bytes()
    assert read(tmp_path).language.startswith("x-")
    assert policy_cache.path_of(text).read_bytes() != before
    assert read(tmp_path).language.startswith("x-")


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"key": 1}', b"\xff\xfe", b"[" * 100_000])
def test_a_damaged_short_cut_is_read_past(tmp_path: Path, damage: bytes) -> None:
    policy, text = imported(SHAPES[0], tmp_path)
    policy_cache.path_of(text).write_bytes(damage)
    assert read(tmp_path).clauses == policy.clauses


def test_a_short_cut_of_another_text_is_not_believed(tmp_path: Path) -> None:
    policy, text = imported(SHAPES[0], tmp_path)
    path = policy_cache.path_of(text)
    kept = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps(kept | {"key": "0" * 64, "clauses": []}), "utf-8")
    assert read(tmp_path).clauses == policy.clauses
