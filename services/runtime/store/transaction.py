"""One transaction of a service: its own tables, the events it publishes and the jobs it orders, all or nothing."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final, cast

from sqlalchemy import (
    Connection,
    CursorResult,
    Executable,
    Table,
    bindparam,
    insert,
    literal_column,
    select,
    text,
    update,
)
from sqlalchemy.dialects import sqlite as lite

from schemas.envelope import VALUE_BYTES_MAX, Envelope, Tombstone
from services.runtime.bus.murmur2 import partition_of
from services.runtime.bus.port import Outgoing
from services.runtime.store.errors import Conflict, WritingRefused
from services.runtime.store.headers import to_text
from services.runtime.store.inline import Inline
from services.runtime.store.prepared import Prepared
from services.runtime.store.tables import SHARDS, RuntimeTables

REFERENCE_BYTES_MAX: Final = 16 * 1024
READY: Final = "ready"
CHANNEL: Final = "habeas"
"""The PostgreSQL notification channel on which a commit wakes other processes."""

_NOTIFY: Final = text("SELECT pg_notify(:channel, :matter)")

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class JobOrder:
    """An outside effect to perform once this transaction is committed.

    `id` is derived from its cause, so that ordering it twice orders it once. Jobs of one `key` are performed one at a
    time, in the order they were written; an empty key orders nothing. `reference` holds ids and vault references only.
    """

    id: str
    kind: str
    key: str = ""
    reference: Mapping[str, Any] = field(default_factory=dict)
    not_before_ms: int = 0


class Transaction:
    """What a turn, a front door or a receipt may do to the store. Everything in it is committed together, or nothing.

    Statements run at once; events and jobs are written just before the commit, in the order they were given.
    """

    def __init__(
        self,
        connection: Connection,
        tables: RuntimeTables,
        now_ms: Callable[[], int],
        inline: Inline | None = None,
    ) -> None:
        self.connection: Final = connection
        self.tables: Final = tables
        self._clock_ms = now_ms
        self._inline = inline
        self._statements: Final = statements_for(tables)
        self.is_sqlite: Final = connection.dialect.name == "sqlite"
        self.driver: Final[sqlite3.Connection | None] = (
            cast("sqlite3.Connection", connection.connection.driver_connection) if self.is_sqlite else None
        )
        self.person_keys: Final[dict[str, bytes]] = {}
        """What the vault read from its key store for this transaction; it is gone with it."""
        self._now_ms: int | None = None
        self._events: list[Outgoing] = []
        self._jobs: list[JobOrder] = []
        self._after: list[Callable[[], None]] = []
        self._matters: set[str] = set()

    @property
    def service(self) -> str:
        """Return the service whose tables these are."""
        return self.tables.service

    @property
    def now_ms(self) -> int:
        """Return this transaction's moment in milliseconds; PostgreSQL's own, so that machines need not agree."""
        if self._now_ms is None:
            self._now_ms = self._clock_ms() if self.is_sqlite else self._postgres_ms()
        return self._now_ms

    def execute(
        self, statement: Executable, parameters: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None
    ) -> CursorResult[Any]:
        """Run one statement on the service's own tables, or the vault's; a sequence of parameters runs it for each."""
        result = self.connection.execute(statement, parameters)
        assert isinstance(result, CursorResult)
        return result

    def compare_and_set(self, table: Table, where: Mapping[str, Any], seen: int, values: Mapping[str, Any]) -> None:
        """Change the row if its `version` is still the one seen, and make it one more; else raise Conflict."""
        statement = update(table).where(table.c.version == seen).values(**values, version=seen + 1)
        for name, value in where.items():
            statement = statement.where(table.c[name] == value)
        if self.execute(statement).rowcount != 1:
            raise Conflict(f"a row of {table.name} is not at version {seen} any more")

    def enqueue(self, *events: Envelope | Tombstone) -> None:
        """Publish these events, in this order, once the transaction is committed."""
        # Written out here, in the savepoint of whoever caused it: one that cannot be is that event's fault alone.
        self._events.extend(_outgoing(event) for event in events)

    def order(self, *jobs: JobOrder) -> None:
        """Have these jobs performed once the transaction is committed; one that is known already stays as it is."""
        for job in jobs:
            if len(json.dumps(dict(job.reference))) > REFERENCE_BYTES_MAX:
                raise ValueError(f"the job {job.kind} refers to more than {REFERENCE_BYTES_MAX} bytes; use the vault")
        self._jobs.extend(jobs)

    def after_commit(self, call: Callable[[], None]) -> None:
        """Call this after the commit, in the thread of the store; it must be quick and may not fail."""
        self._after.append(call)

    def rouse(self, matter: str) -> None:
        """Wake whoever waits for this matter once the transaction is committed, in any process."""
        self._matters.add(matter)

    @contextmanager
    def savepoint(self, name: str = "one_event") -> Iterator[None]:
        """Undo what the block did, and only that, if it raises."""
        events, jobs, after = len(self._events), len(self._jobs), len(self._after)
        execute: Callable[[str], object] = (
            self.connection.exec_driver_sql if self.driver is None else self.driver.execute
        )
        execute(f"SAVEPOINT {name}")
        try:
            yield
        except BaseException:
            del self._events[events:], self._jobs[jobs:], self._after[after:]
            execute(f"ROLLBACK TO SAVEPOINT {name}")
            execute(f"RELEASE SAVEPOINT {name}")
            raise
        execute(f"RELEASE SAVEPOINT {name}")

    def flush(self) -> None:
        """Write the events and jobs that were given; the store calls this before it commits."""
        events, self._events = self._events, []
        jobs, self._jobs = self._jobs, []
        if events and self._inline is not None and not self._outbox_waits():
            self.publish(events)
        elif events:
            self._statements.outbox_add.each(self, [_outbox_row(event) for event in events])
            self.rouse("outbox")
        if jobs:
            rows = [_job_row(job, self.now_ms) for job in jobs]
            self._statements.jobs_add(self.is_sqlite).each(self, rows)
            self.rouse("jobs")
        if not self.is_sqlite:
            for matter in sorted(self._matters):
                self.connection.execute(_NOTIFY, {"channel": CHANNEL, "matter": f"{self.service}:{matter}"})

    def publish(self, records: Sequence[Outgoing]) -> None:
        """Append the records to the log in this transaction; only where the log lies in this database."""
        inline = self._inline
        assert inline is not None
        inline.log.append(self.driver, records)
        self._after.append(lambda: inline.announce(self.service, records))

    def _outbox_waits(self) -> bool:
        """Tell whether earlier events are still to be published: what comes later must not overtake them."""
        return self._statements.outbox_first.first(self, {}) is not None

    @property
    def matters(self) -> frozenset[str]:
        """Return what this transaction wakes somebody for."""
        return frozenset(self._matters)

    def committed(self) -> None:
        """Make the calls that waited for the commit."""
        for call in self._after:
            call()

    def _postgres_ms(self) -> int:
        moment = self.connection.execute(text("SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint"))
        return int(moment.scalar_one())


class Reading(Transaction):
    """A transaction that only looks: it sees one state of the database and never waits for a writer."""

    def enqueue(self, *events: Envelope | Tombstone) -> None:
        raise WritingRefused("a reading transaction publishes nothing; use run() instead of read()")

    def order(self, *jobs: JobOrder) -> None:
        raise WritingRefused("a reading transaction orders nothing; use run() instead of read()")


class Statements:
    """The statements by which a transaction writes what it was given at its end."""

    def __init__(self, tables: RuntimeTables) -> None:
        outbox, jobs = tables.outbox, tables.jobs
        columns = [column.name for column in outbox.c if column.name != "sequence"]
        self.outbox_add: Final = Prepared(insert(outbox).values({name: bindparam(name) for name in columns}))
        self.outbox_first: Final = Prepared(select(outbox.c.sequence).limit(literal_column("1")))
        self._jobs: Final = jobs

    @cache  # noqa: B019 - one for each service, as long as the program
    def jobs_add(self, sqlite: bool) -> Prepared:
        """Return the insert of a job that may be there already."""
        return prepared_once(sqlite, self._jobs, ("job_id",), without="sequence")


@cache
def statements_for(tables: RuntimeTables) -> Statements:
    """Return the statements on a service's tables, built once."""
    return Statements(tables)


def insert_once(transaction: Transaction, table: Table, key: Sequence[str]) -> Executable:
    """Return an insert that leaves a row with the same key as it is."""
    statement: Executable = _insert_once(transaction.is_sqlite, table, key)
    return statement


def prepared_once(sqlite: bool, table: Table, key: Sequence[str], without: str = "") -> Prepared:
    """Return an insert of whole rows that leaves a row with the same key as it is; the database numbers one column."""
    columns = [column.name for column in table.c if column.name != without]
    return Prepared(_insert_once(sqlite, table, key).values({name: bindparam(name) for name in columns}))


def _insert_once(sqlite: bool, table: Table, key: Sequence[str]) -> Any:
    insert_into: Any = lite.insert
    if not sqlite:
        from sqlalchemy.dialects.postgresql import insert as insert_into  # 3 MB, only where it is used
    statement = insert_into(table).on_conflict_do_nothing(index_elements=list(key))
    # Whether a row was made is what callers ask; for inserts the library keeps the count only when told to.
    return statement.execution_options(preserve_rowcount=True)


def _outgoing(event: Envelope | Tombstone) -> Outgoing:
    value = event.value() if isinstance(event, Envelope) else None
    if value is not None and len(value) > VALUE_BYTES_MAX:
        raise ValueError(f"an event would hold {len(value)} bytes, more than {VALUE_BYTES_MAX}: content is the vault's")
    return Outgoing(event.topic, event.key, value, event.headers())


def _outbox_row(record: Outgoing) -> Row:
    return {
        "shard": partition_of(record.key, SHARDS),
        "topic": record.topic,
        "key": record.key,
        "value": record.value,
        "headers": to_text(record.headers),
    }


def _job_row(job: JobOrder, now_ms: int) -> Row:
    return {
        "job_id": job.id,
        "kind": job.kind,
        "key": job.key,
        "reference": json.dumps(dict(job.reference), sort_keys=True),
        "state": READY,
        "tries": 0,
        "repeats": 0,
        "next_try_ms": max(now_ms, job.not_before_ms),
        "claim": "",
        "cause": "",
        "place": "",
        "created_ms": now_ms,
        "finished_ms": 0,
    }
