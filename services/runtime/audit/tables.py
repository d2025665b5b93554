"""The checkpoints over the router's case events, and the digests they were about."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Column, Index, Integer, String, Text

from services.runtime.store.tables import own_table

CHECKPOINTS: Final = own_table(
    "router",
    "checkpoints",
    Column("controller", String(64), primary_key=True),
    Column("sequence", Integer, primary_key=True, autoincrement=False),
    Column("statement", Text, nullable=False),
    Column("signature", String(128), nullable=False),
    Column("public_key", String(64), nullable=False),
)

CHECKPOINT_HEADS: Final = own_table(
    "router",
    "checkpoint_heads",
    # A row only where a chain grew since the checkpoint before.
    Column("controller", String(64), primary_key=True),
    Column("case_id", String(128), primary_key=True),
    Column("sequence", Integer, primary_key=True, autoincrement=False),
    Column("trail", Text, nullable=False),  # the digests since the checkpoint before; the last one is the head
    Index("router_checkpoint_heads_by_sequence", "controller", "sequence"),
)
