"""What the commands of `habeas policy` share: their options, the knowledge they read, and faults in one line."""

from __future__ import annotations

import functools
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import click

from services.router.api import policies as api


def named_faults(command: Callable[..., None]) -> Callable[..., None]:
    """Turn a fault that has a name into one line and exit status 2."""

    @functools.wraps(command)
    def run(*arguments: Any, **options: Any) -> None:
        try:
            command(*arguments, **options)
        except (api.PolicyError, LookupError) as fault:
            message = str(fault.args[0]) if fault.args else str(fault)
            click.echo(f"habeas: {message}", err=True)
            raise SystemExit(2) from None

    return run


def day_of(_ctx: click.Context, _parameter: click.Parameter, given: str | None) -> date | None:
    if given is None:
        return None
    try:
        return date.fromisoformat(given)
    except ValueError:
        raise click.BadParameter(f"{given!r} is not a day; write it as 2024-05-31") from None


def base_of(ctx: click.Context) -> api.KnowledgeBase:
    return api.knowledge(ctx.obj["home"], ctx.obj["knowledge"])


KINDS = click.Choice([kind.value for kind in api.DocumentKind])
document_option = click.option(
    "--document",
    type=KINDS,
    default=api.DocumentKind.PRIVACY_POLICY.value,
    show_default=True,
    help="Which of the controller's documents.",
)
controller_option = click.option("--controller", required=True, help="The controller's id, such as `axigen`.")
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
on_option = click.option("--on", callback=day_of, help="The day that counts, as 2024-05-31; by default today.")


def today() -> date:
    return datetime.now(tz=UTC).date()


def warned(found: api.InForce) -> api.Policy:
    if found.warning:
        click.echo(f"habeas: {found.warning}", err=True)
    return found.policy
