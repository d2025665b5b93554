"""A person who was forgotten stays forgotten: in restored backups, in other processes, and in the key store's bytes."""

from __future__ import annotations

import multiprocessing
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from services.runtime.store import Database
from services.runtime.vault import Forgotten, KeyStoreFault, Missing, Tampered, Vault, open_vault
from tests.runtime.vault.conftest import Home


def sealed_rows(database: Database) -> list[tuple[object, ...]]:
    with database.look("router") as tx:
        return [tuple(row) for row in tx.execute(text("SELECT * FROM vault_objects"))]


def restore(database: Database, rows: list[tuple[object, ...]]) -> None:
    """Put the vault's objects back as a restored backup does."""
    names = "ref, person, kind, salt, first, chunks, size_bytes, complete, created_ms"
    marks = ", ".join(f":{name.strip()}" for name in names.split(","))
    with database.begin("router") as tx:
        tx.execute(text("DELETE FROM vault_objects"))
        for row in rows:
            values = dict(zip((name.strip() for name in names.split(",")), row, strict=True))
            tx.execute(text(f"INSERT INTO vault_objects ({names}) VALUES ({marks})"), values)


def test_a_restored_backup_obeys_the_tombstones(home: Home, vault: Vault) -> None:
    with home.database.begin("router") as tx:
        mine = vault.seal(tx, "p1", "body", b"forget me")
        other = vault.seal(tx, "p2", "body", b"keep me")
    backup = sealed_rows(home.database)
    vault.forget("p1")
    restore(home.database, backup)
    with home.database.look("router") as tx, pytest.raises(Forgotten):
        vault.open(tx, mine)
    assert vault.apply_tombstones() == 1
    assert vault.apply_tombstones() == 0
    rows = {row[0]: row for row in sealed_rows(home.database)}
    assert bytes(rows[mine][3]) == b""  # type: ignore[call-overload]
    assert rows[mine][4] is None
    with home.database.look("router") as tx:
        assert vault.open(tx, other) == b"keep me"


def test_content_that_a_crash_left_after_the_key_was_destroyed_goes_at_the_next_start(home: Home, vault: Vault) -> None:
    with home.database.begin("router") as tx:
        ref = vault.seal(tx, "p1", "body", b"forget me")
    with vault.keys.database.writing() as connection:
        vault.keys.destroy(connection, "p1", datetime.now(UTC))
    again = home.start().vault
    assert again.apply_tombstones() == 1
    with home.database.look("router") as tx, pytest.raises(Forgotten):
        again.open(tx, ref)
    again.close()


def test_a_key_store_restored_against_all_advice_obeys_an_exported_list(home: Home, vault: Vault) -> None:
    with home.database.begin("router") as tx:
        ref = vault.seal(tx, "p1", "body", b"forget me")
    table = vault.keys.tables.person_key
    with vault.keys.database.reading() as connection:
        key = connection.execute(table.select()).mappings().one()
    vault.forget("p1")
    exported = list(vault.forgetting.tombstones())
    with vault.keys.database.writing() as connection:
        connection.execute(vault.keys.tables.tombstone.delete())
        connection.execute(table.insert().values(**key))
    assert [vault.forgetting.bury(person, moment) for person, moment in exported] == [True]
    with home.database.look("router") as tx, pytest.raises(Forgotten):
        vault.open(tx, ref)


def test_a_destroyed_key_is_in_no_file_of_the_key_store(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'habeas.db'}")
    from services.runtime.store.migrate import migrate

    migrate(database)
    vault = open_vault(tmp_path, lambda: database.begin("router")).vault
    for number in range(50):
        vault.keyed_hash("x", person=f"p{number}")
    files = [tmp_path / f"keys.db{suffix}" for suffix in ("", "-wal")]
    with sqlite3.connect(tmp_path / "keys.db") as looking:
        wrapped = looking.execute("SELECT wrapped FROM person_key WHERE person = 'p7'").fetchone()[0]
    looking.close()
    assert any(wrapped in path.read_bytes() for path in files if path.exists())
    vault.forget("p7")
    assert not any(wrapped in path.read_bytes() for path in files if path.exists())
    vault.close()
    database.close()


def test_what_must_be_done_again_after_a_restore_outlives_its_person_and_not_the_backups(home: Home) -> None:
    moment = [datetime(2026, 3, 1, tzinfo=UTC)]
    vault = open_vault(
        home.folder, home.database.store("router").begin, keys_url=home.keys_url, clock=lambda: moment[0]
    ).vault
    vault.keyed_hash("x", person="p1")
    first, sealed = vault.forgetting.seal_until("act-1", b"maria@example.com", timedelta(days=30))
    vault.forget("p1")
    assert b"maria" not in sealed
    moment[0] += timedelta(days=10)
    second, later = vault.forgetting.seal_until("act-2", b"juris@example.com", timedelta(days=30))
    assert vault.forgetting.open_until("act-1", first, sealed) == b"maria@example.com"
    with pytest.raises(Tampered):
        vault.forgetting.open_until("act-2", first, sealed)
    assert vault.forgetting.drop_expired() == 0
    moment[0] += timedelta(days=22)
    assert vault.forgetting.drop_expired() == 1
    assert vault.forgetting.open_until("act-1", first, sealed) is None
    assert vault.forgetting.open_until("act-2", second, later) == b"juris@example.com"
    vault.close()


def _other_process(folder: Path, url: str, keys_url: str, work: Callable[[Vault, Database], str]) -> str:
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        return str(pool.apply(_in_process, (folder, url, keys_url, work)))


def _in_process(folder: Path, url: str, keys_url: str, work: Callable[[Vault, Database], str]) -> str:
    database = Database(url)
    vault = open_vault(folder, database.store("router").begin, keys_url=keys_url).vault
    try:
        return work(vault, database)
    finally:
        vault.close()
        database.close()


def _forget(vault: Vault, _: Database) -> str:
    return str(vault.forget("p1"))


def _seal_many(vault: Vault, database: Database) -> str:
    for number in range(40):
        with database.begin("router") as tx:
            vault.seal(tx, f"q{number % 8}", "body", b"x")
        vault.recognise("address", f"a{number % 5}")
    return ",".join(vault.recognise("address", f"a{number}") for number in range(5))


def test_forgetting_in_another_process_takes_effect_here_at_once(home: Home, vault: Vault) -> None:
    with home.database.begin("router") as tx:
        ref = vault.seal(tx, "p1", "body", b"mine")
        assert vault.open(tx, ref) == b"mine"
    assert _other_process(home.folder, home.url, home.keys_url, _forget) == "True"
    with home.database.begin("router") as tx:
        with pytest.raises(Forgotten):
            vault.open(tx, ref)
        with pytest.raises(Forgotten):
            vault.seal(tx, "p1", "body", b"again")


def test_two_processes_give_one_person_one_key_and_one_address_one_person(home: Home, vault: Vault) -> None:
    context = multiprocessing.get_context("spawn")
    with context.Pool(2) as pool:
        work = [(home.folder, home.url, home.keys_url, _seal_many)] * 2
        first, second = pool.starmap(_in_process, work)
    assert first == second
    with home.database.look("router") as tx:
        refs = tx.execute(text("SELECT ref FROM vault_objects")).scalars().all()
        assert len(refs) == 80
        assert {vault.open(tx, ref) for ref in refs} == {b"x"}


def test_a_person_without_a_key_is_a_fault_of_the_key_store_and_never_a_new_key(home: Home, vault: Vault) -> None:
    with home.database.begin("router") as tx:
        ref = vault.seal(tx, "p1", "body", b"mine")
    with vault.keys.database.writing() as connection:
        connection.execute(vault.keys.tables.person_key.delete())
    with home.database.look("router") as tx, pytest.raises(Missing, match="key store"):
        vault.open(tx, ref)


def test_a_database_sealed_with_another_key_store_is_refused(tmp_path: Path) -> None:
    from services.runtime.store.migrate import migrate

    database = Database(f"sqlite:///{tmp_path / 'habeas.db'}")
    migrate(database)
    open_vault(tmp_path, lambda: database.begin("router")).vault.close()
    for path in tmp_path.glob("keys.db*"):
        path.unlink()
    with pytest.raises(KeyStoreFault, match="never make a new one"):
        open_vault(tmp_path, lambda: database.begin("router"))
    database.close()
