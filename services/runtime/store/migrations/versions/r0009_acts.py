"""What was carried out in systems, so that a restored backup cannot undo it."""

from __future__ import annotations

import sqlalchemy as sa

from services.runtime.store.placing import create, create_index

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the register of acts, its receipts, and what the markers of systems were set to."""
    create(
        "fulfil",
        "acts",
        sa.Column("act_id", sa.String(64), primary_key=True),
        sa.Column("controller", sa.String(64), nullable=False),
        sa.Column("claim_id", sa.String(64), nullable=False),
        sa.Column("case_id", sa.String(64), nullable=False),
        sa.Column("right", sa.String(32), nullable=False),
        sa.Column("systems", sa.Text, nullable=False),
        sa.Column("done_ms", sa.BigInteger, nullable=False),
        sa.Column("expires_ms", sa.BigInteger, nullable=False),
        sa.Column("period", sa.String(32), nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
    )
    create_index("fulfil", "acts_by_moment", "acts", ["controller", "done_ms"])
    create(
        "fulfil",
        "reapplied",
        sa.Column("act_id", sa.String(64), primary_key=True),
        sa.Column("moment_ms", sa.BigInteger, primary_key=True),
        sa.Column("systems", sa.Text, nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("receipts", sa.Text, nullable=False),
    )
    create(
        "fulfil",
        "markers",
        sa.Column("controller", sa.String(64), primary_key=True),
        sa.Column("system", sa.String(128), primary_key=True),
        sa.Column("moment_ms", sa.BigInteger, nullable=False),
    )
