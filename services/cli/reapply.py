"""`habeas reapply`: what was carried out is carried out again, after a system came back from a backup."""

from __future__ import annotations

import getpass
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import click

from services.cli.case_common import officer_id
from services.cli.faults import readable
from services.cli.options import settings_options
from services.cli.progress import Bar
from services.fulfil.api import reapply as door
from services.fulfil.api.engineer import UsageFault
from services.fulfil.api.reapply import Reapplied
from services.runtime.settings import load

REFUSED: Final = 3
EPILOG: Final = """
Exit status: 0 all done (or, with --dry-run, planned), 1 something could not be done or an officer must look, 2 wrong
usage, 3 not confirmed: nothing was changed.
"""


@click.command(epilog=EPILOG)
@click.option(
    "--since", required=True, metavar="MOMENT",
    help="The moment of the backup: 2026-11-01, or 2026-11-01T04:00+01:00 (UTC unless said).",
)  # fmt: skip
@click.option("--system", "systems", multiple=True, metavar="NAME", help="Only this system was restored; repeatable.")
@click.option("--controller", "controllers", multiple=True, metavar="NAME", help="Only this controller's systems.")
@click.option("--dry-run", is_flag=True, help="Show what would be done again; change nothing.")
@click.option("--yes", is_flag=True, help="Do it without asking.")
@click.option("--json", "as_json", is_flag=True, help="Print acts, tables and receipts as JSON.")
@click.option("--officer", metavar="NAME", help="Who orders it; else the name you are logged in with.")
@settings_options
@click.option("--store", metavar="URL", help="The database, where it is not in the home.")
def reapply(
    since: str, systems: tuple[str, ...], controllers: tuple[str, ...], dry_run: bool, yes: bool, as_json: bool,
    officer: str | None, home: Path | None, config: Path | None, store: str | None,
) -> None:  # fmt: skip
    """Carry out again what was carried out since MOMENT in systems that were restored from a backup.

    Erasures, corrections, restrictions, unsubscriptions, objections and withdrawn consents, in their order. Say
    --system for the systems that were restored: in one that was not, somebody may be a customer again.
    """
    with readable():
        settings = load(home, config, {"store": store})
        try:
            moment = moment_of(since)
            with door.reapplying(settings, systems, controllers) as register:
                waiting = register.waiting(moment, systems, controllers)
                if waiting and not (dry_run or yes):
                    _confirm(len(waiting))
                done: list[Reapplied] = []
                with Bar("acts") as told:
                    who = officer_id(officer or getpass.getuser())
                    acts = register.perform(waiting, since=moment, dry_run=dry_run, officer=who, told=told)
                    for each in acts:
                        done.append(each)
                        if not as_json:
                            told.clear()
                            _show(each)
        except UsageFault as fault:
            click.echo(f"habeas: {fault}", err=True)
            sys.exit(2)
    if as_json:
        click.echo(door.as_json(done, dry_run=dry_run))
    elif not done:
        click.echo("Nothing was carried out in these systems since then that is still kept.")
    status = door.status_of(done, dry_run=dry_run)
    if not as_json and done:
        click.echo(f"{status.value}: {len(done)} acts, {sum(each.again.changed for each in done)} rows")
    sys.exit(0 if status.value in {"complete", "planned"} else 1)


def moment_of(written: str) -> datetime:
    """Read a day or a moment; without a zone it is UTC, as backups are named."""
    try:
        moment = datetime.fromisoformat(written.strip())
    except ValueError:
        raise UsageFault("--since is written 2026-11-01 or 2026-11-01T04:00+01:00") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _confirm(count: int) -> None:
    if not sys.stdin.isatty():
        click.echo(
            f"habeas: {count} acts would be done again, and erasing cannot be undone; add --yes to do it, or --dry-run "
            "to see it.",
            err=True,
        )
        sys.exit(REFUSED)
    if not click.confirm(f"Carry out {count} acts again? Erasing cannot be undone."):
        sys.exit(REFUSED)


def _show(each: Reapplied) -> None:
    found = each.as_dict()
    click.echo(f"{found['done']}  {found['right']}  {found['status']}  case {found['case']}")
    for name, table in found["tables"].items():
        kept = f", {table['withheld']} withheld" if table["withheld"] else ""
        click.echo(f"  {name}: {table['changed']} rows{kept}")
    for said in (*found["errors"], *found["notes"]):
        click.echo(f"  ! {said}", err=True)
