"""Ann asks a shop for her data, and then to be forgotten; Bob, Cat, Dan and Eve must not notice."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa

from tests.fulfil.asking import ask
from tests.fulfil.places import SAMPLES, Place, changed, place

__all__ = ["place"]
MAP = SAMPLES / "shop.yml"
ANN = "email=Ann@x.org"
ANNS = {
    "address": {"4", "5"},
    "customer": {"1"},
    "employee": {"2"},
    "orders": {"o1", "o2", "o5"},
    "order_item_note": {"1", "3"},
    "message": {"1"},
    "visit": {"ann@x.org"},
    "comment": {"1", "3", "5"},
}


@pytest.fixture
def shop(place: Place) -> Place:
    place.run((SAMPLES / "shop.sql").read_text())
    return place


def options(shop: Place) -> list[str]:
    return ["--map", str(MAP), "--connect", f"shop={shop.url}", "--identity", ANN]


def test_access_finds_her_rows_and_nobody_elses(shop: Place, tmp_path: Path) -> None:
    answer = ask("access", *options(shop), "--out", tmp_path / "out")
    assert (answer.exit, answer.status) == (0, "complete")
    assert answer.ids("shop.customer") == {1}
    assert answer.ids("shop.orders") == {"o1", "o2", "o5"}
    assert answer.ids("shop.comment") == {1, 3, 5}
    assert answer.ids("shop.message") == {1, 2}
    assert len(answer.rows("shop.visit")) == 2


def test_a_composite_key_is_followed_as_one_key(shop: Place) -> None:
    # Line 1 exists in everybody's orders; followed alone it would find Bob's note 2.
    assert ask("access", *options(shop)).ids("shop.order_item_note") == {1, 3}


def test_the_address_she_shares_is_shown_and_the_address_of_her_gift_is_not(shop: Place) -> None:
    answer = ask("access", *options(shop))
    assert answer.ids("shop.address") == {1, 4, 5}
    assert "another person" in answer.withheld("shop.address")[2]


def test_the_other_end_of_a_message_is_redacted(shop: Place, tmp_path: Path) -> None:
    ask("access", *options(shop), "--out", tmp_path / "out")
    lines = [json.loads(line) for line in (tmp_path / "out/shop/message.jsonl").read_text().splitlines()]
    assert {line["id"]: (line["sender_id"], line["recipient_id"]) for line in lines} == {
        1: (1, "[another person]"),
        2: ("[another person]", 1),
    }


def test_people_she_referred_are_withheld(shop: Place) -> None:
    assert set(ask("access", *options(shop)).withheld("shop.customer")) == {2, 3}


def test_a_dry_run_says_what_would_change_and_changes_nothing(shop: Place) -> None:
    before = shop.dump()
    answer = ask("erasure", *options(shop), "--dry-run")
    assert (answer.exit, answer.status) == (0, "planned")
    assert answer.ids("shop.orders") == {"o1", "o2", "o5"}
    assert shop.dump() == before


def test_erasure_changes_her_rows_and_nobody_elses(shop: Place) -> None:
    before = shop.dump()
    answer = ask("erasure", *options(shop), "--yes")
    assert (answer.exit, answer.status) == (0, "complete")
    assert changed(before, shop.dump()) == ANNS
    assert "shared" in answer.withheld("shop.address")[1]
    assert set(answer.withheld("shop.message")) == {1, 2}


def test_the_keys_reported_are_the_rows_changed(shop: Place) -> None:
    before = shop.dump()
    answer = ask("erasure", *options(shop), "--yes")
    reported = {
        t.removeprefix("shop."): {str(next(iter(r.values()))) for r in v["rows"]} for t, v in answer.tables.items()
    }
    assert {t: keys for t, keys in reported.items() if keys} == changed(before, shop.dump())


def test_doing_it_twice_changes_nothing_more(shop: Place) -> None:
    ask("erasure", *options(shop), "--yes")
    once = shop.dump()
    again = ask("erasure", *options(shop), "--yes")
    assert (again.exit, again.status) == (0, "complete")
    assert shop.dump() == once


def test_without_yes_and_without_a_terminal_nothing_is_erased(shop: Place) -> None:
    before = shop.dump()
    assert ask("erasure", *options(shop)).exit == 3
    assert shop.dump() == before


def test_nobody_is_named_in_what_is_said_about_steps(shop: Place) -> None:
    said = json.loads(ask("erasure", *options(shop), "--yes").said)
    assert said["receipts"]
    assert "x.org" not in json.dumps(said["receipts"]).lower()


class Killed(BaseException):
    """The process is gone; no code may catch this."""


@pytest.fixture
def killer(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """Kills the process's connections at the n-th statement."""
    state: dict[str, Any] = {"at": 0, "seen": 0}

    def strike(*_: Any) -> None:
        state["seen"] += 1
        if state["seen"] == state["at"]:
            raise Killed

    original = psycopg.Cursor.execute

    def execute(self: Any, *args: Any, **options: Any) -> Any:
        strike()
        return original(self, *args, **options)

    # On PostgreSQL, what is prepared goes through the driver, where SQLAlchemy's events do not see it.
    monkeypatch.setattr(psycopg.Cursor, "execute", execute)
    sa.event.listen(sa.Engine, "before_cursor_execute", strike)
    sa.event.listen(sa.Engine, "commit", strike)
    yield state
    sa.event.remove(sa.Engine, "before_cursor_execute", strike)
    sa.event.remove(sa.Engine, "commit", strike)


def test_killed_at_any_statement_and_run_again_it_erases_her_alone(shop: Place, killer: dict[str, Any]) -> None:
    before = shop.dump()
    script = (SAMPLES / "shop.sql").read_text()
    killer.update(seen=0, at=-1)
    ask("erasure", *options(shop), "--dry-run")
    statements = killer["seen"] + 20
    for at in range(1, statements, 1 if shop.url.startswith("sqlite") else 5):
        killer.update(seen=0, at=at)
        with contextlib.suppress(Killed):
            ask("erasure", *options(shop), "--yes")
        killer["at"] = -1
        half = shop.dump()
        assert half == before or changed(before, half) == ANNS
        answer = ask("erasure", *options(shop), "--yes")
        assert answer.status == "complete"
        assert changed(before, shop.dump()) == ANNS
        tables = ["comment", "visit", "message", "order_item_note", "order_item", "product", "orders"]
        # MariaDB checks a row's reference to another row of its own table at each row, not at the statement's end.
        shop.run("UPDATE comment SET parent_id = NULL")
        shop.run("UPDATE customer SET referred_by = NULL")
        for table in [*tables, "employee", "customer", "address"]:
            shop.run(f"DELETE FROM {table}")
        shop.run(script[script.index("INSERT") :])
        assert shop.dump() == before
