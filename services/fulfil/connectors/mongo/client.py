"""Speaking to MongoDB, through its own driver, which is an optional extra (`habeas[mongodb]`).

What a server answers becomes one of our faults; its own texts repeat values and are never passed on.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from services.fulfil.connectors.protocol import SystemDown, SystemRefuses

try:
    import pymongo
    from bson.errors import InvalidDocument
    from pymongo import errors
    from pymongo.collection import Collection
    from pymongo.database import Database
except ImportError:  # pragma: no cover - the test installation has it
    raise SystemRefuses("MongoDB needs an extra library: pip install 'habeas[mongodb]'.") from None

CONNECT_MS: Final = 10_000
ANSWER_MS: Final = 60_000
USAGE: Final = "write mongodb://user:secret@host/database"
REFUSED: Final = frozenset({13, 18, 8000})
INVALID: Final = frozenset({121})
SLOW: Final = frozenset({50, 262})
Document = dict[str, Any]

__all__ = ["Collection", "Database", "Document", "database_at", "named"]


def database_at(system: str, url: str) -> Database[Document]:
    """Return the database that a URL names; nothing is asked of it yet."""
    try:
        client: pymongo.MongoClient[Document] = pymongo.MongoClient(
            url, appname="habeas", tz_aware=True, uuidRepresentation="standard", connect=False,
            serverSelectionTimeoutMS=CONNECT_MS, connectTimeoutMS=CONNECT_MS, socketTimeoutMS=ANSWER_MS, maxPoolSize=8,
        )  # fmt: skip
        return client.get_default_database()
    except (errors.PyMongoError, ValueError) as fault:
        said = f"{system}: the connection names no database, or cannot be read ({type(fault).__name__}); {USAGE}."
        raise SystemRefuses(said) from None


@contextmanager
def named(system: str) -> Iterator[None]:
    """Turn what the driver raises into our faults."""
    try:
        yield
    except errors.DuplicateKeyError:
        raise SystemRefuses(
            f"{system}: a unique index forbids the replacement; map `hmac` or `random`, or `erase: delete`."
        ) from None
    except errors.BulkWriteError as fault:
        raise _of_code(
            system, next((e.get("code", 0) for e in (fault.details or {}).get("writeErrors", [])), 0)
        ) from None
    except errors.OperationFailure as fault:
        raise _of_code(system, fault.code or 0) from None
    except (errors.ConnectionFailure, errors.NetworkTimeout) as fault:
        raise SystemDown(f"{system}: the database does not answer ({type(fault).__name__}).") from None
    except (errors.PyMongoError, InvalidDocument, OverflowError) as fault:
        raise SystemRefuses(f"{system}: the database's driver refuses ({type(fault).__name__}).") from None


def _of_code(system: str, code: int) -> SystemDown | SystemRefuses:
    if code in SLOW:
        return SystemDown(f"{system}: the database is too slow (MongoDB code {code}).")
    if code in REFUSED:
        return SystemRefuses(f"{system}: the database refuses access (MongoDB code {code}); mend user or roles.")
    if code in INVALID:
        return SystemRefuses(f"{system}: a validator forbids the replacement; map another mask, or `erase: delete`.")
    return SystemRefuses(f"{system}: the database refuses (MongoDB code {code}); its log says why.")
