"""`habeas ask`: a question answered in the policy's own words, or many as JSON lines."""

from __future__ import annotations

import json
from pathlib import Path
from typing import BinaryIO

import click

from services.router.api import answers as door


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
@click.option("--law", "laws", multiple=True, help="With --policy: the law that binds, such as uk-gdpr. eu-gdpr.")
@click.option("--jsonl", is_flag=True, help='Read {"id","question"} lines from QUESTION (a file) or stdin.')
@click.option("--top", type=click.IntRange(0, door.TOP_MAX), default=0, help="Add the N best clauses as a ranking.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of text.")
@click.option("--home", type=click.Path(path_type=Path, file_okay=False), envvar="HABEAS_HOME", default="habeas-home",
              show_default=True, help="The folder habeas keeps its own files in.")  # fmt: skip
@click.option(
    "--knowledge",
    type=click.Path(path_type=Path, file_okay=False),
    envvar="HABEAS_KNOWLEDGE",
    help="Where imported policies are, by default the home's `knowledge`; shipped ones are read too.",
)
def ask(
    question: str | None, controller: str | None, on: str | None, policy_file: Path | None, laws: tuple[str, ...],
    jsonl: bool, top: int, as_json: bool, home: Path, knowledge: Path | None,
) -> None:  # fmt: skip
    """Answer a question from a controller's policy, with the clause that says so; or say that it does not say.

    \b
    habeas ask --controller axigen "How long do you keep my data?"
    habeas ask --policy policy.md "Do you sell my data?"
    habeas ask --controller axigen --jsonl --top 3 < questions.jsonl
    """
    if laws and not policy_file:
        raise click.UsageError("--law goes with --policy; a controller's law stands in its record")
    try:
        answers = door.answers_from_file(policy_file, laws) if policy_file else door.answers_for(home, knowledge)
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


def _many(answers: door.Answers, source: str | None, controller: str | None, on: str | None, top: int) -> None:
    with _opened(source) as lines:
        for answered in door.answer_lines(answers, lines, controller, on, top):
            click.echo(answered)


def _opened(source: str | None) -> BinaryIO:
    if source is None or source == "-":
        return click.get_binary_stream("stdin")
    try:
        return Path(source).open("rb")
    except OSError as fault:
        raise click.UsageError(f"{source}: {fault.strerror}; with --jsonl the argument is a file of lines") from None


def _told(found: door.Answer) -> str:
    told = [found.text]
    if found.citations:
        told.append("\n".join(f"[{c.policy} {c.version}, {c.start}-{c.end}: {c.clause}]" for c in found.citations))
    told.extend(f"Note: {warning}." for warning in found.warnings)
    if found.ranking:
        told.append("\n".join(f"{each.score:8.3f}  {each.start}-{each.end}  {each.clause}" for each in found.ranking))
    return "\n\n".join(told)
