"""A server that speaks MongoDB's protocol, a session, and an empty database a test."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest

from scripts.mongo_server import MongoServer, running

_NUMBERS = itertools.count(1)


def empty_database(server: MongoServer) -> str:
    """Return the URL of a database that no test has used yet."""
    return server.url(f"habeas_{next(_NUMBERS)}")


@pytest.fixture(scope="session")
def mongo_server() -> Iterator[MongoServer]:
    """A server for the whole session."""
    with running() as server:
        yield server
