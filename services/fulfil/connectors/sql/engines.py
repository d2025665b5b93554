"""What MySQL and MariaDB say of their tables beside what SQLAlchemy reads: the storage engine, every column's type."""

from __future__ import annotations

import sqlalchemy as sa

_WITHOUT_TRANSACTIONS = """
SELECT t.TABLE_NAME, t.ENGINE FROM information_schema.TABLES t
JOIN information_schema.ENGINES e ON e.ENGINE = t.ENGINE
WHERE t.TABLE_SCHEMA = coalesce(:schema, DATABASE()) AND coalesce(e.TRANSACTIONS, 'NO') <> 'YES'
"""

_TYPES = """
SELECT TABLE_NAME, COLUMN_NAME, COLUMN_TYPE FROM information_schema.COLUMNS
WHERE TABLE_SCHEMA = coalesce(:schema, DATABASE())
"""


def declared_types(connection: sa.Connection, schema: str | None) -> dict[tuple[str, str], str]:
    """Return each column's type as the server writes it, those that SQLAlchemy does not know included."""
    found = connection.execute(sa.text(_TYPES), {"schema": schema})
    return {(str(table), str(column)): str(declared).lower() for table, column, declared in found}


def without_transactions(connection: sa.Connection, schema: str | None) -> dict[str, str]:
    """Return the tables whose engine cannot undo a change, with the engine's name.

    Aria's `TRANSACTIONAL=1` means that it survives a crash, not that it rolls back; its server says so too.
    """
    found = connection.execute(sa.text(_WITHOUT_TRANSACTIONS), {"schema": schema})
    return {str(table): str(engine) for table, engine in found}
