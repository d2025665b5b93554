"""`habeas deadline`: one deadline worked out in steps that a person can check, or many as JSON lines."""

from __future__ import annotations

import json
from typing import Any, BinaryIO

import click

from services.cli.arriving import arriving
from services.router.api.deadlines import LINE_BYTES_MAX, Answer, UnusableQuestion, answered
from services.router.api.deadlines import deadline as work_out


@click.command()
@click.option(
    "--seat", help="Instead of --law: where the controller is, such as CH-VD; its law is chosen, with reasons."
)
@click.option("--person", help="With --seat: the place the person states, such as US-CA; its law is compared too.")
@click.option(
    "--law", "laws", multiple=True, help="A law by id or name (eu-gdpr, ccpa); twice compares, the earlier wins."
)
@click.option(
    "--right", default="access", show_default=True, help="The right that is used, or ack, complaint_ack, breach."
)
@click.option("--received", help="When it arrived at the controller: 2026-03-31T09:00, local unless it has an offset.")
@click.option("--tz", help="The controller's time zone, such as Europe/Berlin.")
@click.option("--calendar", help="Whose public holidays: country and region, such as DE-BE, GB-SCT or RO.")
@click.option(
    "--event",
    "events",
    multiple=True,
    metavar="TYPE@MOMENT[=REASONS]",
    help="What happened since: 'id_requested@2026-03-04', 'extension_notified@2026-04-02=many requests'.",
)
@click.option(
    "--promise", "promises", multiple=True, metavar="PERIOD[=SOURCE]", help="What the policy promises: '30 days'."
)
@click.option("--now", help="The moment whose status is asked; otherwise that of the last event.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of steps.")
@click.option("--jsonl", is_flag=True, help="Read one JSON object a line from FILE or stdin; answer one a line.")
@click.argument("file", type=click.File("rb"), required=False)
def deadline(
    laws: tuple[str, ...], seat: str | None, person: str | None, right: str,
    received: str | None, tz: str | None, calendar: str | None,
    events: tuple[str, ...], promises: tuple[str, ...], now: str | None,
    as_json: bool, jsonl: bool, file: BinaryIO | None,
) -> None:  # fmt: skip
    """Work out when a request must be answered, step by step, with its rule and source.

    \b
    habeas deadline --law eu-gdpr --received 2026-03-31T09:00 --tz Europe/Berlin --calendar DE-BE
    habeas deadline --jsonl < questions.jsonl
    """
    if jsonl:
        out = click.get_binary_stream("stdout")
        for lines in arriving(file or click.get_binary_stream("stdin"), LINE_BYTES_MAX):
            out.write(answered(lines))
            out.flush()
        return
    if file is not None:
        raise click.UsageError("a FILE is read with --jsonl only")
    if not (laws or seat) or received is None:
        raise click.UsageError("give --law or --seat, and --received; or --jsonl for many; see --help for an example")
    given = {"tz": tz, "calendar": calendar, "now": now, "seat": seat, "person": person}
    line: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    line.update(regimes=list(laws), right=right, received=received)
    line.update(events=[_event(each) for each in events], promises=[_promise(each) for each in promises])
    try:
        answer = work_out(line)
    except UnusableQuestion as fault:
        raise click.UsageError(str(fault)) from None
    click.echo(json.dumps(answer.fields(), ensure_ascii=False) if as_json else _told(answer))


def _event(text: str) -> dict[str, str]:
    kind, at, rest = text.partition("@")
    if not at:
        raise click.UsageError(f"--event {text!r} has no moment: write TYPE@MOMENT, such as id_requested@2026-03-04")
    moment, _, reasons = rest.partition("=")
    return {"type": kind, "t": moment, "reasons": reasons}


def _promise(text: str) -> dict[str, str]:
    length, _, source = text.partition("=")
    return {"period": length, "source": source or "the controller's policy"}


def _told(answer: Answer) -> str:
    fields = answer.fields()
    lines = [f"due     {fields['due']}", f"status  {fields['status']}", f"rule    {fields['rule']}"]
    lines += [f"law     {reason}" for reason in fields["because"]]
    lines += [f"source  {fields['source']}", "steps"]
    lines += [f"  {number}. {step}" for number, step in enumerate(fields["steps"], 1)]
    lines += [f"warning {warning}" for warning in fields["warnings"]]
    return "\n".join(lines)
