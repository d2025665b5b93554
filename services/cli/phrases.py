"""`habeas phrases`: what officers teach the reader, tested against everything known before it is accepted."""

from __future__ import annotations

import getpass
from datetime import UTC, datetime
from pathlib import Path

import click

from services.cli.match import home_folder
from services.router.api.reading import (
    BankError,
    Difference,
    Lesson,
    Lessons,
    Right,
    TeachingError,
    lesson_of,
    lessons_of,
    misread_known,
    trial,
)

_home = click.option(
    "--home", type=click.Path(path_type=Path, file_okay=False), default=None, help="The folder of this installation."
)
_controller = click.option("--controller", required=True, help="Whose reader is taught.")


@click.group()
def phrases() -> None:
    """Teach the reader, per controller; nothing known may get worse."""


@phrases.command("list")
@_controller
@_home
def list_(controller: str, home: Path | None) -> None:
    """Show what was taught."""
    taught = _lessons(home, controller).active()
    for lesson in taught:
        click.echo(
            f"{lesson.number:4}  {lesson.language}  {lesson.right.value}/{lesson.strength.value}  {lesson.phrase}"
            f"  ({lesson.taught_at}, {lesson.taught_by})"
        )
    if not taught:
        click.echo(f"nothing was taught for {controller} yet")


@phrases.command()
@_controller
@_home
@click.option("--right", required=True, type=click.Choice([right.value for right in Right]), help="The right meant.")
@click.option("--lang", default="en", help="The phrase's language.")
@click.option(
    "--strength",
    type=click.Choice(["act", "ask", "never"]),
    default="ask",
    show_default=True,
    help="Enough to act, enough to ask, or proof that this right is not meant.",
)
@click.option("--example", default=None, help="The whole message it was decided on; it is kept and must stay right.")
@click.option("--by", default=None, help="The officer's name; the system's user unless given.")
@click.argument("phrase")
def add(
    phrase: str,
    controller: str,
    home: Path | None,
    right: str,
    lang: str,
    strength: str,
    example: str | None,
    by: str | None,
) -> None:
    """Teach PHRASE, unless a known message would be read worse with it."""
    lessons = _lessons(home, controller)
    knowledge = [(home or home_folder()) / "knowledge"]
    active = lessons.active()
    try:
        lesson = lesson_of(
            lessons.next_number(),
            language=lang,
            right=right,
            strength=strength,
            phrase=phrase,
            example=example,
            at=datetime.now(UTC),
            by=by or getpass.getuser(),
        )
        changed = trial(lesson, active, knowledge)
    except (TeachingError, BankError) as fault:
        raise click.UsageError(str(fault)) from None
    worse = [one for one in changed if one.is_worse]
    for one in changed:
        click.echo(_described(one))
    if worse:
        raise click.ClickException(f"not taught: {len(worse)} known messages would be read worse; make it more exact")
    if example is not None and not _mended(lesson, changed, active, knowledge):
        raise click.ClickException("not taught: the example is still not read as decided; take words that stand in it")
    lessons.add(lesson)
    click.echo(f"taught as number {lesson.number}; `habeas phrases undo --controller {controller}` takes it back")


@phrases.command()
@_controller
@_home
def test(controller: str, home: Path | None) -> None:
    """Read everything known with what was taught, and show what is read wrong."""
    try:
        total, wrong = misread_known(_lessons(home, controller).active(), [(home or home_folder()) / "knowledge"])
    except BankError as fault:
        raise click.UsageError(str(fault)) from None
    for one in wrong:
        click.echo(_described(one))
    click.echo(f"{total - len(wrong)} of {total} known messages are read right")
    if wrong:
        raise SystemExit(1)


@phrases.command()
@_controller
@_home
@click.argument("number", type=int, required=False)
def undo(controller: str, home: Path | None, number: int | None) -> None:
    """Take the last lesson back, or the one with NUMBER."""
    try:
        lesson = _lessons(home, controller).undo(number, datetime.now(UTC))
    except TeachingError as fault:
        raise click.UsageError(str(fault)) from None
    click.echo(f"number {lesson.number} is undone: {lesson.right.value}/{lesson.strength.value}  {lesson.phrase}")


def _lessons(home: Path | None, controller: str) -> Lessons:
    try:
        return lessons_of(home or home_folder(), controller)
    except TeachingError as fault:
        raise click.UsageError(str(fault)) from None


def _mended(lesson: Lesson, changed: list[Difference], active: list[Lesson], knowledge: list[Path]) -> bool:
    if any(one.known.text == lesson.example for one in changed):
        return True
    _, wrong = misread_known([*active, lesson], knowledge)
    return not any(one.known.text == lesson.example for one in wrong)


def _described(one: Difference) -> str:
    words = " ".join(one.known.text.split())[:100]
    before = ", ".join(sorted(one.before)) or "nothing"
    after = ", ".join(sorted(one.after)) or "nothing"
    return f"{'worse' if one.is_worse else 'other'}: {before} -> {after}: {words}"
