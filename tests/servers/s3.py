"""Real storage that speaks S3, a session, and an empty bucket a test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from scripts.s3_server import S3Server, running


@pytest.fixture(scope="session")
def s3_server() -> Iterator[S3Server]:
    """A server for the whole session."""
    with running() as server:
        yield server
