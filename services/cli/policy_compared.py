"""`habeas policy diff`, `lint` and `in-force`: versions beside each other, beside the law, and beside a day."""

from __future__ import annotations

from datetime import date

import click

from services.cli.policy_options import (
    base_of,
    controller_option,
    document_option,
    json_option,
    named_faults,
    on_option,
    today,
    warned,
)
from services.cli.policy_shown import changes_fields, dumps, finding_fields, policy_fields, print_changes, summary
from services.router.api import policies as api


@click.command()
@controller_option
@click.argument("old", required=False)
@click.argument("new", required=False)
@document_option
@json_option
@click.pass_context
@named_faults
def diff(ctx: click.Context, controller: str, old: str | None, new: str | None, document: str, as_json: bool) -> None:
    """Compare two versions, by default the last two: clauses and promises."""
    base = base_of(ctx)
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


@click.command()
@click.option("--controller", help="Only this controller; by default all.")
@click.option(
    "--fail-on",
    type=click.Choice(["error", "warning", "note", "never"]),
    default="error",
    show_default=True,
    help="The least finding that makes the exit status 1.",
)
@click.option("--all-versions", "every_version", is_flag=True, help="Older versions too, which nobody can change.")
@json_option
@click.pass_context
@named_faults
def lint(ctx: click.Context, controller: str | None, fail_on: str, every_version: bool, as_json: bool) -> None:
    """Compare policies with the law, with themselves and with their older versions.

    Exit status: 0 when no finding is as grave as --fail-on, 1 when one is, 2 when a policy cannot be read.
    """
    base = base_of(ctx)
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


@click.command(name="in-force")
@controller_option
@on_option
@document_option
@json_option
@click.pass_context
@named_faults
def in_force(ctx: click.Context, controller: str, on: date | None, document: str, as_json: bool) -> None:
    """Say which version bound the controller on a day."""
    found = base_of(ctx).policy_in_force(controller, on or today(), api.DocumentKind(document))
    if as_json:
        click.echo(dumps({**policy_fields(found.policy), "warning": found.warning}))
        return
    version = warned(found)
    click.echo(
        f"{version.controller} {version.version}: {version.seat.entity}, {version.seat.country}; "
        f"{version.seat.zone}, holidays {version.seat.holidays}; {', '.join(version.seat.laws)}"
    )
