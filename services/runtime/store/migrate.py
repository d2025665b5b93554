"""Bring a database to this release: forward only, in one transaction, one process at a time.

A database of a newer release is refused, because its rows may mean what this code does not know. A damaged file is
refused before anything is written to it.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection, column, inspect, select, table, text

from services.runtime.store.database import Database
from services.runtime.store.errors import DatabaseDamaged, DatabaseNewer, DatabaseOlder
from services.runtime.store.faults import DAMAGED

if TYPE_CHECKING:
    from alembic.config import Config

VERSION_TABLE: Final = "habeas_revision"
CHECK_BYTES_MAX: Final = 256 * 1024 * 1024
"""A larger file is checked by `habeas doctor` on request: looking at every page of it would keep a start waiting."""

_MIGRATIONS: Final = Path(__file__).parent / "migrations"
_VERSIONS: Final = _MIGRATIONS / "versions"
_LOCK: Final = 0x68616265_61730001  # one advisory lock for migrating; the number is only ours


def migrate(database: Database) -> str:
    """Bring the database to this release and return its revision. Safe when several processes start together."""
    if database.is_sqlite:
        check(database)
    with database.migrating() as connection:
        if not database.is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        revision = _revision(connection)
        _refuse_newer(revision)
        if revision != head():
            _upgrade(connection)
    return head()


def _upgrade(connection: Connection) -> None:
    """Run the revisions that are missing. Alembic takes 13 MB, so it is loaded only where there is something to do."""
    from alembic import command

    command.upgrade(_config(connection), "head")


def _config(connection: Connection | None) -> Config:
    from alembic.config import Config

    config = Config()
    # ConfigParser would read a % in the path as its own sign.
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def check(database: Database) -> None:
    """Raise DatabaseDamaged where the SQLite file is not sound; a file that is not there yet is."""
    path = Path(database.url.database or "")
    if not path.exists() or path.stat().st_size == 0:
        return
    thorough = path.stat().st_size <= CHECK_BYTES_MAX
    with database.look("router") as transaction:
        pragma = "PRAGMA quick_check(1)" if thorough else "PRAGMA schema_version"
        answer = transaction.connection.exec_driver_sql(pragma).scalar()
    if thorough and answer != "ok":
        raise DatabaseDamaged(DAMAGED)


def require_current(database: Database) -> None:
    """Raise where the database is not at this release: for commands that look and must not migrate."""
    with database.look("router") as transaction:
        revision = _revision(transaction.connection)
        _refuse_newer(revision)
    if revision != head():
        raise DatabaseOlder(
            f"the database is at revision {revision or 'none'} and this release needs {head()}: "
            "start habeas once to bring it forward (a backup first is wise)"
        )


@cache
def head() -> str:
    """Return this release's revision."""
    return revisions()[-1]


@cache
def revisions() -> tuple[str, ...]:
    """Return the revisions that this release knows, in order: each is the number in its file's name."""
    return tuple(sorted(path.name[1:5] for path in _VERSIONS.glob("r[0-9][0-9][0-9][0-9]_*.py")))


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    found = connection.execute(select(column("version_num")).select_from(table(VERSION_TABLE))).scalar()
    return None if found is None else str(found)


def _refuse_newer(revision: str | None) -> None:
    if revision is not None and revision not in revisions():
        raise DatabaseNewer(
            f"the database is at revision {revision}, which this release does not know (it ends at {head()}): "
            "install the newer habeas that migrated it, or restore a backup from before; nothing was changed"
        )
