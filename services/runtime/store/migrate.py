"""Bring a database to this release: forward only, in one transaction, one process at a time.

A database of a newer release is refused, because its rows may mean what this code does not know. A damaged file is
refused before anything is written to it.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from services.runtime.store.database import Database
from services.runtime.store.errors import DatabaseDamaged, DatabaseNewer, DatabaseOlder
from services.runtime.store.faults import DAMAGED

VERSION_TABLE: Final = "habeas_revision"
CHECK_BYTES_MAX: Final = 256 * 1024 * 1024
"""A larger file is checked by `habeas doctor` on request: looking at every page of it would keep a start waiting."""

_LOCK: Final = 0x68616265_61730001  # one advisory lock for migrating; the number is only ours


def migrate(database: Database) -> str:
    """Bring the database to this release and return its revision. Safe when several processes start together."""
    if database.is_sqlite:
        check(database)
    with database.migrating() as connection:
        if not database.is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        _refuse_newer(connection)
        command.upgrade(_config(connection), "head")
    return head()


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
        _refuse_newer(transaction.connection)
        revision = _revision(transaction.connection)
    if revision != head():
        raise DatabaseOlder(
            f"the database is at revision {revision or 'none'} and this release needs {head()}: "
            "start habeas once to bring it forward (a backup first is wise)"
        )


@cache
def head() -> str:
    """Return this release's revision."""
    found = ScriptDirectory.from_config(_config(None)).get_current_head()
    assert found is not None
    return found


def _revision(connection: Connection) -> str | None:
    context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
    return context.get_current_revision()


def _refuse_newer(connection: Connection) -> None:
    revision = _revision(connection)
    known = {script.revision for script in ScriptDirectory.from_config(_config(None)).walk_revisions()}
    if revision is not None and revision not in known:
        raise DatabaseNewer(
            f"the database is at revision {revision}, which this release does not know (it ends at {head()}): "
            "install the newer habeas that migrated it, or restore a backup from before; nothing was changed"
        )


def _config(connection: Connection | None) -> Config:
    config = Config()
    # ConfigParser would read a % in the path as its own sign.
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
