"""`habeas connectors`: are the systems there, and may we?"""

from __future__ import annotations

import sys
from pathlib import Path

import click

from services.cli.faults import readable
from services.cli.fulfil import fail, systems_options
from services.cli.spread import SpreadCommand
from services.fulfil.api import datamaps
from services.fulfil.api.delegates import test_delegates
from services.fulfil.api.engineer import UsageFault
from services.runtime.settings import load


@click.group()
def connectors() -> None:
    """Test the connections to the controller's systems, and to those who are asked besides them."""


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


@connectors.command()
@click.option("--home", type=click.Path(path_type=Path, file_okay=False), help="Where state lives.")
@click.option("--config", type=click.Path(path_type=Path, dir_okay=False), help="Settings; else HOME/habeas.toml.")
def delegates(home: Path | None, config: Path | None) -> None:
    """Try each processor, webhook and vendor of the settings; nobody is asked for anything."""
    with readable():
        settings = load(home, config)
    well = True
    for name, health in test_delegates(settings):
        click.echo(f"{'ok  ' if health.reachable else 'FAIL'} {name}: {health.said}")
        well = well and health.reachable
    sys.exit(0 if well else 1)
