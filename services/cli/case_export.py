"""`habeas case export`: a case as a folder for the authority."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from services.cli.case_common import common, opened, say
from services.router.api.names import controller_names


@click.command()
@common
@click.argument("name", metavar="CASE")
@click.option("--out", required=True, type=click.Path(path_type=Path, file_okay=False), help="A new folder.")
@click.option("--redact", multiple=True, metavar="TEXT", help="Take this out too: a name that no rule can know.")
@click.option("--keep", multiple=True, metavar="TEXT", help="Leave this in: it looks like a name and is none.")
@click.option("--originals", is_flag=True, help="Add mails and scans as they came: nobody is taken out of those.")
def export(
    name: str, out: Path, redact: tuple[str, ...], keep: tuple[str, ...], originals: bool, as_json: bool, **where: Any
) -> None:
    """Write a case as evidence: timeline, decisions, letters, law, policy and proof, without other people's data."""
    # The words of the letters come with the mail's machinery, which the other commands need not wait for.
    from services.intake.api.letters import words_of

    with opened(**where) as at:
        found = at.export(
            name, out, words_of, controller_names(at.settings), also=redact, keep=keep, originals=originals
        )  # fmt: skip
        say(found, as_json, _said)


def _said(found: dict[str, Any]) -> str:
    taken = ", ".join(f"{where} {count}" for where, count in found["redacted"].items()) or "none"
    looks = ", ".join(found["perhaps"])
    perhaps = f"taken out because they look like names: {looks}; --keep TEXT leaves one in\n" if looks else ""
    return (
        f"{found['reference']}: {found['files']} files, {found['links']} events in {found['folder']}\n"
        f"places that name others, taken out: {taken}\n{perhaps}"
        "Read it before you hand it over: a rule cannot know every name; --redact TEXT takes more out.\n"
        f"check it with: habeas audit verify --folder {found['folder']}"
    )


COMMANDS = (export,)
