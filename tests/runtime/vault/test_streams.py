"""A package of any size is written and read a chunk at a time, and is there only once it is finished."""

from __future__ import annotations

import tracemalloc
from datetime import timedelta

import pytest
from sqlalchemy import text

from services.runtime.store import Database
from services.runtime.vault import AlreadySealed, Forgotten, Missing, Tampered, Vault
from services.runtime.vault.sealing import CHUNK_BYTES

REF = "vault:5a0e1c1e-0000-4000-8000-000000000001"


def write(vault: Vault, database: Database, chunks: float = 3.5) -> str:
    with vault.writer("p1", "package", ref=REF) as writer:
        for _ in range(int(chunks * 8)):
            writer.write(b"0123456789abcdef" * (CHUNK_BYTES // 128))
        with database.begin("fulfil") as tx:
            return writer.finish(tx)


def test_what_was_written_is_what_is_read(vault: Vault, database: Database) -> None:
    ref = write(vault, database)
    content = b"".join(vault.reader(ref))
    assert len(content) == int(3.5 * CHUNK_BYTES)
    assert set(content) == set(b"0123456789abcdef")
    with database.look("fulfil") as tx:
        assert vault.open(tx, ref) == content


def test_memory_stays_bounded_however_large_the_object(vault: Vault, database: Database) -> None:
    write(vault, database, 1)
    ref = "vault:5a0e1c1e-0000-4000-8000-000000000002"
    tracemalloc.start()
    try:
        with vault.writer("p1", "package", ref=ref) as writer:
            for _ in range(24):
                writer.write(bytes(CHUNK_BYTES))
            with database.begin("fulfil") as tx:
                writer.finish(tx)
        assert sum(len(chunk) for chunk in vault.reader(ref)) == 24 * CHUNK_BYTES
        peak_bytes = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak_bytes < 10 * CHUNK_BYTES


@pytest.mark.parametrize(
    "harm",
    [
        "DELETE FROM vault_chunks WHERE number = 3",
        "DELETE FROM vault_chunks WHERE number = 1",
        "UPDATE vault_chunks SET number = number + 10; UPDATE vault_chunks SET number = 14 - number",
        "DELETE FROM vault_chunks WHERE number = 3; UPDATE vault_objects SET chunks = 3",
        "DELETE FROM vault_chunks; UPDATE vault_objects SET chunks = 1",
        "UPDATE vault_chunks SET sealed = (SELECT first FROM vault_objects LIMIT 1) WHERE number = 2",
    ],
)
def test_chunks_cut_off_reordered_or_repeated_are_noticed(vault: Vault, database: Database, harm: str) -> None:
    ref = write(vault, database)
    with database.begin("fulfil") as tx:
        for statement in harm.split(";"):
            tx.execute(text(statement))
    with pytest.raises(Tampered):
        b"".join(vault.reader(ref))
    with database.look("fulfil") as tx, pytest.raises(Tampered):
        vault.open(tx, ref)


def test_an_unfinished_object_is_not_there_and_is_removed_when_its_writer_gives_up(
    vault: Vault, database: Database
) -> None:
    with pytest.raises(ZeroDivisionError), vault.writer("p1", "package", ref=REF) as writer:  # noqa: PT012 - the block is the writer's life
        writer.write(bytes(2 * CHUNK_BYTES))
        with pytest.raises(Missing):
            vault.reader(REF).__next__()
        _ = 1 / 0
    with database.look("fulfil") as tx:
        assert tx.execute(text("SELECT count(*) FROM vault_chunks")).scalar() == 0
        assert not vault.holds(tx, REF)


def test_what_a_crash_left_unfinished_is_swept_and_can_be_written_anew(vault: Vault, database: Database) -> None:
    crashed = vault.writer("p1", "package", ref=REF)
    crashed.write(bytes(3 * CHUNK_BYTES))
    assert vault.sweep_unfinished() == 0
    write(vault, database)
    with pytest.raises(AlreadySealed):
        crashed.write(bytes(2 * CHUNK_BYTES))
    with pytest.raises(AlreadySealed):
        vault.writer("p1", "package", ref=REF)
    vault.writer("p2", "package").write(bytes(3 * CHUNK_BYTES))
    assert vault.sweep_unfinished(timedelta(seconds=-1)) == 1
    assert sum(map(len, vault.reader(REF))) == int(3.5 * CHUNK_BYTES)


def test_forgetting_stops_a_reader_and_a_writer_in_the_middle(vault: Vault, database: Database) -> None:
    reader = vault.reader(write(vault, database))
    next(reader)
    writer = vault.writer("p1", "package")
    writer.write(bytes(2 * CHUNK_BYTES))
    vault.forget("p1")
    with pytest.raises((Forgotten, Tampered)):
        next(reader)
    with pytest.raises(AlreadySealed), database.begin("fulfil") as tx:
        writer.finish(tx)


@pytest.mark.parametrize("start", [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 7, int(3.5 * CHUNK_BYTES) - 1])
def test_reading_begins_at_any_byte(vault: Vault, database: Database, start: int) -> None:
    ref = "vault:5a0e1c1e-0000-4000-8000-000000000003"
    content = b"".join(number.to_bytes(4, "big") for number in range(int(3.5 * CHUNK_BYTES) // 4))
    with vault.writer("p1", "package", ref=ref) as writer:
        writer.write(content)
        with database.begin("fulfil") as tx:
            writer.finish(tx)
    assert b"".join(vault.reader(ref, start)) == content[start:]
    with database.look("fulfil") as tx:
        assert vault.size_bytes(tx, ref) == len(content)


def test_a_removed_object_is_missing_and_its_chunks_are_gone(vault: Vault, database: Database) -> None:
    ref = write(vault, database)
    for _ in range(2):
        vault.remove(ref)
    with database.look("fulfil") as tx:
        assert not vault.holds(tx, ref)
        with pytest.raises(Missing):
            vault.size_bytes(tx, ref)
        assert tx.execute(text("SELECT count(*) FROM vault_chunks")).scalar() == 0


def test_a_removal_that_was_cut_off_leaves_nothing_readable_and_is_finished_by_the_sweep(
    vault: Vault, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    ref = write(vault, database)
    with monkeypatch.context() as cut:
        cut.setattr("services.runtime.vault.vault.remove_object", lambda *_: None)
        vault.remove(ref)
    with pytest.raises(Missing):
        next(vault.reader(ref))
    assert vault.sweep_unfinished(timedelta(seconds=-1)) == 1
    with database.look("fulfil") as tx:
        assert tx.execute(text("SELECT count(*) FROM vault_objects")).scalar() == 0
