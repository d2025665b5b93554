"""A real IMAP server a session."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from scripts.imap_server import ImapServer, running


@pytest.fixture(scope="session")
def imap_server() -> Iterator[ImapServer]:
    """A server for the whole session."""
    with running() as server:
        yield server
