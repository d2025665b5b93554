"""`habeas case`: what officers do until the console is built, with the same functions that it will call."""

from __future__ import annotations

import functools
import getpass
import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import click

from schemas.rights import Outcome, Right
from services.cli.faults import readable
from services.router.api.cases import Desk, NotFound, Refused, desk
from services.runtime.settings import load

F = TypeVar("F", bound=Callable[..., Any])
RIGHTS = click.Choice([right.value for right in Right])


def common(command: F) -> F:
    """Add the options that say which habeas is meant and who decides."""
    options = [
        click.option("--home", type=click.Path(path_type=Path, file_okay=False), help="Where state lives."),
        click.option(
            "--config", type=click.Path(path_type=Path, dir_okay=False), help="Settings; else HOME/habeas.toml."
        ),
        click.option("--store", metavar="URL", help="The database, where it is not in the home."),
        click.option("--officer", metavar="NAME", help="Who decides; else the name you are logged in with."),
        click.option("--json", "as_json", is_flag=True, help="Print JSON."),
    ]
    return functools.reduce(lambda wrapped, option: option(wrapped), reversed(options), command)


@contextmanager
def opened(home: Path | None, config: Path | None, store: str | None, officer: str | None) -> Iterator[Desk]:
    """Open the desk; what cannot be done is said in one line."""
    name = re.sub(r"[^0-9a-z._-]", "-", (officer or getpass.getuser()).lower()) or "officer"
    with readable():
        try:
            with desk(load(home, config, {"store": store}), name) as at:
                yield at
        except NotFound as fault:
            raise click.ClickException(str(fault)) from None
        except Refused as refused:
            raise click.ClickException(f"refused: {refused}") from None


def say(found: Any, as_json: bool, text: Callable[[Any], str]) -> None:
    """Print what was found, for people or for machines."""
    click.echo(json.dumps(found, ensure_ascii=False) if as_json else text(found))


@click.group()
def case() -> None:
    """See cases, and decide what only a human can."""


@case.command("list")
@common
@click.option("--state", type=click.Choice(["open", "completed", "joined", "all"]), default="open", show_default=True)
@click.option("--controller", default="", help="Only this controller's.")
@click.option("--overdue", is_flag=True, help="Only what is overdue.")
def list_(as_json: bool, state: str, controller: str, overdue: bool, **where: Any) -> None:
    """List cases, the ones due first at the top."""
    with opened(**where) as at:
        say(at.cases(state=state, controller=controller, overdue=overdue), as_json, _table)


@case.command()
@common
@click.argument("name")
def show(name: str, as_json: bool, **where: Any) -> None:
    """Show one case: its claims, how each date came about, and everything that happened."""
    with opened(**where) as at:
        say(at.case(name), as_json, _full)


@case.command()
@common
def reviews(as_json: bool, **where: Any) -> None:
    """List the messages that a human must read."""
    with opened(**where) as at:
        say(at.reviews(), as_json, _reviews)


@case.command()
@common
@click.argument("review")
def read(review: str, as_json: bool, **where: Any) -> None:
    """Show a message that waits for a human."""
    with opened(**where) as at:
        content = at.message(review)
        say(content.model_dump(mode="json"), as_json, lambda _: f"{content.subject}\n\n{content.text}".strip())


@case.command()
@common
@click.argument("review")
@click.option(
    "--right", "rights", type=RIGHTS, multiple=True, help="A right that the message uses; repeat for several."
)
@click.option("--none", "nothing", is_flag=True, help="It uses none.")
def decide(review: str, rights: tuple[str, ...], nothing: bool, as_json: bool, **where: Any) -> None:
    """Say which rights a message uses."""
    if bool(rights) == nothing:
        raise click.UsageError("say --right for each right that the message uses, or --none")
    with opened(**where) as at:
        at.decide_review(review, [Right(right) for right in rights])
        say({"review": review, "rights": list(rights)}, as_json, lambda _: "decided")


@case.command()
@common
@click.argument("name")
@click.option("--right", type=RIGHTS, help="Which claim, where several are open.")
@click.option("--outcome", type=click.Choice(["fulfilled", "partly_fulfilled", "refused"]), default="fulfilled")
@click.option("--note", default="", help="What the person is told about it.")
@click.option("--ground", help="The ground in law, for a refusal or a part withheld.")
def complete(
    name: str, right: str | None, outcome: str, note: str, ground: str | None, as_json: bool, **where: Any
) -> None:
    """Complete a task that only a human could do; the person gets their letter."""
    with opened(**where) as at:
        found = at.complete(name, Right(right) if right else None, Outcome(outcome), note, ground)
        say(found, as_json, _line)


@case.command()
@common
@click.argument("name")
@click.option("--right", type=RIGHTS, help="Which claim, where several are open.")
@click.option("--ground", required=True, help="The ground in law; knowledge/grounds lists them.")
@click.option("--reasons", required=True, help="What the person reads.")
def refuse(name: str, right: str | None, ground: str, reasons: str, as_json: bool, **where: Any) -> None:
    """Refuse a claim, with its ground and reasons."""
    with opened(**where) as at:
        say(at.refuse(name, Right(right) if right else None, ground, reasons), as_json, _line)


@case.command()
@common
@click.argument("name")
@click.option("--right", type=RIGHTS, help="Which claim, where several are open.")
@click.option("--ground", help="complexity or number_of_requests (Art. 12(3) GDPR).")
@click.option("--reasons", default="", help="What the person reads.")
def extend(name: str, right: str | None, ground: str | None, reasons: str, as_json: bool, **where: Any) -> None:
    """Extend a claim's period; it counts once the person was told in time."""
    with opened(**where) as at:
        say(at.extend(name, Right(right) if right else None, ground, reasons), as_json, _line)


@case.command()
@common
@click.argument("name")
@click.option("--ground", required=True, help="Why you are sure, for example known_customer.")
def confirm(name: str, ground: str, as_json: bool, **where: Any) -> None:
    """Accept the person's identity."""
    with opened(**where) as at:
        say(at.confirm_identity(name, ground), as_json, _line)


@case.command()
@common
@click.argument("name")
@click.argument("to")
def assign(name: str, to: str, as_json: bool, **where: Any) -> None:
    """Give a case to an officer."""
    with opened(**where) as at:
        say(at.assign(name, to), as_json, _line)


@case.command()
@common
@click.argument("name")
@click.argument("text")
def note(name: str, text: str, as_json: bool, **where: Any) -> None:
    """Keep a note with a case."""
    with opened(**where) as at:
        say(at.note(name, text), as_json, _line)


def _line(found: dict[str, Any]) -> str:
    due = (found["due"] or "")[:10] or "-"
    mark = "OVERDUE" if found["overdue"] else found["state"]
    waits = ", ".join([*found["waiting_for"], *found["tasks"]]) or "-"
    rights = ", ".join(found["rights"])
    return f"{found['reference']}  {found['controller']:<10} due {due:<10}  {mark:<9}  {rights}  ({waits})"


def _table(found: list[dict[str, Any]]) -> str:
    return "\n".join(_line(each) for each in found) or "no cases"


def _reviews(found: list[dict[str, Any]]) -> str:
    lines = [
        f"{each['review']}  {each['controller']:<10} {each['received'][:16]}  {each['reason']}"
        f"  {', '.join(each['suggestions']) or '-'}"
        for each in found
    ]
    return "\n".join(lines) or "nothing waits for a human"


def _full(found: dict[str, Any]) -> str:
    lines = [_line(found), ""]
    for claim in found["claims"]:
        lines.append(f"{claim['right']}: {claim['stage']}, due {claim['due'] or '-'}")
        lines.append(f"    {claim['source'] or ''}")
        lines += [f"    {step}" for step in claim["steps"]]
        lines += [f"    WARNING {warning}" for warning in claim["warnings"]]
        lines += [f"    TASK {task['reason']}, due {task['due'][:10]}" for task in claim["tasks"]]
    lines.append("")
    lines += found["timeline"]
    return "\n".join(lines)
