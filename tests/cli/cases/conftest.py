"""An office on each database."""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path

import pytest

from services.runtime.clock import Clock
from tests.cli.cases.office import MORNING, Office


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the clock go on from one morning, whatever the day is and whatever midnight passes meanwhile."""
    begun = time.monotonic()
    monkeypatch.setattr(Clock, "now", lambda _: MORNING + timedelta(seconds=time.monotonic() - begun))


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
