"""The master key is made once, guarded, refused when it is wrong, and replaced without losing anything."""

from __future__ import annotations

import os
import stat
from datetime import timedelta
from pathlib import Path

import pytest

from services.runtime.store import Database
from services.runtime.vault import KeyFile, KeyStoreFault, KeyText, MasterKeyFault, Vault, open_keys
from services.runtime.vault.keystore import KeyStore
from services.runtime.vault.master import new_master_key
from tests.runtime.vault.conftest import Home

PERSONS = [f"p{number}" for number in range(1203)]


def test_the_first_start_makes_a_guarded_key_and_says_what_to_keep(home: Home) -> None:
    opened = home.start()
    opened.vault.close()
    key = home.folder / "master.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert "KEEP A COPY" in opened.notice
    assert str(key) in opened.notice
    again = home.start()
    again.vault.close()
    assert again.notice == ""
    if home.is_sqlite:
        assert stat.S_IMODE((home.folder / "keys.db").stat().st_mode) == 0o600


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_a_key_that_others_may_read_is_refused(home: Home, vault: Vault, mode: int) -> None:
    (home.folder / "master.key").chmod(mode)
    with pytest.raises(MasterKeyFault, match="chmod 600"):
        home.start()


def test_a_wrong_master_key_is_refused_and_nothing_is_damaged(home: Home, vault: Vault) -> None:
    with home.database.begin("router") as tx:
        ref = vault.seal(tx, "p1", "body", b"mine")
    with pytest.raises(MasterKeyFault, match="is not the one of this key store") as refused:
        home.start(KeyText(new_master_key().written()))
    assert "habeas-master-key" not in str(refused.value)
    again = home.start().vault
    with home.database.look("router") as tx:
        assert again.open(tx, ref) == b"mine"
    again.close()


def test_a_lost_master_key_is_not_replaced_by_a_new_one(home: Home, vault: Vault) -> None:
    (home.folder / "master.key").unlink()
    with pytest.raises(MasterKeyFault, match="restore it"):
        home.start()
    assert not (home.folder / "master.key").exists()


@pytest.mark.parametrize("content", ["", "hello", "habeas-master-key-1:AAAA", "\udcff", "A" * 5000])
def test_a_key_file_that_holds_no_key_is_named(home: Home, vault: Vault, content: str) -> None:
    (home.folder / "master.key").write_bytes(os.fsencode(content))
    with pytest.raises(MasterKeyFault, match=r"master\.key"):
        home.start()


def test_a_damaged_key_store_is_named_and_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "keys.db").write_bytes(b"this is no database, and long enough to be looked at" * 100)
    with pytest.raises(KeyStoreFault, match="damaged or not a key store"):
        open_keys(f"sqlite:///{tmp_path / 'keys.db'}", KeyFile(tmp_path / "master.key"))
    assert (tmp_path / "keys.db").read_bytes().startswith(b"this is no database")


def test_the_main_database_is_refused_as_the_key_store(tmp_path: Path) -> None:
    from services.runtime.store.migrate import migrate

    database = Database(f"sqlite:///{tmp_path / 'habeas.db'}")
    migrate(database)
    with pytest.raises(KeyStoreFault, match="file of its own"):
        open_keys(f"sqlite:///{tmp_path / 'habeas.db'}", KeyFile(tmp_path / "master.key"))
    database.close()


def test_rotation_changes_every_wrapping_and_nothing_else(home: Home, vault: Vault) -> None:
    with home.database.begin("router") as tx:
        ref = vault.seal(tx, "p1", "body", b"mine")
    before, subkey = (home.folder / "master.key").read_text(), vault.subkey("links")
    period, sealed = vault.forgetting.seal_until("act-1", b"who", timedelta(days=30))
    vault.forget("p2")
    assert vault.rotate_master_key() == 3  # the root, one person, one re-apply key
    after = (home.folder / "master.key").read_text()
    assert after != before
    assert not (home.folder / "master.key.next").exists()
    for opened in (vault, home.start().vault):
        with home.database.look("router") as tx:
            assert opened.open(tx, ref) == b"mine"
        assert opened.subkey("links") == subkey
        assert opened.forgetting.open_until("act-1", period, sealed) == b"who"
    with pytest.raises(MasterKeyFault):
        home.start(KeyText(before))


class Killed(Exception):
    """The process died here."""


@pytest.mark.parametrize(
    ("where", "pages"), [("staged", 0), ("settling", 0), *(("wrapping", pages) for pages in range(5))]
)
def test_a_rotation_killed_anywhere_loses_nothing_and_goes_on(
    home: Home, vault: Vault, monkeypatch: pytest.MonkeyPatch, where: str, pages: int
) -> None:
    with vault.keys.database.writing() as connection:
        for person in PERSONS:
            vault.keys.add_person(connection, person)
    with home.database.begin("router") as tx:
        refs = [vault.seal(tx, person, "body", person.encode()) for person in PERSONS[::300]]
    original, count = KeyStore.rewrap_page, iter(range(100))

    def die(*_: object) -> None:
        raise Killed

    def page(keys: KeyStore) -> int:
        if next(count) == pages:
            raise Killed
        return original(keys)

    with monkeypatch.context() as patched:
        if where == "staged":
            patched.setattr(KeyStore, "begin_rotation", die)
        elif where == "wrapping":
            patched.setattr(KeyStore, "rewrap_page", page)
        else:
            patched.setattr(KeyFile, "settle", die)
        dying = home.start().vault if where != "settling" else vault
        with pytest.raises(Killed):
            dying.rotate_master_key()
    # Both a process that ran through it and one that starts now can work at once ...
    started = home.start().vault
    for opened in (vault, started):
        with home.database.begin("router") as tx:
            assert [opened.open(tx, ref) for ref in refs] == [person.encode() for person in PERSONS[::300]]
            opened.seal(tx, "new", "body", b"sealed in between")
    # ... and the rotation goes on to its end.
    started.rotate_master_key()
    assert not started.keys.rotating()
    assert not (home.folder / "master.key.next").exists()
    last = home.start().vault
    for opened in (vault, last):
        with home.database.look("router") as tx:
            assert [opened.open(tx, ref) for ref in refs] == [person.encode() for person in PERSONS[::300]]


def test_a_key_from_the_environment_is_replaced_while_both_are_there(home: Home) -> None:
    old, new = new_master_key().written(), new_master_key().written()
    first = home.start(KeyText(old)).vault
    with home.database.begin("router") as tx:
        ref = first.seal(tx, "p1", "body", b"mine")
    with pytest.raises(MasterKeyFault, match="HABEAS_MASTER_KEY_PREVIOUS"):
        first.rotate_master_key()
    both = home.start(KeyText(new, old)).vault
    assert both.rotate_master_key() == 2
    alone = home.start(KeyText(new)).vault
    with home.database.look("router") as tx:
        assert alone.open(tx, ref) == b"mine"
    with pytest.raises(MasterKeyFault):
        home.start(KeyText(old))
