"""Who was asked by mail, and what came back."""

from __future__ import annotations

import sqlalchemy as sa

from services.runtime.store.placing import create

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    create(
        "fulfil",
        "mailed",
        sa.Column("claim_id", sa.String(64), primary_key=True),
        sa.Column("delegate", sa.String(128), primary_key=True),
        sa.Column("routed", sa.Text, nullable=False),
        sa.Column("answer", sa.String(64), nullable=False),
    )
