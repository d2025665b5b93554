"""The database as asyncio sees it: work is a function of a transaction, run in a thread of the database's own.

A decision is synchronous and quick, and so is a statement; what waits is the disk or the network. So work runs in a
thread and the event loop goes on. SQLite has one writer, hence one writing thread that commits together what waits
together, and readers beside it; PostgreSQL has a few threads, each with a connection.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Final, TypeVar, cast

from sqlalchemy import URL, Connection, Engine, make_url

from services.runtime.store.engine import engine_for
from services.runtime.store.errors import StoreFault
from services.runtime.store.faults import driver_errors, named
from services.runtime.store.grouping import GroupingWriter
from services.runtime.store.inline import Inline
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

    def __init__(self, url: str | URL, now_ms: Callable[[], int] = wall_clock_ms, *, looking: bool = False) -> None:
        self.url: Final = make_url(url)
        self.is_sqlite: Final = self.url.get_backend_name() == "sqlite"
        self.engine: Final[Engine] = engine_for(self.url, looking=looking)
        self.signals: Final = Signals()
        self.now_ms: Final = now_ms
        self.inline: Inline | None = None
        threads = SQLITE_READERS if self.is_sqlite else POSTGRES_THREADS
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="store")
        self._writer = GroupingWriter(self._group, _is_of_the_database) if self.is_sqlite else None
        self._alone: Final[AbstractContextManager[object]] = (
            writer_lock(Path(self.url.database or "")) if self.is_sqlite else nullcontext()
        )

    def publish_inline(self, inline: Inline) -> None:
        """Publish from now on in the transaction itself, because the bus's log lies in this database (ADR 0070)."""
        self.inline = inline

    def store(self, service: str) -> Store:
        """Return the store of one service: its own tables in this database."""
        return Store(self, service)

    @contextmanager
    def begin(self, service: str, *, durable: bool = True) -> Iterator[Transaction]:
        """Commit what the block did, or nothing of it. Synchronous: call it in a thread that may wait.

        `durable` waits until the disk has it. A turn may leave that out on SQLite: power lost a moment later takes back
        the last turns whole, with their positions and events, as if they had not been taken yet.
        """
        with self._group(durable) as group:
            yield group.begin(service)

    @contextmanager
    def _group(self, durable: bool) -> Iterator[SharedTransaction]:
        """Give one transaction for several works; their wake-ups follow the commit."""
        with self._alone, self._connection() as connection:
            writer = connection.execution_options(habeas_relaxed=not durable)
            with writer.begin():
                group = SharedTransaction(writer, self.now_ms, self.inline)
                yield group
                group.flush()
        for transaction in group.transactions:
            for matter in transaction.matters:
                self.signals.raise_(matter, transaction.service)
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
        except driver_errors() as fault:
            found = named(fault)
            if found is None:
                raise
            raise found from None

    async def run(self, service: str, work: Callable[[Transaction], T], *, durable: bool = True) -> T:
        """Run the work in a transaction, in the store's own thread, and return what it returned once committed."""
        if self._writer is not None:
            return cast("T", await self._writer.run(service, work, durable=durable))

        def in_thread() -> T:
            with self.begin(service, durable=durable) as transaction:
                return work(transaction)

        return await self._await(in_thread)

    async def read(self, service: str, work: Callable[[Reading], T]) -> T:
        """Run the work on one state of the database, beside any writer."""

        def in_thread() -> T:
            with self.look(service) as transaction:
                return work(transaction)

        return await self._await(in_thread)

    async def listen(self, stopping: asyncio.Event) -> None:
        """Be woken by commits of other processes until stopped; on SQLite there is nothing to listen to."""
        if not self.is_sqlite:
            from services.runtime.store import listening  # PostgreSQL's driver is loaded where it is used

            await listening.listen(self.url, self.signals, stopping)

    async def _await(self, call: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, call)

    def close(self) -> None:
        """Finish what runs, and let the connections go."""
        if self._writer is not None:
            self._writer.close()
        self._threads.shutdown(wait=True)
        self.engine.dispose()


def _is_of_the_database(fault: Exception) -> bool:
    """Return whether nothing more can be done in this transaction, whoever is at work."""
    return isinstance(fault, StoreFault) or (isinstance(fault, driver_errors()) and named(fault) is not None)


class SharedTransaction:
    """One transaction of the database, and the works in it."""

    def __init__(self, connection: Connection, now_ms: Callable[[], int], inline: Inline | None) -> None:
        self._connection = connection
        self._now_ms = now_ms
        self._inline = inline
        self.transactions: list[Transaction] = []

    def begin(self, service: str) -> Transaction:
        """Return a service's part of it."""
        transaction = Transaction(self._connection, tables_for(service), self._now_ms, self._inline)
        self.transactions.append(transaction)
        return transaction

    def each(self, service: str, work: Callable[[Transaction], T]) -> T:
        """Run one work; what it raises takes back only what it did."""
        transaction = self.begin(service)
        try:
            with transaction.savepoint("one_work"):
                result = work(transaction)
                transaction.flush()
        except BaseException:
            self.transactions.remove(transaction)
            raise
        return result

    def alone(self, service: str, work: Callable[[Transaction], T]) -> T:
        """Run one work without a savepoint; what it raises is the transaction's end."""
        transaction = self.begin(service)
        result = work(transaction)
        transaction.flush()
        return result

    def flush(self) -> None:
        """Write what the works gave and have not written."""
        for transaction in self.transactions:
            transaction.flush()


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
