"""`habeas vault`: replace the master key, carry tombstones to safety and back, and check keys against content."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import click

from services.cli.faults import readable
from services.runtime.beside import vault_beside
from services.runtime.settings import load
from services.runtime.store import Database, StoreFault
from services.runtime.vault import Vault, VaultFault
from services.runtime.vault.master import new_master_key

Command = Callable[..., Any]
_LINE_BYTES_MAX: Final = 1024


@click.group()
def vault() -> None:
    """Keys of persons: replace the master key, export and apply tombstones."""


def store_options(command: Command) -> Command:
    """Add the options that say which home and which database."""
    for option in (
        click.option("--store", default=None, help="The database, if it is not the one in the settings."),
        click.option("--home", type=click.Path(path_type=Path), default=None, help="The home folder."),
    ):
        command = option(command)
    return command


@contextmanager
def opened(home: Path | None, store: str | None) -> Iterator[tuple[Vault, Database]]:
    """Give the vault of these settings and its database; a fault with a name becomes one line and status 1."""
    with readable():
        settings = load(home=home, flags={"store": store})
        with vault_beside(settings, "router", StoreFault) as (database, ready):
            yield ready, database


@vault.command()
@store_options
def rotate(home: Path | None, store: str | None) -> None:
    """Replace the master key; safe to stop and to run again, while habeas runs or not."""
    with opened(home, store) as (ready, _):
        wrapped = ready.rotate_master_key()
        where = ready.keys.masters.where()
    click.echo(
        f"{wrapped} keys are wrapped by the new master key in {where}. Keep a copy of it apart from the backups."
    )


@vault.command("new-key")
def new_key() -> None:
    """Print a new master key, for an environment that keeps secrets itself."""
    click.echo(new_master_key().written())


@vault.command()
@click.argument("person")
@store_options
def forget(person: str, home: Path | None, store: str | None) -> None:
    """Destroy the key of PERSON and delete what the vault holds of them. This cannot be undone."""
    with opened(home, store) as (ready, _):
        if not ready.keys.knows(person):
            # A slip would leave a tombstone of nobody, and the one who was meant unforgotten.
            said = "nobody has this id here, so nobody was forgotten; a person's id is `person` in the events"
            raise click.ClickException(said)
        first = ready.forget(person)
    click.echo("Forgotten." if first else "This person was forgotten before; nothing was left to do.")


@vault.group()
def tombstones() -> None:
    """Who was forgotten: to be copied away, and obeyed by whatever is restored."""


@tombstones.command("export")
@click.argument("file", type=click.File("w", encoding="utf-8"), default="-")
@store_options
def export(file: Any, home: Path | None, store: str | None) -> None:
    """Write every tombstone to FILE; it holds no names, only ids and moments."""
    with opened(home, store) as (ready, _):
        digest = _seal_of(ready)
        count = 0
        for person, moment in ready.forgetting.tombstones():
            line = json.dumps({"person": person, "forgotten": moment.isoformat()}, sort_keys=True)
            digest.update(line.encode() + b"\n")
            file.write(line + "\n")
            count += 1
        file.write(json.dumps({"tombstones": count, "seal": digest.hexdigest()}) + "\n")
    click.echo(f"{count} tombstones written; keep them outside the backups of the database and of the keys.", err=True)


@tombstones.command("apply")
@click.argument("file", type=click.File("r", encoding="utf-8"), required=False)
@store_options
def apply(file: Any, home: Path | None, store: str | None) -> None:
    """Forget again whoever a restored database or key store brought back; FILE adds tombstones exported before."""
    with opened(home, store) as (ready, _):
        listed = _read(ready, file) if file is not None else []
        new = sum(ready.forgetting.bury(person, moment) for person, moment in listed)
        found = ready.apply_tombstones()
    click.echo(f"{new} tombstones were new here; content of {new + found} persons was looked for and is gone.")


def _seal_of(ready: Vault) -> hmac.HMAC:
    return hmac.new(ready.subkey("tombstones"), digestmod=hashlib.sha256)


def _read(ready: Vault, file: Any) -> list[tuple[str, datetime]]:
    """Return the file's tombstones once its seal is proven: a forged list would destroy keys."""
    digest = _seal_of(ready)
    found: list[tuple[str, datetime]] = []
    for number, line in enumerate(file, 1):
        try:
            fields: dict[str, Any] = json.loads(line[:_LINE_BYTES_MAX])
            if "seal" in fields:
                if hmac.compare_digest(str(fields["seal"]), digest.hexdigest()):
                    return found
                break
            found.append((str(fields["person"]), datetime.fromisoformat(fields["forgotten"])))
        except (KeyError, TypeError, ValueError):
            raise VaultFault(f"line {number} is not a tombstone; nothing was applied, export the list again") from None
        digest.update(line.rstrip("\n").encode() + b"\n")
    raise VaultFault(
        "the list of tombstones was changed or cut off, or belongs to another key store; nothing was applied"
    )
