"""Rules on what a policy says and should not: what contradicts itself or asks too much of people."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from services.router.core.policy.lint.findings import Finding, Severity, Statutes, finding
from services.router.core.policy.model import Policy, PromiseKind


def objection_by_closing(policy: Policy, _older: Sequence[Policy], _statutes: Statutes) -> Iterator[Finding]:
    """An objection stops a processing; it must not cost the account, nor become an erasure."""
    for promise in policy.promised(PromiseKind.SELF_SERVICE):
        if promise.value.get("closes_account") and "objection" in promise.rights:
            yield finding(
                policy,
                "objection-by-closing-account",
                Severity.ERROR,
                "makes an objection close the account",
                "Art. 21(1)-(3), 25(2) GDPR",
                "offer a way to object that keeps the account and its data",
                promise,
            )


def processor_for_own_collection(policy: Policy, _older: Sequence[Policy], _statutes: Statutes) -> Iterator[Finding]:
    """Who decides why data are collected on its own site is their controller, whatever it calls itself."""
    for promise in policy.promised(PromiseKind.ROLE):
        if promise.value.get("role") == "processor" and promise.value.get("scope") == "own collection":
            yield finding(
                policy,
                "processor-for-own-collection",
                Severity.ERROR,
                "calls itself a processor of what it collects for itself",
                "Art. 4(7), 28(10) GDPR",
                "call yourself the controller of this data",
                promise,
            )


def shares_and_does_not(policy: Policy, _older: Sequence[Policy], _statutes: Statutes) -> Iterator[Finding]:
    """A denial without exceptions beside a disclosure is untrue."""
    recipients = policy.promised(PromiseKind.RECIPIENT)
    disclosed = [
        promise
        for promise in recipients
        if promise.value.get("category") and promise.value.get("personal", True) and promise.value.get("shares", True)
    ]
    for promise in recipients:
        everybody = promise.value.get("shares") is False and not promise.value.get("category")
        if everybody and not promise.value.get("except") and disclosed:
            other = disclosed[0]
            message = (
                f"says it shares with nobody, and tells of disclosures to {other.value['category']} in {other.clause}"
            )
            yield finding(
                policy,
                "sharing-contradiction",
                Severity.ERROR,
                message,
                "Art. 5(1)(a), 13(1)(e) GDPR",
                "name the exceptions where sharing is denied",
                promise,
            )
    sales = policy.promised(PromiseKind.SALE)
    sold = [promise for promise in sales if promise.value.get("sells")]
    for promise in sold:
        if len(sold) < len(sales):
            yield finding(
                policy,
                "sale-contradiction",
                Severity.ERROR,
                "sells data, and denies it in another clause",
                "Art. 5(1)(a) GDPR; Cal. Civ. Code 1798.135",
                "say the same in both clauses",
                promise,
            )


def notice_and_none(policy: Policy, _older: Sequence[Policy], _statutes: Statutes) -> Iterator[Finding]:
    """Who promises to tell of changes cannot change without telling."""
    notices = {promise.value.get("notice") for promise in policy.promised(PromiseKind.POLICY_CHANGE)}
    for promise in policy.promised(PromiseKind.POLICY_CHANGE):
        if promise.value.get("notice") == "none" and notices & {"email"}:
            yield finding(
                policy,
                "contradicting-notices",
                Severity.WARNING,
                "changes without notice here, and promises to notify in another clause",
                "Art. 5(1)(a), 13(3) GDPR; WP260 rev.01, 29",
                "promise the notice in both clauses",
                promise,
            )


_IN_DOUBT: Final = re.compile(r"(?i)\b(?:doubt|doute|zweifel|duda|dubbio|twijfel|wątpliwoś|dúvida|îndoial)")
"""Art. 12(6) GDPR allows to ask where there is reasonable doubt."""


_COPIED: Final = re.compile(
    r"(?i)cop(?:y|ies|i[ea]|ia)\b|cóp|kopi|photo|foto|scan|send|attach|enclose|beifüg|fourni|jo(?:int|indre)|adjunt|alleg|acompañ|załącz|anex|bifog|pievien|csatol"
)


def identity_copies(policy: Policy, _older: Sequence[Policy], _statutes: Statutes) -> Iterator[Finding]:
    """A copy of an identity card is the last resort."""
    for promise in policy.promised(PromiseKind.IDENTITY_PROOF):
        document = str(promise.value.get("document", "")).lower()
        if not _COPIED.search(f"{document} {promise.quote}"):
            continue  # a card shown at a counter is not copied
        if promise.value.get("required") == "no" or _IN_DOUBT.search(promise.quote):
            continue
        if any(word in document for word in ("cop", "kop", "passport", "ausweis", "dni", "pièce", "proof of identity")):
            yield finding(
                policy,
                "identity-copy",
                Severity.WARNING,
                "asks for a copy of an identity document",
                "Art. 5(1)(c), 12(6) GDPR; EDPB Guidelines 01/2022, 73-79",
                "ask for it only where doubt is left, and say what may be blacked out",
                promise,
            )
