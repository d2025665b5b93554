"""What intake remembers: which messages it took, what was said in a chat, which packages were taken away."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Column, Index, Integer, String

from services.runtime.store import own_table
from services.runtime.store.tables import Sequence64

SERVICE: Final = "intake"

MESSAGES: Final = own_table(
    SERVICE,
    "messages",
    Column("message_id", String(64), primary_key=True),
    Column("received_ms", BigInteger, nullable=False),
    Index("intake_messages_by_age", "received_ms"),
)
"""A mail that a sender tries again is taken once."""

CHAT_LINES: Final = own_table(
    SERVICE,
    "chat_lines",
    Column("number", Sequence64, primary_key=True, autoincrement=True),
    Column("session", String(64), nullable=False),
    Column("line_id", String(64), nullable=False, unique=True),
    Column("speaker", String(16), nullable=False),
    Column("content", String(64), nullable=False),
    Column("said_ms", BigInteger, nullable=False),
    Index("intake_chat_lines_by_session", "session", "number"),
)
"""Chat sessions live in the store, so that any intake can wake the one that holds the socket."""

DOWNLOADS: Final = own_table(
    SERVICE,
    "downloads",
    Column("package", String(64), primary_key=True),
    Column("starts", Integer, nullable=False),
    Column("taken_ms", BigInteger, nullable=True),
)
"""A package is taken once; a download that broke off may be started again a few times."""
