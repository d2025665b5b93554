"""The database as asyncio sees it: work is a function of a transaction, run in a thread of the database's own.

A decision is synchronous and quick, and so is a statement; what waits is the disk or the network. So work runs in a
thread and the event loop goes on. SQLite has one writer, hence one writing thread, and readers beside it; PostgreSQL
has a few threads, each with a connection.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Final, TypeVar

from sqlalchemy import URL, Connection, Engine, make_url

from services.runtime.store.engine import engine_for
from services.runtime.store.faults import DRIVER_ERRORS, named
from services.runtime.store.signals import Signals
from services.runtime.store.tables import tables_for
from services.runtime.store.transaction import Reading, Transaction
from services.runtime.writers import writer_lock

T = TypeVar("T")

SQLITE_READERS: Final = 2
POSTGRES_THREADS: Final = 8


def wall_clock_ms() -> int:
    """Return the time of day in milliseconds."""
    return time.time_ns() // 1_000_000


class Database:
    """One database of record: its connections, its threads and its wake-up signals."""

    def __init__(self, url: str | URL, now_ms: Callable[[], int] = wall_clock_ms) -> None:
        self.url: Final = make_url(url)
        self.is_sqlite: Final = self.url.get_backend_name() == "sqlite"
        self.engine: Final[Engine] = engine_for(self.url)
        self.signals: Final = Signals()
        self.now_ms: Final = now_ms
        writers = 1 if self.is_sqlite else POSTGRES_THREADS
        self._writers = ThreadPoolExecutor(writers, thread_name_prefix="store")
        self._readers = (
            ThreadPoolExecutor(SQLITE_READERS, thread_name_prefix="look") if self.is_sqlite else self._writers
        )
        self._alone: Final[AbstractContextManager[object]] = (
            writer_lock(Path(self.url.database or "")) if self.is_sqlite else nullcontext()
        )

    def store(self, service: str) -> Store:
        """Return the store of one service: its own tables in this database."""
        return Store(self, service)

    @contextmanager
    def begin(self, service: str, *, durable: bool = True) -> Iterator[Transaction]:
        """Commit what the block did, or nothing of it. Synchronous: call it in a thread that may wait.

        `durable` waits until the disk has it. A turn may leave that out on SQLite: power lost a moment later takes back
        the last turns whole, with their positions and events, as if they had not been taken yet.
        """
        with self._alone, self._connection() as connection:
            writer = connection.execution_options(habeas_relaxed=not durable)
            with writer.begin():
                transaction = Transaction(writer, tables_for(service), self.now_ms)
                yield transaction
                transaction.flush()
        for matter in transaction.matters:
            self.signals.raise_(matter, service)
        transaction.committed()

    @contextmanager
    def look(self, service: str) -> Iterator[Reading]:
        """Give a transaction that only reads. Synchronous, as `begin`."""
        with self._connection() as connection:
            reader = connection.execution_options(habeas_reading=True)
            with reader.begin():
                yield Reading(reader, tables_for(service), self.now_ms)

    @contextmanager
    def migrating(self) -> Iterator[Connection]:
        """Give one transaction on the bare connection, for a migration: no other writer is let in meanwhile."""
        with self._alone, self._connection() as connection, connection.begin():
            yield connection

    @contextmanager
    def _connection(self) -> Iterator[Connection]:
        try:
            with self.engine.connect() as connection:
                yield connection
        except DRIVER_ERRORS as fault:
            found = named(fault)
            if found is None:
                raise
            raise found from None

    async def run(self, service: str, work: Callable[[Transaction], T], *, durable: bool = True) -> T:
        """Run the work in one transaction, in the store's own thread, and return what it returned once committed."""

        def in_thread() -> T:
            with self.begin(service, durable=durable) as transaction:
                return work(transaction)

        return await self._await(self._writers, in_thread)

    async def read(self, service: str, work: Callable[[Reading], T]) -> T:
        """Run the work on one state of the database, beside any writer."""

        def in_thread() -> T:
            with self.look(service) as transaction:
                return work(transaction)

        return await self._await(self._readers, in_thread)

    async def _await(self, threads: ThreadPoolExecutor, call: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(threads, call)

    def close(self) -> None:
        """Finish what runs, and let the connections go."""
        self._writers.shutdown(wait=True)
        self._readers.shutdown(wait=True)
        self.engine.dispose()


class Store:
    """One service's view of the database: work runs on its own tables."""

    def __init__(self, database: Database, service: str) -> None:
        self.database: Final = database
        self.service: Final = service
        self.tables: Final = tables_for(service)

    @property
    def now_ms(self) -> int:
        """Return the clock of this process, for waiting; a transaction has its own moment."""
        return self.database.now_ms()

    def begin(self, *, durable: bool = True) -> AbstractContextManager[Transaction]:
        """As `Database.begin`, for this service."""
        return self.database.begin(self.service, durable=durable)

    async def run(self, work: Callable[[Transaction], T], *, durable: bool = True) -> T:
        """Run the work in one transaction and return what it returned, once committed."""
        return await self.database.run(self.service, work, durable=durable)

    async def read(self, work: Callable[[Reading], T]) -> T:
        """Run the work on one state of the database, beside any writer."""
        return await self.database.read(self.service, work)

    def wake(self, matter: str) -> asyncio.Event:
        """Return an event of this loop that is set when a transaction commits this matter: outbox, jobs or held."""
        return self.database.signals.event(matter, self.service)
