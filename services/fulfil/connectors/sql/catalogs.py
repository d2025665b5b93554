"""What a database says about its tables, in one statement where it has system tables we know.

A request must not pay for looking at a schema twice: SQLAlchemy's inspector asks five times a table. It remains for the
databases whose system tables are not read here.
"""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine.reflection import ObjectKind

from services.fulfil.connectors.sql.engines import declared_types, without_transactions
from services.fulfil.connectors.sql.kinds import kind_of, length_of
from services.fulfil.connectors.sql.orders import POSTGRESQL_ORDER, mysql_texts, postgresql_orders, sorted_by_sqlite
from services.fulfil.core.catalog import Catalog, Check, Column, ForeignKey, Inbound, Kind, LiveTable, Order

_RULES: Final = {"a": "no action", "r": "restrict", "c": "cascade", "n": "set null", "d": "set default"}

_POSTGRESQL: Final = """
SELECT asked.name,
  greatest(c.reltuples, CASE WHEN c.reltuples < 0 THEN pg_relation_size(c.oid) / 60 ELSE 0 END)::bigint,
  (SELECT json_agg(json_build_array(a.attname, format_type(a.atttypid, a.atttypmod), t.typtype,
      a.attnotnull OR t.typnotnull,
      a.attgenerated <> '' OR a.attidentity = 'a',
      (SELECT json_agg(e.enumlabel ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = t.oid),
      CASE WHEN t.typtype = 'd' THEN format_type(t.typbasetype, t.typtypmod) END,
      CASE WHEN a.attcollation NOT IN (0, 100) THEN (SELECT json_build_array(n.nspname, l.collname)
        FROM pg_collation l JOIN pg_namespace n ON n.oid = l.collnamespace
        WHERE l.oid = a.attcollation) END,
      CASE WHEN t.typtype = 'd' THEN (SELECT json_agg(json_build_array(d.conname, pg_get_constraintdef(d.oid)))
        FROM pg_constraint d WHERE d.contypid = t.oid AND d.contype = 'c') END) ORDER BY a.attnum)
    FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
    WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped),
  (SELECT json_agg(json_build_array(k.contype, k.conname,
      (SELECT json_agg(a.attname ORDER BY u.n) FROM unnest(k.conkey) WITH ORDINALITY u(att, n)
        JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.att),
      k.confrelid,
      (SELECT json_agg(a.attname ORDER BY u.n) FROM unnest(k.confkey) WITH ORDINALITY u(att, n)
        JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.att),
      k.confdeltype, k.confupdtype, k.condeferrable,
      CASE WHEN k.contype = 'c' THEN pg_get_expr(k.conbin, k.conrelid) END,
      k.conrelid, k.conrelid::regclass::text))
    FROM pg_constraint k WHERE (k.conrelid = c.oid OR (k.confrelid = c.oid AND k.contype = 'f')) AND k.conparentid = 0),
  (SELECT json_agg(json_build_array(i.indisunique AND i.indpred IS NULL AND i.indexprs IS NULL,
      (SELECT json_agg(a.attname ORDER BY u.n) FROM unnest(i.indkey::int2[]) WITH ORDINALITY u(att, n)
        JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = u.att WHERE u.n <= i.indnkeyatts),
      CASE WHEN i.indexprs IS NOT NULL THEN pg_get_indexdef(i.indexrelid, 1, true) END,
      i.indisvalid AND i.indpred IS NULL,
      m.amname = 'btree' AND o.opcname NOT LIKE '%pattern%' AND i.indcollation[0] =
        (SELECT a.attcollation FROM pg_attribute a WHERE a.attrelid = i.indrelid AND a.attnum = i.indkey[0])))
    FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_am m ON m.oid = x.relam
      JOIN pg_opclass o ON o.oid = i.indclass[0] WHERE i.indrelid = c.oid),
  c.oid, c.relkind IN ('v', 'm'), {order}, c.relkind = 'p',
  (SELECT json_agg(i.inhrelid) FROM pg_inherits i WHERE i.inhparent = c.oid AND c.relkind <> 'p')
FROM unnest(CAST(:names AS text[]), CAST(:quoted AS text[])) AS asked(name, quoted)
JOIN pg_class c ON c.oid = to_regclass(asked.quoted)
""".replace("{order}", POSTGRESQL_ORDER.replace("{c}", ""))


def read_catalog(connection: sa.Connection, tables: Sequence[str], schema: str | None) -> Catalog:
    """Describe the tables that exist among those asked for."""
    match connection.dialect.name:
        case "postgresql":
            return _postgresql(connection, tables, schema)
        case "sqlite":
            return _sqlite(connection, tables)
        case _:
            return _inspected(connection, tables, schema)


_POSTGRESQL_NAMES: Final = """
SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition
  AND n.nspname = coalesce(CAST(:schema AS text), current_schema()) ORDER BY 1
"""


def table_names(connection: sa.Connection, schema: str | None) -> list[str]:
    """Return the tables of a schema, partitions and system tables aside."""
    if connection.dialect.name == "postgresql":
        return list(connection.execute(sa.text(_POSTGRESQL_NAMES), {"schema": schema}).scalars())
    if connection.dialect.name == "sqlite":
        # A full-text table keeps its words in tables of its own, which nobody maps: they follow it.
        sql = (
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT IN "
            "(SELECT name FROM pragma_table_list WHERE type = 'shadow') ORDER BY 1"
        )
        return [row[0] for row in connection.execute(sa.text(sql))]
    return sorted(sa.inspect(connection).get_table_names(schema=schema))


def _postgresql(connection: sa.Connection, tables: Sequence[str], schema: str | None) -> Catalog:
    quote = connection.dialect.identifier_preparer.quote_identifier
    full = [f"{schema}.{name}" if schema and "." not in name else name for name in tables]
    # Names are bound here, not written, so the percent signs that are doubled for writing stand alone.
    quoted = [".".join(quote(part) for part in name.split(".")).replace("%%", "%") for name in full]
    rows = connection.execute(sa.text(_POSTGRESQL), {"names": list(tables), "quoted": quoted}).fetchall()
    by_oid = {row[5]: row[0] for row in rows}
    real = dict(zip(tables, full, strict=True))
    orders = postgresql_orders(connection, {tuple(a[7]) for row in rows for a in row[2] or () if a[7]})
    found = {row[0]: _postgresql_table(real[row[0]], row, by_oid, orders) for row in rows}
    return Catalog(found, tuple(_postgresql_inbound(rows, by_oid)))


def _foreign(k: Sequence[Any], by_oid: dict[int, str]) -> ForeignKey:
    rules = (_RULES[k[5]], _RULES[k[6]])
    return ForeignKey(tuple(k[2]), by_oid.get(int(k[3]), ""), tuple(k[4] or ()), *rules, deferrable=bool(k[7]))


def _postgresql_table(
    name: str, row: Any, by_oid: dict[int, str], orders: Mapping[tuple[str, str], Order]
) -> LiveTable:
    constraints = [k for k in row[3] or () if int(k[9]) == row[5]]
    columns = {a[0]: _postgresql_column(a, Order(row[7]), orders) for a in row[2] or ()}
    key = next((tuple(k[2]) for k in constraints if k[0] == "p"), None)
    indexes = row[4] or []
    expressions = [m for i in indexes if i[2] and i[3] and (m := _FOLDING.fullmatch(i[2]))]
    return LiveTable(
        name=name,
        columns=columns,
        address=_address_of(key, columns, row, by_oid),
        view=bool(row[6]),
        has_key=key is not None,
        unique=tuple(tuple(i[1]) for i in indexes if i[0] and i[1]),
        indexed=tuple(tuple(i[1]) for i in indexes if i[1]),
        ordered=frozenset(i[1][0] for i in indexes if i[1] and i[3] and i[4]),
        folded_indexes={m["column"]: m["fold"] for m in expressions},
        foreign_keys=tuple(_foreign(k, by_oid) for k in constraints if k[0] == "f"),
        checks=(*(Check(k[1], k[8]) for k in constraints if k[0] == "c"), *_of_domains(row[2] or ())),
        rows_estimate=int(row[1]),
        family="postgresql",
        alone=bool(row[9]) and set(map(int, row[9])) <= by_oid.keys(),
    )


def _address_of(
    key: tuple[str, ...] | None, columns: Mapping[str, Column], row: Any, by_oid: dict[int, str]
) -> tuple[str, ...]:
    """Return what names a row: rows of different partitions lie at like places, and may share an inherited key."""
    if row[6]:
        return key or tuple(columns)
    inherited = bool(row[9]) and not set(map(int, row[9])) <= by_oid.keys()
    if key is not None:
        return (*key, "tableoid") if inherited else key
    return ("tableoid", "ctid") if inherited or row[8] else ("ctid",)


def _of_domains(columns: Sequence[Any]) -> Iterator[Check]:
    """Yield the conditions of the columns' own types, as conditions on the columns."""
    for a in columns:
        for name, definition in a[8] or ():
            inside = re.fullmatch(r"CHECK \((.*)\)(?: NOT VALID)?", definition, re.DOTALL)
            column = '"' + a[0].replace('"', '""') + '"'
            # What stands in quotes is a text, whatever it says.
            parts = re.split(r"('(?:[^']|'')*')", inside[1] if inside else "true")
            written = (p if p.startswith("'") else re.sub(r"\bVALUE\b", lambda _, c=column: c, p) for p in parts)
            yield Check(name, "".join(written))


_FOLDING: Final = re.compile(r"(?P<fold>lower|upper)\(\(?\"?(?P<column>\w+)\"?\)?(?:::text)?\)")


def _postgresql_column(a: Sequence[Any], default: Order, orders: Mapping[tuple[str, str], Order]) -> Column:
    name, declared, kind, not_null, generated, labels, base, collation, _ = a
    real = base or declared
    family = Kind.ENUM if kind == "e" else kind_of(real)
    order = orders[tuple(collation)] if collation else default
    if real == "citext":
        order = Order.NO_CASE
    elif family is not Kind.TEXT or not real.startswith(("text", "character varying")):
        order = Order.UNKNOWN
    return Column(name, family, real, not not_null, length_of(real), bool(generated), tuple(labels or ()), order)


def _postgresql_inbound(rows: Sequence[Any], by_oid: dict[int, str]) -> list[Inbound]:
    return [
        Inbound(by_oid.get(int(k[9]), k[10].replace('"', "")), _foreign(k, by_oid))
        for row in rows
        for k in row[3] or ()
        if k[0] == "f" and int(k[3]) == row[5]
    ]


_SQLITE: Final = """
SELECT m.name, m.sql, m.type,
  (SELECT json_group_array(json_array(c.name, c.type, c."notnull", c.pk, c.hidden)) FROM pragma_table_xinfo(m.name) c),
  (SELECT json_group_array(json_array(f.id, f.seq, f."table", f."from", f."to", f.on_delete, f.on_update))
    FROM pragma_foreign_key_list(m.name) f),
  (SELECT json_group_array(json_array(i.name, i."unique", i.partial, x.seqno, x.name, x.coll,
      (SELECT d.sql FROM sqlite_master d WHERE d.type = 'index' AND d.name = i.name)))
    FROM pragma_index_list(m.name) i JOIN pragma_index_xinfo(i.name) x WHERE x.key),
  (SELECT p.page_count * s.page_size FROM pragma_page_count p, pragma_page_size s),
  (SELECT encoding FROM pragma_encoding)
FROM sqlite_master m WHERE m.type IN ('table', 'view') AND m.name NOT LIKE 'sqlite_%'
"""


def _sqlite(connection: sa.Connection, tables: Sequence[str]) -> Catalog:
    folded = {name.lower(): name for name in tables}
    found: dict[str, LiveTable] = {}
    others: dict[str, LiveTable] = {}
    for name, sql, kind, columns, keys, indexes, size, encoding in connection.execute(sa.text(_SQLITE)):
        asked = folded.get(name.lower())
        table = _sqlite_table(name, sql, json.loads(columns), json.loads(keys), json.loads(indexes), size, folded)
        table = sorted_by_sqlite(table, sql or "", json.loads(indexes), encoding)
        if kind == "view":
            table = replace(table, view=True, address=tuple(table.columns))
        (found if asked else others)[asked or name] = table
    keyed = {name: table.address for name, table in found.items() if table.has_key}
    whole = {**others, **found}
    whole = {name: _with_targets(table, keyed) for name, table in whole.items()}
    inbound = [Inbound(n, key) for n, t in whole.items() for key in t.foreign_keys if key.table in found]
    return Catalog({name: whole[name] for name in found}, tuple(inbound))


def _with_targets(table: LiveTable, keyed: dict[str, tuple[str, ...]]) -> LiveTable:
    """SQLite lets a foreign key leave out the columns it points to; they are the other's primary key."""
    keys = tuple(
        k
        if all(k.their_columns)
        else ForeignKey(k.columns, k.table, keyed.get(k.table, k.columns), k.on_delete, k.on_update)
        for k in table.foreign_keys
    )
    return replace(table, foreign_keys=keys)


def _sqlite_table(
    name: str, sql: str, columns: list[Any], keys: list[Any], indexes: list[Any], size: int, folded: dict[str, str]
) -> LiveTable:
    live = {
        c[0]: Column(c[0], kind_of(c[1]), c[1], not c[2] and not c[3], length_of(c[1]), generated=c[4] in (2, 3))
        for c in columns
        if c[4] != 1
    }
    key = tuple(c[0] for c in sorted((c for c in columns if c[3]), key=lambda c: c[3]))
    foreign: dict[int, list[Any]] = {}
    for entry in sorted(keys, key=lambda e: (e[0], e[1])):
        foreign.setdefault(entry[0], []).append(entry)
    grouped: dict[tuple[str, int, int], list[str | None]] = {}
    for index in sorted(indexes, key=lambda i: (i[0], i[3])):
        grouped.setdefault((index[0], index[1], index[2]), []).append(index[4])
    whole = {k: tuple(c for c in v if c) for k, v in grouped.items() if all(v)}
    return LiveTable(
        name=name,
        columns=live,
        address=key or ("rowid",),
        has_key=bool(key),
        unique=(*(v for k, v in whole.items() if k[1] and not k[2]), *((key,) if key else ())),
        indexed=(*whole.values(), *((key,) if key else ())),
        foreign_keys=tuple(
            ForeignKey(tuple(e[3] for e in g), folded.get(g[0][2].lower(), g[0][2]), tuple(e[4] or "" for e in g),
                       g[0][5].lower(), g[0][6].lower(), deferrable=True)
            for g in foreign.values()
        ),
        checks=tuple(Check(f"check {n + 1}", text) for n, text in enumerate(checks_in(sql or ""))),
        rows_estimate=size // 20,
        family="sqlite",
    )  # fmt: skip


def checks_in(sql: str) -> list[str]:
    """Return the CHECK expressions of a CREATE TABLE statement; SQLite keeps them nowhere else."""
    found = []
    for start in re.finditer(r"\bCHECK\s*\(", sql, re.IGNORECASE):
        depth, quoted = 1, ""
        for position in range(start.end(), len(sql)):
            letter = sql[position]
            if quoted:
                quoted = "" if letter == quoted else quoted
            elif letter in "'\"`":
                quoted = letter
            elif letter in "()":
                depth += 1 if letter == "(" else -1
                if depth == 0:
                    found.append(sql[start.end() : position])
                    break
    return found


def _inspected(connection: sa.Connection, tables: Sequence[str], schema: str | None) -> Catalog:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Did not recognize type", sa.exc.SAWarning)
        return _as_inspected(connection, tables, schema)


def _as_inspected(connection: sa.Connection, tables: Sequence[str], schema: str | None) -> Catalog:
    inspector = sa.inspect(connection)
    views = frozenset(inspector.get_view_names(schema=schema))
    there = {name.lower(): name for name in (*inspector.get_table_names(schema=schema), *views)}
    asked = {there[name.lower()]: name for name in tables if name.lower() in there}
    keys = inspector.get_multi_foreign_keys(schema=schema)
    every = ObjectKind.ANY
    columns = inspector.get_multi_columns(schema=schema, filter_names=list(asked), kind=every) if asked else {}
    primary = inspector.get_multi_pk_constraint(schema=schema, filter_names=list(asked)) if asked else {}
    indexes = inspector.get_multi_indexes(schema=schema, filter_names=list(asked)) if asked else {}
    mysql = connection.dialect.name in ("mysql", "mariadb")
    conditions = _mysql_checks(connection, schema) if mysql else {}
    orders, counted = mysql_texts(connection, schema) if mysql else ({}, {})
    engines = without_transactions(connection, schema) if mysql else {}
    types = declared_types(connection, schema) if mysql else {}
    found: dict[str, LiveTable] = {}
    for real, name in asked.items():
        place = (schema, real)
        key = tuple(primary[place]["constrained_columns"]) if place in primary else ()
        live = {
            c["name"]: _inspected_column(
                c, connection.dialect, orders.get((real, c["name"])), types.get((real, c["name"]), "")
            )
            for c in columns[place]
        }
        unique = [
            tuple(i["column_names"]) for i in indexes.get(place, ()) if i["unique"] and None not in i["column_names"]
        ]
        # As the database itself does, rows without a primary key are named by the first key that is as good.
        key = key or _as_good_as_a_key(unique, live)
        found[name] = LiveTable(
            name=f"{schema}.{real}" if schema else real,
            columns=live,
            address=key or tuple(live),
            has_key=bool(key),
            unique=(*unique, *((key,) if key else ())),  # type: ignore[arg-type]
            indexed=tuple(tuple(n for n in i["column_names"] if n) for i in indexes.get(place, ())),
            foreign_keys=tuple(_inspected_key(k, asked) for k in keys.get(place, ())),
            checks=tuple(conditions.get(real) or _inspected_checks(inspector, real, schema)),
            rows_estimate=counted.get(real),
            family=connection.dialect.name,
            view=real in views,
            lasts_at_once=engines.get(real, ""),
        )
    inbound = tuple(
        Inbound(asked.get(table, table), _inspected_key(k, asked))
        for (_, table), listed in keys.items()
        for k in listed
        if k["referred_table"] in asked
    )
    return Catalog(found, inbound)


def _as_good_as_a_key(unique: Sequence[Sequence[Any]], live: Mapping[str, Column]) -> tuple[str, ...]:
    """Return the first columns that are unique and never empty."""
    whole = (tuple(map(str, columns)) for columns in unique if columns)
    return next((u for u in whole if all(c in live and not live[c].nullable for c in u)), ())


_MYSQL_CHECKS: Final = """
SELECT t.TABLE_NAME, c.CONSTRAINT_NAME, c.CHECK_CLAUSE FROM information_schema.CHECK_CONSTRAINTS c
JOIN information_schema.TABLE_CONSTRAINTS t ON t.CONSTRAINT_SCHEMA = c.CONSTRAINT_SCHEMA
  AND t.CONSTRAINT_NAME = c.CONSTRAINT_NAME AND t.CONSTRAINT_TYPE = 'CHECK' {same_table}
WHERE c.CONSTRAINT_SCHEMA = coalesce(:schema, DATABASE())
"""


def _mysql_checks(connection: sa.Connection, schema: str | None) -> dict[str, list[Check]]:
    """Read the conditions that SHOW CREATE TABLE writes beside their columns, where SQLAlchemy does not look."""
    if getattr(connection.dialect, "is_mariadb", False):
        # MariaDB names a column's condition after the column, so that one name exists in many tables.
        sql = _MYSQL_CHECKS.format(same_table="AND t.TABLE_NAME = c.TABLE_NAME")
    else:
        sql = _MYSQL_CHECKS.format(same_table="")
    found: dict[str, list[Check]] = {}
    try:
        for table, name, clause in connection.execute(sa.text(sql), {"schema": schema}):
            found.setdefault(table, []).append(Check(name, clause))
    except sa.exc.DBAPIError:
        # Before MySQL 8.0.16 and MariaDB 10.2 there are none.
        return {}
    return found


def _inspected_checks(inspector: sa.Inspector, table: str, schema: str | None) -> list[Check]:
    try:
        return [
            Check(c["name"] or "check", c["sqltext"]) for c in inspector.get_check_constraints(table, schema=schema)
        ]
    except NotImplementedError:
        return []


def _inspected_column(c: Any, dialect: sa.Dialect, order: Order | None, said: str) -> Column:
    # One column of a type that SQLAlchemy does not know (a place, a network address) must not close a whole database.
    known = not isinstance(c["type"], sa.types.NullType)
    declared = c["type"].compile(dialect=dialect).lower() if known else said or "unknown"
    labels = tuple(getattr(c["type"], "enums", ()) or ())
    generated = bool(c.get("computed"))
    return Column(
        c["name"], kind_of(declared), declared, bool(c["nullable"]), length_of(declared), generated, labels,
        order or Order.UNKNOWN,
    )  # fmt: skip


def _inspected_key(k: Any, asked: dict[str, str]) -> ForeignKey:
    options = k.get("options") or {}
    return ForeignKey(
        tuple(k["constrained_columns"]),
        asked.get(k["referred_table"], k["referred_table"]),
        tuple(k["referred_columns"]),
        str(options.get("ondelete") or "no action").lower(),
        str(options.get("onupdate") or "no action").lower(),
    )
