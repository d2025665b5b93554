"""Many changes in few round trips: PostgreSQL takes them one behind another, and answers when it is asked.

What a change reached is known when the block has ended. A read inside the block waits for what was sent before it, so
that it sees it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import psycopg
import sqlalchemy as sa

from services.fulfil.connectors.protocol import Change, Tally
from services.fulfil.connectors.sql.changes import send
from services.fulfil.connectors.sql.dialects import Dialect
from services.fulfil.connectors.sql.faults import named_faults
from services.fulfil.core.catalog import LiveTable


@contextmanager
def gathering(
    system: str,
    connection: sa.Connection,
    dialect: Dialect,
    table: Callable[[str], LiveTable],
    at_once: Callable[[Change], int],
    sent: list[tuple[str, Any]],
) -> Iterator[Callable[[Change], Tally]]:
    """Give what sends a change, and note in `sent` what was; with other databases, each is waited for."""
    if dialect.name != "postgresql":
        yield lambda change: partial(int, at_once(change))
        return
    raw: Any = connection.connection.driver_connection
    if not connection.in_transaction():
        connection.begin()
    sent.clear()

    def later(change: Change) -> Tally:
        with named_faults(system, change.table):
            try:
                cursors = list(send(raw, dialect, table(change.table), change))
            except psycopg.Error as fault:
                earlier = failed(sent)
                if not fault.sqlstate or not earlier:
                    raise
                # While this change was sent, the database answered an earlier one: its no comes out here.
                with named_faults(system, earlier):
                    raise fault from None
        sent.extend((change.table, cursor) for cursor in cursors)
        return lambda: sum(cursor.rowcount for cursor in cursors)

    try:
        with raw.pipeline():
            yield later
    except psycopg.Error as fault:
        with named_faults(system, failed(sent)):
            raise fault from None


def failed(sent: list[tuple[str, Any]]) -> str:
    """Return the table whose change failed: answers come in the order of the statements, the first without one did."""
    return next((name for name, cursor in sent if cursor.rowcount < 0), "")
