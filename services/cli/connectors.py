"""`habeas connectors`: are the systems there, and may we?"""

from __future__ import annotations

import sys
from pathlib import Path

import click

from services.cli.fulfil import fail, systems_options
from services.cli.spread import SpreadCommand
from services.fulfil.api import datamaps
from services.fulfil.api.engineer import UsageFault


@click.group()
def connectors() -> None:
    """Test the connections to the controller's systems."""


@connectors.command(cls=SpreadCommand)
@systems_options
def test(maps: tuple[Path, ...], connections: tuple[str, ...], identities: tuple[str, ...]) -> None:
    """Try each connection and whether the mapped tables can be seen; nobody's row is read."""
    del identities
    try:
        found = datamaps.test_connections(maps, connections)
    except UsageFault as fault:
        fail(str(fault))
    for system, health in found.items():
        click.echo(f"{'ok  ' if health.reachable else 'FAIL'} {system}: {health.said}")
    sys.exit(0 if all(health.reachable for health in found.values()) else 1)
