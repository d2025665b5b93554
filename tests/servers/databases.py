"""The two databases behind one fixture: a suite that asks for `database` runs on both."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.runtime.store import Database, Store
from services.runtime.store.migrate import migrate

BOTH = [pytest.param("sqlite"), pytest.param("postgresql", marks=pytest.mark.postgres)]


@pytest.fixture(params=BOTH)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a fresh database at this release."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'habeas.db'}"
        database = Database(url)
        migrate(database)
        database.close()
        return url
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A fresh database at this release, open."""
    database = Database(database_url)
    yield database
    database.close()


@pytest.fixture
def store(database: Database) -> Store:
    """The router's store."""
    return database.store("router")
