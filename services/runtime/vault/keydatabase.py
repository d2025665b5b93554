"""The database under the key store: a file of its own with secure deletion, or a schema of its own in PostgreSQL."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, Table, create_engine, event, make_url, select, text
from sqlalchemy.exc import DatabaseError, OperationalError, SQLAlchemyError

from services.runtime.store.faults import no_room
from services.runtime.store.readonly import connect_read_only
from services.runtime.vault.errors import KeyStoreFault, KeyStoreFull
from services.runtime.vault.keylooking import SqliteLooks

SCHEMA: Final = "keys"
_BUSY_MS: Final = 15_000
_LOCK: Final = 0x6861626561  # "habea": one advisory lock for creating the tables
_WRITES: Final = "habeas_writes"


class KeyDatabase:
    """Transactions on the key store's database; every fault becomes a KeyStoreFault that says what to do."""

    def __init__(self, url: str, *, looking: bool = False) -> None:
        self.url = _with_driver(url)
        self.sqlite = self.url.get_backend_name() == "sqlite"
        self.schema = None if self.sqlite else SCHEMA
        self._engine = _engine(self.url, looking=looking)
        # SQLite's connections commit each statement by themselves unless a transaction was begun.
        self._looks = SqliteLooks(str(self.url.database), _BUSY_MS / 1000) if self.sqlite else None
        self._reader = self._engine if self.sqlite else self._engine.execution_options(isolation_level="AUTOCOMMIT")

    def look(self, table: Table, wanted: tuple[str, ...], by: str, value: str) -> Sequence[Any] | None:
        """Return columns of the row that has this value, as last committed: the vault's one frequent question."""
        if self._looks is not None:
            # Table and columns are our own names; the value is bound.
            return self._looks.row(f"SELECT {', '.join(wanted)} FROM {table.name} WHERE {by} = ?", value)  # noqa: S608
        query = select(*(table.c[name] for name in wanted)).where(table.c[by] == value)
        with self.reading() as connection:
            return connection.execute(query).first()

    @contextlib.contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection whose statements each see the newest committed keys."""
        with self._faults(), self._reader.connect() as connection:
            yield connection

    @contextlib.contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give a transaction that is durable when the block ends and gone when it raises."""
        with self._faults(), self._engine.connect() as connection:
            options: dict[str, Any] = {_WRITES: True}
            writer = connection.execution_options(**options)
            with writer.begin():
                yield writer

    @contextlib.contextmanager
    def creating(self) -> Iterator[Connection]:
        """Give a transaction in which only one process at a time looks for the tables and makes them."""
        with self.writing() as connection:
            if not self.sqlite:
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
                connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}"))
            yield connection

    def scrub(self) -> None:
        """Leave as little as the database allows of rows that were deleted.

        SQLite zeroes deleted content in the file (secure_delete); emptying the write-ahead log removes the copy there.
        PostgreSQL keeps dead rows until a vacuum. What a disk or an archived log may still hold is wrapped by the
        master key, so that replacing the master key ends it (docs/vault.md).
        """
        statement = "PRAGMA wal_checkpoint(TRUNCATE)" if self.sqlite else f"VACUUM {SCHEMA}.person_key"
        with contextlib.suppress(KeyStoreFault), self.reading() as connection:
            # Best effort: a reader may hold the log; the next scrub, or the next start, empties it.
            connection.execute(text(statement))

    @property
    def shown(self) -> str:
        """Return the URL without its password."""
        return self.url.render_as_string(hide_password=True)

    def close(self) -> None:
        """Let go of every connection."""
        if self._looks is not None:
            self._looks.close()
        self._engine.dispose()

    @contextlib.contextmanager
    def _faults(self) -> Iterator[None]:
        shown = self.shown
        try:
            yield
        except (OperationalError, sqlite3.OperationalError) as fault:
            if no_room(_origin(fault)):
                raise KeyStoreFull(f"the disk of the key store {shown} takes no more; free some room") from None
            raise KeyStoreFault(f"the key store {shown} cannot be reached or written: {_cause(fault)}") from None
        except (DatabaseError, sqlite3.DatabaseError) as fault:
            raise KeyStoreFault(
                f"the key store {shown} is damaged or not a key store: {_cause(fault)}; nothing was changed, "
                "restore it from its own backup"
            ) from None
        except SQLAlchemyError as fault:
            raise KeyStoreFault(f"the key store {shown} failed: {type(fault).__name__}") from None


def key_store_url(home: Path) -> str:
    """Return where the embedded key store lies."""
    return f"sqlite:///{home / 'keys.db'}"


def _origin(fault: Exception) -> BaseException | None:
    """Return what the driver raised: as it is, or as SQLAlchemy wrapped it."""
    return fault.orig if isinstance(fault, DatabaseError) else fault


def _cause(fault: Exception) -> str:
    said = str(_origin(fault) or "").strip()
    return said.splitlines()[0] if said else "no reason was given"


def _with_driver(url: str) -> URL:
    parsed = make_url(url)
    return parsed.set(drivername="postgresql+psycopg") if parsed.drivername in {"postgresql", "postgres"} else parsed


def _engine(url: URL, *, looking: bool) -> Engine:
    if url.get_backend_name() != "sqlite":
        return _postgres_engine(url)
    if looking:
        return create_engine("sqlite://", creator=lambda: connect_read_only(Path(url.database or "")))
    return _sqlite_engine(url)


def _sqlite_engine(url: URL) -> Engine:
    if url.database:
        _create_private(Path(url.database))
    engine = create_engine(url, connect_args={"timeout": _BUSY_MS / 1000}, pool_size=8, max_overflow=24)

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON", f"busy_timeout={_BUSY_MS}"):
            connection.execute(f"PRAGMA {pragma}").fetchall()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        if connection.get_execution_options().get(_WRITES):
            connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _postgres_engine(url: URL) -> Engine:
    return create_engine(url, pool_pre_ping=True, pool_size=4, max_overflow=12)


def _create_private(path: Path) -> None:
    """Create the file so that only its owner can read it; SQLite gives its log the same mode."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(FileExistsError):
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
