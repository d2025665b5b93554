"""`habeas audit`: sign what happened, hand it out, and prove it, with or without the system."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import click

from services.cli.faults import readable
from services.cli.vault import opened, store_options
from services.router.api.audit import ledger
from services.runtime.audit.checkpoint import AuditFault, Checkpoint, public_pem, raw_public_key, signing_key
from services.runtime.audit.evidence import verify_folder
from services.runtime.audit.files import Exported, read_export
from services.runtime.audit.ledger import Ledger, checkpoint_lines
from services.runtime.audit.verify import Verdict, verify
from services.runtime.settings import load
from services.runtime.store import Database
from services.runtime.vault import Vault

_controller = click.option("--controller", default=None, help="Only this controller; all of them otherwise.")
_output = click.option(
    "--output", type=click.Path(path_type=Path, dir_okay=False), default=None, help="Write to this file."
)


@click.group()
def audit() -> None:
    """The proof of what happened: checkpoints, exports, verification."""


@audit.command("checkpoint")
@_controller
@click.option(
    "--folder", type=click.Path(path_type=Path, file_okay=False), default=None, help="Write a file each here."
)
@store_options
def checkpoint_(controller: str | None, folder: Path | None, home: Path | None, store: str | None) -> None:
    """Sign the chains as they are now. Keep the file, or the printed statement, where nobody here can change it."""
    with _ledger(home, store) as (book, database, _):
        for name in _controllers(book, database, controller and _known(book, database, home, controller)):
            with database.begin("router") as tx:
                made = book.checkpoint(tx, name, datetime.now(UTC).isoformat(timespec="seconds"))
            click.echo(_json(made.header()))
            if folder is not None:
                folder.mkdir(parents=True, exist_ok=True)
                _write(folder / f"{name}-{made.statement.sequence:06}.checkpoint.jsonl", checkpoint_lines(made))


@audit.command()
@click.argument("controller")
@_output
@store_options
def export(controller: str, output: Path | None, home: Path | None, store: str | None) -> None:
    """Write every case event of CONTROLLER with the newest checkpoint, one JSON object a line."""
    with _ledger(home, store) as (book, database, _):
        _known(book, database, home, controller)
        with database.look("router") as tx:
            if controller not in book.controllers(tx):
                raise AuditFault(f"{controller} has no cases yet, so there is nothing to hand out")
            _write(output, book.export(tx, controller))


@audit.command()
@click.argument("controller")
@store_options
def key(controller: str, home: Path | None, store: str | None) -> None:
    """Print the public key that verifies CONTROLLER's checkpoints; publish it."""
    with _ledger(home, store) as (book, database, vault):
        click.echo(public_pem(_key_of(vault, _known(book, database, home, controller))), nl=False)


@audit.command("verify")
@click.option("--export", "export_file", type=click.Path(path_type=Path, dir_okay=False), help="Verify this export.")
@click.option("--checkpoint", "checkpoint_file", type=click.Path(path_type=Path, dir_okay=False), help="Against this.")
@click.option("--public-key", type=click.Path(path_type=Path, dir_okay=False), help="The published key, a PEM file.")
@click.option(
    "--folder", type=click.Path(path_type=Path, file_okay=False), help="Verify this evidence folder of a case."
)
@_controller
@click.option("--json", "as_json", is_flag=True, help="Write the verdict as JSON.")
@store_options
def verify_(
    export_file: Path | None,
    checkpoint_file: Path | None,
    public_key: Path | None,
    folder: Path | None,
    controller: str | None,
    home: Path | None,
    store: str | None,
    *,
    as_json: bool,
) -> None:
    """Prove chains against a checkpoint and name the first broken or missing link. Exits 1 when something is wrong.

    With --export or --folder nothing but that is read: no system, no settings, no vault.
    """
    with _faults():
        given = _checkpoint(checkpoint_file)
        trusted = raw_public_key(public_key.read_bytes()) if public_key else None
        if folder is not None:
            verdicts = [verify_folder(folder, trusted, given)]
        elif export_file is not None:
            found = _read(export_file)
            verdicts = [(found.controller, _verify_export(found, given, trusted))]
        else:
            verdicts = list(_verify_store(home, store, controller, given, trusted))
    for name, verdict in verdicts:
        _say(name, verdict, as_json=as_json)
    if not all(verdict.sound for _, verdict in verdicts):
        sys.exit(1)


def _verify_export(found: Exported, given: Checkpoint | None, trusted: str | None) -> Verdict:
    used = given or found.checkpoint
    if given is not None and not given.heads and found.checkpoint is not None:
        # Only the statement was kept apart: the export's own heads must give the root that was signed.
        used = Checkpoint(given.statement, given.signature, given.public_key, found.checkpoint.heads)
    if not found.controller:
        raise AuditFault("the export names no controller in its first line; export it again")
    if used is None and trusted is not None:
        raise AuditFault("there is no checkpoint that the key could prove: it was cut off, or never signed")
    if used is None and not found.links:
        raise AuditFault("the export holds no case events and no checkpoint, so it proves nothing; export it again")
    return verify(found.controller, found.chains(), used, trusted)


def _verify_store(
    home: Path | None, store: str | None, controller: str | None, given: Checkpoint | None, trusted: str | None
) -> Iterator[tuple[str, Verdict]]:
    with _ledger(home, store) as (book, database, vault):
        # A checkpoint's own controller is not asked for: where its cases are gone, that is what is to be found out.
        signed = given.statement.controller if given else None
        wanted = controller or signed
        if wanted and wanted != signed:
            _known(book, database, home, wanted)
        for name in _controllers(book, database, wanted):
            own = trusted or raw_public_key(public_pem(_key_of(vault, name)).encode())
            with database.look("router") as tx:
                yield name, book.verify(tx, name, given, own)


def _known(book: Ledger, database: Database, home: Path | None, wanted: str) -> str:
    """Return the name, or say which is meant: every name would give a key, and prove that no cases are all sound."""
    with database.look("router") as tx:
        known = sorted({*load(home).controllers, *book.controllers(tx)})
    if wanted in known:
        return wanted
    near = get_close_matches(wanted, known, 1)
    meant = f"is {near[0]} meant? " if near else ""
    raise AuditFault(f"there is no controller {wanted[:64]}; {meant}known are: {', '.join(known) or 'none'}")


def _controllers(book: Ledger, database: Database, wanted: str | None) -> list[str]:
    if wanted is not None:
        return [wanted]
    with database.look("router") as tx:
        found = book.controllers(tx)
    if not found:
        click.echo("There are no cases yet, so there is nothing to sign or to prove.")
    return found


def _checkpoint(path: Path | None) -> Checkpoint | None:
    if path is None:
        return None
    found = _read(path).checkpoint
    if found is None:
        raise AuditFault(f"{path} holds no checkpoint; `habeas audit checkpoint --folder DIR` writes one")
    return found


def _read(path: Path) -> Exported:
    with path.open(encoding="utf-8") as file:
        return read_export(file, str(path))


def _say(name: str, verdict: Verdict, *, as_json: bool) -> None:
    if as_json:
        click.echo(_json({
            "controller": name, "sound": verdict.sound, "cases": verdict.cases, "links": verdict.links,
            "newer_links": verdict.newer_links, "faults": verdict.faults, "notes": verdict.notes,
        }))  # fmt: skip
        return
    for fault in verdict.faults:
        click.echo(f"BROKEN  {fault}")
    for note in verdict.notes:
        click.echo(f"note    {note}")
    outcome = "sound" if verdict.sound else "BROKEN"
    click.echo(f"{name}: {outcome}, {verdict.cases} cases, {verdict.links} links")


def _write(path: Path | None, lines: Iterable[dict[str, Any]]) -> None:
    if path is None:
        for line in lines:
            click.echo(_json(line))
        return
    draft = path.with_name(path.name + ".part")
    with draft.open("w", encoding="utf-8") as file:
        for line in lines:
            file.write(_json(line) + "\n")
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    click.echo(f"Written to {path}.", err=True)


def _json(fields: dict[str, Any]) -> str:
    return json.dumps(fields, ensure_ascii=False)


def _key_of(vault: Vault, controller: str) -> Any:
    return signing_key(vault.subkey(f"audit checkpoints|{controller}"))


@contextmanager
def _ledger(home: Path | None, store: str | None) -> Iterator[tuple[Ledger, Database, Vault]]:
    with _faults(), opened(home, store) as (vault, database):
        yield ledger(lambda controller: _key_of(vault, controller)), database, vault


@contextmanager
def _faults() -> Iterator[None]:
    with readable():
        try:
            yield
        except AuditFault as fault:
            _end(str(fault))
        except UnicodeDecodeError:
            _end("the file is not UTF-8 text; it was cut or changed, export it again")
        except FileNotFoundError as fault:
            _end(f"there is no file {fault.filename}")


def _end(message: str) -> None:
    click.echo(f"habeas: {message}", err=True)
    sys.exit(1)
