"""Identity documents that an officer asked for, until they are destroyed."""

from __future__ import annotations

import sqlalchemy as sa

from services.runtime.store.placing import create, create_index

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    create(
        "router",
        "documents",
        sa.Column("document_id", sa.String(64), primary_key=True),
        sa.Column("case_id", sa.String(64), nullable=False),
        sa.Column("original", sa.String(64), nullable=True),
    )
    create_index("router", "documents_by_case", "documents", ["case_id"])
