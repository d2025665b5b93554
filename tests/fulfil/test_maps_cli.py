"""Drafting, checking and planning maps on real schemas."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from services.cli.connectors import connectors
from services.cli.fulfil import Progress
from services.cli.map import map_
from tests.fulfil.asking import ask
from tests.fulfil.places import SAMPLES, Place, place

__all__ = ["place"]


@pytest.fixture
def shop(place: Place) -> Place:
    place.run((SAMPLES / "shop.sql").read_text())
    return place


def test_a_draft_finds_people_keys_and_references_and_works_as_it_is(shop: Place, tmp_path: Path) -> None:
    said = CliRunner().invoke(map_, ["scan", shop.url, "--system", "shop"])
    assert said.exit_code == 0
    assert "ann@x.org" not in said.output
    file = tmp_path / "draft.yml"
    file.write_text(said.output)
    checked = CliRunner().invoke(map_, ["check", "--map", str(file), "--connect", f"shop={shop.url}"])
    assert (checked.exit_code, checked.output) == (0, "The maps fit.\n")
    answer = ask("access", "--map", file, "--connect", f"shop={shop.url}", "--identity", "email=ann@x.org")
    assert answer.ids("shop.orders") == {"o1", "o2", "o5"}
    assert answer.ids("shop.order_item_note") == {1, 3}
    assert answer.ids("shop.address") == {1, 4, 5}


def test_a_check_names_what_is_missing_on_either_side(shop: Place, tmp_path: Path) -> None:
    file = tmp_path / "map.yml"
    file.write_text(
        "system: shop\ntables:\n  customer:\n    fields:\n      email: {identity: email}\n      nam: user\n"
    )
    said = CliRunner().invoke(map_, ["check", "--map", str(file), "--connect", f"shop={shop.url}"])
    assert said.exit_code == 1
    assert "map.yml:6: `customer` has no column `nam`" in said.output
    assert "`customer.name` is not mapped and seems to be user.name" in said.output
    assert "table `orders` points to `customer` and is not mapped" in said.output


def test_a_plan_shows_the_order_and_counts_on_request(shop: Place) -> None:
    args = [
        "plan",
        "--map",
        str(SAMPLES / "shop.yml"),
        "--connect",
        f"shop={shop.url}",
        "--identity",
        "email=ann@x.org",
    ]
    said = CliRunner().invoke(map_, [*args, "--counts"])
    assert said.exit_code == 0
    assert "shop.orders: 3 rows" in said.output
    assert "by order_id, line = shop.order_item.order_id, line (child)" in said.output


def test_connections_are_tried_and_told_apart(shop: Place) -> None:
    args = ["--map", str(SAMPLES / "shop.yml"), "--connect"]
    assert CliRunner().invoke(connectors, ["test", *args, f"shop={shop.url}"]).exit_code == 0
    down = CliRunner().invoke(connectors, ["test", *args, "shop=postgresql://x:y@127.0.0.1:1/z"])
    assert down.exit_code == 1
    assert "FAIL shop" in down.output


def test_a_map_is_drafted_from_files_and_checked_against_them(tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text(
        "id,mail_address,phone\n" + "".join(f"{n},p{n}@example.org,\n" for n in range(9))
    )
    url = f"file://{tmp_path}"
    drafted = CliRunner().invoke(map_, ["scan", url, "--system", "files"])
    assert drafted.exit_code == 0, drafted.output
    assert "identity: email" in drafted.stdout
    assert "p1@example.org" not in drafted.stdout
    draft = tmp_path / "files.yml"
    draft.write_text(drafted.stdout)
    checked = CliRunner().invoke(map_, ["check", str(draft), "--connect", f"files={url}"])
    assert checked.exit_code == 0, checked.output


def test_somebody_who_waits_at_a_terminal_sees_how_far_it_is(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    with Progress() as told:
        told("searching", "shop.orders", 3, 4)
        told.clear()
    shown = capsys.readouterr()
    assert "[##################......] 3 of 4 tables: shop.orders" in shown.err
    assert shown.err.endswith("\r\x1b[K")
    assert shown.out == ""
