"""The few sentences in which databases differ: a set of keys, a nested value, a row without a key.

Everything a person gave is bound, never written into the statement; what is written are names, quoted by SQLAlchemy's
own dialect. PostgreSQL takes a set as one array parameter and SQLite as one JSON text, so the statement stays the same
however many keys it has; the others expand the set within their limits.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

import sqlalchemy as sa

from services.fulfil.connectors.protocol import Key, Match
from services.fulfil.connectors.sql.kinds import fitted
from services.fulfil.core.catalog import Column, Kind, LiveTable, Order
from services.fulfil.core.lookups import Lookup, lookup

KEYS_MAX: Final = {"postgresql": 10_000, "sqlite": 10_000, "mysql": 2_000, "mariadb": 2_000}
NESTED_KEYS_MAX: Final = 200


# A beginning of a text is followed, with a small and with a capital letter, as long as some row begins so: a few pages
# a letter, however large the table. ORDER BY keeps the planner from reading the table for the one row.
_LETTER: Final = "substr(q, length(p) + 1, 1)"
_SIZED: Final = f"CASE n WHEN 0 THEN {_LETTER} ELSE upper({_LETTER}) END"
_WALK: Final = """
WITH RECURSIVE walk(q, p) AS (
  SELECT q, '' FROM {values}
  UNION ALL
  SELECT q, p || {sized} FROM walk CROSS JOIN (SELECT 0 AS n UNION ALL SELECT 1) AS sizes
  WHERE length(p) < length(q) AND (n = 0 OR upper({letter}) <> {letter})
    AND (SELECT t.{name} FROM {table} AS t WHERE t.{name} >= p || {sized} AND t.{name} < p || {after}
         ORDER BY t.{name} LIMIT 1) IS NOT NULL)
SELECT p FROM walk WHERE length(p) = length(q)"""


class Bound:
    """The parameters of one statement as it is written, in the driver's own style.

    The statement is not SQLAlchemy's `text()`: reading that for its parameters cost more than the database took.
    """

    def __init__(self, paramstyle: str) -> None:
        self.values: dict[str, Any] = {}
        self._write = "%({})s".format if paramstyle in ("pyformat", "format") else ":{}".format

    def add(self, value: Any) -> str:
        """Bind one value and return how the statement refers to it."""
        name = f"p{len(self.values)}"
        self.values[name] = value
        return self._write(name)

    def add_list(self, values: Sequence[Any]) -> str:
        """Bind each value of a list."""
        return f"({', '.join(map(self.add, values))})"


class Dialect:
    """How one database writes what the connector needs. This one suits every database; others override."""

    def __init__(self, preparer: Any, name: str, paramstyle: str) -> None:
        self._quote = preparer.quote
        self._paramstyle = paramstyle
        self.name = name
        self.keys_max = KEYS_MAX.get(name, 900)
        self.written: dict[tuple[str, ...], tuple[str, str]] = {}

    def quoted(self, name: str) -> str:
        """Quote a name; a dot separates schema and table."""
        return str(self._quote(name))

    def bound(self) -> Bound:
        """Return an empty list of parameters."""
        return Bound(self._paramstyle)

    def table(self, live: LiveTable) -> str:
        """Quote a table's name."""
        return ".".join(self.quoted(part) for part in live.name.split("."))

    def column(self, live: LiveTable, name: str) -> str:
        """Quote a column, or the row's own address where the table has no key."""
        return self.quoted(name) if name in live.columns else name

    def read(self, live: LiveTable, name: str) -> str:
        """Return the expression that reads a column."""
        return self.column(live, name)

    def placed(self, live: LiveTable, match: Match, bound: Bound) -> str:
        """Return the condition that names rows without a key: by where they lie, else by all that they hold."""
        position = {path[0]: n for n, path in enumerate(match.paths)}
        if live.lies_at == tuple(live.columns):
            ways = (
                " AND ".join(self._is(live, name, key[position[name]], bound) for name in live.lies_at)
                for key in match.values
            )
            return "(" + " OR ".join(f"({way})" for way in ways) + ")"
        columns = [_address(name) for name in live.lies_at]
        names = [self.column(live, name) for name in live.lies_at]
        keys = [tuple(key[position[name]] for name in live.lies_at) for key in match.values]
        if len(names) == 1:
            return self.among(names[0], columns[0], [key[0] for key in keys], bound)
        return self.composite(names, columns, keys, bound)

    def _is(self, live: LiveTable, name: str, value: Any, bound: Bound) -> str:
        here = self.column(live, name)
        return f"{here} IS NULL" if value is None else f"{here} = {bound.add(value)}"

    def batch_of(self, match: Match) -> int:
        """How many keys one statement may carry for a match."""
        flat = not match.inside and all(len(path) == 1 for path in match.paths)
        return self.keys_max if flat else NESTED_KEYS_MAX

    def matching(self, live: LiveTable, match: Match, bound: Bound) -> str:
        """Return the condition under which a row satisfies a match; `1=0` where none can."""
        if by_place(live, match):
            return self.placed(live, match, bound)
        columns = [live.columns.get(path[0]) or _address(path[0]) for path in match.paths]
        if match.inside or any(len(p) > 1 or _is_nested(c) for p, c in zip(match.paths, columns, strict=True)):
            return self._nested(live, match, columns, bound)
        names = [self.column(live, path[0]) for path in match.paths]
        keys = [fit for key in match.values if (fit := _fit(key, columns)) is not None]
        if not keys:
            return "1=0"
        if len(names) == 1:
            return self._one(live, match, columns[0], [key[0] for key in keys], bound)
        return self.composite(names, columns, keys, bound)

    def telling(self, live: LiveTable, match: Match, bound: Bound) -> str:
        """Return the condition that tells, of a row that was found, whether this match found it."""
        column = live.columns.get(match.paths[0][0])
        if not match.fold_case or match.inside or len(match.paths[0]) > 1 or column is None:
            return self.matching(live, match, bound)
        name = self.column(live, column.name)
        if column.kind is not Kind.TEXT:
            return self.matching(live, match, bound)
        spelled, folded = _texts(match)
        exact = self.among(name, column, spelled, bound)
        if column.order is Order.NO_CASE:
            return exact
        return f"({exact} OR {self.folding(name, column, folded, bound)})"

    def _one(self, live: LiveTable, match: Match, column: Column, keys: list[Any], bound: Bound) -> str:
        name = self.column(live, match.paths[0][0])
        if not match.fold_case or column.kind is not Kind.TEXT:
            return self.among(name, column, keys, bound)
        spelled, folded = _texts(match)
        match lookup(live, column, folded):
            case Lookup.ITSELF | Lookup.LISTED:
                return self.among(name, column, spelled, bound)
            case Lookup.FOLDED:
                indexed = self.by_index(live.folded_indexes[column.name], name, column, folded, bound)
                return f"({self.among(name, column, spelled, bound)} OR {indexed})"
            case Lookup.RANGE:
                return "(" + " OR ".join(self.between(name, column, value, bound) for value in folded) + ")"
            case Lookup.WALK:
                return self.walking(live, name, folded, bound)
            case _:
                return self.telling(live, match, bound)

    def folding(self, name: str, column: Column, folded: Sequence[str], bound: Bound) -> str:
        """Return the condition that a text is among these, whatever its case; it reads every row."""
        return self.among(f"lower({name})", column, folded, bound)

    def by_index(self, fold: str, name: str, column: Column, folded: Sequence[str], bound: Bound) -> str:
        """Return the condition that an index over an expression answers."""
        if fold == "nocase":
            return self.among(f"{name} COLLATE NOCASE", column, folded, bound)
        values = folded if fold == "lower" else [value.upper() for value in folded]
        return self.among(f"{fold}({name})", column, values, bound)

    def between(self, name: str, column: Column, value: str, bound: Bound) -> str:
        """Return the condition that holds for one text in any case: they lie side by side where words are sorted."""
        ends = (value, value.upper())
        low, high = ends if column.order is Order.SMALL_FIRST else ends[::-1]
        same = self.folding(name, column, [value], bound)
        return f"({name} >= {self.text(bound.add(low))} AND {name} <= {self.text(bound.add(high))} AND {same})"

    after = ""
    """How the letter after a letter is written: before it stand all texts that begin with that one."""

    def walking(self, live: LiveTable, name: str, folded: Sequence[str], bound: Bound) -> str:
        """Return the condition that holds for texts in any case, found letter by letter through an index."""
        walk = _WALK.format(
            values=self.listing(folded, bound), table=self.table(live), name=name, letter=_LETTER, sized=_SIZED,
            after=self.after.format(_SIZED),
        )  # fmt: skip
        return self.any_of(name, walk)

    def listing(self, values: Sequence[str], bound: Bound) -> str:
        """Return a table of texts, with the one column `q`."""
        raise NotImplementedError

    def any_of(self, name: str, query: str) -> str:
        """Return the condition that a column holds one of a query's values, which is asked once."""
        return f"{name} IN ({query})"

    def text(self, reference: str) -> str:
        """Return a bound text as the column compares it."""
        return reference

    def among(self, name: str, column: Column, keys: Sequence[Any], bound: Bound) -> str:
        """Return the condition that one expression is among keys."""
        return f"{name} IN {bound.add_list(keys)}"

    def composite(self, names: Sequence[str], columns: Sequence[Column], keys: Sequence[Key], bound: Bound) -> str:
        """Return the condition that several columns together are among keys."""
        ways = (
            " AND ".join(f"{name} = {bound.add(part)}" for name, part in zip(names, key, strict=True)) for key in keys
        )
        return "(" + " OR ".join(f"({way})" for way in ways) + ")"

    def _nested(self, live: LiveTable, match: Match, columns: Sequence[Column], bound: Bound) -> str:
        """Return a condition that no matching row fails; the session then looks into each row for itself."""
        parts = []
        for position, (path, column) in enumerate(zip(match.paths, columns, strict=True)):
            values = [key[position] for key in match.values]
            parts.append(self.holding(self.column(live, path[0]), column, values, match.fold_case, bound))
        return "(" + " AND ".join(parts) + ")"

    def holding(self, name: str, column: Column, values: Sequence[Any], fold: bool, bound: Bound) -> str:
        """Return the condition that a column's nested content may hold one of the values."""
        needles = _spellings(values, fold)
        name = f"lower({name})" if fold else name
        return "(" + " OR ".join(f"instr({name}, {bound.add(needle)}) > 0" for needle in needles) + ")"

    def json_value(self, column: Column, reference: str) -> str:
        """Return how a bound text is written into a column that holds nested data."""
        return reference


class PostgreSQL(Dialect):
    """A set of keys is one array, so a statement is prepared once whatever the number of keys."""

    after = "chr(ascii({}) + 1)"

    def listing(self, values: Sequence[str], bound: Bound) -> str:
        return f"unnest(CAST({bound.add(_array(values))} AS text[])) AS asked(q)"

    def any_of(self, name: str, query: str) -> str:
        return f"{name} = ANY(ARRAY({query}))"

    def text(self, reference: str) -> str:
        return f"CAST({reference} AS text)"

    def read(self, live: LiveTable, name: str) -> str:
        return self.column(live, name) if name in live.columns else f"CAST({self.column(live, name)} AS text)"

    def table(self, live: LiveTable) -> str:
        return f"ONLY {super().table(live)}" if live.alone else super().table(live)

    def column(self, live: LiveTable, name: str) -> str:
        # The partition's name, where a number would say nothing to whoever reads it.
        return "CAST(CAST(tableoid AS regclass) AS text)" if name == "tableoid" else super().column(live, name)

    def placed(self, live: LiveTable, match: Match, bound: Bound) -> str:
        where = super().placed(live, match, bound)
        if len(live.lies_at) == 1:
            return where
        place = next(n for n, path in enumerate(match.paths) if path == ("ctid",))
        # Alone, the place is looked up in each partition at once; with the partition's name all are read whole.
        return f"({self.among('ctid', _address('ctid'), [key[place] for key in match.values], bound)} AND {where})"

    def element(self, column: Column) -> str | None:
        """Return the type of the array that a column is compared with; None compares its text."""
        match column.kind:
            case Kind.INTEGER:
                return "bigint"
            case Kind.TEXT if column.declared.startswith("character("):
                return "bpchar"
            case Kind.TEXT if column.declared in ("citext", "name", "inet"):
                return column.declared if column.declared == "citext" else None
            case Kind.TEXT:
                return "text"
            case Kind.NUMBER | Kind.UUID | Kind.DATE | Kind.MOMENT | Kind.TIME | Kind.BOOLEAN | Kind.ENUM:
                return column.declared.split("(")[0] if column.kind is not Kind.MOMENT else column.declared
            case Kind.BYTES:
                return "bytea"
            case Kind.OTHER if column.declared == "tid":
                return "tid"
            case _:
                return None

    def among(self, name: str, column: Column, keys: Sequence[Any], bound: Bound) -> str:
        kind = self.element(column)
        if kind is None:
            return f"CAST({name} AS text) = ANY(CAST({bound.add(_array(keys))} AS text[]))"
        return f"{name} = ANY(CAST({bound.add(_array(keys))} AS {kind}[]))"

    def composite(self, names: Sequence[str], columns: Sequence[Column], keys: Sequence[Key], bound: Bound) -> str:
        arrays = [
            f"CAST({bound.add(_array([key[n] for key in keys]))} AS {self.element(column) or 'text'}[])"
            for n, column in enumerate(columns)
        ]
        left = [n if self.element(c) else f"CAST({n} AS text)" for n, c in zip(names, columns, strict=True)]
        return f"({', '.join(left)}) IN (SELECT * FROM unnest({', '.join(arrays)}))"

    def holding(self, name: str, column: Column, values: Sequence[Any], fold: bool, bound: Bound) -> str:
        if column.kind is Kind.ARRAY and "json" not in column.declared:
            wanted = sorted({str(v).lower() if fold else str(v) for v in values})
            held = f"CAST(lower(CAST({name} AS text)) AS text[])" if fold else f"CAST({name} AS text[])"
            return f"{held} && CAST({bound.add(_array(wanted))} AS text[])"
        needles = bound.add(_array(_spellings(values, fold)))
        text = f"lower(CAST({name} AS text))" if fold else f"CAST({name} AS text)"
        inside = f"strpos({text}, n.v) > 0"
        return f"EXISTS (SELECT 1 FROM unnest(CAST({needles} AS text[])) AS n(v) WHERE {inside})"

    def json_value(self, column: Column, reference: str) -> str:
        return f"CAST({reference} AS {column.declared})"


class SQLite(Dialect):
    """A set of keys is one JSON text."""

    after = "char(unicode({}) + 1)"

    def listing(self, values: Sequence[str], bound: Bound) -> str:
        return f"(SELECT value AS q FROM json_each({bound.add(_json(values))})) AS asked"

    def among(self, name: str, column: Column, keys: Sequence[Any], bound: Bound) -> str:
        if any(isinstance(key, bytes) for key in keys):
            return super().among(name, column, keys, bound)
        return f"{name} IN (SELECT value FROM json_each({bound.add(_json(keys))}))"

    def composite(self, names: Sequence[str], columns: Sequence[Column], keys: Sequence[Key], bound: Bound) -> str:
        if any(isinstance(part, bytes) for key in keys for part in key):
            return super().composite(names, columns, keys, bound)
        parts = ", ".join(f"json_extract(value, '$[{n}]')" for n in range(len(names)))
        return f"({', '.join(names)}) IN (SELECT {parts} FROM json_each({bound.add(_json(keys))}))"

    def holding(self, name: str, column: Column, values: Sequence[Any], fold: bool, bound: Bound) -> str:
        needles = bound.add(_json(_spellings(values, fold)))
        name = f"lower({name})" if fold else name
        return f"EXISTS (SELECT 1 FROM json_each({needles}) AS n WHERE instr({name}, n.value) > 0)"


def dialect_for(engine: sa.Engine) -> Dialect:
    """Return how this engine's database writes things."""
    name = engine.dialect.name
    preparer = engine.dialect.identifier_preparer
    kind = {"postgresql": PostgreSQL, "sqlite": SQLite}.get(name, Dialect)
    # SQLite's driver takes named parameters, whatever SQLAlchemy prefers.
    return kind(preparer, name, "named" if name in ("sqlite", "oracle") else engine.dialect.paramstyle)


def by_place(live: LiveTable, match: Match) -> bool:
    """Whether a match names rows of a table without a key, whatever else it says of them."""
    return bool(live.lies_at) and {(name,) for name in live.lies_at} <= set(match.paths)


def _address(name: str) -> Column:
    if name == "tableoid":
        return Column(name, Kind.TEXT, "text", False)
    return Column(name, Kind.OTHER if name == "ctid" else Kind.INTEGER, "tid" if name == "ctid" else "integer", False)


def _is_nested(column: Column) -> bool:
    return column.kind in (Kind.JSON, Kind.ARRAY)


def _texts(match: Match) -> tuple[list[str], list[str]]:
    """Return the texts of a match as they were given and in small letters, and in small letters alone."""
    given = {str(key[0]) for key in match.values if "\x00" not in str(key[0])}
    folded = sorted({value.lower() for value in given})
    return sorted(given | set(folded)), folded


def _fit(key: Key, columns: Sequence[Column]) -> Key | None:
    fit = tuple(fitted(part, column) for part, column in zip(key, columns, strict=True))
    return None if any(part is None for part in fit) else fit


def _array(values: Sequence[Any]) -> str:
    """Write an array as PostgreSQL reads it. As a list, the driver would name another type for each size of number,
    and the server would plan the statement anew.
    """
    return "{" + ",".join(map(_element, values)) + "}"


def _element(value: Any) -> str:
    if type(value) is int:
        return str(value)
    if isinstance(value, (bytes, memoryview)):
        return '"\\\\x' + bytes(value).hex() + '"'
    text = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'


def _json(values: Sequence[Any]) -> str:
    return json.dumps(values, default=_json_part, ensure_ascii=False)


def _json_part(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, (uuid.UUID, tuple)):
        return str(value)
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _spellings(values: Sequence[Any], fold: bool) -> list[str]:
    """The ways in which a value may be spelled inside JSON text."""
    found: set[str] = set()
    for value in values:
        text = str(value).lower() if fold else str(value)
        found |= {json.dumps(text, ensure_ascii=False)[1:-1], json.dumps(text)[1:-1]}
    return sorted(found)
