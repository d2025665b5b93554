"""The tables of the key store: small, in a database (or schema) of their own, outside ordinary backups."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlalchemy import Column, Date, DateTime, LargeBinary, MetaData, String, Table

SCHEMA_VERSION: Final = "1"


@dataclass(frozen=True)
class KeyTables:
    """The same definitions for both databases; PostgreSQL has them in a schema of their own."""

    metadata: MetaData
    state: Table
    secret: Table
    person_key: Table
    tombstone: Table
    lookup: Table
    reapply_key: Table

    @property
    def wrapped(self) -> tuple[tuple[Table, Column[str]], ...]:
        """Return every table that holds keys wrapped by the master key, with the column that names the key."""
        return tuple((table, table.c[column]) for table, column in (
            (self.secret, "name"), (self.person_key, "person"), (self.reapply_key, "period"),
        ))  # fmt: skip


def key_tables(schema: str | None) -> KeyTables:
    """Return the tables, in a schema or (None) in a database file that holds nothing else."""
    metadata = MetaData(schema=schema)

    def table(name: str, *columns: Column[object]) -> Table:
        return Table(name, metadata, *columns)

    return KeyTables(
        metadata,
        # Which master key is in force, which one is still accepted, and the version of these tables.
        state=table("state", Column("name", String, primary_key=True), Column("value", String, nullable=False)),
        # The root secret, from which the keys for hashing and signing derive: it outlives every master key.
        secret=table("secret", Column("name", String, primary_key=True), *_wrapped_columns()),
        person_key=table("person_key", Column("person", String, primary_key=True), *_wrapped_columns()),
        # Who was forgotten, and when: what a restored backup must obey.
        tombstone=table(
            "tombstone",
            Column("person", String, primary_key=True),
            Column("forgotten", DateTime(timezone=True), nullable=False),
        ),
        # Keyed hashes of addresses; they go with the person's key.
        lookup=table(
            "lookup",
            Column("digest", String, primary_key=True),
            Column("person", String, nullable=False, index=True),
        ),
        # One key a day on which something was carried out, destroyed when the systems' backups of that day are gone.
        reapply_key=table(
            "reapply_key",
            Column("period", String, primary_key=True),
            Column("expires", Date, nullable=False),
            *_wrapped_columns(),
        ),
    )


def _wrapped_columns() -> tuple[Column[object], Column[object]]:
    return Column("master", String, nullable=False, index=True), Column("wrapped", LargeBinary, nullable=False)
