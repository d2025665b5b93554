"""Port 0 is a port that is free, and the one that everybody is told."""

from __future__ import annotations

import re
from pathlib import Path

from services.cli.ports import settled
from services.cli.up import greeting
from services.runtime.settings import load


def test_port_0_is_a_free_one_and_the_greeting_names_it(tmp_path: Path) -> None:
    flags = {"smtp": {"host": "127.0.0.1", "port": 0}, "http": {"host": "127.0.0.1", "port": 0}}
    settings = settled(load(tmp_path, None, flags))
    assert 0 < settings.smtp.port != settings.http.port > 0
    said = greeting(settings)
    assert f"http://127.0.0.1:{settings.http.port}/" in said
    assert not re.search(r":0\b", said)


def test_a_port_that_is_named_stays(tmp_path: Path) -> None:
    flags = {"smtp": {"host": "127.0.0.1", "port": 2526}, "http": {"host": "::1", "port": 0}}
    settings = settled(load(tmp_path, None, flags))
    assert (settings.smtp.port, settings.http.host) == (2526, "::1")
