"""Fixtures that any test may ask for. Each server lives in a file of its own under tests/servers."""

from __future__ import annotations

from importlib.util import find_spec

from hypothesis import HealthCheck, settings

# A property says what holds, not how fast: on a machine that others share, an example may take any time.
settings.register_profile("unhurried", settings.default, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")

pytest_plugins = [
    name
    for name in (
        "tests.servers.postgres",
        "tests.servers.databases",
        "tests.servers.kafka",
        "tests.servers.secured",
        "tests.servers.mariadb",
        "tests.servers.imap",
        "tests.servers.s3",
        "tests.servers.ldap",
        "tests.servers.mongo",
    )
    # A server's file may come with the part that needs it.
    if find_spec(name)
]
