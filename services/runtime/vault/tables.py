"""The vault's tables in the main database: sealed objects and their chunks, written in the caller's transaction."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, Final, Protocol

from sqlalchemy import BigInteger, Boolean, Column, CursorResult, Executable, Index, Integer, LargeBinary, String

from services.runtime.store.tables import own_table


class Tx(Protocol):
    """What the vault needs of a transaction; the store's Transaction is one, and so is a SQLAlchemy Connection."""

    def execute(self, statement: Executable, parameters: Any = None, /) -> CursorResult[Any]: ...


Begin = Callable[[], AbstractContextManager[Tx]]
"""Begins a short transaction on the main database that commits when its block ends."""

OBJECTS: Final = own_table(
    "vault",
    "objects",
    Column("ref", String(64), primary_key=True),
    Column("person", String(128), nullable=False),
    Column("kind", String(64), nullable=False),
    Column("salt", LargeBinary, nullable=False),
    Column("first", LargeBinary, nullable=True),  # the first chunk, which for a mail is the only one
    Column("chunks", Integer, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("complete", Boolean, nullable=False),
    Column("created_ms", BigInteger, nullable=False),
    Index("vault_objects_by_person", "person"),
    Index("vault_objects_by_state", "complete", "created_ms"),
)

CHUNKS: Final = own_table(
    "vault",
    "chunks",
    Column("ref", String(64), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("sealed", LargeBinary, nullable=False),
)

IDENTITY: Final = own_table(
    "vault",
    "identity",
    Column("name", String(32), primary_key=True),
    Column("value", String(128), nullable=False),
)
