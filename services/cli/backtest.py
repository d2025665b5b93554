"""`habeas backtest`: read an old inbox in shadow and report what would have happened. Nothing is sent or stored."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from services.cli.match import home_folder
from services.intake.api.mails import words_of_mail
from services.router.api.backtest import (
    TEXT_CHARACTERS_MAX,
    BacktestError,
    OldMessage,
    Report,
    as_html,
    as_text,
    count_messages,
    messages_in,
    report_json,
    run,
)
from services.router.api.reading import BankError, TeachingError, banks_for, lessons_of


@click.command()
@click.argument("source", type=click.Path(path_type=Path))
@click.option("--controller", default=None, help="Read with what this controller's officers taught.")
@click.option(
    "--home", type=click.Path(path_type=Path, file_okay=False), default=None, help="This installation's folder."
)
@click.option("--format", "form", type=click.Choice(["text", "json", "html"]), default="text", show_default=True)
@click.option(
    "--output", type=click.Path(path_type=Path, dir_okay=False), default=None, help="Write the report to a file."
)
@click.option(
    "--lines", default=5, show_default=True, help="Example lines a verdict; 0 shows none.", type=click.IntRange(0, 50)
)
@click.option("--limit", default=None, type=click.IntRange(1), help="Read at most so many messages.")
def backtest(
    source: Path,
    controller: str | None,
    home: Path | None,
    form: str,
    output: Path | None,
    lines: int,
    limit: int | None,
) -> None:
    """Read SOURCE, an mbox, a Maildir, a folder of .eml or .txt files, or a JSONL file, in shadow.

    The report counts what would have been opened, asked, reviewed and ignored. Example lines are shortened and masked.
    """
    folder = home or home_folder()
    try:
        lessons = lessons_of(folder, controller).active() if controller else []
        banks = banks_for([folder / "knowledge"] if folder.exists() else [], lessons)
        total = count_messages(source, limit)
        with click.progressbar(
            messages_in(source, _read, limit),
            length=total,
            label="reading",
            file=sys.stderr,
            hidden=not sys.stderr.isatty(),
        ) as messages:
            report = run(messages, banks, lines)
    except (BacktestError, BankError, TeachingError) as fault:
        raise click.UsageError(str(fault)) from None
    _write(_rendered(report, form), output)


def _read(raw: bytes, name: str) -> OldMessage:
    """Read an old mail as intake reads a new one: a stub beside HTML, an out-of-office reply, an encrypted mail."""
    try:
        mail = words_of_mail(raw)
    except (ValueError, LookupError, RecursionError, AttributeError, TypeError) as fault:
        return OldMessage(name, "", "", f"cannot be parsed ({type(fault).__name__})")
    held = mail.held or ("is encrypted" if mail.encrypted and not mail.text.strip() else None)
    return OldMessage(name, mail.subject, mail.text[:TEXT_CHARACTERS_MAX], held, mail.automatic)


def _rendered(report: Report, form: str) -> str:
    if form == "json":
        return json.dumps(report_json(report), ensure_ascii=False, indent=2) + "\n"
    return as_html(report) if form == "html" else as_text(report)


def _write(text: str, output: Path | None) -> None:
    if output is None:
        click.echo(text, nl=False)
        return
    try:
        output.write_text(text, "utf-8")
    except OSError as fault:
        raise click.UsageError(f"cannot write {output}: {fault.strerror}") from None
    click.echo(f"the report is in {output}", err=True)
