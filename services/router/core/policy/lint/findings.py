"""A finding: what is wrong where, by which rule and source, and what would put it right."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from services.router.core.policy.model import Policy, Promise


class Severity(StrEnum):
    """How much a finding matters; `error` is against the law or against another clause."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to put right."""

    rule: str
    severity: Severity
    controller: str
    document: str
    version: str
    clause: str | None
    start: int | None
    end: int | None
    quote: str | None
    message: str
    source: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Statute:
    """What a law asks for one right, as far as a policy can be compared with it."""

    law: str
    period: str
    days: float
    source: str


Statutes = Mapping[str, Mapping[str, Statute]]
"""By law, then by right."""


def finding(
    policy: Policy,
    rule: str,
    severity: Severity,
    message: str,
    source: str,
    remedy: str,
    promise: Promise | None = None,
) -> Finding:
    """Return a finding about a policy, at a promise's clause if one is to blame."""
    return Finding(
        rule,
        severity,
        policy.controller,
        policy.kind.value,
        policy.version,
        promise.clause if promise else None,
        promise.start if promise else None,
        promise.end if promise else None,
        promise.quote if promise else None,
        message,
        source,
        remedy,
    )
