"""A real MariaDB a session, and an empty database a test."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pymysql
import pytest

from scripts.mariadb_server import MariaDBServer, running

_NUMBERS = itertools.count(1)


def empty_database(server: MariaDBServer) -> str:
    """Create a database and return its URL."""
    name = f"habeas_{next(_NUMBERS)}"
    connection = pymysql.connect(host="127.0.0.1", port=server.port, user="habeas", autocommit=True)
    with connection, connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
    return server.url(name)


@pytest.fixture(scope="session")
def mariadb_server() -> Iterator[MariaDBServer]:
    """A server for the whole session."""
    with running() as server:
        yield server
