"""`habeas policy explain` and `habeas policy answer`: see why a clause won, and teach what it cannot know."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click

from services.router.api import answers as door


def _faults_said(command: Callable[..., None]) -> Callable[..., None]:
    """Turn the faults of the knowledge base into one clear line and exit status 2."""

    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> None:
        try:
            command(*args, **kwargs)
        except (door.AskFault, door.PolicyError) as fault:
            raise click.UsageError(str(fault)) from None

    return run


def _answers(context: click.Context) -> door.Answers:
    found: dict[str, Any] = context.find_object(dict) or {}
    return door.answers_for(Path(found.get("home") or "habeas-home"), found.get("knowledge"))


@click.command()
@click.argument("question")
@click.option("--controller", required=True, help="Whose policy is asked: its id, such as axigen.")
@click.option("--on", metavar="DATE", help="The day that counts (YYYY-MM-DD), today by default.")
@click.option("--top", type=click.IntRange(1, 50), default=3, show_default=True, help="How many clauses to show.")
@click.pass_context
@_faults_said
def explain(context: click.Context, question: str, controller: str, on: str | None, top: int) -> None:
    """Show why a clause answers a question: its words, its concepts, its score, and the doubts."""
    told = door.explain_question(_answers(context), controller, question, on, top)
    click.echo(f"language  {told.language}")
    click.echo(f"words     {', '.join(told.words) or 'none that the policy has'}")
    click.echo(f"concepts  {', '.join(told.concepts) or 'none'}")
    click.echo(f"unknown   {', '.join(told.unknown) or 'none'}")
    asks = [f"{name} {likely:.2f} ({'said' if says else 'not said'})" for name, likely, says in told.particulars]
    click.echo(f"asks for  {', '.join(asks) or 'nothing known'}")
    for place, candidate in enumerate(told.candidates, start=1):
        click.echo(f"\n{place}. {candidate.clause}  [{candidate.start}-{candidate.end}]  score {candidate.score:.2f}")
        click.echo(f"   “{_short(candidate.text)}”")
        click.echo(f"   words     {', '.join(candidate.words) or 'none'}")
        click.echo(f"   concepts  {', '.join(candidate.concepts) or 'none'}")
        click.echo(f"   signals   {_weighed(candidate.signals)}")
    verdict = "answers" if told.sureness >= told.threshold else "abstains"
    click.echo(f"\nsure {told.sureness:.2f}, {told.threshold:.2f} is needed: habeas {verdict}")
    click.echo(f"   signs     {_weighed(told.signs)}")


@click.group()
def answer() -> None:
    """Teach curated questions and answers; they are used first, and wait for you when their clause changes."""


@answer.command("add")
@click.argument("question")
@click.argument("words", metavar="ANSWER")
@click.option("--controller", required=True)
@click.option(
    "--clause", default="", help="The id of the clause the answer rests on; `habeas policy explain` shows ids."
)
@click.option("--language", default="", help="The language of question and answer; detected when not given.")
@click.option("--by", default="", help="Who wrote it, such as the officer's initials.")
@click.pass_context
@_faults_said
def add(
    context: click.Context, question: str, words: str, controller: str, clause: str, language: str, by: str
) -> None:
    """Keep ANSWER for QUESTION."""
    taught = door.teach(_answers(context), controller, question, words, clause, language, by)
    click.echo(f"kept {taught.id} for {controller}" + (f", resting on {taught.clause}" if taught.clause else ""))


@answer.command("list")
@click.option("--controller", required=True)
@click.option("--on", metavar="DATE", help="Check the clauses as of this day, today by default.")
@click.option("--check", is_flag=True, help="Exit with status 1 when an answer's clause has changed.")
@click.pass_context
@_faults_said
def list_(context: click.Context, controller: str, on: str | None, check: bool) -> None:
    """List the curated answers, and which must be checked again."""
    states = door.curated_states(_answers(context), controller, on)
    for state in states:
        mark = "CHECK AGAIN: its clause has changed" if state.stale else "in use"
        click.echo(f"{state.curated.id}  {mark}\n   Q {state.curated.question}\n   A {state.curated.answer}")
    if not states:
        click.echo(f"no curated answers for {controller}")
    if check and any(state.stale for state in states):
        context.exit(1)


@answer.command("remove")
@click.argument("curated_id", metavar="ID")
@click.option("--controller", required=True)
@click.pass_context
@_faults_said
def remove(context: click.Context, curated_id: str, controller: str) -> None:
    """Remove a curated answer."""
    gone = door.remove_curated(_answers(context), controller, curated_id)
    click.echo(f"removed {gone.id}: {gone.question}")


def _short(text: str, characters_max: int = 160) -> str:
    return text if len(text) <= characters_max else text[: characters_max - 1].rstrip() + "…"


def _weighed(pairs: tuple[tuple[str, float], ...]) -> str:
    return ", ".join(f"{name} {value:+.2f}" for name, value in pairs) or "none"
