"""A real mailing list server, reached by nothing but the map that docs/maps ships."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from scripts.mailman_server import MailmanServer, running
from services.cli.main import habeas

MAP = Path(__file__).parents[3] / "docs" / "maps" / "mailman.yml"


@pytest.fixture(scope="module")
def lists() -> Iterator[MailmanServer]:
    """A Mailman with two lists."""
    with running() as server:
        server.send("/domains", mail_host="habeas.test")
        for name in ("news", "offers"):
            assert server.send("/lists", fqdn_listname=f"{name}@habeas.test") == 201
        yield server


def subscribe(server: MailmanServer, name: str, address: str) -> None:
    done = {"pre_verified": "true", "pre_confirmed": "true", "pre_approved": "true"}
    assert server.send("/members", list_id=f"{name}.habeas.test", subscriber=address, display_name="X", **done) == 201


def fulfil(server: MailmanServer, right: str, *more: str) -> dict[str, Any]:
    connection = f"lists={server.url()}"
    arguments = ["fulfil", right, "--map", str(MAP), "--connect", connection, "--identity", "email=ann@example.org"]
    done = CliRunner().invoke(habeas, [*arguments, *more, "--json"])
    assert done.exit_code == 0, done.output
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_a_subscriber_is_found_and_erased_and_the_others_stay(lists: MailmanServer, tmp_path: Path) -> None:
    for name, address in (("news", "ann@example.org"), ("offers", "ann@example.org"), ("news", "bob@example.org")):
        subscribe(lists, name, address)

    shown = fulfil(lists, "access", "--out", str(tmp_path / "package"))
    assert {table: len(found["rows"]) for table, found in shown["tables"].items()} == {
        "lists.members": 2,
        "lists.addresses": 1,
        "lists.users": 1,
    }
    erased = fulfil(lists, "erasure", "--yes")
    assert erased["status"] == "complete"
    assert lists.send("/addresses/ann%40example.org") == 404
    assert lists.send("/addresses/bob%40example.org") == 200

    again = fulfil(lists, "access", "--out", str(tmp_path / "later"))
    assert [found["rows"] for found in again["tables"].values()] == [[], [], []]
