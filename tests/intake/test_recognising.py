"""Persons who write at the same moment are given keys together, and one that cannot be spoils nobody's turn."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from schemas.rights import Channel
from services.intake.recognising import Names, Recognising, Writer
from services.runtime.store import Database
from services.runtime.store.migrate import migrate
from services.runtime.vault import Vault, master_key_source, open_vault
from services.runtime.vault.errors import KeyStoreFault
from services.runtime.vault.keystore import KeyStore


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[Vault]:
    database = Database(f"sqlite:///{tmp_path / 'habeas.db'}")
    migrate(database)
    opened = open_vault(tmp_path, lambda: database.begin("intake"), masters=master_key_source(tmp_path))
    yield opened.vault
    opened.vault.close()
    database.close()


def writer(address: str) -> Writer:
    return Writer("axigen", Channel.EMAIL, address)


def together(vault: Vault, *addresses: str) -> list[Names | BaseException]:
    async def named() -> list[Names | BaseException]:
        recognising = Recognising(vault)
        return await asyncio.gather(*(recognising.names(writer(each)) for each in addresses), return_exceptions=True)

    return asyncio.run(named())


def test_an_address_has_one_name_however_often_it_writes_at_once(vault: Vault) -> None:
    first = together(vault, "ann@example.org", "bob@example.org", "ann@example.org")
    assert first[0] == first[2]
    assert first[0] != first[1]
    assert together(vault, "bob@example.org", "ann@example.org") == [first[1], first[0]]


def test_those_who_wait_are_given_their_keys_in_few_commits(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    commits: list[int] = []
    original = KeyStore.find_or_add_all

    def counted(self: KeyStore, new_persons: dict[str, str]) -> dict[str, str]:
        commits.append(len(new_persons))
        return original(self, new_persons)

    monkeypatch.setattr(KeyStore, "find_or_add_all", counted)
    together(vault, *(f"p{number}@example.org" for number in range(40)))
    assert sum(commits) == 40
    assert len(commits) <= 2


def test_one_whose_key_cannot_be_written_spoils_nobody_elses_turn(vault: Vault, tmp_path: Path) -> None:
    refused = vault.keyed_hash("look-up address", "axigen", "bob@example.org")
    with sqlite3.connect(tmp_path / "keys.db") as connection:
        connection.execute(
            f"CREATE TRIGGER no BEFORE INSERT ON lookup WHEN new.digest = '{refused}'"
            " BEGIN SELECT RAISE(ABORT, 'no'); END"
        )
    ann, bob, eve = together(vault, "ann@example.org", "bob@example.org", "eve@example.org")
    assert isinstance(ann, Names)
    assert isinstance(bob, KeyStoreFault)
    assert isinstance(eve, Names)
