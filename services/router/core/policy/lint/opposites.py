"""Rules on what a policy affirms here and denies there, and on what a new version takes back."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from services.router.core.policy.lint.findings import Finding, Severity, Statutes, finding
from services.router.core.policy.lint.terms import days, time
from services.router.core.policy.model import Policy, Promise, PromiseKind

Value = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Opposite:
    """A kind of promise whose denial and affirmation cannot both hold."""

    name: str
    kind: PromiseKind
    denies: Callable[[Value], bool]
    affirms: Callable[[Value], bool]
    does: str
    source: str
    within: bool = True
    """Whether two clauses of one version are compared too; `conduct` looks at some kinds with more care."""


_OPPOSITES: Final = (
    _Opposite(
        "cookie",
        PromiseKind.COOKIE,
        lambda value: value.get("used") is False and not value.get("name"),
        lambda value: value.get("used") is True and bool(value.get("name") or value.get("purpose")),
        "uses cookies",
        "Art. 5(1)(a) GDPR; Art. 5(3) ePrivacy Directive",
    ),
    _Opposite(
        "transfer",
        PromiseKind.TRANSFER,
        lambda value: value.get("allowed") is False,
        lambda value: value.get("allowed") is True,
        "sends data to third countries",
        "Art. 5(1)(a), 13(1)(f) GDPR",
    ),
    _Opposite(
        "identity",
        PromiseKind.IDENTITY_PROOF,
        lambda value: value.get("required") == "no",
        lambda value: value.get("required") == "must",
        "asks for proof of identity",
        "Art. 5(1)(a), 12(6) GDPR",
    ),
    _Opposite(
        "sale",
        PromiseKind.SALE,
        lambda value: value.get("sells") is False,
        lambda value: value.get("sells") is True,
        "sells data",
        "Art. 5(1)(a), 13(3) GDPR; Cal. Civ. Code 1798.135",
        within=False,
    ),
    _Opposite(
        "sharing",
        PromiseKind.RECIPIENT,
        lambda value: value.get("shares") is False and not value.get("category") and not value.get("except"),
        lambda value: bool(value.get("category")) and value.get("shares", True) is not False,
        "shares data",
        "Art. 5(1)(a), 13(3) GDPR",
        within=False,
    ),
)


def affirmed_and_denied(policy: Policy, _older: Sequence[Policy], _statutes: Statutes) -> Iterator[Finding]:
    """What one clause does, another may not deny."""
    for opposite in (each for each in _OPPOSITES if each.within):
        promises = policy.promised(opposite.kind)
        denials = [promise for promise in promises if opposite.denies(promise.value)]
        acts = [promise for promise in promises if opposite.affirms(promise.value)]
        if denials and acts:
            yield _against(
                policy, opposite, "contradiction", acts[0], f"{opposite.does}, and denies it in {denials[0].clause}"
            )


def collected_and_not(policy: Policy, _older: Sequence[Policy], _statutes: Statutes) -> Iterator[Finding]:
    """A category that is collected cannot be one that never is."""
    promises = policy.promised(PromiseKind.DATA_CATEGORY)
    taken = {str(item): promise for promise in promises if promise.value.get("collected") for item in _items(promise)}
    for promise in promises:
        both = [item for item in _items(promise) if item in taken] if promise.value.get("collected") is False else []
        if both:
            yield finding(
                policy,
                "collection-contradiction",
                Severity.WARNING,
                f"does not collect {', '.join(both)} here, and does in {taken[both[0]].clause}",
                "Art. 5(1)(a), 13(1) GDPR",
                "say the same in both clauses, or of whom or when each is true",
                promise,
            )


def two_ages(policy: Policy, _older: Sequence[Policy], _statutes: Statutes) -> Iterator[Finding]:
    """A service has one least age."""
    promises = [promise for promise in policy.promised(PromiseKind.CHILDREN) if promise.value.get("age_min")]
    for promise in promises[1:]:
        if promise.value["age_min"] != promises[0].value["age_min"]:
            yield finding(
                policy,
                "contradicting-ages",
                Severity.WARNING,
                f"is for people of {promise.value['age_min']} here, of {promises[0].value['age_min']} in "
                f"{promises[0].clause}",
                "Art. 5(1)(a), 8(1) GDPR",
                "name one age, or what each is for",
                promise,
            )


def taken_back(policy: Policy, older: Sequence[Policy], _statutes: Statutes) -> Iterator[Finding]:
    """What the version before denied and this one does, people must hear before it begins (Art. 13(3) GDPR)."""
    if not older:
        return
    before = older[-1]
    for opposite in _OPPOSITES:
        denied = any(opposite.denies(promise.value) for promise in before.promised(opposite.kind))
        did = any(opposite.affirms(promise.value) for promise in before.promised(opposite.kind))
        acts = [promise for promise in policy.promised(opposite.kind) if opposite.affirms(promise.value)]
        if denied and not did and acts:
            yield _against(
                policy, opposite, "reversed", acts[0], f"{opposite.does}, which version {before.version} denied"
            )


def kept_longer(policy: Policy, older: Sequence[Policy], _statutes: Statutes) -> Iterator[Finding]:
    """A sentence that names a longer time than its own older wording, whatever it counts from."""
    if not older:
        return
    before = [promise for promise in older[-1].promised(PromiseKind.RETENTION) if "amount" in promise.value]
    for promise in policy.promised(PromiseKind.RETENTION):
        if "amount" not in promise.value or promise.value.get("from"):
            continue  # `longer_than_before` compares what names its beginning
        earlier = max(before, key=lambda other: _likeness(promise, other), default=None)
        if earlier and _likeness(promise, earlier) >= LIKENESS_MIN and days(promise) > days(earlier):
            yield finding(
                policy,
                "longer-than-before",
                Severity.WARNING,
                f"names {time(promise)} where version {older[-1].version} named {time(earlier)}",
                "Art. 5(1)(a), 13(3) GDPR",
                "tell people before the longer time begins",
                promise,
            )


LIKENESS_MIN: Final = 0.5
_WORD: Final = re.compile(r"[^\W\d_]{3,}")


def _likeness(one: Promise, other: Promise) -> float:
    """Return the share of words that two quotations of one clause have in common; times are left out."""
    if one.clause != other.clause or one.value.get("action") != other.value.get("action"):
        return 0.0
    words, others = ({word.lower() for word in _WORD.findall(each.quote)} for each in (one, other))
    return len(words & others) / max(len(words | others), 1)


def _items(promise: Promise) -> Sequence[str]:
    return tuple(promise.value.get("items", ())) or tuple(filter(None, (promise.value.get("category"),)))


def _against(policy: Policy, opposite: _Opposite, rule: str, promise: Promise, message: str) -> Finding:
    return finding(
        policy,
        f"{opposite.name}-{rule}",
        Severity.WARNING,
        message,
        opposite.source,
        "say the same everywhere, and tell people of what changed before it does",
        promise,
    )
