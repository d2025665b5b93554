"""`habeas ask`: a question answered in the policy's own words, or many as JSON lines."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import BinaryIO, Final

import click

from services.router.api import answers as door

HOME_DEFAULT: Final = "habeas-home"


@click.command()
@click.argument("question", required=False)
@click.option("--controller", help="Whose policy is asked: its id, such as axigen.")
@click.option(
    "--on", metavar="DATE", help="The day that counts (YYYY-MM-DD); the version then in force answers. Today."
)
@click.option(
    "--policy",
    "policy_file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Ask this policy's text (Markdown, text or HTML) instead of a controller's.",
)
@click.option("--jsonl", is_flag=True, help='Read {"id","question"} lines from QUESTION (a file) or stdin.')
@click.option("--top", type=click.IntRange(0, door.TOP_MAX), default=0, help="Add the N best clauses as a ranking.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of text.")
@click.option("--home", type=click.Path(path_type=Path, file_okay=False), help="The folder of this installation.")
def ask(
    question: str | None, controller: str | None, on: str | None, policy_file: Path | None, jsonl: bool, top: int,
    as_json: bool, home: Path | None,
) -> None:  # fmt: skip
    """Answer a question from a controller's policy, with the clause that says so; or say that it does not say.

    \b
    habeas ask --controller axigen "How long do you keep my data?"
    habeas ask --policy policy.md "Do you sell my data?"
    habeas ask --controller axigen --jsonl --top 3 < questions.jsonl
    """
    try:
        answers = door.answers_from_file(policy_file) if policy_file else door.answers_for(chosen_home(home))
        chosen = controller or (door.FILE_CONTROLLER if policy_file else None)
        if jsonl:
            _many(answers, question, chosen, on, top)
            return
        if question is None:
            raise click.UsageError('give a question, such as: habeas ask --controller axigen "Do you sell my data?"')
        if chosen is None:
            raise click.UsageError(
                f"give --controller, one of: {', '.join(answers.base.controllers)}; or --policy FILE"
            )
        found = door.ask(answers, chosen, question, on, top)
    except (door.AskFault, door.PolicyError) as fault:
        raise click.UsageError(str(fault)) from None
    click.echo(json.dumps(door.as_json(found, ranked=top > 0), ensure_ascii=False) if as_json else _told(found))


def chosen_home(home: Path | None) -> Path:
    """Return the folder of this installation: named, from the environment, or the default."""
    return home or Path(os.environ.get("HABEAS_HOME", HOME_DEFAULT))


def _many(answers: door.Answers, source: str | None, controller: str | None, on: str | None, top: int) -> None:
    lines: BinaryIO = click.get_binary_stream("stdin")
    if source is not None and source != "-":
        try:
            lines = Path(source).open("rb")
        except OSError as fault:
            raise click.UsageError(
                f"{source}: {fault.strerror}; with --jsonl the argument is a file of lines"
            ) from None
    with lines:
        for answered in door.answer_lines(answers, lines, controller, on, top):
            click.echo(answered)


def _told(found: door.Answer) -> str:
    told = [found.text]
    if found.citations:
        told.append("\n".join(f"[{c.policy} {c.version}, {c.start}-{c.end}: {c.clause}]" for c in found.citations))
    told.extend(f"Note: {warning}." for warning in found.warnings)
    if found.ranking:
        told.append("\n".join(f"{each.score:8.3f}  {each.start}-{each.end}  {each.clause}" for each in found.ranking))
    return "\n\n".join(told)
