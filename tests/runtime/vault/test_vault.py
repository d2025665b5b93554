"""What is sealed comes back, to its place and to nobody else, until its person is forgotten."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from services.runtime.store import Database
from services.runtime.vault import AlreadySealed, Forgotten, KeyStoreFault, Missing, Tampered, Vault, VaultFault
from services.runtime.vault.sealing import CHUNK_BYTES
from tests.runtime.vault.conftest import Home

REF = "vault:5a0e1c1e-0000-4000-8000-000000000001"


@pytest.mark.parametrize("size", [0, 1, 4096, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES])
def test_what_was_sealed_is_what_is_opened(vault: Vault, database: Database, size: int) -> None:
    content = bytes(index % 251 for index in range(size))
    with database.begin("router") as tx:
        ref = vault.seal(tx, "p1", "body", content)
    with database.look("router") as tx:
        assert vault.open(tx, ref) == content
    assert b"".join(vault.reader(ref)) == content


def test_a_rolled_back_transaction_leaves_no_object(vault: Vault, database: Database) -> None:
    with pytest.raises(ZeroDivisionError), database.begin("router") as tx:  # noqa: PT012 - the block is the transaction
        vault.seal(tx, "p1", "body", b"never", ref=REF)
        _ = 1 / 0
    with database.look("router") as tx, pytest.raises(Missing):
        vault.open(tx, REF)


def test_sealing_the_same_content_twice_changes_nothing(vault: Vault, database: Database) -> None:
    for _ in range(2):
        with database.begin("router") as tx:
            assert vault.seal(tx, "p1", "body", b"hello", ref=REF) == REF
    with database.begin("router") as tx, pytest.raises(AlreadySealed):
        vault.seal(tx, "p1", "body", b"other", ref=REF)
    with database.begin("router") as tx, pytest.raises(AlreadySealed):
        vault.seal(tx, "p2", "body", b"hello", ref=REF)


@pytest.mark.parametrize("column", ["kind", "person", "ref"])
def test_an_object_moved_to_another_place_does_not_open(vault: Vault, database: Database, column: str) -> None:
    elsewhere = {"kind": "package", "person": "p2", "ref": REF}
    with database.begin("router") as tx:
        ref = vault.seal(tx, "p1", "body", b"mine")
        vault.seal(tx, "p2", "body", b"theirs")
        tx.execute(
            text(f"UPDATE vault_objects SET {column} = :to WHERE ref = :ref"), {"to": elsewhere[column], "ref": ref}
        )
    with database.look("router") as tx, pytest.raises(Tampered):
        vault.open(tx, REF if column == "ref" else ref)


@pytest.mark.parametrize("person", ["maria@example.com", "", "a b", "x" * 129])
def test_an_address_is_refused_as_a_persons_id_and_not_repeated(vault: Vault, database: Database, person: str) -> None:
    with database.begin("router") as tx, pytest.raises(VaultFault) as refused:
        vault.seal(tx, person, "body", b"")
    assert "maria" not in str(refused.value)


def test_a_forgotten_person_is_neither_opened_nor_sealed_again(vault: Vault, database: Database) -> None:
    with database.begin("router") as tx:
        ref = vault.seal(tx, "p1", "body", b"x" * (2 * CHUNK_BYTES))
        other = vault.seal(tx, "p2", "body", b"stays")
    assert vault.forget("p1")
    assert not vault.forget("p1")
    with database.begin("router") as tx:
        with pytest.raises(Forgotten):
            vault.open(tx, ref)
        with pytest.raises(Forgotten):
            vault.seal(tx, "p1", "body", b"again")
        assert vault.open(tx, other) == b"stays"
        assert tx.execute(text("SELECT count(*) FROM vault_chunks")).scalar() == 0
    with pytest.raises(Forgotten):
        vault.reader(ref)


def test_a_persons_key_is_looked_up_once_a_transaction_and_again_in_the_next(
    vault: Vault, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[str] = []
    key_of = vault.keys.key_of

    def counted(person: str) -> bytes:
        looks.append(person)
        return key_of(person)

    with database.begin("router") as tx:
        vault.seal(tx, "p1", "body", b"makes the key")
    monkeypatch.setattr(vault.keys, "key_of", counted)
    for _ in range(2):
        with database.begin("router") as tx:
            assert vault.open(tx, vault.seal(tx, "p1", "body", b"mail")) == b"mail"
    assert looks == ["p1", "p1"]


def test_what_a_transaction_seals_while_its_person_is_forgotten_is_unreadable_and_goes_with_the_tombstones(
    vault: Vault, database: Database
) -> None:
    with database.begin("router") as tx:
        ref = vault.seal(tx, "p1", "body", b"makes the key, and keeps it for this transaction")
        with vault.keys.database.writing() as connection:
            vault.keys.destroy(connection, "p1", datetime(2026, 11, 22, tzinfo=UTC))
        late = vault.seal(tx, "p1", "body", b"sealed a moment too late")
    with database.look("router") as tx:
        for each in (ref, late):
            with pytest.raises(Forgotten):
                vault.open(tx, each)
    vault.apply_tombstones()
    with database.look("router") as tx:
        assert not vault.holds(tx, ref)
        assert not vault.holds(tx, late)


def test_an_address_leads_to_one_person_until_that_person_is_forgotten(vault: Vault) -> None:
    person = vault.recognise("address", "axigen", "maria@example.com")
    assert vault.recognise("address", "axigen", "maria@example.com") == person
    assert vault.recognise("address", "mailpro", "maria@example.com") != person
    vault.also_known(person, "chat", "axigen", "session-1")
    assert vault.find_person("chat", "axigen", "session-1") == person
    before = vault.keyed_hash("correspondent", "axigen", "maria@example.com", person=person)
    vault.forget(person)
    assert vault.find_person("address", "axigen", "maria@example.com") is None
    assert vault.find_person("chat", "axigen", "session-1") is None
    with pytest.raises(Forgotten):
        vault.keyed_hash("correspondent", "axigen", "maria@example.com", person=person)
    back = vault.recognise("address", "axigen", "maria@example.com")
    assert back != person
    assert vault.keyed_hash("correspondent", "axigen", "maria@example.com", person=back) != before


def test_an_empty_database_beside_keys_of_people_is_refused_and_names_both_ways_on(
    home: Home, vault: Vault, database: Database
) -> None:
    with database.begin("router") as tx:
        vault.seal(tx, "p1", "body", b"hello")
    with database.begin("router") as tx:
        tx.execute(text("DELETE FROM vault_identity"))  # as in a database that is made anew
    with pytest.raises(KeyStoreFault, match=r"Restore its latest backup.*To begin anew"):
        home.start()
    with database.look("router") as tx:
        assert tx.execute(text("SELECT count(*) FROM vault_identity")).scalar() == 0, "nothing was changed"


def test_an_empty_database_beside_keys_of_nobody_is_a_first_start(home: Home, vault: Vault, database: Database) -> None:
    with database.begin("router") as tx:
        tx.execute(text("DELETE FROM vault_identity"))
    home.start()
