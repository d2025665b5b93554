"""Database errors as sentences that name the table and the rule, never a value: a driver's own text quotes the row."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import sqlalchemy as sa

from services.fulfil.connectors.protocol import ConnectorError, SystemDown, SystemRefuses

MYSQL_RULES: Final = frozenset({1644, 3819, 4025})
"""A trigger's own refusal (SIGNAL), and a condition not kept, of MySQL and of MariaDB: the driver calls them a
connection's troubles."""

# The driver's own log names hosts and users, and an error's text quotes rows. What it says is said by us, without them.
# Here and not among telemetry's quiet libraries: `habeas map`, `connectors` and `case` speak to databases and set up no
# log, and Python then prints a library's warnings to standard error.
logging.getLogger("psycopg").setLevel(logging.CRITICAL)


@contextmanager
def named_faults(system: str, at: str | Callable[[], str] = "") -> Iterator[None]:
    """Turn a driver's error into one of ours; a table that is known only then is asked for."""
    try:
        yield
    except ConnectorError:
        raise
    except sa.exc.DBAPIError as fault:
        raise _named(system, _at(at), fault.orig, disconnected=fault.connection_invalidated) from None
    except sa.exc.SQLAlchemyError as fault:
        raise SystemRefuses(f"{_place(system, _at(at))}: {type(fault).__name__}; check the connection URL.") from None
    except OSError:
        raise SystemDown(f"{_place(system, _at(at))}: the connection broke; it is tried again later.") from None
    except Exception as fault:
        # Streaming speaks to the driver itself, whose errors SQLAlchemy has not wrapped.
        if type(fault).__module__.split(".")[0] in ("psycopg", "pymysql", "sqlite3"):
            raise _named(system, _at(at), fault, disconnected=False) from None
        raise


def _at(at: str | Callable[[], str]) -> str:
    return at if isinstance(at, str) else at()


def _place(system: str, table: str) -> str:
    return f"{system}.{table}" if table else system


def _named(system: str, table: str, fault: Any, *, disconnected: bool) -> ConnectorError:
    place = _place(system, table)
    state = str(getattr(fault, "sqlstate", "") or "")
    kind = type(fault).__name__
    if state.startswith("23") or kind == "IntegrityError":
        return SystemRefuses(f"{place}: the database refuses the change ({_constraint(fault)}).")
    if _mysql_code(fault) in MYSQL_RULES:
        return SystemRefuses(f"{place}: a rule or trigger of the database refuses the change ({_constraint(fault)}).")
    if state.startswith(("40", "08", "57", "53", "55")) or disconnected:
        return SystemDown(f"{place}: the database is busy, locked or gone ({state or kind}); it is tried again.")
    if state.startswith("42") or kind in ("ProgrammingError", "UndefinedTable", "UndefinedColumn"):
        return SystemRefuses(f"{place}: {_message(fault)}. Compare the map with `habeas map check`.")
    if state.startswith("22"):
        said = f"a value does not suit its column's type ({state}); map a `mask` for it that does, or `erase: delete`"
        return SystemRefuses(f"{place}: {said}.")
    if kind == "OperationalError" and "no such" in str(fault):
        return SystemRefuses(f"{place}: {str(fault).split(':')[0]}. Compare the map with `habeas map check`.")
    if kind in ("OperationalError", "InterfaceError", "InternalError"):
        return SystemDown(f"{place}: {_unreached(fault)}.")
    if "file is not a database" in str(fault):
        return SystemRefuses(
            f"{place}: the file is no SQLite database, or is encrypted. Look at the path in --connect."
        )
    return SystemRefuses(f"{place}: the database refused ({kind}{' ' + state if state else ''}).")


def _mysql_code(fault: Any) -> int:
    code = fault.args[0] if type(fault).__module__.startswith("pymysql") and fault.args else 0
    return code if isinstance(code, int) else 0


_REASONS: Final = (
    (r"unable to open database file", "there is no such file, or it may not be opened; look at the path in --connect"),
    (r"refused|Can't connect|timed? ?out|timeout|No route|unreachable", "nobody answers at its host and port"),
    (r"translate host|Name or service|resolve|getaddrinfo|nodename", "its host's name is unknown"),
    (r"authentication|Access denied|no password|password|pg_hba", "it refuses the user or the password"),
    (r"database .* does not exist|Unknown database", "there is no such database on this server"),
    (r"\bSSL\b|\bTLS\b|certificate", "it and the connection URL disagree about TLS"),
)


def _unreached(fault: Any) -> str:
    """Say why a database cannot be used, in words of ours: a driver's own name hosts and users."""
    text = str(fault)
    said = next((said for pattern, said in _REASONS if re.search(pattern, text, re.IGNORECASE)), "")
    if re.search(r"locked|deadlock|Lock wait", text, re.IGNORECASE):
        return "the database is locked; it is tried again"
    return (
        f"the database cannot be reached: {said}"
        if said
        else (f"the database cannot be reached or is locked ({type(fault).__name__})")
    )


def _message(fault: Any) -> str:
    """SQLSTATE class 42 speaks of names and permissions, not of rows."""
    diagnosed = getattr(getattr(fault, "diag", None), "message_primary", None)
    return str(diagnosed) if diagnosed else "a table or column is missing, or not permitted"


def _constraint(fault: Any) -> str:
    diag = getattr(fault, "diag", None)
    name = getattr(diag, "constraint_name", None) or getattr(diag, "column_name", None)
    name = name or getattr(diag, "datatype_name", None)
    if name:
        return f"{getattr(diag, 'message_primary', '').split(' constraint')[0].split(' value')[0]}: {name}"
    text = str(fault)
    found = re.match(r"(UNIQUE|NOT NULL|CHECK|FOREIGN KEY) constraint failed(: [\w.,\s]+)?", text)
    if found:
        return found.group(0)
    code = fault.args[0] if getattr(fault, "args", None) and isinstance(fault.args[0], int) else ""
    quoted = re.search(r"(?:CONSTRAINT|Column|for key) [`']([\w.]+)[`']", text)
    return f"{code} {quoted.group(1) if quoted else ''}".strip() or "a constraint"
