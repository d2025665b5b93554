"""A real PostgreSQL a session, and a fresh database a test, copied from a migrated template."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import psycopg
import pytest

from scripts.postgres_server import PostgresServer, running
from services.runtime.store import Database
from services.runtime.store.migrate import migrate

TEMPLATE = "habeas_template"
_NUMBERS = itertools.count(1)


def statement(server: PostgresServer, text: str) -> None:
    """Run one administrative statement."""
    with psycopg.connect(server.url().replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(text.encode())


def empty_database(server: PostgresServer, template: str = "template0") -> str:
    """Create a database and return its URL."""
    name = f"habeas_{next(_NUMBERS)}"
    statement(server, f"CREATE DATABASE {name} TEMPLATE {template}")
    return server.url(name)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A server for the whole session."""
    with running() as server:
        yield server


@pytest.fixture(scope="session")
def postgres_template(postgres_server: PostgresServer) -> str:
    """A database at this release, to copy from."""
    statement(postgres_server, f"CREATE DATABASE {TEMPLATE} TEMPLATE template0")
    database = Database(postgres_server.url(TEMPLATE))
    migrate(database)
    database.close()
    return TEMPLATE


@pytest.fixture
def postgres_url(postgres_server: PostgresServer, postgres_template: str) -> str:
    """A fresh database at this release."""
    return empty_database(postgres_server, postgres_template)
