"""One SQLite connection, served by one thread, with its faults turned into words that say what to do."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Concatenate, Final, Literal, ParamSpec, TypeVar

from services.runtime.bus.port import BusUnavailable, BusUnusable
from services.runtime.bus.sqlite.schema import SchemaTooNew
from services.runtime.writers import writer_lock

BUSY_SECONDS_MAX: Final = 30.0

# FULL syncs the log at each commit: an acknowledged record survives a loss of power. NORMAL is for leases and lag,
# which a restart makes anew; a later FULL commit syncs them too, because the log is one file.
Synced = Literal["FULL", "NORMAL"]

_Arguments = ParamSpec("_Arguments")
_Result = TypeVar("_Result")


class Connection(sqlite3.Connection):
    """A connection that knows the door to its file: who writes in this process goes through it, one at a time."""

    alone: AbstractContextManager[object] = nullcontext()


def connect(path: Path, synced: Synced) -> sqlite3.Connection:
    """Open the file in write-ahead mode; the caller sees to it that one thread at a time uses the connection."""
    with faults(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(
            path, timeout=BUSY_SECONDS_MAX, isolation_level=None, check_same_thread=False, factory=Connection
        )
        connection.alone = writer_lock(path)
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute(f"PRAGMA synchronous = {synced}")
        except BaseException:
            connection.close()
            raise
    return connection


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Take the write lock, then commit, or roll back what raised."""
    # Waiting at SQLite's own lock is sleeping and looking again; the process's door opens at once.
    with connection.alone if isinstance(connection, Connection) else nullcontext():
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")


class Session:
    """A connection whose work runs in its own thread, so that a slow disk never stops the event loop."""

    def __init__(self, path: Path, synced: Synced = "FULL") -> None:
        self._path = path
        self._synced: Synced = synced
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="bus")
        self._connection: sqlite3.Connection | None = None

    async def run(
        self,
        work: Callable[Concatenate[sqlite3.Connection, _Arguments], _Result],
        *args: _Arguments.args,
        **kwargs: _Arguments.kwargs,
    ) -> _Result:
        """Do this work on the connection and return what it returns."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, lambda: self._on_thread(work, *args, **kwargs))

    def _on_thread(
        self,
        work: Callable[Concatenate[sqlite3.Connection, _Arguments], _Result],
        *args: _Arguments.args,
        **kwargs: _Arguments.kwargs,
    ) -> _Result:
        with faults(self._path):
            if self._connection is None:
                self._connection = connect(self._path, self._synced)
            return work(self._connection, *args, **kwargs)

    async def close(self) -> None:
        """Finish what was begun and close the connection."""
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._thread, self._close)
        self._thread.shutdown(wait=False)

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


@contextmanager
def faults(path: Path) -> Iterator[None]:
    """Say what a fault of the file means for its operator; none of them acknowledges anything."""
    try:
        yield
    except SchemaTooNew as fault:
        raise BusUnusable(f"{path}: {fault}") from None
    except sqlite3.OperationalError as fault:
        raise _operational(path, fault) from fault
    except sqlite3.DatabaseError as fault:
        raise _damaged(path, fault) from fault
    except PermissionError as fault:
        raise BusUnusable(
            f"{path.parent} cannot be written by this user; give it to the user that runs habeas"
        ) from fault


def _operational(path: Path, fault: sqlite3.OperationalError) -> Exception:
    code = (getattr(fault, "sqlite_errorcode", 0) or 0) & 0xFF
    if code == sqlite3.SQLITE_FULL:
        return BusUnavailable(f"the disk of {path} is full; free space there, nothing acknowledged is lost")
    if code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
        return BusUnavailable(
            f"{path} was locked by another program for {BUSY_SECONDS_MAX:.0f} seconds; "
            "close a database browser or a backup that holds it"
        )
    if code in {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM}:
        return BusUnusable(
            f"{path} cannot be opened for writing; check that its folder exists and belongs to this user"
        )
    if code == sqlite3.SQLITE_IOERR:
        return BusUnavailable(
            f"the disk of {path} reports an input/output error; check the disk, nothing acknowledged is lost"
        )
    return _damaged(path, fault)


def _damaged(path: Path, fault: sqlite3.DatabaseError) -> Exception:
    name = getattr(fault, "sqlite_errorname", type(fault).__name__)
    return BusUnusable(
        f"{path} cannot be read as habeas's database ({name}); stop habeas, keep a copy of the file "
        "with its -wal beside it, and restore the last backup"
    )
