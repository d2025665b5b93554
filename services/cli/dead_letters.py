"""`habeas dead-letters`: see what waits for a human, try it again, or give it up."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from services.runtime import deadletters
from services.runtime.deadletters import DeadLetter, NoSuchLetter
from services.runtime.settings import SettingsFault, load
from services.runtime.store import Database, StoreFault
from services.runtime.store.migrate import require_current

Command = Callable[..., Any]


@click.group("dead-letters")
def dead_letters() -> None:
    """Events and jobs that wait for a human: list them, show one, replay or discard it.

    A dead letter holds its key: later events of the same case wait behind it, in order, until it is replayed with
    success or discarded. Its case's clock runs on.
    """


def _common(command: Command) -> Command:
    for option in (
        click.option("--json", "as_json", is_flag=True, help="Write JSON, one object a line."),
        click.option("--store", default=None, help="The database, if it is not the one in the settings."),
        click.option("--home", type=click.Path(path_type=Path), default=None, help="The home folder."),
    ):
        command = option(command)
    return command


@dead_letters.command("list")
@_common
def list_(home: Path | None, store: str | None, *, as_json: bool) -> None:
    """List what waits for a human."""
    with _database(home, store) as database:
        letters = deadletters.listed(database)
    if as_json:
        _lines(letters)
    elif not letters:
        click.echo("No dead letters.")
    else:
        _table(letters)


@dead_letters.command()
@click.argument("id_", metavar="ID")
@_common
def show(id_: str, home: Path | None, store: str | None, *, as_json: bool) -> None:
    """Show one with its headers and content. Events hold references, never what a person wrote."""
    with _database(home, store) as database:
        letter, headers, content = deadletters.shown(database, id_)
    if as_json:
        click.echo(json.dumps({**_json(letter), "headers": headers, "content": content}))
        return
    for name, value in {**_json(letter), **{f"header {name}": value for name, value in headers.items()}}.items():
        if value not in ("", None):
            click.echo(f"{name:>26}  {value}")
    click.echo(f"{'content':>26}  {content if content is not None else '(none)'}")


@dead_letters.command()
@click.argument("ids", metavar="ID...", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Replay every dead letter.")
@click.option("--cause", default=None, help="Replay those with this cause.")
@_common
def replay(
    ids: tuple[str, ...], home: Path | None, store: str | None, cause: str | None, *, everything: bool, as_json: bool
) -> None:
    """Try again at once. What waits behind follows in order."""
    with _database(home, store) as database:
        chosen = ids or tuple(
            letter.id for letter in deadletters.listed(database) if everything or (cause and letter.cause == cause)
        )
        if not chosen and not (everything or cause):
            raise click.UsageError("say which: one or more IDs, --cause NAME or --all")
        _report([deadletters.replay(database, id_) for id_ in chosen], "will be tried again", as_json=as_json)


@dead_letters.command()
@click.argument("ids", metavar="ID...", nargs=-1, required=True)
@click.option("--reason", required=True, help="Why it is given up; kept with the record. Name no person.")
@_common
def discard(ids: tuple[str, ...], home: Path | None, store: str | None, reason: str, *, as_json: bool) -> None:
    """Give it up for good. What waits behind goes on without it, in order."""
    with _database(home, store) as database:
        _report([deadletters.discard(database, id_, reason) for id_ in ids], "is discarded", as_json=as_json)


@contextmanager
def _database(home: Path | None, store: str | None) -> Iterator[Database]:
    """Open the database, turning every fault that has a name into one line."""
    database: Database | None = None
    try:
        settings = load(home, flags={"store": store})
        if settings.store is None and not (settings.home / "habeas.db").exists():
            raise click.ClickException(f"there is no habeas at {settings.home}; name its folder with --home")
        database = Database(settings.store_url)
        require_current(database)
        yield database
    except (StoreFault, SettingsFault, NoSuchLetter) as fault:
        raise click.ClickException(str(fault)) from None
    finally:
        if database is not None:
            database.close()


def _report(letters: Sequence[DeadLetter], became: str, *, as_json: bool) -> None:
    if as_json:
        _lines(letters)
        return
    for letter in letters:
        behind = f", with {letter.behind} behind it" if letter.behind else ""
        click.echo(f"{letter.id} ({letter.name}) {became}{behind}")
    if not letters:
        click.echo("No dead letters.")


def _table(letters: Sequence[DeadLetter]) -> None:
    rows = [("ID", "WHAT", "CAUSE", "KEY", "SINCE", "TRIES", "BEHIND")]
    rows += [
        (one.id, one.name, one.cause, one.key, f"{one.since:%Y-%m-%d %H:%M}", str(one.tries), str(one.behind))
        for one in letters
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def _lines(letters: Sequence[DeadLetter]) -> None:
    for letter in letters:
        sys.stdout.write(json.dumps(_json(letter)) + "\n")


def _json(letter: DeadLetter) -> dict[str, Any]:
    return {**asdict(letter), "since": letter.since.isoformat()}
