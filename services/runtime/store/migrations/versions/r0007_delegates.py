"""What fulfil remembers while others are asked."""

from __future__ import annotations

import sqlalchemy as sa

from services.runtime.store.placing import create

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the two tables."""
    create(
        "fulfil",
        "carried",
        sa.Column("claim_id", sa.String(64), primary_key=True),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("fulfilled", sa.Text, nullable=False),
        sa.Column("asked_ms", sa.BigInteger, nullable=False),
    )
    create(
        "fulfil",
        "delegated",
        sa.Column("claim_id", sa.String(64), primary_key=True),
        sa.Column("delegate", sa.String(128), primary_key=True),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
    )
