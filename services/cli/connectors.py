"""`habeas connectors`: are the systems there, and may we?"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import NoReturn

import click

from services.cli.faults import readable
from services.cli.fulfil import fail
from services.cli.options import settings_options
from services.cli.spread import SpreadCommand
from services.fulfil.api import datamaps
from services.fulfil.api.connections import Health, test_settings, test_transfers
from services.fulfil.api.delegates import test_delegates
from services.fulfil.api.engineer import UsageFault
from services.runtime.settings import Settings, load


@click.group()
def connectors() -> None:
    """Test the connections to the controller's systems, and to those who are asked besides them."""


@connectors.command(cls=SpreadCommand)
@click.option(
    "--map",
    "maps",
    multiple=True,
    type=click.Path(path_type=Path, exists=True),
    metavar="FILE…",
    help="Data maps: habeas's own, or Fides datasets. Without one, everything that the settings connect is tried.",
)
@click.option("--connect", "connections", multiple=True, metavar="NAME=URL…", help="Where the maps' systems are.")
@settings_options
def test(maps: tuple[Path, ...], connections: tuple[str, ...], home: Path | None, config: Path | None) -> None:
    """Try each connection, and whether the mapped tables can be seen; nobody's row is read, nobody's data is sent.

    Without maps: the systems of the settings, everybody who is asked besides them, and the controllers that packages
    are sent to.
    """
    if maps:
        try:
            _tell(datamaps.test_connections(maps, connections).items())
        except UsageFault as fault:
            fail(str(fault))
    if connections:
        fail("--connect needs the system's map: --map FILE")
    _tell(test_settings(_settings(home, config)))


@connectors.command()
@settings_options
def transfers(home: Path | None, config: Path | None) -> None:
    """Try each controller that packages may be sent to directly; nothing is sent."""
    _tell(test_transfers(_settings(home, config)))


@connectors.command()
@settings_options
def delegates(home: Path | None, config: Path | None) -> None:
    """Try each processor, webhook and vendor of the settings; nobody is asked for anything."""
    _tell(test_delegates(_settings(home, config)))


def _settings(home: Path | None, config: Path | None) -> Settings:
    with readable():
        return load(home, config)


def _tell(found: Iterable[tuple[str, Health]]) -> NoReturn:
    """Print each as it is tried, and end with whether all is well."""
    well: bool | None = None
    for name, health in found:
        click.echo(f"{'ok  ' if health.reachable else 'FAIL'} {name}: {health.said}")
        well = health.reachable and well is not False
    if well is None:
        click.echo("Nothing to try: the settings name none. docs/connectors.md says how one is named.")
    sys.exit(1 if well is False else 0)
