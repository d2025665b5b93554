"""`habeas suppressed`: which addresses of a mailing must not be written to."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import click

from services.cli.faults import readable
from services.cli.options import settings_options
from services.fulfil.api.suppression import SuppressionFault, Suppressions, suppressions
from services.runtime.settings import load

LINE_CHARACTERS_MAX = 10_000


@click.command()
@click.argument("source", type=click.File("r", encoding="utf-8"), default="-")
@click.option("--controller", required=True, help="Whose mailing it is.")
@click.option("--list", "names", multiple=True, metavar="NAME", help="Only entries for this list, and for every list.")
@click.option("--add", is_flag=True, help="Keep these addresses as entries: an older list moves over.")
@settings_options
def suppressed(
    source: IO[str], controller: str, names: tuple[str, ...], add: bool, home: Path | None, config: Path | None
) -> None:
    """Read addresses, one a line or as {"id", "address"}, and say for each whether it may be written to.

    Entries are keyed hashes: they say yes or no to an address, and cannot be turned back into one.
    """
    with readable():
        settings = load(home, config)
        try:
            with suppressions(settings, controller) as entries:
                for name, line in _lines(source):
                    click.echo(json.dumps({"id": name, **_answer(entries, line, names, add=add)}, ensure_ascii=False))
        except SuppressionFault as fault:
            click.echo(str(fault), err=True)
            sys.exit(2)


def _lines(source: IO[str]) -> Iterator[tuple[Any, Any]]:
    """Yield each line's id and address; a line that is no JSON is an address itself, numbered."""
    number = 0
    while line := source.readline(LINE_CHARACTERS_MAX + 1):
        number += 1
        text = line.strip()
        if len(line) > LINE_CHARACTERS_MAX:
            while line and not line.endswith("\n"):
                line = source.readline(LINE_CHARACTERS_MAX + 1)
            yield number, None
        elif text.startswith("{"):
            try:
                found = json.loads(text)
            except ValueError:
                yield number, None
                continue
            yield found.get("id", number), found.get("address")
        elif text:
            yield number, text


def _answer(entries: Suppressions, line: Any, names: tuple[str, ...], *, add: bool) -> dict[str, Any]:
    if not isinstance(line, str):
        return {"error": 'write an address, or {"id": 1, "address": "ann@example.org"}'}
    try:
        if add:
            return {"added": entries.add(line, names)}
        lists = [name for name in entries.lists(line) if not names or name == "*" or name in names]
    except SuppressionFault as fault:
        return {"error": str(fault)}
    return {"suppressed": bool(lists), "lists": lists}
