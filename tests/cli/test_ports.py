"""Port 0 is a port that is free, and the one that everybody is told."""

from __future__ import annotations

import re
import shlex
import socket
from pathlib import Path

import pytest
from click.testing import CliRunner

from services.cli.main import habeas
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


def test_the_greeting_repeats_the_flags_that_its_commands_need_and_no_password(tmp_path: Path) -> None:
    flags = {
        "bus": {"kind": "kafka", "bootstrap": "broker.example:9092"},
        "store": "postgresql://u:secret@db.example/x",
    }
    said = greeting(load(tmp_path, None, flags))
    assert "topics tail --home" in said
    assert "--bus kafka --bootstrap broker.example:9092 --from-beginning" in said
    assert ("habeas run watch" in said, "/figures" in said, "secret" in said) == (True, False, False)


def test_the_greetings_commands_work_in_another_folder_without_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "my home"
    monkeypatch.chdir(tmp_path)
    binary = tmp_path / "a b" / "habeas"
    binary.parent.mkdir()
    binary.write_text("#!/bin/sh\n", encoding="utf-8")
    monkeypatch.setattr("sys.argv", [str(binary)])
    monkeypatch.setenv("PATH", "/nowhere")
    said = next(line for line in greeting(load(Path("my home"))).splitlines() if "case list" in line)
    assert shlex.split(said)[1:] == [str(binary), "case", "list", "--home", str(home)]


def test_every_port_that_cannot_be_opened_is_named_at_once(tmp_path: Path) -> None:
    with socket.socket() as one, socket.socket() as other:
        for held in (one, other):
            held.bind(("127.0.0.1", 0))
            held.listen()
        smtp, http = (held.getsockname()[1] for held in (one, other))
        said = CliRunner().invoke(
            habeas, ["up", "--home", str(tmp_path), "--smtp", f"127.0.0.1:{smtp}", "--http", f"127.0.0.1:{http}"]
        )
    assert said.exit_code == 1
    assert f"127.0.0.1:{smtp} is taken by another program; stop it, or choose with --smtp" in said.output
    assert f"127.0.0.1:{http} is taken by another program; stop it, or choose with --http" in said.output
    assert "is running" not in said.output
