"""`habeas packages`: how far each package is, and removing one before its time."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from services.cli.faults import readable
from services.intake.api.packages import PackageFault, Shelf, shelf
from services.runtime.settings import load

Command = Callable[..., Any]


def common(command: Command) -> Command:
    """Add the options that every command of this group takes."""
    for option in (
        click.option("--json", "as_json", is_flag=True, help="Write JSON, one object a line."),
        click.option("--store", help="The database, if it is not the one in the settings."),
        click.option("--config", type=click.Path(path_type=Path, dir_okay=False), help="Else HOME/habeas.toml."),
        click.option("--home", type=click.Path(path_type=Path, file_okay=False), help="Where state lives."),
    ):
        command = option(command)
    return command


@click.group()
def packages() -> None:
    """The packages that people were offered: announced, opened, fetched, taken, removed.

    A package is removed by itself: when it was fetched whole, when its window ends, or when nobody opened it in time.
    """


@packages.command("list")
@click.argument("case", default="")
@click.option("--all", "every", is_flag=True, help="Those that were removed as well.")
@common
def list_(case: str, home: Path | None, config: Path | None, store: str | None, *, every: bool, as_json: bool) -> None:
    """List the packages that are there, of one case or of all; never what is in them."""
    _do(lambda at: at.packages(case, every=every), home, config, store, as_json=as_json)


@packages.command()
@click.argument("case")
@common
def remove(case: str, home: Path | None, config: Path | None, store: str | None, *, as_json: bool) -> None:
    """Remove the package of a case and its password now; its link says that it is gone."""
    _do(lambda at: at.remove(case), home, config, store, as_json=as_json)


def _do(
    what: Callable[[Shelf], list[dict[str, Any]]], home: Path | None, config: Path | None, store: str | None, *,
    as_json: bool,
) -> None:  # fmt: skip
    with readable():
        try:
            with shelf(load(home, config, {"store": store})) as at:
                found = what(at)
        except PackageFault as fault:
            raise click.ClickException(str(fault)) from None
    if as_json:
        for each in found:
            click.echo(json.dumps(each))
        return
    for each in found:
        click.echo(_line(each))
    if not found:
        click.echo("No packages.")


def _line(each: dict[str, Any]) -> str:
    moments = [f"{name} {each[name]}" for name in ("announced", "opened", "taken", "removed") if each[name]]
    ends = [] if each["removed"] else [f"ends {each['ends']}"]
    sent = [f"{each['fetched_percent']} % fetched"] if each["opened"] else []
    mailed = ["mailed too"] if each["mailed"] else []
    told = ", ".join([f"{each['size_bytes']:,} bytes", *mailed, *sent, *moments, *ends])
    return f"{each['case']}  {each['controller']}  {each['standing']}: {told}"
