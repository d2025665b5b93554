"""When each person last wrote, and cases by their person: both are asked for when somebody may be forgotten."""

from __future__ import annotations

import sqlalchemy as sa

from services.runtime.store.placing import create, create_index

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table and the index."""
    create(
        "router",
        "heard",
        sa.Column("person", sa.String(64), primary_key=True),
        sa.Column("controller", sa.String(64), nullable=False),
        sa.Column("heard_ms", sa.BigInteger, nullable=False),
    )
    create_index("router", "heard_by_controller", "heard", ["controller", "heard_ms"])
    create_index("router", "cases_by_person", "cases", ["person"])
