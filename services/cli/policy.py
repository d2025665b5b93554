"""`habeas policy`: import, compare and lint privacy policies, and see what they promise."""

from __future__ import annotations

import importlib
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import click

from services.cli.policy_options import (
    base_of,
    controller_option,
    day_of,
    document_option,
    json_option,
    named_faults,
    on_option,
    today,
    warned,
)
from services.cli.policy_seat import seat
from services.cli.policy_shown import (
    clause_fields,
    dumps,
    policy_fields,
    print_imported,
    promise_fields,
    value_line,
)
from services.router.api import policies as api

ELSEWHERE = {
    "diff": ("services.cli.policy_compared:diff", "Compare two versions: clauses and promises."),
    "lint": ("services.cli.policy_compared:lint", "Compare policies with the law and with themselves."),
    "in-force": ("services.cli.policy_compared:in_force", "Say which version bound the controller on a day."),
    "explain": ("services.cli.policy_answers:explain", "Show why a clause answers a question."),
    "answer": ("services.cli.policy_answers:answer", "Teach curated questions and answers."),
}


class PolicyGroup(click.Group):
    """The group's own commands, and those of other files, which are loaded when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*super().list_commands(ctx), *ELSEWHERE]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in ELSEWHERE:
            return super().get_command(ctx, cmd_name)
        module, _, attribute = ELSEWHERE[cmd_name][0].partition(":")
        try:
            command = getattr(importlib.import_module(module), attribute, None)
        except ModuleNotFoundError:
            return None
        return command if isinstance(command, click.Command) else None


@click.group(cls=PolicyGroup)
@click.option(
    "--home",
    type=click.Path(path_type=Path, file_okay=False),
    envvar="HABEAS_HOME",
    default="habeas-home",
    show_default=True,
    help="The folder habeas keeps its own files in.",
)
@click.option(
    "--knowledge",
    type=click.Path(path_type=Path, file_okay=False),
    envvar="HABEAS_KNOWLEDGE",
    help="Where imported policies are written; by default the home's `knowledge`. Shipped ones are always read.",
)
@click.pass_context
def policy(ctx: click.Context, home: Path, knowledge: Path | None) -> None:
    """Import, compare, lint and explain privacy policies."""
    ctx.obj = {"home": home, "knowledge": knowledge}


def _effective(ctx: click.Context, parameter: click.Parameter, given: str) -> date | None:
    return None if given == "unknown" else day_of(ctx, parameter, given)


@policy.command(name="import")
@click.argument("file", type=click.Path(path_type=Path))
@controller_option
@click.option("--effective", required=True, callback=_effective, help="The version's first day, or `unknown`.")
@document_option
@click.option("--name", help="The controller's name, to create it.")
@click.option("--website", help="The controller's website, to create it.")
@click.option("--entity", help="The legal entity that answers under this version.")
@click.option("--address", default="", help="The entity's address.")
@click.option("--country", help="The seat's country, as ISO 3166, such as DE.")
@click.option("--zone", help="The seat's time zone, such as Europe/Berlin.")
@click.option("--holidays", help="Whose public holidays count, such as DE-BY; by default the country's.")
@click.option("--law", "laws", multiple=True, help="A law that binds, such as eu-gdpr; by default the country's own.")
@click.option("--language", help="The text's language, as ISO 639-1; by default recognised.")
@click.option("--source", default="", help="Where the text was published.")
@json_option
@click.pass_context
@named_faults
def import_(
    ctx: click.Context, file: Path, controller: str, effective: date | None, document: str, **given: Any
) -> None:
    """Bring FILE (Markdown, plain text or HTML) in as one version of a controller's document.

    FILE may be a folder: each text in it is a document, whose name says which: cookies.html, retention-schedule.md,
    dpa.txt, terms.md, privacy.html. A text of an unknown name is one of the other documents.
    """
    base = base_of(ctx)
    given_seat = seat(base.controllers.get(controller), given)
    wanted = api.Wanted(
        controller,
        effective,
        api.DocumentKind(document),
        given["name"],
        given["website"],
        given["source"],
        given_seat,
        given["language"],
    )
    if file.is_dir():
        _import_folder(ctx, file, wanted, given["as_json"])
        return
    _show_imported(api.import_file(file, wanted, ctx.obj["home"], ctx.obj["knowledge"]), given["as_json"])


def _import_folder(ctx: click.Context, folder: Path, wanted: api.Wanted, as_json: bool) -> None:
    """Bring in every text of a folder; one that is refused is named, and the others come in all the same."""
    refused = 0
    for file, kind in api.documents_in(folder):
        try:
            imported = api.import_file(file, replace(wanted, kind=kind), ctx.obj["home"], ctx.obj["knowledge"])
        except api.PolicyError as fault:
            click.echo(f"habeas: {fault}", err=True)
            refused += 1
        else:
            _show_imported(imported, as_json)
    if refused:
        ctx.exit(2)


def _show_imported(imported: api.Imported, as_json: bool) -> None:
    if as_json:
        click.echo(dumps({**policy_fields(imported.policy), "changed": imported.changed, "path": str(imported.path)}))
        return
    print_imported(imported)


@policy.command(name="list")
@click.option("--controller", help="Only this controller.")
@json_option
@click.pass_context
@named_faults
def list_(ctx: click.Context, controller: str | None, as_json: bool) -> None:
    """List the controllers and the versions of their documents."""
    base = base_of(ctx)
    names = [controller] if controller else list(base.controllers)
    versions = [version for name in names for kind in api.DocumentKind for version in base.versions(name, kind)]
    if as_json:
        click.echo(dumps([policy_fields(version) for version in versions]))
        return
    for version in versions:
        click.echo(
            f"{version.controller:<16} {version.version:<12} {version.kind.value:<18} {version.language:<4} "
            f"{version.seat.entity}, {version.seat.country}; {', '.join(version.seat.laws)}"
        )


@policy.command()
@controller_option
@click.option("--version", help="Which version; by default the one in force.")
@document_option
@on_option
@json_option
@click.pass_context
@named_faults
def show(
    ctx: click.Context, controller: str, version: str | None, document: str, on: date | None, as_json: bool
) -> None:
    """Show a version's clauses with their ids and offsets."""
    base = base_of(ctx)
    kind = api.DocumentKind(document)
    if version:
        found = api.version_of(base, controller, version, kind)
    else:
        found = warned(base.policy_in_force(controller, on or today(), kind))
    if as_json:
        click.echo(dumps({**policy_fields(found), "clauses": [clause_fields(clause) for clause in found.clauses]}))
        return
    path: tuple[str, ...] = ()
    for clause in found.clauses:
        if clause.heading != path:
            path = clause.heading
            click.echo("\n" + " > ".join(path))
        click.echo(f"  {clause.id}  [{clause.start}:{clause.end}] {clause.kind.value}\n    {clause.plain}")


@policy.command()
@controller_option
@on_option
@click.option("--version", help="Which version; by default the one in force.")
@document_option
@click.option("--kind", type=click.Choice([kind.value for kind in api.PromiseKind]), help="Only promises of this kind.")
@json_option
@click.pass_context
@named_faults
def promises(
    ctx: click.Context,
    controller: str,
    on: date | None,
    version: str | None,
    document: str,
    kind: str | None,
    as_json: bool,
) -> None:
    """List what a policy promises, each with the quotation that proves it."""
    base = base_of(ctx)
    document_kind = api.DocumentKind(document)
    if version:
        found = api.version_of(base, controller, version, document_kind)
    else:
        found = warned(base.policy_in_force(controller, on or today(), document_kind))
    chosen = [promise for promise in found.promises if kind in (None, promise.kind.value)]
    if as_json:
        click.echo(dumps({**policy_fields(found), "promises": [promise_fields(promise) for promise in chosen]}))
        return
    click.echo(f"{found.controller} {found.version}: {found.seat.entity}")
    for promise in chosen:
        sure = "confirmed" if promise.confirmed else f"{promise.confidence:.2f}"
        click.echo(f"\n{promise.kind.value}  ({sure})  {value_line(promise)}")
        click.echo(f"  {promise.clause} [{promise.start}:{promise.end}]")
        click.echo(f"  “{promise.quote}”")
