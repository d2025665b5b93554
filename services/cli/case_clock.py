"""`habeas case`: what an officer may do to a clock."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import click

from schemas.rights import Right
from services.cli import case_words
from services.cli.case_common import acting, one_right, opened, say

AWAITED = click.Choice(["identity", "clarification", "fee"])


@click.command()
@acting
@one_right
@click.option("--ground", help="complexity or number_of_requests (Art. 12(3) GDPR).")
@click.option("--reasons", default="", help="What the person reads.")
@click.option(
    "--until",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DATE",
    help="The day by which you will answer, where that is sooner than the law allows, or the law sets no limit.",
)
def extend(
    name: str, right: Right | None, ground: str | None, reasons: str, until: datetime | None, as_json: bool,
    **where: Any,
) -> None:  # fmt: skip
    """Extend a claim's period; it counts once the person was told in time."""
    with opened(**where) as at:
        day = until.date() if until else None
        say(at.extend(name, right, ground, reasons, day), as_json, case_words.line)


@click.command()
@acting
@one_right
@click.option("--for", "awaited", type=AWAITED, required=True, help="What the person owes.")
@click.option("--ground", help="Why it is truly needed: identity_in_doubt, scope_unclear.")
@click.option("--reasons", default="", help="What the person reads.")
def pause(
    name: str, right: Right | None, awaited: str, ground: str | None, reasons: str, as_json: bool, **where: Any
) -> None:
    """Stop a clock where the law lets it wait for the person, who is told."""
    with opened(**where) as at:
        say(at.pause(name, right, awaited, ground, reasons), as_json, case_words.line)


@click.command()
@acting
@one_right
@click.option("--for", "awaited", type=AWAITED, help="What was awaited, where there are several.")
def resume(name: str, right: Right | None, awaited: str | None, as_json: bool, **where: Any) -> None:
    """Let a clock run again, because the person gave what was asked."""
    with opened(**where) as at:
        say(at.resume(name, right, awaited), as_json, case_words.line)


@click.command()
@acting
@click.option("--law", "laws", multiple=True, required=True, help="A law that applies: uk-gdpr. Repeat for several.")
@click.option("--because", default="", help="Why; it stands in the timeline.")
def law(name: str, laws: tuple[str, ...], because: str, as_json: bool, **where: Any) -> None:
    """Correct which laws apply; every open date is worked out again."""
    with opened(**where) as at:
        say(at.correct_law(name, laws, because), as_json, case_words.line)


@click.command()
@acting
@one_right
@click.option("--at", "moment", required=True, metavar="MOMENT", help="2026-03-31T09:00, the controller's local time.")
@click.option("--zone", default="", help="The zone that the moment is in; else the controller's.")
def aware(name: str, right: Right | None, moment: str, zone: str, as_json: bool, **where: Any) -> None:
    """Record when the controller became aware of a breach; 72 hours run from there (Art. 33(1) GDPR)."""
    with opened(**where) as at:
        say(at.aware(name, moment, right, zone), as_json, case_words.line)


COMMANDS = (extend, pause, resume, law, aware)
