"""The state of record: one SQLAlchemy store, on SQLite by default and PostgreSQL with more than one machine.

`Database` owns connections and threads; `Store` is one service's view of it; `Transaction` is what a turn may do. The
rules that the store keeps are in docs/store.md, and tests/contract/store proves them on both databases.
"""

from services.runtime.store.database import Database, Store
from services.runtime.store.errors import (
    Conflict,
    DatabaseBusy,
    DatabaseDamaged,
    DatabaseNewer,
    DatabaseOlder,
    DatabaseReadOnly,
    DatabaseUnreachable,
    DiskFull,
    LeaseLost,
    StoreFault,
    Zombie,
)
from services.runtime.store.tables import METADATA, own_table, tables_for
from services.runtime.store.transaction import JobOrder, Reading, Transaction

__all__ = [
    "METADATA",
    "Conflict",
    "Database",
    "DatabaseBusy",
    "DatabaseDamaged",
    "DatabaseNewer",
    "DatabaseOlder",
    "DatabaseReadOnly",
    "DatabaseUnreachable",
    "DiskFull",
    "JobOrder",
    "LeaseLost",
    "Reading",
    "Store",
    "StoreFault",
    "Transaction",
    "Zombie",
    "own_table",
    "tables_for",
]
