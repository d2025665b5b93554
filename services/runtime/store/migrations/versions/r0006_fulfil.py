"""What fulfil remembers of its own."""

from __future__ import annotations

import sqlalchemy as sa

from services.runtime.store.placing import create

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create fulfil's own tables."""
    create(
        "fulfil",
        "claims",
        sa.Column("claim_id", sa.String(64), primary_key=True),
        sa.Column("case_id", sa.String(64), nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("routed_ms", sa.BigInteger, nullable=False),
        sa.Column("stopped_ms", sa.BigInteger, nullable=False),
    )
    create(
        "fulfil",
        "suppressed",
        sa.Column("controller", sa.String(64), primary_key=True),
        sa.Column("entry", sa.String(64), primary_key=True),
        sa.Column("list", sa.String(128), primary_key=True),
        sa.Column("claim_id", sa.String(64), nullable=False),
        sa.Column("since_ms", sa.BigInteger, nullable=False),
    )
