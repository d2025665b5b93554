"""A vault on a real database file, with its key store beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from services.runtime.store.database import Database
from services.runtime.store.migrate import migrate
from services.runtime.vault import Vault, open_vault
from services.runtime.vault.master import MasterKeySource


class Home:
    """A home folder with a database; opening it twice is starting habeas twice."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.url = f"sqlite:///{folder / 'habeas.db'}"
        self.keys_url = ""
        self._databases: list[Database] = []

    def database(self) -> Database:
        database = Database(self.url)
        migrate(database)
        self._databases.append(database)
        return database

    def vault(self, masters: MasterKeySource | None = None, database: Database | None = None) -> Vault:
        store = (database or self.database()).store("router")
        return open_vault(self.folder, store.begin, keys_url=self.keys_url, masters=masters).vault

    def close(self) -> None:
        for database in self._databases:
            database.close()


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    home = Home(tmp_path)
    yield home
    home.close()


@pytest.fixture
def database(home: Home) -> Database:
    return home.database()


@pytest.fixture
def vault(home: Home, database: Database) -> Iterator[Vault]:
    vault = home.vault(database=database)
    yield vault
    vault.close()


@pytest.fixture
def begin(database: Database) -> Callable[[], object]:
    return database.store("router").begin
