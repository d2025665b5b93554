"""How a database compares and sorts the text of a column: what decides how an address is found in any spelling."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

import sqlalchemy as sa

from services.fulfil.core.catalog import Kind, LiveTable, Order

# How text is sorted is tried, not believed: what a collation's name says and what the machine's library does differ,
# and some languages sort `aa` or `cs` as one letter, but not `aA`. All pairs of letters must lie where ranges look.
POSTGRESQL_ORDER: Final = """
(SELECT CASE
   WHEN 'a' {c} = 'A' THEN 'no_case'
   WHEN NOT bool_and(mixed >= least(small, big) AND mixed <= greatest(small, big)) THEN 'unknown'
   WHEN 'a' {c} < 'B' AND 'A' {c} < 'b' THEN CASE WHEN 'a' {c} < 'A' THEN 'small_first' ELSE 'capital_first' END
   WHEN 'Z' {c} < 'a' AND 'a!z' {c} < 'aa' AND 'a~' {c} > 'az' THEN 'bytes' ELSE 'unknown' END
 FROM (SELECT (chr(a) || chr(b)) {c} AS small, upper((chr(a) || chr(b)) {c}) AS big,
     unnest(ARRAY[chr(a) || chr(b - 32), chr(a - 32) || chr(b)]) {c} AS mixed
   FROM generate_series(97, 122) AS a, generate_series(97, 122) AS b) AS pairs)
"""


def postgresql_orders(connection: sa.Connection, collations: set[tuple[str, str]]) -> dict[tuple[str, str], Order]:
    """Try how each collation that a column names for itself sorts; most databases name none."""
    quote = connection.dialect.identifier_preparer.quote_identifier
    listed = sorted(collations)
    if not listed:
        return {}
    tried = (POSTGRESQL_ORDER.replace("{c}", f"COLLATE {quote(schema)}.{quote(name)}") for schema, name in listed)
    row = connection.exec_driver_sql(f"SELECT {', '.join(tried)}").one()
    return {collation: Order(order) for collation, order in zip(listed, row, strict=True)}


def sorted_by_sqlite(table: LiveTable, sql: str, indexes: Sequence[Any], encoding: str) -> LiveTable:
    """Say how the table's texts are compared; SQLite keeps a column's own collation in the statement only."""
    orders = {"NOCASE": Order.NO_CASE, "BINARY": Order.BYTES if encoding == "UTF-8" else Order.UNKNOWN}
    columns, own = {}, {}
    for name, column in table.columns.items():
        place = rf"[\s,(\"'`\[]{re.escape(name)}[\"'`\]]?\s"
        said = re.search(rf"{place}[^,]*?\bCOLLATE\s+[\"']?(\w+)", sql, re.IGNORECASE)
        own[name] = said[1].upper() if said else "BINARY"
        order = orders.get(own[name], Order.UNKNOWN) if column.kind is Kind.TEXT else Order.UNKNOWN
        columns[name] = replace(column, order=order)
    first = [i for i in indexes if i[3] == 0 and not i[2]]
    folded = {i[4]: "nocase" for i in first if i[4] and i[5] == "NOCASE"}
    for i in first:
        expression = re.search(r"\(\s*(lower|upper)\(\s*[\"`\[]?(\w+)[\"`\]]?\s*\)", i[6] or "", re.IGNORECASE)
        if i[4] is None and expression:
            folded[expression[2]] = expression[1].lower()
    ordered = frozenset(i[4] for i in first if i[4] and i[5] == own.get(i[4]))
    return replace(table, columns=columns, folded_indexes=folded, ordered=ordered)


_MYSQL_TEXTS: Final = """
SELECT t.TABLE_NAME, t.TABLE_ROWS, c.COLUMN_NAME, c.COLLATION_NAME
FROM information_schema.TABLES t JOIN information_schema.COLUMNS c
  ON c.TABLE_SCHEMA = t.TABLE_SCHEMA AND c.TABLE_NAME = t.TABLE_NAME AND c.COLLATION_NAME IS NOT NULL
WHERE t.TABLE_SCHEMA = coalesce(:schema, DATABASE())
"""


def mysql_texts(
    connection: sa.Connection, schema: str | None
) -> tuple[dict[tuple[str, str], Order], dict[str, int | None]]:
    """Return which columns ignore case by their collation, and about how many rows each table has."""
    orders: dict[tuple[str, str], Order] = {}
    rows: dict[str, int | None] = {}
    for table, count, column, collation in connection.execute(sa.text(_MYSQL_TEXTS), {"schema": schema}):
        rows[table] = count
        orders[table, column] = Order.NO_CASE if collation.endswith("_ci") else Order.UNKNOWN
    return orders, rows
