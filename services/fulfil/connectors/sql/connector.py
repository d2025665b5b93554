"""The connector to relational databases.

One session is one transaction on the target: an erasure in one database happens whole or not at all, whatever dies.
"""

from __future__ import annotations

import contextlib
import itertools
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Final

import psycopg
import sqlalchemy as sa

from services.fulfil.connectors.matching import Wanted
from services.fulfil.connectors.protocol import (
    Abilities,
    Change,
    ConnectorError,
    Counted,
    Find,
    Health,
    Hit,
    Key,
    Match,
    References,
    SystemRefuses,
    Tally,
)
from services.fulfil.connectors.sql.catalogs import read_catalog, table_names
from services.fulfil.connectors.sql.changes import cast_value, perform
from services.fulfil.connectors.sql.dialects import Bound, Dialect, by_place, dialect_for
from services.fulfil.connectors.sql.faults import named_faults
from services.fulfil.connectors.sql.gathering import failed, gathering
from services.fulfil.core.catalog import Catalog, Kind, LiveTable
from services.fulfil.core.maps.model import DataMap
from services.fulfil.core.masking import mentions, values_are_written
from services.fulfil.core.values import same

DRIVERS: Final = {
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "mysql": "mysql+pymysql",
    "mariadb": "mariadb+pymysql",
}
CONNECT_SECONDS: Final = 10
STATEMENT_SECONDS: Final = 900
STREAMED_ROWS_MIN: Final = 20_000
FETCHED_ROWS: Final = 2_000
WRITTEN_MAX: Final = 10_000
# SQLite holds the whole database from a writing session's first statement on.
ROW_LOCKS: Final = frozenset({"postgresql", "mysql", "mariadb", "oracle"})


def engine_for(url: str) -> sa.Engine:
    """Open an engine for a URL as an operator writes it."""
    try:
        parsed = sa.make_url(url)
    except sa.exc.ArgumentError:
        raise SystemRefuses("This is no connection URL; write for example postgresql://user@host/database.") from None
    parsed = parsed.set(drivername=DRIVERS.get(parsed.drivername, parsed.drivername))
    family = parsed.get_backend_name()
    arguments: dict[str, Any] = {}
    options: dict[str, Any] = {}
    if family == "postgresql":
        timeouts = f"-c statement_timeout={STATEMENT_SECONDS}s -c idle_in_transaction_session_timeout=600s"
        arguments = {"connect_timeout": CONNECT_SECONDS, "options": timeouts}
        # SQLAlchemy's introduction on a first connection is five statements that nothing here asks about.
        options = {"use_native_hstore": False, "_initialize": False}
    elif family in ("mysql", "mariadb"):
        arguments = {"connect_timeout": CONNECT_SECONDS, "read_timeout": STATEMENT_SECONDS, "charset": "utf8mb4"}
    elif family == "sqlite":
        arguments = {"timeout": 30}
        if parsed.database in (None, "", ":memory:"):
            raise SystemRefuses("A SQLite URL needs a file: sqlite:///path/to/file.db.")
        # `mode=rw` never creates: a mistyped path must be an error, not an empty database in which nobody is found.
        parsed = sa.make_url(f"sqlite:///file:{parsed.database}?mode=rw&uri=true")
    try:
        engine = sa.create_engine(parsed, connect_args=arguments, **options)
    except (sa.exc.ArgumentError, ImportError) as fault:
        raise SystemRefuses(f"No driver for {family} databases is installed ({type(fault).__name__}).") from None
    if family == "postgresql":
        known: Any = engine.dialect
        known.server_version_info, known.default_schema_name = (12, 0), "public"
        known.default_isolation_level = "READ COMMITTED"
    return engine


class SqlConnector:
    """A relational database."""

    def __init__(self, system: str, url: str, schema: str | None = None) -> None:
        self._system = system
        self._schema = schema
        self._engine = engine_for(url)
        self._dialect = dialect_for(self._engine)
        self._known: dict[tuple[str, ...], Catalog] = {}
        self._live: dict[str, LiveTable] = {}
        self._lock = threading.Lock()
        if self._engine.dialect.name == "sqlite":
            sa.event.listen(self._engine, "connect", _sqlite_settings)

    @property
    def system(self) -> str:
        """The name by which data maps know the database."""
        return self._system

    @property
    def abilities(self) -> Abilities:
        """Everything, in one transaction."""
        return Abilities(transactional=True)

    def check(self) -> Health:
        """Connect and ask for nothing."""
        try:
            with named_faults(self._system), self._engine.connect() as connection:
                connection.execute(sa.text("SELECT 1"))
        except (SystemRefuses, ConnectionError) as fault:
            return Health(reachable=False, said=str(fault))
        except Exception as fault:  # noqa: BLE001 - a health check reports whatever went wrong, by its type alone
            return Health(reachable=False, said=str(fault) if type(fault).__name__ == "SystemDown" else "unreachable")
        return Health(reachable=True, said=f"connected to {self._engine.dialect.name}")

    def catalog(self, tables: Sequence[str]) -> Catalog:
        """Describe the tables; remembered as long as the connector lives, `forget` drops it."""
        wanted = tuple(tables)
        with self._lock:
            if wanted not in self._known:
                with named_faults(self._system), self._looking() as connection:
                    self._known[wanted] = read_catalog(connection, wanted, self._schema)
                self._live.update(self._known[wanted].tables)
            return self._known[wanted]

    def allowed(self, table: LiveTable, column: str, values: Sequence[Any]) -> Sequence[bool]:
        """Try values against the table's conditions on one column, as the database itself reads them."""
        conditions = [
            check.expression
            for check in table.checks
            if mentions(check, column) and not any(mentions(check, c) for c in table.columns if c != column)
        ]
        unsure = self._engine.dialect.name == "postgresql" and values_are_written(table.columns[column])
        if not conditions and not unsure:
            return [True] * len(values)
        found = []
        for value in values:
            bound = self._dialect.bound()
            written = cast_value(self._dialect, table.columns[column], value, bound)
            name = self._dialect.column(table, column)
            read = [f"CAST({name} AS text) IS NOT NULL"] if unsure else []
            both = " AND ".join(f"({condition})" for condition in (*read, *conditions))
            sql = f"SELECT CASE WHEN {both} THEN 1 ELSE 0 END FROM (SELECT {written} AS {name}) AS tried"
            try:
                with self._looking() as connection:
                    found.append(bool(connection.exec_driver_sql(sql, bound.values).scalar()))
            except sa.exc.DBAPIError as fault:
                # A condition that cannot be read outside its table is left to the change itself; a value that is
                # none of the type's (SQLSTATE class 22) will not do there either.
                found.append(not str(getattr(fault.orig, "sqlstate", "") or "").startswith("22"))
        return found

    @contextmanager
    def _looking(self) -> Iterator[sa.Connection]:
        """A connection for looking at the schema, outside any transaction where that saves statements."""
        with self._engine.connect() as connection:
            if self._engine.dialect.name == "postgresql":
                yield connection.execution_options(isolation_level="AUTOCOMMIT")
            else:
                yield connection

    def forget(self) -> None:
        """Look at the schema afresh next time."""
        with self._lock:
            self._known.clear()

    def names(self) -> list[str]:
        """Return the names of all tables, for drafting a map."""
        with named_faults(self._system), self._looking() as connection:
            return table_names(connection, self._schema)

    @contextmanager
    def session(self, *, write: bool) -> Iterator[SqlSession]:
        """Open one transaction; a reading one sees one moment of the whole database."""
        with named_faults(self._system), self._engine.connect() as connection:
            if self._engine.dialect.name == "postgresql" and not write:
                connection = connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            if self._engine.dialect.name in ("mysql", "mariadb") and write:
                # In its default, a row that a neighbour added after our first statement would not be counted.
                connection = connection.execution_options(isolation_level="READ COMMITTED")
            if self._engine.dialect.name == "sqlite" and write:
                # Taking the write lock at once: a reader that turns writer half-way is refused by SQLite.
                connection.exec_driver_sql("BEGIN IMMEDIATE")
                connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
            yield SqlSession(self._system, connection, self._dialect, self._live, write=write)
            if not write and connection.in_transaction():
                # Nothing was written. Ended by a rollback, the driver would forget what it has prepared.
                connection.commit()

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()


def _sqlite_settings(raw: Any, _record: Any) -> None:
    raw.isolation_level = None
    raw.execute("PRAGMA foreign_keys=ON")


class SqlSession:
    """One transaction."""

    def __init__(
        self, system: str, connection: sa.Connection, dialect: Dialect, live: dict[str, LiveTable], *, write: bool
    ) -> None:
        self._write = write
        self._system = system
        self._connection = connection
        self._dialect = dialect
        self._live = live
        self._sent: list[tuple[str, Any]] = []
        """What was sent and not waited for: a read that comes after hears of its failure first."""

    def _table(self, name: str) -> LiveTable:
        if name not in self._live:
            # A table outside the maps, whose foreign key points into them: only its own columns are used.
            self._live[name] = LiveTable(name=name, columns={}, address=())
        return self._live[name]

    def find(self, query: Find) -> Iterator[Hit]:
        """Yield the rows, batch by batch of keys."""
        live = self._live.get(query.table)
        if live is None or not live.columns:
            raise SystemRefuses(f"{self._system}.{query.table}: there is no such table. Mend the map.")
        batches = [list(_batches(match, self._dialect.batch_of(match))) for match in query.matches]
        try:
            for round_ in itertools.zip_longest(*batches):
                yield from self._find(live, query, list(round_))
        except ConnectorError:
            if not self._write:
                # A failed statement ends the transaction; the other tables can still be read in a new one.
                with contextlib.suppress(sa.exc.SQLAlchemyError):
                    self._connection.rollback()
            raise

    def _find(self, live: LiveTable, query: Find, matches: list[Match | None]) -> Iterator[Hit]:
        bound = self._dialect.bound()
        nested = [m is not None and _looks_inside(live, m) for m in matches]
        wanted = list(query.fields)
        wanted += [p[0] for m, n in zip(matches, nested, strict=True) if n and m for p in m.paths if p[0] not in wanted]
        conditions = [self._dialect.matching(live, m, bound) if m is not None else "1=0" for m in matches]
        alive = [n for n, condition in enumerate(conditions) if condition != "1=0"]
        if not alive:
            return
        flagged = [n for n in alive if not nested[n]] if len(alive) > 1 else []
        flags = [
            self._dialect.telling(live, m, bound) if (m := matches[n]) is not None and m.fold_case else conditions[n]
            for n in flagged
        ]
        where = " OR ".join(conditions[n] for n in alive)
        sql = f"SELECT {self._columns(live, wanted, flags)} WHERE "
        if query.only_if_empty:
            empty = " AND ".join(f"{self._dialect.column(live, p[0])} IS NULL" for p in query.only_if_empty)
            where = f"({where}) AND {empty}"
        sql += where
        if query.limit is not None:
            sql += f" LIMIT {int(query.limit)}"
        if query.hold and self._write and self._dialect.name in ROW_LOCKS:
            sql += " FOR UPDATE"
        width, count = len(query.fields), len(wanted)
        sure = 1 << alive[0] if len(alive) == 1 and not nested[alive[0]] else 0
        places = {name: n for n, name in enumerate(wanted)}
        # SQL only said of what is nested that it may match.
        inside = {n: Wanted((m,)) for n in alive if nested[n] and (m := matches[n]) is not None}
        looked = {n: [path[0] for path in m.paths] for n in inside if (m := matches[n]) is not None}
        limited = query.limit is not None or query.hold
        for row in self._rows(query.table, live, sql, bound.values, limited=limited):
            matched = sure
            for place, n in enumerate(flagged):
                if row[count + place]:
                    matched |= 1 << n
            for n in alive:
                if n in inside and inside[n].matched({name: row[places[name]] for name in looked[n]}):
                    matched |= 1 << n
            if matched:
                yield Hit(tuple(row[:width]), matched)

    def _columns(self, live: LiveTable, wanted: Sequence[str], flags: Sequence[str]) -> str:
        """Write what is read of a table; the names are written once a table, not once a request."""
        known = self._dialect.written.get((live.name, *wanted))
        if known is None:
            known = ", ".join(self._dialect.read(live, name) for name in wanted), self._dialect.table(live)
            if len(self._dialect.written) < WRITTEN_MAX:
                self._dialect.written[(live.name, *wanted)] = known
        flagged = "".join(f", CASE WHEN {condition} THEN 1 ELSE 0 END" for condition in flags)
        return f"{known[0]}{flagged} FROM {known[1]}"

    def _rows(self, name: str, live: LiveTable, sql: str, values: dict[str, Any], *, limited: bool) -> Iterator[Any]:
        # MySQL's own estimate may be far too low, and its driver would hold the whole answer.
        unsure = live.rows_estimate is None or live.family in ("mysql", "mariadb")
        many = unsure or (live.rows_estimate or 0) >= STREAMED_ROWS_MIN
        with named_faults(self._system, lambda: failed(self._sent) or name):
            if self._dialect.name == "postgresql":
                yield from self._from_postgresql(sql, values, many=many and not limited)
                return
            options = {"stream_results": True} if many else {}
            result = self._connection.exec_driver_sql(sql, values, execution_options=options)
            while rows := result.fetchmany(FETCHED_ROWS):
                yield from rows

    def _from_postgresql(self, sql: str, values: dict[str, Any], *, many: bool) -> Iterator[Any]:
        """Read through the driver itself: SQLAlchemy's own work a statement costs as much as the driver's and ours.

        A person's few rows are read as one prepared statement. Where there are very many they are streamed, which
        prepares nothing and would cost a plan for everybody else; a server-side cursor would cost three statements.
        """
        raw: Any = self._connection.connection.driver_connection
        if not self._connection.in_transaction():
            self._connection.begin()
        with raw.cursor() as cursor:
            cursor.execute(f"{sql} LIMIT {STREAMED_ROWS_MIN}" if many else sql, values, prepare=True)
            rows = cursor.fetchall()
            if not many or len(rows) < STREAMED_ROWS_MIN:
                yield from rows
                return
            del rows
            size = FETCHED_ROWS if psycopg.capabilities.has_stream_chunked() else 1
            yield from cursor.stream(sql, values, size=size)

    def sample(self, table: str, fields: tuple[str, ...], rows_max: int) -> list[Any]:
        """Return a few rows, whoever's; only drafting a map asks for them, and keeps none."""
        live = self._table(table)
        names = ", ".join(self._dialect.column(live, name) for name in fields)
        with named_faults(self._system, table):
            clause = sa.text(f"SELECT {names} FROM {self._dialect.table(live)} LIMIT {int(rows_max)}")
            return list(self._connection.execute(clause).fetchall())

    def references(self, query: References) -> Iterator[Counted]:
        """Count who points to the keys, in one statement for all the pointers."""
        for start in range(0, len(query.keys), self._dialect.keys_max):
            yield from self._references(query, query.keys[start : start + self._dialect.keys_max])

    def _references(self, query: References, keys: Sequence[Key]) -> Iterator[Counted]:
        bound = self._dialect.bound()
        parts = []
        width = max(len(pointer.paths) for pointer in query.pointers)
        for n, pointer in enumerate(query.pointers):
            live = self._table(pointer.table)
            names = [self._dialect.quoted(path[0]) for path in pointer.paths]
            condition = self._pointing(live, Match(pointer.paths, keys), names, bound)
            texts = [f"CAST({name} AS {_text_type(self._dialect.name)})" for name in names]
            texts += ["NULL"] * (width - len(names))
            parts.append(
                f"SELECT {n}, {', '.join(texts)}, count(*) FROM {self._dialect.table(live)} "
                f"WHERE {condition} GROUP BY {', '.join(names)}"
            )
        sql = " UNION ALL ".join(parts)
        with named_faults(self._system, query.pointers[0].table):
            if self._dialect.name == "postgresql":
                counted = self._from_postgresql(sql, bound.values, many=False)
            else:
                counted = iter(self._connection.exec_driver_sql(sql, bound.values).fetchall())
            for row in counted:
                pointer = query.pointers[row[0]]
                yield Counted(row[0], tuple(same(v) for v in row[1 : 1 + len(pointer.paths)]), row[-1])

    def _pointing(self, live: LiveTable, match: Match, names: list[str], bound: Bound) -> str:
        if live.columns:
            return self._dialect.matching(live, match, bound)
        if len(names) == 1:
            return f"{names[0]} IN {bound.add_list([key[0] for key in match.values])}"
        return Dialect.composite(self._dialect, names, (), match.values, bound)

    def change(self, change: Change) -> int:
        """Perform a change in batches."""
        live = self._table(change.table)
        with named_faults(self._system, change.table):
            return perform(self._connection, self._dialect, live, change)

    def gathering(self) -> AbstractContextManager[Callable[[Change], Tally]]:
        """Send changes without waiting for each, where the driver can."""
        return gathering(self._system, self._connection, self._dialect, self._table, self.change, self._sent)

    def commit(self) -> None:
        """End the transaction for good."""
        with named_faults(self._system):
            if self._dialect.name == "sqlite":
                self._connection.exec_driver_sql("COMMIT")
            self._connection.commit()


def _text_type(dialect: str) -> str:
    return {"mysql": "char", "mariadb": "char", "oracle": "varchar2(4000)", "mssql": "nvarchar(4000)"}.get(
        dialect, "text"
    )


def _batches(match: Match, size: int) -> Iterator[Match]:
    for start in range(0, len(match.values), size):
        yield Match(match.paths, match.values[start : start + size], match.fold_case, match.inside)


def _looks_inside(live: LiveTable, match: Match) -> bool:
    if by_place(live, match):
        return False
    return match.inside or any(
        len(path) > 1 or (path[0] in live.columns and live.columns[path[0]].kind in (Kind.JSON, Kind.ARRAY))
        for path in match.paths
    )


def sql_connector(system: str, url: str, data_map: DataMap) -> SqlConnector:
    """Make the connector for a map's system."""
    return SqlConnector(system, url, data_map.schema)
