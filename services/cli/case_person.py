"""`habeas case`: dealing with the person. Who they are, what they mean, and letters that go by post."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import click

from schemas.rights import Right
from services.cli import case_words
from services.cli.case_common import acting, one_right, opened, say
from services.cli.case_files import written
from services.router.api.cases import brought

REMOVE: Final = "remove the folder when you have looked: habeas destroys its own copy, not this one"
ASSURANCES = click.Choice(["aligned_mail", "session", "link", "link_and_factor", "document"])


@click.command()
@acting
@one_right
@click.option("--by", "method", type=click.Choice(["link", "document"]), default="link", show_default=True)
@click.option("--reasons", default="", help="Why; a document may not be asked for without (Art. 12(6) GDPR).")
def identify(name: str, right: Right | None, method: str, reasons: str, as_json: bool, **where: Any) -> None:
    """Ask the person to prove who they are."""
    with opened(**where) as at:
        say(at.identify(name, right, method, reasons), as_json, case_words.line)


@click.command()
@acting
@click.option("--ground", help="Why you are sure, for example known_customer.")
@click.option("--assurance", type=ASSURANCES, default="document", show_default=True, help="How sure.")
@click.option("--code", help="The code that the person gave you, instead of a ground.")
def confirm(name: str, ground: str | None, assurance: str, code: str | None, as_json: bool, **where: Any) -> None:
    """Accept the person's identity, on your word or by the code that they were sent."""
    if bool(ground) == bool(code):
        raise click.UsageError("say why you are sure with --ground, or give the person's code with --code")
    with opened(**where) as at:
        found = at.identity_code(name, code) if code else at.confirm_identity(name, ground or "", assurance)
        say(found, as_json, case_words.line)


@click.command()
@acting
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="A new folder to put the files in.")
@click.option(
    "--scan", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="Keep one that came by post."
)
@click.option("--received", default="", metavar="DATE|MOMENT", help="With --scan: when it arrived; else now.")
@click.option("--zone", default="", help="The zone that --received is in; else the controller's.")
def document(
    name: str, out: Path | None, scan: Path | None, received: str, zone: str, as_json: bool, **where: Any
) -> None:
    """Look at the identity document that was asked for, or keep one that came by post.

    It is kept only until you have decided: what ends the task to look at it destroys it, with its key.
    """
    if (out is None) == (scan is None):
        raise click.UsageError("look at it with --out FOLDER, or keep one that came by post with --scan FILE")
    with opened(**where) as at:
        if scan is not None:
            say(at.take_document(name, brought(scan), received, zone), as_json, case_words.line)
            return
        assert out is not None
        found = written(out, at.documents(name))
        say(found, as_json, lambda each: "\n".join([*each["files"], REMOVE]))


@click.command()
@acting
@one_right
@click.option("--question", required=True, help="What the person reads.")
@click.option("--ground", required=True, help="Why it is truly needed: scope_unclear, which_account.")
def ask(name: str, right: Right | None, question: str, ground: str, as_json: bool, **where: Any) -> None:
    """Ask the person what they mean; the clock waits only as far as the law lets it."""
    with opened(**where) as at:
        say(at.ask(name, right, question, ground), as_json, case_words.line)


@click.command()
@acting
@one_right
@click.option("--note", default="", help="What they said; kept with the case.")
def answered(name: str, right: Right | None, note: str, as_json: bool, **where: Any) -> None:
    """Record that the person answered your question, by post or on the phone."""
    with opened(**where) as at:
        say(at.answered(name, right, note), as_json, case_words.line)


@click.command()
@acting
@click.argument("letter")
@click.option("--on", "moment", required=True, metavar="MOMENT", help="When it was posted: 2026-03-31.")
@click.option("--evidence", default="", help="How that can be shown: the registered letter's number.")
@click.option("--zone", default="", help="The zone that the moment is in; else the controller's.")
def posted(name: str, letter: str, moment: str, evidence: str, zone: str, as_json: bool, **where: Any) -> None:
    """Record that a letter was posted: the beginning of its id, or its template."""
    with opened(**where) as at:
        say(at.posted(name, letter, moment, evidence, zone), as_json, case_words.line)


@click.command()
@acting
@click.argument("letter")
@click.option("--status", default="returned", show_default=True, help="What the post said.")
def returned(name: str, letter: str, status: str, as_json: bool, **where: Any) -> None:
    """Record that a letter came back: the person was not answered, asked or told."""
    with opened(**where) as at:
        say(at.returned(name, letter, status), as_json, case_words.line)


COMMANDS = (identify, confirm, document, ask, answered, posted, returned)
