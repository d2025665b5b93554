"""Which storage engine keeps a table: some of MySQL's and MariaDB's take part in no transaction."""

from __future__ import annotations

import sqlalchemy as sa

_WITHOUT_TRANSACTIONS = """
SELECT t.TABLE_NAME, t.ENGINE FROM information_schema.TABLES t
JOIN information_schema.ENGINES e ON e.ENGINE = t.ENGINE
WHERE t.TABLE_SCHEMA = coalesce(:schema, DATABASE()) AND coalesce(e.TRANSACTIONS, 'NO') <> 'YES'
"""


def without_transactions(connection: sa.Connection, schema: str | None) -> dict[str, str]:
    """Return the tables whose engine cannot undo a change, with the engine's name.

    Aria's `TRANSACTIONAL=1` means that it survives a crash, not that it rolls back; its server says so too.
    """
    found = connection.execute(sa.text(_WITHOUT_TRANSACTIONS), {"schema": schema})
    return {str(table): str(engine) for table, engine in found}
