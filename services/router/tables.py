"""What the router remembers: cases and their events, when to look at them again, reviews, and threads."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Column, Index, Integer, String, Text

from services.runtime.store import own_table
from services.runtime.store.tables import Sequence64

SERVICE: Final = "router"

CASES: Final = own_table(
    SERVICE,
    "cases",
    Column("case_id", String(64), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("controller", String(64), nullable=False),
    Column("correspondent", String(64), nullable=False),
    Column("person", String(64), nullable=False),
    Column("state", String(16), nullable=False),
    Column("opened_ms", BigInteger, nullable=False),
    Column("due_ms", BigInteger, nullable=True),
    Column("wake_ms", BigInteger, nullable=True),
    Column("officer", String(64), nullable=True),
    Column("language", String(16), nullable=False),
    Column("events", Integer, nullable=False),
    Column("head", String(64), nullable=False),
    Column("snapshot", Text, nullable=False),
    Index("router_cases_by_correspondent", "correspondent", "state"),
    Index("router_cases_by_wake", "wake_ms"),
    Index("router_cases_by_due", "state", "due_ms"),
    Index("router_cases_by_person", "person"),
)
"""One row a case: the snapshot to decide on, and what lists are sorted by. `version` is compared and set."""

CASE_EVENTS: Final = own_table(
    SERVICE,
    "case_events",
    Column("case_id", String(64), primary_key=True),
    Column("sequence", Integer, primary_key=True, autoincrement=False),
    Column("controller", String(64), nullable=False),
    Column("cause", String(192), nullable=False),
    Column("body", Text, nullable=False),
    Column("digest", String(64), nullable=False),
    # A replay from times whose seen ids are purged meets this.
    Index("router_case_events_by_cause", "case_id", "cause", unique=True),
    Index("router_case_events_by_controller", "controller", "case_id", "sequence"),
)
"""Append-only: canonical JSON exactly as it was hashed, each digest over the one before it."""

REVIEWS: Final = own_table(
    SERVICE,
    "reviews",
    Column("number", Sequence64, primary_key=True, autoincrement=True),
    Column("review_id", String(64), nullable=False, unique=True),
    Column("controller", String(64), nullable=False),
    Column("correspondent", String(64), nullable=False),
    Column("message_id", String(64), nullable=False),
    Column("person", String(64), nullable=False),
    Column("body", String(64), nullable=False),
    Column("channel", String(16), nullable=False),
    Column("reason", String(64), nullable=False),
    Column("suggestions", String(256), nullable=False),
    Column("received_ms", BigInteger, nullable=False),
    Column("decided", String(256), nullable=True),
    Index("router_reviews_open", "decided", "received_ms"),
)
"""Messages that a human must read, and what was decided."""

ASKED: Final = own_table(
    SERVICE,
    "asked",
    Column("correspondent", String(64), primary_key=True),
    Column("message_id", String(64), nullable=False),
    Column("rights", String(256), nullable=False),
    Column("asked_ms", BigInteger, nullable=False),
)
"""The one short question that a person was asked back, until they answer it."""

HEARD: Final = own_table(
    SERVICE,
    "heard",
    Column("person", String(64), primary_key=True),
    Column("controller", String(64), nullable=False),
    Column("heard_ms", BigInteger, nullable=False),
    Index("router_heard_by_controller", "controller", "heard_ms"),
)
"""When each person last wrote, to the day: one without a case is forgotten some time after."""

FILTERS: Final = own_table(
    SERVICE,
    "filters",
    Column("name", String(64), primary_key=True),
    Column("officer", String(128), nullable=False),
    Column("criteria", Text, nullable=False),
)
"""Lists of cases that officers keep under a name."""

DOCUMENTS: Final = own_table(
    SERVICE,
    "documents",
    Column("document_id", String(64), primary_key=True),
    Column("case_id", String(64), nullable=False),
    Column("original", String(64), nullable=True),
    Index("router_documents_by_case", "case_id"),
)
"""Identity documents until they are destroyed; `original` is the mail that brought one, until it is removed."""

RECIPIENTS: Final = own_table(
    SERVICE,
    "recipients",
    Column("case_id", String(64), primary_key=True),
    Column("recipient", String(64), nullable=False),
    Column("subject", String(64), nullable=True),
)
"""Where a case's letters go, and who it is about where that was learnt after it was opened; by vault reference."""
