"""`habeas doctor`: what an operator is told, on a home that is sound and on ones that are not."""

from __future__ import annotations

import json
import os
import shutil
import socket
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from scripts.postgres_server import PostgresServer
from services.cli.main import habeas
from services.runtime.store import Database
from services.runtime.store.migrate import migrate
from tests.journeys.product import WAIT_SECONDS, Product, free_port, running
from tests.journeys.shop import Shop, home_with
from tests.servers.postgres import empty_database


def told(home: Path, *flags: str) -> tuple[int, dict[str, dict[str, str]]]:
    ports = () if "--http" in flags else ("--smtp", f"127.0.0.1:{free_port()}", "--http", f"127.0.0.1:{free_port()}")
    done = CliRunner().invoke(habeas, ["doctor", "--home", str(home), "--json", *ports, *flags])
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return done.exit_code, {line["check"]: line for line in lines}


@pytest.fixture
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a product that a busy machine keeps waiting be found all the same."""
    monkeypatch.setattr("services.cli.examination.OURS_SECONDS", WAIT_SECONDS)
    monkeypatch.setattr("services.cli.doctor.LIVE_SECONDS", WAIT_SECONDS)


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    with running(tmp_path_factory.mktemp("doctor") / "home") as product:
        yield product


@pytest.fixture
def copy(product: Product, tmp_path: Path) -> Path:
    """A copy of the home of a product that ran: the database by SQLite's own backup, the rest as files."""
    home = tmp_path / "copy"
    shutil.copytree(product.home, home, ignore=shutil.ignore_patterns("*.db", "*.db-*", "outbox", "*.lock*"))
    for name in ("habeas.db", "keys.db"):
        source, target = sqlite3.connect(product.home / name), sqlite3.connect(home / name)
        with source, target:
            source.backup(target)
        source.close()
        target.close()
    return home


def here(product: Product) -> tuple[str, ...]:
    return "--smtp", f"127.0.0.1:{product.smtp}", "--http", f"127.0.0.1:{product.http}"


@pytest.mark.usefixtures("unhurried")
def test_a_running_product_is_found_sound_and_its_ports_ours(product: Product) -> None:
    status, found = told(product.home, *here(product))
    assert status == 0, found
    assert {check for check, line in found.items() if line["state"] != "ok"} == {"relay"}
    assert "habeas that runs" in found["smtp"]["says"]
    assert "habeas that runs" in found["http"]["says"]


@pytest.mark.usefixtures("unhurried")
def test_live_asks_only_the_running_process(product: Product, tmp_path: Path) -> None:
    assert told(tmp_path / "none", "--live", *here(product))[0] == 0
    status, found = told(tmp_path / "none", "--live")
    assert (status, set(found)) == (1, {"live"})
    assert "start habeas" in found["live"]["says"]


def test_a_first_start_is_awaited_and_nothing_is_made_by_looking(tmp_path: Path) -> None:
    status, found = told(tmp_path / "new")
    assert status == 0
    assert found["store"]["state"] == found["keys"]["state"] == "warn"
    assert not (tmp_path / "new").exists()


def test_a_port_of_another_program_is_refused_with_what_to_choose(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        where = f"127.0.0.1:{taken.getsockname()[1]}"
        status, found = told(tmp_path, "--http", f"127.0.0.1:{free_port()}", "--smtp", where)
    assert status == 1
    assert "taken by another program" in found["smtp"]["says"]


def test_a_damaged_database_is_named_without_a_traceback(copy: Path) -> None:
    with (copy / "habeas.db").open("r+b") as file:
        file.write(b"not a database any more" * 400)
    status, found = told(copy)
    assert status == 1
    assert found["store"]["state"] == "FAIL"
    assert found["disk"]["state"] == "ok"


def test_a_master_key_that_others_may_read_is_refused(copy: Path) -> None:
    (copy / "master.key").chmod(0o644)
    status, found = told(copy)
    assert (status, found["keys"]["state"]) == (1, "FAIL")
    assert "chmod 600" in found["keys"]["says"]


def test_a_missing_or_foreign_master_key_is_refused(copy: Path) -> None:
    key = (copy / "master.key").read_text()
    (copy / "master.key").unlink()
    status, found = told(copy)
    assert status == 1
    assert "restore it" in found["keys"]["says"]
    from services.runtime.vault.master import new_master_key

    (copy / "master.key").write_text(new_master_key().written())
    (copy / "master.key").chmod(0o600)
    assert told(copy)[1]["keys"]["state"] == "FAIL"
    (copy / "master.key").write_text(key)
    assert told(copy)[1]["keys"]["state"] == "ok"


def test_a_relay_and_a_broker_that_are_away_are_said_within_seconds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.cli.examination.REACH_SECONDS", 0.5)
    status, found = told(tmp_path, "--relay", "smtp://127.0.0.1:1", "--bus", "kafka", "--bootstrap", "127.0.0.1:1")
    assert status == 1
    assert "does not answer" in found["relay"]["says"]
    assert "does not answer" in found["bus"]["says"]


def test_settings_that_cannot_be_used_are_one_finding(tmp_path: Path) -> None:
    (tmp_path / "habeas.toml").write_text("smpt = 25\n")
    status, found = told(tmp_path)
    assert (status, set(found)) == (1, {"settings"})
    assert "smpt" in found["settings"]["says"]


def contents(home: Path) -> dict[str, tuple[int, bytes]]:
    return {path.name: (path.stat().st_mtime_ns, path.read_bytes()) for path in home.iterdir() if path.is_file()}


def test_a_number_beside_the_link_is_said_to_need_six_characters(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "shop.yml").write_text("system: shop\ntables: {}\n", encoding="utf-8")
    (home / "habeas.toml").write_text(
        '[controllers.axigen]\naddresses = ["data-protection@axigen.com"]\n'
        '[controllers.axigen.identity.factor]\nasks = "order_number"\nwhere = "shop.orders.number"\n'
        f'[controllers.axigen.systems.shop]\nmap = "{home}/shop.yml"\nconnect = "sqlite:///{home}/shop.db"\n',
        encoding="utf-8",
    )
    _, found = told(home)
    assert found["identity"]["state"] == "warn"
    assert "fewer than 6" in found["identity"]["says"]


def test_looking_leaves_every_file_as_it_is(copy: Path) -> None:
    before = contents(copy)
    assert told(copy)[0] == 0
    assert contents(copy) == before


def test_a_home_of_an_older_release_is_said_to_be_one_and_not_brought_forward(copy: Path) -> None:
    for name, statement in (
        ("habeas.db", "UPDATE habeas_revision SET version_num = '0001'"),
        ("habeas.db", "DROP TABLE bus_schema"),
    ):
        with sqlite3.connect(copy / name) as database:
            database.execute(statement)
        database.close()
    before = contents(copy)
    status, found = told(copy)
    assert status == 0, found
    assert found["store"]["state"] == "warn"
    assert "start habeas once" in found["store"]["says"]
    assert "the next start makes them" in found["bus"]["says"]
    assert contents(copy) == before


def test_a_home_that_may_not_be_written_is_looked_at_and_named(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # The tests may run as root, whom no mode keeps out; so the question itself is answered here.
    monkeypatch.setattr("services.cli.examination.os", SimpleNamespace(access=lambda *_: False, W_OK=os.W_OK))
    status, found = told(copy)
    assert status == 1
    assert {name for name, line in found.items() if line["state"] == "FAIL"} == {"disk"}
    assert "cannot be written by this user" in found["disk"]["says"]


def test_a_clock_that_nothing_can_be_compared_with_is_said_to_be_so(copy: Path) -> None:
    assert "not compared" in told(copy)[1]["clock"]["says"]


@pytest.mark.parametrize(
    ("flags", "environment", "state"),
    [
        (("--relay", "smtp://127.0.0.1:1"), {}, "warn"),
        (("--relay", "smtp://127.0.0.1:1"), {"HABEAS_PUBLIC_URL": "https://privacy.example.org"}, "ok"),
        ((), {}, "ok"),
    ],
)
def test_letters_that_leave_with_links_that_nobody_can_open_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, flags: tuple[str, ...], environment: dict[str, str], state: str
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert told(tmp_path, *flags)[1]["links"]["state"] == state


def test_one_port_for_mail_and_pages_is_told_before_a_start_meets_it(tmp_path: Path) -> None:
    port = f"127.0.0.1:{free_port()}"
    flags = ("--smtp", port, "--http", port)
    status, found = told(tmp_path, *flags)
    assert (status, "each a port of its own" in found["http"]["says"]) == (1, True)
    started = CliRunner().invoke(habeas, ["up", "--home", str(tmp_path), *flags])
    assert (started.exit_code, "each a port of its own" in started.output) == (1, True)
    assert list(tmp_path.iterdir()) == []


def test_a_database_file_in_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    file = tmp_path / "state.db"
    assert f"the first start makes it in {file}" in told(tmp_path, "--store", f"sqlite:///{file}")[1]["store"]["says"]
    status, found = told(tmp_path, "--store", f"sqlite:///{tmp_path}/not/there/state.db")
    assert (status, found["store"]["state"]) == (1, "FAIL")


def test_a_first_start_on_postgresql_is_awaited(tmp_path: Path, postgres_server: PostgresServer) -> None:
    _, found = told(tmp_path, "--store", empty_database(postgres_server))
    assert (found["keys"]["state"], "first start makes it" in found["keys"]["says"]) == ("warn", True)


@pytest.mark.parametrize("how", ["removed", "emptied", "made anew"])
def test_a_database_that_was_lost_beside_its_keys_is_told_by_the_doctor_and_by_a_start(copy: Path, how: str) -> None:
    for left in copy.glob("habeas.db*"):
        if left.is_file():
            left.unlink()
    keys = sqlite3.connect(copy / "keys.db")
    with keys:
        keys.execute("INSERT INTO tombstone (person, forgotten) VALUES ('p1', '2027-01-01 00:00:00')")
    keys.close()
    if how == "emptied":
        (copy / "habeas.db").touch()
    elif how == "made anew":
        database = Database(f"sqlite:///{copy / 'habeas.db'}")
        migrate(database)
        database.close()
    _, found = told(copy)
    assert (found["keys"]["state"], "Restore its latest backup" in found["keys"]["says"]) == ("FAIL", True)
    ports = "--smtp", f"127.0.0.1:{free_port()}", "--http", f"127.0.0.1:{free_port()}"
    started = CliRunner().invoke(habeas, ["up", "--home", str(copy), *ports])
    assert (started.exit_code, "Restore its latest backup" in started.output) == (1, True)


def test_a_data_map_that_cannot_be_used_is_told_before_a_claim_meets_it(tmp_path: Path) -> None:
    home_with(Shop(tmp_path / "shop.db"), tmp_path)
    home = tmp_path / "home"
    assert told(home)[1]["systems"]["state"] == "ok"
    written = (home / "habeas.toml").read_text()
    (home / "habeas.toml").write_text(written.replace("shop.yml", "shpo.yml"))
    status, found = told(home)
    assert status == 1
    assert found["systems"]["state"] == "FAIL"
    assert "axigen.shop" in found["systems"]["says"]
    assert "shpo.yml cannot be read" in found["systems"]["says"]
    (home / "habeas.toml").write_text(written.replace("systems.shop", "systems.shpo"))
    assert "describes no shpo" in told(home)[1]["systems"]["says"]
