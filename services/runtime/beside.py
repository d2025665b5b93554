"""A habeas opened beside the services that may be running on it, for one command of an officer or an operator.

Looking makes nothing: a home without a database is refused, and so is one that has no keys yet.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import make_url

from services.runtime.settings import Settings
from services.runtime.store import Database
from services.runtime.store.migrate import require_current
from services.runtime.vault import Vault, master_key_source, open_vault

Fault = Callable[[str], Exception]
"""What a caller raises where there is no habeas."""


def file_of(url: str) -> Path | None:
    """Return the file that a database is, or nothing where a server has it."""
    file = make_url(url).database if url.startswith("sqlite") else None
    return Path(file) if file else None


@contextmanager
def database_beside(settings: Settings, fault: Fault) -> Iterator[Database]:
    """Open the database of these settings, its tables as this release needs them."""
    file = file_of(settings.store_url)
    if file and not file.exists():
        raise fault(f"there is no habeas in {settings.home}; say --home, or start one with `habeas up`")
    database = Database(settings.store_url)
    try:
        require_current(database)
        yield database
    finally:
        database.close()


@contextmanager
def vault_beside(settings: Settings, service: str, fault: Fault) -> Iterator[tuple[Database, Vault]]:
    """Open the database and the vault of these settings."""
    with database_beside(settings, fault) as database:
        masters = master_key_source(settings.home, file=settings.master_key)
        opened = open_vault(
            settings.home, lambda: database.begin(service), keys_url=settings.keys_url, masters=masters, make=False
        )
        try:
            yield database, opened.vault
        finally:
            opened.vault.close()
