"""The tables that carry every service: positions, seen, outbox, held, leases, jobs, discarded."""

from __future__ import annotations

import sqlalchemy as sa

from services.runtime.store.placing import create, create_index

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_SERVICES = ("intake", "router", "fulfil", "watch")
_SEQUENCE = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Create the seven tables of each service."""
    for service in _SERVICES:
        _positions_and_seen(service)
        _outbox_and_leases(service)
        _held(service)
        _jobs(service)


def _positions_and_seen(service: str) -> None:
    create(
        service,
        "positions",
        sa.Column("group_name", sa.String(64), primary_key=True),
        sa.Column("topic", sa.String(128), primary_key=True),
        sa.Column("partition", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("next", sa.BigInteger, nullable=False),
    )
    create(
        service,
        "seen",
        sa.Column("group_name", sa.String(64), primary_key=True),
        sa.Column("event_id", sa.String(128), primary_key=True),
        sa.Column("seen_ms", sa.BigInteger, nullable=False),
    )
    create_index(service, "seen_by_age", "seen", ["seen_ms"])


def _outbox_and_leases(service: str) -> None:
    create(
        service,
        "outbox",
        sa.Column("sequence", _SEQUENCE, primary_key=True, autoincrement=True),
        sa.Column("shard", sa.SmallInteger, nullable=False),
        sa.Column("topic", sa.String(128), nullable=False),
        sa.Column("key", sa.LargeBinary, nullable=False),
        sa.Column("value", sa.LargeBinary, nullable=True),
        sa.Column("headers", sa.Text, nullable=False),
        sqlite_autoincrement=True,
    )
    create(
        service,
        "leases",
        sa.Column("name", sa.String(128), primary_key=True),
        sa.Column("holder", sa.String(128), nullable=False),
        sa.Column("epoch", sa.BigInteger, nullable=False),
        sa.Column("expires_ms", sa.BigInteger, nullable=False),
    )


def _held(service: str) -> None:
    create(
        service,
        "held",
        sa.Column("sequence", _SEQUENCE, primary_key=True, autoincrement=True),
        sa.Column("group_name", sa.String(64), nullable=False),
        sa.Column("key", sa.LargeBinary, nullable=False),
        sa.Column("topic", sa.String(128), nullable=False),
        sa.Column("partition", sa.Integer, nullable=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("event_id", sa.String(128), nullable=False),
        sa.Column("event_name", sa.String(64), nullable=False),
        sa.Column("value", sa.LargeBinary, nullable=True),
        sa.Column("headers", sa.Text, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("cause", sa.String(128), nullable=False),
        sa.Column("place", sa.String(256), nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("held_ms", sa.BigInteger, nullable=False),
        sa.Column("next_try_ms", sa.BigInteger, nullable=False),
        sqlite_autoincrement=True,
    )
    create_index(service, "held_by_key", "held", ["group_name", "key", "sequence"])
    create(
        service,
        "discarded",
        sa.Column("sequence", _SEQUENCE, primary_key=True, autoincrement=False),
        sa.Column("group_name", sa.String(64), nullable=False),
        sa.Column("event_id", sa.String(128), nullable=False),
        sa.Column("event_name", sa.String(64), nullable=False),
        sa.Column("topic", sa.String(128), nullable=False),
        sa.Column("cause", sa.String(128), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("discarded_ms", sa.BigInteger, nullable=False),
    )


def _jobs(service: str) -> None:
    create(
        service,
        "jobs",
        sa.Column("sequence", _SEQUENCE, primary_key=True, autoincrement=True),
        sa.Column("job_id", sa.String(128), nullable=False, unique=True),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("key", sa.String(128), nullable=False),
        sa.Column("reference", sa.Text, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("repeats", sa.Integer, nullable=False),
        sa.Column("next_try_ms", sa.BigInteger, nullable=False),
        sa.Column("claim", sa.String(128), nullable=False),
        sa.Column("cause", sa.String(128), nullable=False),
        sa.Column("place", sa.String(256), nullable=False),
        sa.Column("created_ms", sa.BigInteger, nullable=False),
        sa.Column("finished_ms", sa.BigInteger, nullable=False),
        sqlite_autoincrement=True,
    )
    create_index(service, "jobs_by_state", "jobs", ["state", "next_try_ms"])
    create_index(service, "jobs_by_key", "jobs", ["key", "sequence"])
