"""A vault on both databases, with its key store beside it; opening a home twice is starting habeas twice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from services.runtime.store import Database
from services.runtime.vault import OpenedVault, Vault, open_vault
from services.runtime.vault.master import MasterKeySource


class Home:
    """A home folder, its database and its key store."""

    def __init__(self, folder: Path, database: Database, url: str) -> None:
        self.folder = folder
        self.database = database
        self.url = url
        self.is_sqlite = url.startswith("sqlite")
        self._opened: list[Vault] = []
        self.keys_url = f"sqlite:///{folder / 'keys.db'}" if self.is_sqlite else url

    def start(self, masters: MasterKeySource | None = None, **options: timedelta) -> OpenedVault:
        """Open the vault as a start of habeas does."""
        begin = self.database.store("router").begin
        opened = open_vault(self.folder, begin, keys_url=self.keys_url, masters=masters, **options)
        self._opened.append(opened.vault)
        return opened

    def close(self) -> None:
        """Close every vault that was opened."""
        for vault in self._opened:
            vault.close()


@pytest.fixture
def home(tmp_path: Path, database: Database, database_url: str) -> Iterator[Home]:
    home = Home(tmp_path, database, database_url)
    yield home
    home.close()


@pytest.fixture
def vault(home: Home) -> Vault:
    return home.start().vault
