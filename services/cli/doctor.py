"""`habeas doctor`: is everything there that habeas needs, and what to do where it is not. It changes nothing."""

from __future__ import annotations

import asyncio
import json
import sys
import urllib.error
import urllib.request
from typing import Any

import click

from services.cli.examination import FAIL, OK, WARN, Finding, examine
from services.cli.up import common, settings_from
from services.runtime.settings import Settings, SettingsFault
from services.runtime.telemetry import set_up_logging

LIVE_SECONDS = 5.0
_MARKS = {OK: "ok  ", WARN: "warn", FAIL: "FAIL"}


@click.command()
@common
@click.option("--live", is_flag=True, help="Only ask the running process whether it can take work.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def doctor(live: bool, as_json: bool, **options: Any) -> None:
    """Check settings, store, bus, ports, keys, clock, disk and relay, and say what to do. Exit status 1 on a FAIL."""
    try:
        settings = settings_from(**options)
    except SettingsFault as fault:
        findings = [Finding("settings", FAIL, str(fault))]
    else:
        set_up_logging(settings.log, "error")
        good = Finding("settings", OK, "readable and consistent")
        findings = [ask_live(settings)] if live else [good, *asyncio.run(examine(settings))]
    for finding in findings:
        click.echo(_line(finding, as_json=as_json))
    sys.exit(1 if any(finding.state == FAIL for finding in findings) else 0)


def ask_live(settings: Settings) -> Finding:
    """Ask the running process's own readiness, as a container's health check does."""
    host = settings.http.host
    # A server that listens everywhere is asked at home.
    host = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(host, host)  # noqa: S104 - a name, not a socket
    url = f"http://{f'[{host}]' if ':' in host else host}:{settings.http.port}/readyz"
    try:
        with urllib.request.urlopen(url, timeout=LIVE_SECONDS):
            return Finding("live", OK, f"{url} says that it takes work")
    except urllib.error.HTTPError as answer:
        return Finding("live", FAIL, f"{url} says that it cannot take work: {_checks(answer)}")
    except (OSError, ValueError):
        return Finding("live", FAIL, f"nothing answers at {url}; start habeas, or say where it listens with --http")


def _checks(answer: urllib.error.HTTPError) -> str:
    try:
        checks = json.loads(answer.read(10_000))["checks"]
        return "; ".join(f"{name}: {said}" for name, said in checks.items() if said != "ok") or "no reason given"
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return f"HTTP {answer.code}"


def _line(finding: Finding, *, as_json: bool) -> str:
    if as_json:
        return json.dumps({"check": finding.check, "state": finding.state, "says": finding.says}, ensure_ascii=False)
    indented = finding.says.replace("\n", "\n" + " " * 16)
    return f"{_MARKS[finding.state]}  {finding.check:<8}  {indented}"
