"""What every `habeas case` command shares: where the desk is, who sits at it, and how a refusal is said."""

from __future__ import annotations

import getpass
import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from schemas.rights import Right
from services.cli.faults import readable
from services.cli.options import settings_options, with_options
from services.router.api.cases import Desk, NotFound, Refused, desk
from services.runtime.settings import load

F = TypeVar("F", bound=Callable[..., Any])
REFUSED_STATUS: Final = 1
NAME_CHARACTERS_MAX: Final = 100


class RightChoice(click.ParamType):
    """A right by its name; one that is not known is refused with the names that are."""

    name = "right"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Right:
        """Return the right; `Opt-out of sale` is opt_out_of_sale."""
        if isinstance(value, Right):
            return value
        wanted = re.sub(r"[\s-]+", "_", str(value).strip().lower())
        try:
            return Right(wanted)
        except ValueError:
            self.fail(f"unknown right '{str(value)[:40]}'; known are: {', '.join(Right)}", param, ctx)


RIGHT: Final = RightChoice()


def common(command: F) -> F:
    """Add the options that say which habeas is meant and who decides."""
    return with_options(
        command,
        settings_options,
        click.option("--store", metavar="URL", help="The database, where it is not in the home."),
        click.option("--officer", metavar="NAME", help="Who decides; else the name you are logged in with."),
        click.option("--json", "as_json", is_flag=True, help="Print JSON."),
    )


def acting(command: F) -> F:
    """Add what a decision about a case takes besides: the version that the officer looked at."""
    return with_options(
        common(command),
        click.argument("name", metavar="CASE"),
        click.option("--seen", type=int, help="Only if the case is still at this version; `show` prints it."),
    )


def one_right(command: F) -> F:
    """Add the option that names one claim of several."""
    return with_options(command, click.option("--right", type=RIGHT, help="Which claim, where several are there."))


@contextmanager
def opened(
    home: Path | None, config: Path | None, store: str | None, officer: str | None, seen: int | None = None
) -> Iterator[Desk]:
    """Open the desk; what cannot be done is said in one line."""
    with readable():
        try:
            with desk(load(home, config, {"store": store}), officer_id(officer or getpass.getuser()), seen=seen) as at:
                yield at
        except NotFound as fault:
            raise click.ClickException(str(fault)) from None
        except Refused as refused:
            raise click.ClickException(f"refused: {refused}") from None


def officer_id(name: str) -> str:
    """Return an officer's name as the id that the record keeps."""
    plain = re.sub(r"[^0-9a-z._-]+", "-", name.strip().lower())[:NAME_CHARACTERS_MAX].strip("._-")
    return plain or "officer"


def say(found: Any, as_json: bool, text: Callable[[Any], str]) -> None:
    """Print what was found, for people or for machines."""
    click.echo(json.dumps(found, ensure_ascii=False) if as_json else text(found))
