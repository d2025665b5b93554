"""Lists of cases that officers keep under a name."""

from __future__ import annotations

import sqlalchemy as sa

from services.runtime.store.placing import create

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table of filters."""
    create(
        "router",
        "filters",
        sa.Column("name", sa.String(64), primary_key=True),
        sa.Column("officer", sa.String(128), nullable=False),
        sa.Column("criteria", sa.Text, nullable=False),
    )
