"""A real directory a session."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from scripts.ldap_server import LdapServer, running


@pytest.fixture(scope="session")
def ldap_server() -> Iterator[LdapServer]:
    """A server for the whole session."""
    with running() as server:
        yield server
