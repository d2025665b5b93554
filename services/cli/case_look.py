"""`habeas case`: looking. Lists and saved filters, one case, what waits for a human, letters to post."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import click

from services.cli import case_words
from services.cli.case_common import RIGHT, common, opened, say
from services.cli.fulfil_steps import steps_of
from services.router.api.cases import Criteria
from services.router.api.names import controller_names


@click.command("list")
@common
@click.option("--state", type=click.Choice(["open", "completed", "joined", "all"]), help="Else the open ones.")
@click.option("--controller", help="Only this controller's.")
@click.option("--overdue", is_flag=True, help="Only what is overdue.")
@click.option("--due-within", metavar="LENGTH", help="Only what is due within 36h, 7d or 2w, or overdue.")
@click.option("--right", type=RIGHT, help="Only cases with this right.")
@click.option("--assigned", metavar="OFFICER", help="Only this officer's; `me`, or `nobody`.")
@click.option("--human", is_flag=True, help="Only what waits for a human.")
@click.option("--task", metavar="REASON", help="Only cases with this task, such as breach.")
@click.option("--limit", type=int, help="At most this many; 500 where nothing is said.")
@click.option("--save", metavar="NAME", help="Keep these conditions under a name.")
@click.option("--filter", "filter_", metavar="NAME", help="Start from a saved filter; further conditions narrow it.")
@click.option("--forget", metavar="NAME", help="Remove a saved filter, and list nothing.")
def list_(
    as_json: bool, save: str | None, filter_: str | None, forget: str | None, home: Any, config: Any, store: Any,
    officer: Any, **conditions: Any,
) -> None:  # fmt: skip
    """List cases: what is overdue first, then what is due first."""
    with opened(home, config, store, officer) as at:
        if forget:
            at.forget_filter(forget)
            say({"forgotten": forget}, as_json, lambda _: f"filter {forget} removed")
            return
        begun = at.filter(filter_) if filter_ else Criteria()
        criteria = replace(begun, **{name: value for name, value in conditions.items() if value not in {None, False}})
        if save:
            at.save_filter(save, criteria)
        found = at.cases(criteria)
        say(found, as_json, case_words.table)
        if len(found) == criteria.limit:
            click.echo(f"The first {criteria.limit} are shown; narrow the list, or say --limit.", err=True)


@click.command()
@common
def filters(as_json: bool, **where: Any) -> None:
    """List the saved filters."""
    with opened(**where) as at:
        found = {name: criteria.fields() for name, criteria in at.filters().items()}
        say(found, as_json, _filters)


def _filters(found: dict[str, dict[str, Any]]) -> str:
    lines = [
        f"{name}  {', '.join(f'{key}={value}' for key, value in kept.items()) or 'every open case'}"
        for name, kept in found.items()
    ]
    return "\n".join(lines) or "no filters are saved; save one with `habeas case list … --save NAME`"


@click.command()
@common
@click.argument("name", metavar="CASE")
def show(name: str, as_json: bool, **where: Any) -> None:
    """Show one case: its claims, how each date came about, and everything that happened."""
    with opened(**where) as at:
        found = at.case(name)
        with steps_of(where) as steps:
            tried = {each.claim_id: each.as_dict() for each in steps.of(found["case"]) if each.cause}
        for claim in found["claims"]:
            claim["tried"] = tried.get(claim["claim"])
        say(found, as_json, case_words.page)


@click.command()
@common
def reviews(as_json: bool, **where: Any) -> None:
    """List the messages that a human must read."""
    with opened(**where) as at:
        say(at.reviews(), as_json, case_words.reviews)


@click.command()
@common
@click.argument("review", metavar="REVIEW|CASE")
def read(review: str, as_json: bool, **where: Any) -> None:
    """Show a message that waits for a human, or the one that opened a case."""
    with opened(**where) as at:
        content = at.message(review)
        say(content.model_dump(mode="json"), as_json, lambda _: f"{content.subject}\n\n{content.text}".strip())


@click.command()
@common
@click.argument("name", metavar="CASE")
def letters(name: str, as_json: bool, **where: Any) -> None:
    """Show the letters of a case that must be posted by hand, ready to print."""
    # The mail's machinery comes with the words; the other commands need not wait for it.
    from services.intake.api.letters import words_of

    with opened(**where) as at:
        names = controller_names(at.settings)
        found = []
        for each in at.letters_to_post(name):
            facts = {**each["facts"], "controller": names.get(each["controller"], each["controller"])}
            written = words_of(each["words"], each["language"], facts)
            found.append({"letter": each["letter"], "template": each["template"], **written})
        say(found, as_json, _letters)


def _letters(found: list[dict[str, Any]]) -> str:
    parts = [f"{each['letter']}  {each['template']}\n\n{each['subject']}\n\n{each['text']}" for each in found]
    return "\n---\n\n".join(parts) or "no letter of this case must be posted by hand"


COMMANDS = (list_, filters, show, reviews, read, letters)
