"""How `habeas policy` shows versions, clauses, promises, changes and findings: as lines and as JSON."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import click

from services.router.api import policies as api


def print_imported(imported: api.Imported) -> None:
    """Print what an import brought."""
    found = imported.policy
    if not imported.changed:
        click.echo(f"{found.controller} {found.version}: the same text is already known; nothing changed")
        return
    kinds = Counter(clause.kind.value for clause in found.clauses)
    click.echo(
        f"{found.controller} {found.version} ({found.kind.value}, {found.language}): {len(found.clauses)} clauses"
    )
    click.echo("  " + ", ".join(f"{count} {kind}" for kind, count in kinds.most_common()))
    click.echo(
        f"{len(found.promises)} promises read, for an officer to confirm in {imported.path.with_suffix('.toml')}"
    )
    for promise in found.promises:
        click.echo(f"  {promise.confidence:.2f} {promise.kind.value:<19} {value_line(promise)}")
    if imported.before is not None:
        changed = api.changes(imported.before, found)
        click.echo(
            f"compared with {imported.before.version}: {len(changed.added)} clauses added, "
            f"{len(changed.removed)} removed, {len(changed.edited)} edited; see `habeas policy diff`"
        )


def print_changes(changed: api.Changes) -> None:
    """Print what changed from one version to the next."""
    click.echo(f"{changed.old.controller}: {changed.old.version} -> {changed.new.version}")
    if changed.empty:
        click.echo("nothing changed")
    if changed.seat_changed:
        click.echo(
            f"\nentity: {changed.old.seat.entity} ({changed.old.seat.country}) -> "
            f"{changed.new.seat.entity} ({changed.new.seat.country})"
        )
    for title, sign, clauses in (("added", "+", changed.added), ("removed", "-", changed.removed)):
        for clause in clauses:
            click.echo(f"\n{title}: {clause.id}\n  {sign} {clause.plain}")
    for one, other in changed.edited:
        click.echo(f"\nedited: {other.id}\n  - {one.plain}\n  + {other.plain}")
    for sign, some in (("-", changed.promises_removed), ("+", changed.promises_added)):
        for promise in some:
            click.echo(f"\npromise {sign} {promise.kind.value}: {value_line(promise)}\n    “{promise.quote}”")


def summary(findings: list[api.Finding]) -> str:
    """Return the findings counted by how grave they are."""
    count = Counter(finding.severity.value for finding in findings)
    return ", ".join(f"{count[severity.value]} {severity.value}s" for severity in api.Severity)


def value_line(promise: api.Promise) -> str:
    """Return a promise's value on one line."""
    return "; ".join(f"{key}: {_short(value)}" for key, value in promise.value.items())


def _short(value: object) -> str:
    text = ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
    return text if len(text) <= 90 else text[:89] + "…"


def dumps(value: object) -> str:
    """Return JSON as people read it."""
    return json.dumps(value, ensure_ascii=False, indent=2)


def policy_fields(policy: api.Policy) -> dict[str, Any]:
    """Return a version without its text."""
    seat = policy.seat
    return {
        "controller": policy.controller,
        "document": policy.kind.value,
        "version": policy.version,
        "effective": policy.effective.isoformat() if policy.effective else None,
        "language": policy.language,
        "entity": seat.entity,
        "address": seat.address,
        "country": seat.country,
        "zone": seat.zone,
        "holidays": seat.holidays,
        "laws": list(seat.laws),
        "sha256": policy.sha256,
        "source": policy.source,
    }


def clause_fields(clause: api.Clause) -> dict[str, Any]:
    """Return a clause."""
    return {
        "id": clause.id,
        "heading": list(clause.heading),
        "kind": clause.kind.value,
        "start": clause.start,
        "end": clause.end,
        "quote": clause.text,
        "plain": clause.plain,
        "lead": clause.lead,
    }


def promise_fields(promise: api.Promise) -> dict[str, Any]:
    """Return a promise."""
    return {
        "kind": promise.kind.value,
        "value": promise.value,
        "clause": promise.clause,
        "start": promise.start,
        "end": promise.end,
        "quote": promise.quote,
        "confidence": promise.confidence,
        "confirmed": promise.confirmed,
    }


def finding_fields(finding: api.Finding) -> dict[str, Any]:
    """Return a finding."""
    return {name: getattr(finding, name) for name in finding.__slots__}


def changes_fields(changed: api.Changes) -> dict[str, Any]:
    """Return what changed."""
    return {
        "old": policy_fields(changed.old),
        "new": policy_fields(changed.new),
        "added": [clause_fields(clause) for clause in changed.added],
        "removed": [clause_fields(clause) for clause in changed.removed],
        "edited": [{"old": clause_fields(one), "new": clause_fields(other)} for one, other in changed.edited],
        "promises_added": [promise_fields(promise) for promise in changed.promises_added],
        "promises_removed": [promise_fields(promise) for promise in changed.promises_removed],
    }
