"""Changing and deleting rows by key, a bounded batch a statement, never a row a statement."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

import sqlalchemy as sa

from services.fulfil.connectors.protocol import Change, Key, Match, Row
from services.fulfil.connectors.sql.dialects import Bound, Dialect
from services.fulfil.core.catalog import Column, Kind, LiveTable

PER_ROW_BATCH: Final = 200
FIGURES: Final = re.compile(r"(multi)?(point|linestring|polygon)|geometry")
# These set one column after the other, so that the second would no longer find its row by a key that the first changed.
IN_TURN: Final = frozenset({"mysql", "mariadb"})


def send(raw: Any, dialect: Dialect, live: LiveTable, change: Change) -> Iterator[Any]:
    """Send a change through PostgreSQL's driver, and yield the cursors that will know how many rows it reached."""
    size = PER_ROW_BATCH if change.per_row else dialect.keys_max
    if not (change.delete or change.constants or change.per_row):
        return
    write = _delete if change.delete else _update
    for batch in _batched(change.rows, size):
        sql, values = write(dialect, live, change, batch)
        yield raw.cursor().execute(sql, values, prepare=not change.per_row)


def perform(connection: sa.Connection, dialect: Dialect, live: LiveTable, change: Change) -> int:
    """Perform a change and return how many rows it reached."""
    size = PER_ROW_BATCH if change.per_row else dialect.keys_max
    done = 0
    if dialect.name in IN_TURN and set(change.key) & {*change.per_row, *change.constants}:
        size = 1
    for batch in _batched(change.rows, size):
        if change.delete:
            done += _run(connection, dialect, *_delete(dialect, live, change, batch), again=True)
        elif change.constants or change.per_row:
            done += _run(connection, dialect, *_update(dialect, live, change, batch), again=not change.per_row)
    return done


def _batched(rows: Any, size: int) -> Iterator[list[tuple[Key, Row]]]:
    iterator = iter(rows)
    while batch := list(itertools.islice(iterator, size)):
        yield batch


def _run(connection: sa.Connection, dialect: Dialect, sql: str, values: dict[str, Any], *, again: bool) -> int:
    """Carry out a change. One that is worded alike for everybody is prepared once where the driver can."""
    if dialect.name != "postgresql" or not again:
        return connection.exec_driver_sql(sql, values).rowcount
    if not connection.in_transaction():
        connection.begin()
    raw: Any = connection.connection.driver_connection
    with raw.cursor() as cursor:
        return int(cursor.execute(sql, values, prepare=True).rowcount)


def _where(dialect: Dialect, live: LiveTable, change: Change, keys: Sequence[Key], bound: Bound) -> str:
    return dialect.matching(live, Match(tuple((name,) for name in change.key), keys), bound)


def _delete(
    dialect: Dialect, live: LiveTable, change: Change, batch: Sequence[tuple[Key, Row]]
) -> tuple[str, dict[str, Any]]:
    bound = dialect.bound()
    where = _where(dialect, live, change, [key for key, _ in batch], bound)
    return (f"DELETE FROM {dialect.table(live)} WHERE {where}"), bound.values


def _update(
    dialect: Dialect, live: LiveTable, change: Change, batch: Sequence[tuple[Key, Row]]
) -> tuple[str, dict[str, Any]]:
    bound = dialect.bound()
    sets = []
    for name, value in change.constants.items():
        column = live.columns[name]
        sets.append(f"{dialect.column(live, name)} = {_written(dialect, column, value, bound)}")
    for place, name in enumerate(change.per_row):
        column = live.columns[name]
        if len(batch) == 1:
            sets.append(f"{dialect.column(live, name)} = {_written(dialect, column, batch[0][1][place], bound)}")
            continue
        ways = []
        for key, row in batch:
            same = " AND ".join(
                f"{dialect.column(live, part)} IS NULL"
                if value is None
                else f"{dialect.column(live, part)} = {_key(dialect, live, part, value, bound)}"
                for part, value in zip(change.key, key, strict=True)
            )
            ways.append(f"WHEN {same} THEN {_written(dialect, column, row[place], bound)}")
        here = dialect.column(live, name)
        sets.append(f"{here} = CASE {' '.join(ways)} ELSE {here} END")
    where = _where(dialect, live, change, [key for key, _ in batch], bound)
    return (f"UPDATE {dialect.table(live)} SET {', '.join(sets)} WHERE {where}"), bound.values


def _key(dialect: Dialect, live: LiveTable, name: str, value: Any, bound: Bound) -> str:
    reference = bound.add(value)
    if dialect.name != "postgresql":
        return reference
    declared = live.columns[name].declared if name in live.columns else "tid" if name == "ctid" else "text"
    return f"CAST({reference} AS {declared})"


def cast_value(dialect: Dialect, column: Column, value: Any, bound: Bound) -> str:
    """Write a value in a column's type, outside its table."""
    return _written(dialect, column, value, bound)


def _written(dialect: Dialect, column: Column, value: Any, bound: Bound) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, (dict, list)) and column.kind is not Kind.ARRAY:
        return dialect.json_value(column, bound.add(json.dumps(value, ensure_ascii=False, default=str)))
    if dialect.name == "postgresql":
        # From a small number there is no way to money, from its text there is.
        reference = bound.add(str(value) if column.declared == "money" else value)
        return f"CAST({reference} AS {column.declared})"
    if isinstance(value, (dict, list)):
        return bound.add(json.dumps(value, ensure_ascii=False, default=str))
    if dialect.name in IN_TURN and isinstance(value, str) and FIGURES.match(column.declared):
        return f"ST_GeomFromText({bound.add(value)})"
    return bound.add(value)
