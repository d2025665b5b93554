"""The tables that every service owns one of: the same seven, with the service's name before theirs.

A table is called `<service>_<name>` everywhere. In SQLite all lie in one file; in PostgreSQL each service's lie in a
schema of the service's name, so that rights are granted and backups taken a service at a time. The search path finds
them, so statements are the same on both.

A service adds its own tables to `METADATA` with `own_table`, and a migration that creates them (docs/store.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
)
from sqlalchemy.schema import SchemaItem

METADATA: Final = MetaData()
"""Every table of every service; the migrations and the code are compared by a test."""

SERVICES: Final = ("intake", "router", "fulfil", "watch")
"""The services that read or write the bus, and so have the seven tables."""

SCHEMAS: Final = (*SERVICES, "vault")
"""The PostgreSQL schemas, in the order of the search path. The keys of persons are not here: they live apart."""

SHARDS: Final = 8
"""Into how many shards an outbox is cut by key; each is relayed by one lease holder at a time."""

Sequence64: Final = BigInteger().with_variant(Integer, "sqlite")
"""A growing number: SQLite only counts by itself in a column called INTEGER."""


def own_table(service: str, name: str, *columns: SchemaItem, sqlite_autoincrement: bool = False) -> Table:
    """Declare a table that the service owns: `own_table("router", "cases", Column(...))`."""
    if service not in SCHEMAS:
        raise ValueError(f"{service} is no service with tables; the services are {', '.join(SCHEMAS)}")
    return Table(f"{service}_{name}", METADATA, *columns, sqlite_autoincrement=sqlite_autoincrement)


@dataclass(frozen=True, slots=True)
class RuntimeTables:
    """The seven tables that carry a service."""

    service: str
    positions: Table
    seen: Table
    outbox: Table
    held: Table
    leases: Table
    jobs: Table
    discarded: Table


@cache
def tables_for(service: str) -> RuntimeTables:
    """Return the seven tables of one service."""
    return RuntimeTables(
        service=service,
        positions=_positions(service),
        seen=_seen(service),
        outbox=_outbox(service),
        held=_held(service),
        leases=_leases(service),
        jobs=_jobs(service),
        discarded=_discarded(service),
    )


def _positions(service: str) -> Table:
    return own_table(
        service,
        "positions",
        Column("group_name", String(64), primary_key=True),
        Column("topic", String(128), primary_key=True),
        Column("partition", Integer, primary_key=True, autoincrement=False),
        Column("next", BigInteger, nullable=False),
    )


def _seen(service: str) -> Table:
    return own_table(
        service,
        "seen",
        Column("group_name", String(64), primary_key=True),
        Column("event_id", String(128), primary_key=True),
        Column("seen_ms", BigInteger, nullable=False),
        Index(f"{service}_seen_by_age", "seen_ms"),
    )


def _outbox(service: str) -> Table:
    return own_table(
        service,
        "outbox",
        Column("sequence", Sequence64, primary_key=True, autoincrement=True),
        Column("shard", SmallInteger, nullable=False),
        Column("topic", String(128), nullable=False),
        Column("key", LargeBinary, nullable=False),
        Column("value", LargeBinary, nullable=True),
        Column("headers", Text, nullable=False),
        sqlite_autoincrement=True,
    )


def _held(service: str) -> Table:
    return own_table(
        service,
        "held",
        Column("sequence", Sequence64, primary_key=True, autoincrement=True),
        Column("group_name", String(64), nullable=False),
        Column("key", LargeBinary, nullable=False),
        Column("topic", String(128), nullable=False),
        Column("partition", Integer, nullable=False),
        Column("position", BigInteger, nullable=False),
        Column("event_id", String(128), nullable=False),
        Column("event_name", String(64), nullable=False),
        Column("value", LargeBinary, nullable=True),
        Column("headers", Text, nullable=False),
        Column("state", String(16), nullable=False),
        Column("cause", String(128), nullable=False),
        Column("place", String(256), nullable=False),
        Column("tries", Integer, nullable=False),
        Column("held_ms", BigInteger, nullable=False),
        Column("next_try_ms", BigInteger, nullable=False),
        Index(f"{service}_held_by_key", "group_name", "key", "sequence"),
        sqlite_autoincrement=True,
    )


def _leases(service: str) -> Table:
    return own_table(
        service,
        "leases",
        Column("name", String(128), primary_key=True),
        Column("holder", String(128), nullable=False),
        Column("epoch", BigInteger, nullable=False),
        Column("expires_ms", BigInteger, nullable=False),
    )


def _jobs(service: str) -> Table:
    return own_table(
        service,
        "jobs",
        Column("sequence", Sequence64, primary_key=True, autoincrement=True),
        Column("job_id", String(128), nullable=False, unique=True),
        Column("kind", String(64), nullable=False),
        Column("key", String(128), nullable=False),
        Column("reference", Text, nullable=False),
        Column("state", String(16), nullable=False),
        Column("tries", Integer, nullable=False),
        Column("repeats", Integer, nullable=False),
        Column("next_try_ms", BigInteger, nullable=False),
        Column("claim", String(128), nullable=False),
        Column("cause", String(128), nullable=False),
        Column("place", String(256), nullable=False),
        Column("created_ms", BigInteger, nullable=False),
        Column("finished_ms", BigInteger, nullable=False),
        Index(f"{service}_jobs_by_state", "state", "next_try_ms"),
        Index(f"{service}_jobs_by_key", "key", "sequence"),
        sqlite_autoincrement=True,
    )


def _discarded(service: str) -> Table:
    return own_table(
        service,
        "discarded",
        Column("sequence", Sequence64, primary_key=True, autoincrement=False),
        Column("group_name", String(64), nullable=False),
        Column("event_id", String(128), nullable=False),
        Column("event_name", String(64), nullable=False),
        Column("topic", String(128), nullable=False),
        Column("cause", String(128), nullable=False),
        Column("reason", Text, nullable=False),
        Column("discarded_ms", BigInteger, nullable=False),
    )


RUNTIME_TABLES: Final = tuple(tables_for(service) for service in SERVICES)
