"""A real broker for tests: `from tests.servers.kafka import kafka_broker` in a conftest, then ask for the fixture.

There is no skipping: where no broker can be started, what needs one fails and says why.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from scripts.kafka_server import KafkaServer


@contextmanager
def broker(extra: Mapping[str, str] | None = None, *, port: int = 0, started: bool = True) -> Iterator[KafkaServer]:
    """Give a broker in a folder of its own, and take both away at the end."""
    folder = Path(tempfile.mkdtemp(prefix="habeas-kafka-"))
    server = KafkaServer(folder, port=port, extra=extra)
    try:
        yield server.start() if started else server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def kafka_broker() -> Iterator[KafkaServer]:
    """One broker for all tests of a session; each test uses topics and groups of its own."""
    with broker() as server:
        yield server
