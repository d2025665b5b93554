"""Statements that every mail runs: compiled once, and on SQLite given to the driver itself.

SQLAlchemy's way from a built statement to a row costs about 100 µs of CPU, the driver's own 5; a mail runs some forty
statements. On PostgreSQL, whose round trip outweighs it, they run as any other. They return plain tuples on both. Only
columns that need no conversion may be named: numbers, text, bytes; and a list of values would need a statement for each
length, so `IN` is written as `OR` (ADR 0071).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any, Final, Protocol, cast

from sqlalchemy import Connection, CursorResult, Executable
from sqlalchemy.dialects import sqlite as lite
from sqlalchemy.sql import ClauseElement

_DIALECT: Final = lite.dialect(paramstyle="named")

Row = Sequence[Any]


class Executes(Protocol):
    """A transaction, or a SQLAlchemy connection."""

    def execute(self, statement: Executable, parameters: Any = None, /) -> CursorResult[Any]: ...


class Prepared:
    """One statement with named parameters."""

    def __init__(self, statement: Executable) -> None:
        self.statement: Final = statement
        self._sql: str | None = None
        self._fixed: dict[str, Any] = {}

    def first(self, transaction: Executes, values: Mapping[str, Any]) -> Row | None:
        """Return the first row, or None."""
        driver = driver_of(transaction)
        if driver is None:
            return transaction.execute(self.statement, values).first()
        row: Row | None = self._on(driver, values).fetchone()
        return row

    def all(self, transaction: Executes, values: Mapping[str, Any]) -> Sequence[Row]:
        """Return every row."""
        driver = driver_of(transaction)
        if driver is None:
            return transaction.execute(self.statement, values).all()
        return self._on(driver, values).fetchall()

    def changed(self, transaction: Executes, values: Mapping[str, Any]) -> int:
        """Run a statement that writes, and return how many rows it touched."""
        driver = driver_of(transaction)
        if driver is None:
            return transaction.execute(self.statement, values).rowcount
        return self._on(driver, values).rowcount

    def each(self, transaction: Executes, rows: Sequence[Mapping[str, Any]]) -> None:
        """Run a statement that writes, once for each row."""
        driver = driver_of(transaction)
        if driver is None:
            transaction.execute(self.statement, rows)
        elif len(rows) == 1:
            self._on(driver, rows[0])
        else:
            sql = self._sqlite()
            driver.executemany(sql, [{**self._fixed, **row} for row in rows] if self._fixed else rows)

    def _on(self, driver: sqlite3.Connection, values: Mapping[str, Any]) -> sqlite3.Cursor:
        sql = self._sqlite()
        return driver.execute(sql, {**self._fixed, **values} if self._fixed else values)

    def _sqlite(self) -> str:
        if self._sql is None:
            assert isinstance(self.statement, ClauseElement)
            compiled = self.statement.compile(dialect=_DIALECT)
            self._fixed = {name: value for name, value in compiled.params.items() if value is not None}
            self._sql = str(compiled)
        return self._sql


def driver_of(transaction: Executes) -> sqlite3.Connection | None:
    """Return SQLite's own connection, where the transaction lies on SQLite."""
    if not isinstance(transaction, Connection):
        driver: sqlite3.Connection | None = getattr(transaction, "driver", None)
        return driver
    if transaction.dialect.name != "sqlite":
        return None
    return cast("sqlite3.Connection", transaction.connection.driver_connection)
