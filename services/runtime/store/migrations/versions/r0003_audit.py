"""The signed checkpoints over the chains of case events."""

from __future__ import annotations

import sqlalchemy as sa

from services.runtime.store.placing import create, create_index

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the two tables of checkpoints."""
    create(
        "router",
        "checkpoints",
        sa.Column("controller", sa.String(64), primary_key=True),
        sa.Column("sequence", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("statement", sa.Text, nullable=False),
        sa.Column("signature", sa.String(128), nullable=False),
        sa.Column("public_key", sa.String(64), nullable=False),
    )
    create(
        "router",
        "checkpoint_heads",
        sa.Column("controller", sa.String(64), primary_key=True),
        sa.Column("case_id", sa.String(128), primary_key=True),
        sa.Column("sequence", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("trail", sa.Text, nullable=False),
    )
    create_index("router", "checkpoint_heads_by_sequence", "checkpoint_heads", ["controller", "sequence"])
