"""`habeas fulfil`: carry out a right on real systems, with proof."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NoReturn

import click

from services.cli.progress import Line, bar
from services.cli.spread import SpreadCommand
from services.fulfil.api import engineer
from services.fulfil.api.engineer import Exit, Report

STEPS = ("run", "retry", "skip")
EXITS = """
Exit status: 0 complete (or, with --dry-run, planned), 1 incomplete, 2 wrong usage or a wrong map, 3 refused: nothing
was changed because it could not be done safely.
"""


class WithSteps(click.Group):
    """Adds the orders about a case's steps, which need the cases' own code: loaded when one of them is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*super().list_commands(ctx), *STEPS]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in STEPS:
            return super().get_command(ctx, cmd_name)
        command = getattr(importlib.import_module("services.cli.fulfil_steps"), cmd_name)
        assert isinstance(command, click.Command)
        return command


@click.group(cls=WithSteps)
def fulfil() -> None:
    """Carry out rights on real systems, with proof."""


def systems_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that say which systems, and who."""
    for option in (
        click.option("--identity", "identities", multiple=True, metavar="NAME=VALUE…", help="Whom to look for."),
        click.option("--connect", "connections", multiple=True, metavar="NAME=URL…", help="Where to look."),
        click.option(
            "--map", "maps", multiple=True, required=True, type=click.Path(path_type=Path, exists=True),
            metavar="FILE…", help="Data maps: habeas's own, or Fides datasets.",
        ),
    ):  # fmt: skip
        command = option(command)
    return command


class Progress:
    """Which table is searched or erased, and how many are done."""

    def __init__(self) -> None:
        self._line = Line()

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        self.clear()

    def __call__(self, what: str, table: object, done: int, total: int) -> None:
        """Say how far it is."""
        self._line.show(f"{what} [{bar(done, total)}] {done} of {total} tables: {table}")

    def clear(self) -> None:
        """Take the line away, so that the answer stands alone."""
        self._line.clear()


@fulfil.command(cls=SpreadCommand, epilog=EXITS)
@systems_options
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Folder for the person's data.")
@click.option("--json", "as_json", is_flag=True, help="Print the keys found and withheld as JSON.")
def access(
    maps: tuple[Path, ...], connections: tuple[str, ...], identities: tuple[str, ...], out: Path | None, as_json: bool
) -> None:
    """Find everything these systems hold about a person."""
    try:
        with Progress() as told, engineer.perform_access(maps, connections, identities, out, told) as report:
            told.clear()
            show(report, as_json=as_json)
            status = report.exit
    except engineer.UsageFault as fault:
        fail(str(fault))
    sys.exit(status)


@fulfil.command(cls=SpreadCommand, epilog=EXITS)
@systems_options
@click.option("--dry-run", is_flag=True, help="Show what would change and what would be kept back; change nothing.")
@click.option("--yes", is_flag=True, help="Do it without asking.")
@click.option("--json", "as_json", is_flag=True, help="Print the keys changed and withheld as JSON.")
def erasure(
    maps: tuple[Path, ...],
    connections: tuple[str, ...],
    identities: tuple[str, ...],
    dry_run: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Erase a person from these systems, and read back that they are gone."""
    try:
        if not dry_run and not yes:
            _confirm(maps, connections, identities)
        with (
            Progress() as told,
            engineer.perform_erasure(maps, connections, identities, dry_run=dry_run, told=told) as report,
        ):
            told.clear()
            show(report, as_json=as_json)
            status = report.exit
    except engineer.UsageFault as fault:
        fail(str(fault))
    sys.exit(status)


def _confirm(maps: tuple[Path, ...], connections: tuple[str, ...], identities: tuple[str, ...]) -> None:
    """Show the plan and ask; where nobody can answer, nothing is erased."""
    if not sys.stdin.isatty():
        click.echo("habeas: erasure cannot be undone; add --yes to do it, or --dry-run to see it.", err=True)
        sys.exit(Exit.REFUSED)
    with engineer.perform_erasure(maps, connections, identities, dry_run=True) as plan:
        show(plan, as_json=False)
        if plan.exit is Exit.REFUSED:
            sys.exit(Exit.REFUSED)
    if not click.confirm("Erase this? It cannot be undone."):
        sys.exit(Exit.REFUSED)


def show(report: Report, *, as_json: bool) -> None:
    """Print a report, for a program or for a person."""
    if as_json:
        _write(report.as_json())
        return
    click.echo(f"{report.status}")
    for name, table in report.tables.items():
        rows = sum(1 for _ in table.rows())
        withheld = len(table.withheld) + table.withheld_more
        if rows or withheld or table.fault:
            click.echo(f"  {name}: {rows} rows" + (f", {withheld} withheld" if withheld else ""))
            for reason in sorted({entry.reason for entry in table.withheld if entry.reason}):
                click.echo(f"    withheld: {reason}")
    for said in (*report.faults, *report.notes):
        click.echo(f"  ! {said}", err=True)


def _write(pieces: Iterable[str]) -> None:
    for piece in pieces:
        sys.stdout.write(piece)
    sys.stdout.flush()


def fail(said: str) -> NoReturn:
    """Say what is wrong with what was asked, and stop."""
    click.echo(f"habeas: {said}", err=True)
    sys.exit(Exit.USAGE)
