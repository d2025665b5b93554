"""For revisions: create a service's table where it belongs, in the file or in the service's schema."""

from __future__ import annotations

from alembic import op
from sqlalchemy import text
from sqlalchemy.schema import SchemaItem

from services.runtime.store.tables import SCHEMAS


def schema_of(service: str) -> str | None:
    """Return the schema that holds the service's tables on this database, made if need be; None on SQLite."""
    if service not in SCHEMAS:
        raise ValueError(f"{service} is no service with tables; the services are {', '.join(SCHEMAS)}")
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        return None
    connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {service}"))
    return service


def create(service: str, name: str, *columns: SchemaItem, sqlite_autoincrement: bool = False) -> None:
    """Create `<service>_<name>`."""
    op.create_table(f"{service}_{name}", *columns, schema=schema_of(service), sqlite_autoincrement=sqlite_autoincrement)


def create_index(service: str, name: str, table: str, columns: list[str], *, unique: bool = False) -> None:
    """Create the index `<service>_<name>` on `<service>_<table>`."""
    op.create_index(f"{service}_{name}", f"{service}_{table}", columns, schema=schema_of(service), unique=unique)
