"""`habeas policy`: import, compare and lint privacy policies, and see what they promise."""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import click

from services.cli.policy_seat import seat
from services.cli.policy_shown import (
    changes_fields,
    clause_fields,
    dumps,
    finding_fields,
    policy_fields,
    print_changes,
    print_imported,
    promise_fields,
    summary,
    value_line,
)
from services.router.api import policies as api

ANSWERING = {
    "explain": ("services.cli.policy_answers:explain", "Show why a clause answers a question."),
    "answer": ("services.cli.policy_answers:answer", "Teach curated questions and answers."),
}


class PolicyGroup(click.Group):
    """The group's own commands, and those of the answering side, which are loaded when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*super().list_commands(ctx), *ANSWERING]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in ANSWERING:
            return super().get_command(ctx, cmd_name)
        module, _, attribute = ANSWERING[cmd_name][0].partition(":")
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


def _named_faults(command: Callable[..., None]) -> Callable[..., None]:
    """Turn a fault that has a name into one line and exit status 2."""

    @functools.wraps(command)
    def run(*arguments: Any, **options: Any) -> None:
        try:
            command(*arguments, **options)
        except (api.PolicyError, LookupError) as fault:
            message = str(fault.args[0]) if fault.args else str(fault)
            click.echo(f"habeas: {message}", err=True)
            raise SystemExit(2) from None

    return run


def _day(_ctx: click.Context, _parameter: click.Parameter, given: str | None) -> date | None:
    if given is None:
        return None
    try:
        return date.fromisoformat(given)
    except ValueError:
        raise click.BadParameter(f"{given!r} is not a day; write it as 2024-05-31") from None


def _effective(ctx: click.Context, parameter: click.Parameter, given: str) -> date | None:
    return None if given == "unknown" else _day(ctx, parameter, given)


def _base(ctx: click.Context) -> api.KnowledgeBase:
    return api.knowledge(ctx.obj["home"], ctx.obj["knowledge"])


_KINDS = click.Choice([kind.value for kind in api.DocumentKind])
_document = click.option(
    "--document",
    type=_KINDS,
    default=api.DocumentKind.PRIVACY_POLICY.value,
    show_default=True,
    help="Which of the controller's documents.",
)
_controller = click.option("--controller", required=True, help="The controller's id, such as `axigen`.")
_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
_on = click.option("--on", callback=_day, help="The day that counts, as 2024-05-31; by default today.")


def _today() -> date:
    return datetime.now(tz=UTC).date()


@policy.command(name="import")
@click.argument("file", type=click.Path(path_type=Path))
@_controller
@click.option("--effective", required=True, callback=_effective, help="The version's first day, or `unknown`.")
@_document
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
@_json
@click.pass_context
@_named_faults
def import_(
    ctx: click.Context, file: Path, controller: str, effective: date | None, document: str, **given: Any
) -> None:
    """Bring FILE (Markdown, plain text or HTML) in as one version of a controller's document.

    FILE may be a folder: each text in it is a document, whose name says which: cookies.html, retention-schedule.md,
    dpa.txt, terms.md, privacy.html. A text of an unknown name is one of the other documents.
    """
    base = _base(ctx)
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
@_json
@click.pass_context
@_named_faults
def list_(ctx: click.Context, controller: str | None, as_json: bool) -> None:
    """List the controllers and the versions of their documents."""
    base = _base(ctx)
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
@_controller
@click.option("--version", help="Which version; by default the one in force.")
@_document
@_on
@_json
@click.pass_context
@_named_faults
def show(
    ctx: click.Context, controller: str, version: str | None, document: str, on: date | None, as_json: bool
) -> None:
    """Show a version's clauses with their ids and offsets."""
    base = _base(ctx)
    kind = api.DocumentKind(document)
    if version:
        found = api.version_of(base, controller, version, kind)
    else:
        found = _warned(base.policy_in_force(controller, on or _today(), kind))
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
@_controller
@_on
@click.option("--version", help="Which version; by default the one in force.")
@_document
@click.option("--kind", type=click.Choice([kind.value for kind in api.PromiseKind]), help="Only promises of this kind.")
@_json
@click.pass_context
@_named_faults
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
    base = _base(ctx)
    document_kind = api.DocumentKind(document)
    if version:
        found = api.version_of(base, controller, version, document_kind)
    else:
        found = _warned(base.policy_in_force(controller, on or _today(), document_kind))
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


@policy.command()
@_controller
@click.argument("old", required=False)
@click.argument("new", required=False)
@_document
@_json
@click.pass_context
@_named_faults
def diff(ctx: click.Context, controller: str, old: str | None, new: str | None, document: str, as_json: bool) -> None:
    """Compare two versions, by default the last two: clauses and promises."""
    base = _base(ctx)
    kind = api.DocumentKind(document)
    versions = base.versions(controller, kind)
    if (old is None or new is None) and len(versions) < 2:
        raise api.PolicyError(
            f"{controller} has only one version of its {kind.value}; there is nothing to compare it with"
        )
    before = api.version_of(base, controller, old, kind) if old else versions[-2]
    after = api.version_of(base, controller, new, kind) if new else versions[-1]
    changed = api.changes(before, after)
    if as_json:
        click.echo(dumps(changes_fields(changed)))
        return
    print_changes(changed)


@policy.command()
@click.option("--controller", help="Only this controller; by default all.")
@click.option(
    "--fail-on",
    type=click.Choice(["error", "warning", "note", "never"]),
    default="error",
    show_default=True,
    help="The least finding that makes the exit status 1.",
)
@click.option("--all-versions", "every_version", is_flag=True, help="Older versions too, which nobody can change.")
@_json
@click.pass_context
@_named_faults
def lint(ctx: click.Context, controller: str | None, fail_on: str, every_version: bool, as_json: bool) -> None:
    """Compare policies with the law, with themselves and with their older versions.

    Exit status: 0 when no finding is as grave as --fail-on, 1 when one is, 2 when a policy cannot be read.
    """
    base = _base(ctx)
    names = [controller] if controller else list(base.controllers)
    findings = [finding for name in names for finding in api.lint_controller(base, name, every_version)]
    if as_json:
        click.echo(dumps([finding_fields(finding) for finding in findings]))
    else:
        for finding in findings:
            where = finding.clause or "the whole text"
            click.echo(
                f"{finding.controller} {finding.version} {finding.severity.value}: {finding.message} [{finding.rule}]"
            )
            click.echo(f"  at {where}" + (f" [{finding.start}:{finding.end}]" if finding.start is not None else ""))
            if finding.quote:
                click.echo(f"  “{' '.join(finding.quote.split())[:200]}”")
            click.echo(f"  source: {finding.source}\n  remedy: {finding.remedy}")
        click.echo(summary(findings))
    order = [severity.value for severity in api.Severity]
    if fail_on != "never" and any(order.index(finding.severity.value) <= order.index(fail_on) for finding in findings):
        ctx.exit(1)


@policy.command(name="in-force")
@_controller
@_on
@_document
@_json
@click.pass_context
@_named_faults
def in_force(ctx: click.Context, controller: str, on: date | None, document: str, as_json: bool) -> None:
    """Say which version bound the controller on a day."""
    found = _base(ctx).policy_in_force(controller, on or _today(), api.DocumentKind(document))
    if as_json:
        click.echo(dumps({**policy_fields(found.policy), "warning": found.warning}))
        return
    version = _warned(found)
    click.echo(
        f"{version.controller} {version.version}: {version.seat.entity}, {version.seat.country}; "
        f"{version.seat.zone}, holidays {version.seat.holidays}; {', '.join(version.seat.laws)}"
    )


def _warned(found: api.InForce) -> api.Policy:
    if found.warning:
        click.echo(f"habeas: {found.warning}", err=True)
    return found.policy
