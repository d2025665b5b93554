"""Which laws a lint applies, and how it counts and says a promise's time."""

from __future__ import annotations

from typing import Final

from services.router.core.policy.lint.findings import Statute, Statutes
from services.router.core.policy.model import Policy, Promise, PromiseKind
from services.router.core.policy.promises.durations import days_of

GDPR_LIKE: Final = frozenset(("eu-gdpr", "uk-gdpr", "ch-fadp"))
# A promise may name a right without stating it as one: a way to use it is enough for a reader to know of it.
NAMING: Final = (PromiseKind.RIGHT, PromiseKind.SELF_SERVICE, PromiseKind.PORTABILITY_FORMAT, PromiseKind.AUTHORITY)


def statutes_of(policy: Policy, statutes: Statutes, right: str) -> list[Statute]:
    """Return what the laws of a policy ask for a right, the strictest first."""
    found = [statutes[law][right] for law in policy.seat.laws if law in statutes and right in statutes[law]]
    return sorted(found, key=lambda statute: statute.days)


def days(promise: Promise) -> float:
    """Return how long a promise lets people wait; 0 where it names no time."""
    return days_of(promise.value["amount"], promise.value["unit"]) if "amount" in promise.value else 0.0


def time(promise: Promise) -> str:
    """Return a promise's time in words."""
    value = promise.value
    unit = str(value["unit"]).replace("_", " ")
    least = f"{value['amount_min']} to " if "amount_min" in value else ""
    return f"{least}{value['amount']} {unit}{'' if value['amount'] == 1 else 's'}"
