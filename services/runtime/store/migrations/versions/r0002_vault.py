"""The vault's sealed objects and chunks, and which key store they belong to."""

from __future__ import annotations

import sqlalchemy as sa

from services.runtime.store.placing import create, create_index

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the vault's three tables."""
    create(
        "vault",
        "objects",
        sa.Column("ref", sa.String(64), primary_key=True),
        sa.Column("person", sa.String(128), nullable=False),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("salt", sa.LargeBinary, nullable=False),
        sa.Column("first", sa.LargeBinary, nullable=True),
        sa.Column("chunks", sa.Integer, nullable=False),
        sa.Column("size_bytes", sa.BigInteger, nullable=False),
        sa.Column("complete", sa.Boolean, nullable=False),
        sa.Column("created_ms", sa.BigInteger, nullable=False),
    )
    create_index("vault", "objects_by_person", "objects", ["person"])
    create_index("vault", "objects_by_state", "objects", ["complete", "created_ms"])
    create(
        "vault",
        "chunks",
        sa.Column("ref", sa.String(64), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
    )
    create(
        "vault",
        "identity",
        sa.Column("name", sa.String(32), primary_key=True),
        sa.Column("value", sa.String(128), nullable=False),
    )
