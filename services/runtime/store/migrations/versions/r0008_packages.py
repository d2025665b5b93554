"""How far each package is: announced, opened, fetched, taken, removed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from services.runtime.store.placing import create, create_index, schema_of

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table of packages in the place of the one that only counted downloads, and fulfil's transfers."""
    op.drop_table("intake_downloads", schema=schema_of("intake"))
    create(
        "intake",
        "packages",
        sa.Column("package", sa.String(64), primary_key=True),
        sa.Column("password", sa.String(64), nullable=False),
        sa.Column("controller", sa.String(64), nullable=False),
        sa.Column("case_id", sa.String(64), nullable=False),
        sa.Column("size_bytes", sa.BigInteger, nullable=False),
        sa.Column("mailed", sa.Boolean, nullable=False),
        sa.Column("announced_ms", sa.BigInteger, nullable=False),
        sa.Column("expires_ms", sa.BigInteger, nullable=False),
        sa.Column("window_ms", sa.BigInteger, nullable=False),
        sa.Column("opened_ms", sa.BigInteger, nullable=True),
        sa.Column("taken_ms", sa.BigInteger, nullable=True),
        sa.Column("removed_ms", sa.BigInteger, nullable=True),
        sa.Column("sent_bytes", sa.BigInteger, nullable=False),
        sa.Column("spans", sa.Text, nullable=False),
    )
    create_index("intake", "packages_by_end", "packages", ["removed_ms", "expires_ms"])
    create(
        "fulfil",
        "transfers",
        sa.Column("claim_id", sa.String(64), primary_key=True),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("recipient", sa.String(128), nullable=False),
        sa.Column("package", sa.String(64), nullable=False),
        sa.Column("size_bytes", sa.BigInteger, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("fulfilled", sa.Text, nullable=False),
        sa.Column("asked_ms", sa.BigInteger, nullable=False),
    )
