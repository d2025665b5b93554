"""Connections as the store needs them: SQLite with a write-ahead log and one writer, PostgreSQL with a search path."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url

from services.runtime.store.readonly import connect_read_only
from services.runtime.store.tables import SCHEMAS

BUSY_WAIT_MS: Final = 15_000
CONNECT_WAIT_SECONDS: Final = 5
_CACHE_KIB: Final = 4_096
_SYNCED: Final = "habeas_synced"


def engine_for(url: str | URL, connections_max: int = 10, *, looking: bool = False) -> Engine:
    """Return an engine for a sqlite:/// or postgresql:// URL; one that only looks leaves a SQLite file as it is."""
    parsed = make_url(url)
    if looking and parsed.get_backend_name() == "sqlite":
        return create_engine("sqlite://", creator=lambda: connect_read_only(Path(parsed.database or "")))
    if parsed.get_backend_name() == "sqlite":
        return _sqlite(parsed)
    return _postgres(parsed.set(drivername="postgresql+psycopg"), connections_max)


def _sqlite(url: URL) -> Engine:
    engine = create_engine(
        url,
        connect_args={"timeout": BUSY_WAIT_MS / 1000, "check_same_thread": False},
        pool_size=4,
        max_overflow=8,
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _: object) -> None:
    # The driver would begin transactions by itself, too late and as readers; we begin them ourselves.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        f"busy_timeout = {BUSY_WAIT_MS}",
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
        f"cache_size = -{_CACHE_KIB}",
        "temp_store = MEMORY",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    options = connection.get_execution_options()
    driver: Any = connection.connection.driver_connection
    if options.get("habeas_reading", False):
        driver.execute("BEGIN")
        return
    synced = "NORMAL" if options.get("habeas_relaxed", False) else "FULL"
    if connection.info.get(_SYNCED) != synced:
        driver.execute(f"PRAGMA synchronous = {synced}")
        connection.info[_SYNCED] = synced
    # A writer that began as a reader could find the file changed under it and fail; IMMEDIATE waits at the door.
    driver.execute("BEGIN IMMEDIATE")


def _postgres(url: URL, connections_max: int) -> Engine:
    path = ",".join((*SCHEMAS, "public"))
    return create_engine(
        url,
        connect_args={
            "connect_timeout": CONNECT_WAIT_SECONDS,
            "options": f"-c search_path={path} -c timezone=UTC -c lock_timeout={BUSY_WAIT_MS}",
            "application_name": "habeas",
        },
        pool_size=connections_max,
        max_overflow=2,
        pool_pre_ping=True,
    )
