"""What intake remembers: which messages it took, what was said in a chat, how far packages are."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Boolean, Column, Index, String, Text

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

CHAT_IDENTITIES: Final = own_table(
    SERVICE,
    "chat_identities",
    Column("token", String(64), primary_key=True),
    Column("room", String(64), nullable=False),
    Column("subject", String(64), nullable=False),
    Column("person", String(64), nullable=False),
    Column("correspondent", String(64), nullable=False),
    Column("content", String(64), nullable=False),
    Column("until_ms", BigInteger, nullable=False),
    Index("intake_chat_identities_by_room", "room", "until_ms"),
    Index("intake_chat_identities_by_end", "until_ms"),
)
"""Who is signed in where, in the word of the controller's own site; a token is good in one chat."""

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

PACKAGES: Final = own_table(
    SERVICE,
    "packages",
    Column("package", String(64), primary_key=True),
    Column("password", String(64), nullable=False),
    Column("controller", String(64), nullable=False),
    Column("case_id", String(64), nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("mailed", Boolean, nullable=False),
    Column("announced_ms", BigInteger, nullable=False),
    Column("expires_ms", BigInteger, nullable=False),
    Column("window_ms", BigInteger, nullable=False),
    Column("opened_ms", BigInteger, nullable=True),
    Column("taken_ms", BigInteger, nullable=True),
    Column("removed_ms", BigInteger, nullable=True),
    Column("sent_bytes", BigInteger, nullable=False),
    Column("spans", Text, nullable=False),
    Index("intake_packages_by_end", "removed_ms", "expires_ms"),
)
"""A package is taken once; until then it may be fetched in pieces, and when its time is over it is removed."""
