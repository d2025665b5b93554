"""The door to the knowledge base: what the command line and the console may ask of it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from services.router import policies, policy_import, policy_lock
from services.router.core.law.model import LawFault, Unit
from services.router.core.policy.lint.findings import Finding, Severity, Statute
from services.router.core.policy.lint.rules import lint
from services.router.core.policy.model import (
    Clause,
    ClauseKind,
    Controller,
    DocumentKind,
    InForce,
    KnowledgeBase,
    Policy,
    Promise,
    PromiseKind,
    Seat,
)
from services.router.core.policy.promises.durations import days_of
from services.router.core.policy.record import PolicyError, UnknownController
from services.router.core.policy.versions import Changes, changes
from services.router.laws import calendar, shipped_laws, zone
from services.router.policy_import import Imported, Wanted

__all__ = [
    "Changes",
    "Clause",
    "ClauseKind",
    "Controller",
    "DocumentKind",
    "Finding",
    "Imported",
    "InForce",
    "KnowledgeBase",
    "Policy",
    "PolicyError",
    "Promise",
    "PromiseKind",
    "Seat",
    "Severity",
    "UnknownController",
    "Wanted",
    "changes",
    "check_seat",
    "documents_in",
    "home_law",
    "import_file",
    "knowledge",
    "laws_of",
    "lint_controller",
    "version_of",
]

_UNITS = {
    Unit.HOURS: "hour",
    Unit.DAYS: "day",
    Unit.BUSINESS_DAYS: "business_day",
    Unit.MONTHS: "month",
    Unit.YEARS: "year",
}
_LINTED_RIGHTS = ("access", "rectification", "erasure", "restriction", "portability", "objection", "consent_withdrawal")


def knowledge(home: Path, folder: Path | None = None) -> KnowledgeBase:
    """Return the knowledge base: the operator's own folder before what is shipped."""
    return policies.load(policies.knowledge_roots(home, folder))


def import_file(path: Path, wanted: Wanted, home: Path, folder: Path | None = None) -> Imported:
    """Bring a file in as a version of a controller's document, or change nothing and say why."""
    roots = policies.knowledge_roots(home, folder)
    with policy_lock.alone(roots[0]):
        # What is known is read inside the lock: the import that was waited for may have added to it.
        return policy_import.import_file(path, wanted, roots[0], policies.load(roots))


def documents_in(folder: Path) -> list[tuple[Path, DocumentKind]]:
    """Return the texts of a folder, each with the document its name says it is, the privacy policy first."""
    return policies.documents_in(folder)


def version_of(base: KnowledgeBase, controller: str, version: str, kind: DocumentKind) -> Policy:
    """Return one version by its name."""
    versions = base.versions(controller, kind)
    found = next((policy for policy in versions if policy.version == version), None)
    if found is None:
        known = ", ".join(policy.version for policy in versions) or "none"
        raise PolicyError(f"{controller} has no {kind.value} of {version}; known are: {known}")
    return found


def lint_controller(base: KnowledgeBase, controller: str, every_version: bool = False) -> tuple[Finding, ...]:
    """Return what is to be put right in a controller's documents: in their last versions, the only ones that can be."""
    found: list[Finding] = []
    for kind in DocumentKind:
        versions = base.versions(controller, kind)
        for index, policy in enumerate(versions):
            check_seat(policy.seat, f"{controller} {policy.version}: ")
            if every_version or index == len(versions) - 1:
                found += lint(policy, versions[:index], _statutes(policy))
    return tuple(found)


def check_seat(seat: Seat, where: str = "") -> None:
    """Refuse a seat whose law, zone or holidays nobody knows: its deadlines could not be counted."""
    known = shipped_laws().laws
    unknown = [law for law in seat.laws if law not in known]
    if unknown:
        raise PolicyError(f"{where}unknown law {unknown[0][:40]!r}; known are: {', '.join(sorted(known))}")
    try:
        zone(seat.zone)
        calendar(seat.holidays)
    except LawFault as fault:
        raise PolicyError(f"{where}{fault}") from None


def home_law(country: str) -> tuple[str, ...]:
    """Return the laws that are at home in a country."""
    book = shipped_laws()
    return tuple(name for name, law in sorted(book.laws.items()) if country in law.seats)


def laws_of(country: str) -> tuple[str, ...]:
    """Return the laws of a country's parts, such as its states, else all that habeas knows."""
    known = tuple(sorted(shipped_laws().laws))
    return tuple(name for name in known if name.startswith(f"{country.lower()}-")) or known


def _statutes(policy: Policy) -> Mapping[str, Mapping[str, Statute]]:
    """Return what the law data ask, for the rights that a policy can be compared by."""
    book = shipped_laws()
    found: dict[str, dict[str, Statute]] = {}
    for name in policy.seat.laws:
        for right in _LINTED_RIGHTS:
            try:
                rule = book.law(name).rule_for(right)
            except LawFault:
                continue
            # A month is at most 31 days long: a promise of 31 days is not slower in every month, one of 32 always is.
            longest = 31 if rule.period.unit is Unit.MONTHS else 1
            days = rule.period.count * longest if longest > 1 else days_of(rule.period.count, _UNITS[rule.period.unit])
            found.setdefault(name, {})[right] = Statute(name, str(rule.period), days, rule.source)
    return found
