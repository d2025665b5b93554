"""An office on each database."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.cases.office import Office, begin_the_day


@pytest.fixture(autouse=True)
def today() -> None:
    """The day of this test, whatever midnight passes meanwhile."""
    begin_the_day()


@pytest.fixture
def both(database_url: str, tmp_path: Path) -> Office:
    """An office on SQLite and on PostgreSQL."""
    return Office(tmp_path, database_url)


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """An office on SQLite."""
    from services.runtime.store import Database
    from services.runtime.store.migrate import migrate

    url = f"sqlite:///{tmp_path / 'habeas.db'}"
    database = Database(url)
    migrate(database)
    database.close()
    return Office(tmp_path, url)
