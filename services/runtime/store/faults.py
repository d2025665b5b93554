"""From a driver's error to a fault with a name and a remedy. Nothing a driver says is passed on: it may quote a row."""

from __future__ import annotations

import sqlite3
import sys
from typing import TYPE_CHECKING, Final, cast

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as SQLAlchemyTimeout

from services.runtime.store.errors import (
    Conflict,
    DatabaseBusy,
    DatabaseDamaged,
    DatabaseReadOnly,
    DatabaseUnreachable,
    DiskFull,
    StoreFault,
)

if TYPE_CHECKING:
    import psycopg

DAMAGED: Final = (
    "the database file is damaged: stop habeas, keep a copy of the file and its -wal, and restore the latest backup "
    "(docs/store.md says how to save what is still readable); nothing was changed"
)
FULL: Final = (
    "the disk of the database takes no more (full, over a quota, or failing): free some room or check it; nothing that "
    "was acknowledged is lost, and work goes on by itself once there is room"
)
BUSY: Final = "the database is held by another process for too long; check that no other program keeps it open"


def driver_errors() -> tuple[type[Exception], ...]:
    """Return what a statement may raise; SQLAlchemy wraps all but what the beginning of a transaction raises.

    PostgreSQL's driver raises nothing where it was never loaded, and takes 7 MB where it is.
    """
    loaded = sys.modules.get("psycopg")
    always = (DBAPIError, SQLAlchemyTimeout, sqlite3.Error)
    return always if loaded is None else (*always, loaded.Error)


READ_ONLY: Final = "the database cannot be written: check who owns the file and its folder, and their permissions"
UNREACHABLE: Final = "the database cannot be reached: check that it runs, its address and its password"

_SQLITE: Final[dict[int, tuple[type[StoreFault], str]]] = {
    sqlite3.SQLITE_CORRUPT: (DatabaseDamaged, DAMAGED),
    sqlite3.SQLITE_NOTADB: (DatabaseDamaged, DAMAGED),
    sqlite3.SQLITE_BUSY: (DatabaseBusy, BUSY),
    sqlite3.SQLITE_LOCKED: (DatabaseBusy, BUSY),
    sqlite3.SQLITE_READONLY: (DatabaseReadOnly, READ_ONLY),
    sqlite3.SQLITE_PERM: (DatabaseReadOnly, READ_ONLY),
    sqlite3.SQLITE_CANTOPEN: (DatabaseReadOnly, READ_ONLY),
    sqlite3.SQLITE_IOERR: (DatabaseUnreachable, "the disk of the database gives errors: check the disk"),
}

# SQLite calls only ENOSPC full; a quota (EDQUOT) or a file size limit (EFBIG) reaches us as a write that failed.
_NO_ROOM: Final = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_SHMSIZE})

# SQLSTATE classes: https://www.postgresql.org/docs/current/errcodes-appendix.html
_POSTGRES: Final[dict[str, tuple[type[StoreFault], str]]] = {
    "53100": (DiskFull, FULL),
    "42501": (DatabaseReadOnly, "the database refuses: grant this user its schemas (docs/store.md)"),
    "25006": (DatabaseReadOnly, "the database is read-only: connect to the primary"),
    "28P01": (DatabaseUnreachable, UNREACHABLE),
}
_POSTGRES_CLASSES: Final[dict[str, tuple[type[StoreFault], str]]] = {
    "08": (DatabaseUnreachable, UNREACHABLE),
    "53": (DatabaseUnreachable, "the database lacks room, memory or connections: see its own log"),
    "57": (DatabaseUnreachable, UNREACHABLE),
    "XX": (DatabaseDamaged, "the database reports damage: see its own log, and restore the latest backup"),
}
_POSTGRES_AGAIN: Final = frozenset({"40001", "40P01", "55P03"})


def no_room(origin: BaseException | None) -> bool:
    """Tell whether SQLite could not write because there is no room."""
    return isinstance(origin, sqlite3.Error) and (getattr(origin, "sqlite_errorcode", None) or 0) in _NO_ROOM


def named(fault: Exception) -> Exception | None:
    """Return the named fault behind a driver's error, or None where the statement itself is wrong."""
    if isinstance(fault, SQLAlchemyTimeout):
        return DatabaseUnreachable("every connection to the database is taken for too long; see its own log")
    origin = fault.orig if isinstance(fault, DBAPIError) else fault
    if isinstance(origin, sqlite3.Error):
        return _of_sqlite(origin)
    loaded = sys.modules.get("psycopg")
    if loaded is not None and isinstance(origin, loaded.Error):
        return _of_postgres(
            cast("psycopg.Error", origin), lost=isinstance(fault, DBAPIError) and fault.connection_invalidated
        )
    return None


def _of_sqlite(origin: sqlite3.Error) -> Exception | None:
    # The low byte is the primary code: https://www.sqlite.org/rescode.html
    if no_room(origin):
        return DiskFull(FULL)
    found = _SQLITE.get((getattr(origin, "sqlite_errorcode", None) or 0) & 0xFF)
    return found[0](found[1]) if found else None


def _of_postgres(origin: psycopg.Error, *, lost: bool) -> Exception | None:
    state = origin.sqlstate
    if state in _POSTGRES_AGAIN:
        return Conflict("two transactions met; this one was rolled back and may be tried again")
    found = _POSTGRES.get(state or "") or _POSTGRES_CLASSES.get((state or "")[:2])
    if found:
        return found[0](found[1])
    if lost or (state is None and isinstance(origin, sys.modules["psycopg"].OperationalError)):
        return DatabaseUnreachable(UNREACHABLE)
    return None
