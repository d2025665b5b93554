"""What intake, router and fulfil remember of their own."""

from __future__ import annotations

import sqlalchemy as sa

from services.runtime.store.placing import create, create_index

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_SEQUENCE = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Create the services' own tables."""
    _intake()
    _cases()
    _conversations()


def _intake() -> None:
    create(
        "intake",
        "messages",
        sa.Column("message_id", sa.String(64), primary_key=True),
        sa.Column("received_ms", sa.BigInteger, nullable=False),
    )
    create_index("intake", "messages_by_age", "messages", ["received_ms"])
    create(
        "intake",
        "chat_lines",
        sa.Column("number", _SEQUENCE, primary_key=True, autoincrement=True),
        sa.Column("session", sa.String(64), nullable=False),
        sa.Column("line_id", sa.String(64), nullable=False, unique=True),
        sa.Column("speaker", sa.String(16), nullable=False),
        sa.Column("content", sa.String(64), nullable=False),
        sa.Column("said_ms", sa.BigInteger, nullable=False),
    )
    create_index("intake", "chat_lines_by_session", "chat_lines", ["session", "number"])
    create(
        "intake",
        "downloads",
        sa.Column("package", sa.String(64), primary_key=True),
        sa.Column("starts", sa.Integer, nullable=False),
        sa.Column("taken_ms", sa.BigInteger, nullable=True),
    )


def _cases() -> None:
    create(
        "router",
        "cases",
        sa.Column("case_id", sa.String(64), primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("controller", sa.String(64), nullable=False),
        sa.Column("correspondent", sa.String(64), nullable=False),
        sa.Column("person", sa.String(64), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("opened_ms", sa.BigInteger, nullable=False),
        sa.Column("due_ms", sa.BigInteger, nullable=True),
        sa.Column("wake_ms", sa.BigInteger, nullable=True),
        sa.Column("officer", sa.String(64), nullable=True),
        sa.Column("language", sa.String(16), nullable=False),
        sa.Column("events", sa.Integer, nullable=False),
        sa.Column("head", sa.String(64), nullable=False),
        sa.Column("snapshot", sa.Text, nullable=False),
    )
    create_index("router", "cases_by_correspondent", "cases", ["correspondent", "state"])
    create_index("router", "cases_by_wake", "cases", ["wake_ms"])
    create_index("router", "cases_by_due", "cases", ["state", "due_ms"])
    create(
        "router",
        "case_events",
        sa.Column("case_id", sa.String(64), primary_key=True),
        sa.Column("sequence", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("controller", sa.String(64), nullable=False),
        sa.Column("cause", sa.String(192), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
    )
    create_index("router", "case_events_by_cause", "case_events", ["case_id", "cause"], unique=True)
    create_index("router", "case_events_by_controller", "case_events", ["controller", "case_id", "sequence"])


def _conversations() -> None:
    create(
        "router",
        "reviews",
        sa.Column("number", _SEQUENCE, primary_key=True, autoincrement=True),
        sa.Column("review_id", sa.String(64), nullable=False, unique=True),
        sa.Column("controller", sa.String(64), nullable=False),
        sa.Column("correspondent", sa.String(64), nullable=False),
        sa.Column("message_id", sa.String(64), nullable=False),
        sa.Column("person", sa.String(64), nullable=False),
        sa.Column("body", sa.String(64), nullable=False),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("reason", sa.String(64), nullable=False),
        sa.Column("suggestions", sa.String(256), nullable=False),
        sa.Column("received_ms", sa.BigInteger, nullable=False),
        sa.Column("decided", sa.String(256), nullable=True),
    )
    create_index("router", "reviews_open", "reviews", ["decided", "received_ms"])
    create(
        "router",
        "asked",
        sa.Column("correspondent", sa.String(64), primary_key=True),
        sa.Column("message_id", sa.String(64), nullable=False),
        sa.Column("rights", sa.String(256), nullable=False),
        sa.Column("asked_ms", sa.BigInteger, nullable=False),
    )
    create(
        "router",
        "recipients",
        sa.Column("case_id", sa.String(64), primary_key=True),
        sa.Column("recipient", sa.String(64), nullable=False),
        sa.Column("subject", sa.String(64), nullable=True),
    )
