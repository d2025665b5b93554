"""Who is signed in where, in the word of the controller's own site."""

from __future__ import annotations

import sqlalchemy as sa

from services.runtime.store.placing import create, create_index

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    create(
        "intake",
        "chat_identities",
        sa.Column("token", sa.String(64), primary_key=True),
        sa.Column("room", sa.String(64), nullable=False),
        sa.Column("subject", sa.String(64), nullable=False),
        sa.Column("person", sa.String(64), nullable=False),
        sa.Column("correspondent", sa.String(64), nullable=False),
        sa.Column("content", sa.String(64), nullable=False),
        sa.Column("until_ms", sa.BigInteger, nullable=False),
    )
    create_index("intake", "chat_identities_by_room", "chat_identities", ["room", "until_ms"])
    create_index("intake", "chat_identities_by_end", "chat_identities", ["until_ms"])
