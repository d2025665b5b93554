"""The compose file is as its specification says, pins what it runs, and starts commands that exist."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from click.testing import CliRunner
from compose_spec import PyCompose

from services.cli.main import habeas

COMPOSE: dict[str, Any] = yaml.safe_load(Path("docker-compose.yml").read_text(encoding="utf-8"))


def test_the_file_is_valid_by_the_compose_specification() -> None:
    resolved = PyCompose.from_yaml(yaml.safe_dump(COMPOSE))
    resolved.validate()
    assert {"intake", "router", "fulfil", "watch", "kafka", "postgres", "mail"} <= set(resolved.service_names())


def test_every_image_that_is_not_built_here_is_pinned() -> None:
    for name, service in COMPOSE["services"].items():
        image, _, tag = service["image"].partition(":")
        assert tag, f"{name} runs {image} of no particular version"
        assert tag != "latest"


def test_every_service_of_ours_runs_a_command_that_exists() -> None:
    for service in COMPOSE["services"].values():
        if "build" in service:
            command, subject, *flags = service["command"]
            shown = CliRunner().invoke(habeas, [command, "--help"])
            assert shown.exit_code == 0
            assert subject in shown.output
            assert all(flag in shown.output for flag in flags if flag.startswith("--"))


def test_every_port_is_published_on_this_machine_only() -> None:
    ports = [port for service in COMPOSE["services"].values() for port in service.get("ports", [])]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)
