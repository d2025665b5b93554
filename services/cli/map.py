"""`habeas map`: draft, check and plan data maps."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from services.cli.fulfil import fail, systems_options
from services.cli.spread import SpreadCommand
from services.fulfil.api import datamaps
from services.fulfil.api.engineer import UsageFault


@click.group(name="map")
def map_() -> None:
    """Draft, check and plan data maps."""


@map_.command()
@click.argument("url")
@click.option("--system", default="my_system", help="The name by which the map will know the database.")
@click.option("--schema", help="A schema other than the default one.")
def scan(url: str, system: str, schema: str | None) -> None:
    """Draft a map from a live database's schema. Nothing that was sampled is stored."""
    try:
        click.echo(datamaps.scan(url, system, schema), nl=False)
    except UsageFault as fault:
        fail(str(fault))


@map_.command(cls=SpreadCommand)
@systems_options
@click.option("--json", "as_json", is_flag=True, help="Print the remarks as JSON.")
def check(maps: tuple[Path, ...], connections: tuple[str, ...], identities: tuple[str, ...], as_json: bool) -> None:
    """Compare maps with the live systems; exit status 1 if something would stop an erasure."""
    del identities
    try:
        remarks = datamaps.check(maps, connections)
    except UsageFault as fault:
        fail(str(fault))
    if as_json:
        listed = [{"place": r.place, "said": r.said, "remedy": r.remedy, "wrong": r.wrong} for r in remarks]
        click.echo(json.dumps({"remarks": listed}, ensure_ascii=False))
    else:
        for remark in remarks:
            click.echo(str(remark))
        if not remarks:
            click.echo("The maps fit.")
    sys.exit(1 if any(remark.wrong for remark in remarks) else 0)


@map_.command(cls=SpreadCommand)
@systems_options
@click.option("--counts", is_flag=True, help="Search, and say how many rows each step finds.")
@click.option("--json", "as_json", is_flag=True, help="Print the plan as JSON.")
def plan(
    maps: tuple[Path, ...], connections: tuple[str, ...], identities: tuple[str, ...], counts: bool, as_json: bool
) -> None:
    """Show in which order a person is searched for, and by what."""
    try:
        found = datamaps.plan(maps, connections, identities, counted=counts)
    except UsageFault as fault:
        fail(str(fault))
    if as_json:
        steps = [
            {"table": str(s.table), "by": list(s.by), "circle": s.circle}
            | ({"rows": found.counts.get(s.table, 0)} if counts else {})
            for s in found.steps
        ]
        click.echo(json.dumps({"steps": steps, "unreached": [str(t) for t in found.unreached]}, ensure_ascii=False))
        return
    for step in found.steps:
        rows = f": {found.counts.get(step.table, 0)} rows" if counts else ""
        click.echo(f"{step.number:3} {step.table}{rows}{' (until nothing new is found)' if step.circle else ''}")
        for way in step.by:
            click.echo(f"      by {way}")
    for table in found.unreached:
        click.echo(f"  - {table}: these identities do not lead there")
