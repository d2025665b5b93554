"""Rules on what a policy must say and leaves out: Art. 12 to 14, and their like in other laws."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from services.router.core.policy.lint.findings import Finding, Severity, Statutes, finding
from services.router.core.policy.lint.terms import GDPR_LIKE, NAMING
from services.router.core.policy.model import Policy, PromiseKind

_RIGHT_SOURCES: Final = {
    "access": "Art. 13(2)(b), 15 GDPR",
    "rectification": "Art. 13(2)(b), 16 GDPR",
    "erasure": "Art. 13(2)(b), 17 GDPR",
    "restriction": "Art. 13(2)(b), 18 GDPR",
    "objection": "Art. 13(2)(b), 21(4) GDPR",
    "portability": "Art. 13(2)(b), 20 GDPR",
    "complaint": "Art. 13(2)(d), 77 GDPR",
}
_CCPA_SOURCES: Final = {
    "access": "Cal. Civ. Code 1798.130(a)(5)(A), 1798.110",
    "erasure": "Cal. Civ. Code 1798.130(a)(5)(A), 1798.105",
    "rectification": "Cal. Civ. Code 1798.130(a)(5)(A), 1798.106",
}
_CONTENTS: Final = (
    ((PromiseKind.IDENTITY,), "who the controller is", "Art. 13(1)(a) GDPR", "name the company and its address"),
    ((PromiseKind.PURPOSE,), "what the data are used for", "Art. 13(1)(c) GDPR", "name every purpose"),
    (
        (PromiseKind.LEGAL_BASIS,),
        "the legal basis of the processing",
        "Art. 13(1)(c) GDPR",
        "name the basis of each purpose",
    ),
    (
        (PromiseKind.RECIPIENT,),
        "who receives the data",
        "Art. 13(1)(e) GDPR",
        "name the recipients or their categories",
    ),
    (
        (PromiseKind.RETENTION,),
        "how long the data are kept",
        "Art. 13(2)(a) GDPR",
        "name a time, or what it depends on",
    ),
    ((PromiseKind.DATA_CATEGORY,), "which data are collected", "Art. 14(1)(d) GDPR", "name the categories of data"),
)


def missing_rights(policy: Policy, _older: Sequence[Policy], _statutes: Statutes) -> Iterator[Finding]:
    """People must be told of every right they have."""
    sources = _RIGHT_SOURCES if GDPR_LIKE.intersection(policy.seat.laws) else {}
    sources = sources | (_CCPA_SOURCES if "us-ccpa" in policy.seat.laws and not sources else {})
    named = {right for promise in policy.promised(*NAMING) for right in promise.rights}
    for right, source in sources.items():
        if right not in named:
            yield finding(
                policy,
                "missing-right",
                Severity.WARNING,
                f"does not tell of the right of {right}",
                source,
                f"tell people of the right of {right} and how to use it",
            )
    consent = any("consent" in promise.value.get("bases", ()) for promise in policy.promises)
    if consent and "consent_withdrawal" not in named:
        yield finding(
            policy,
            "missing-right",
            Severity.WARNING,
            "relies on consent and does not say it can be withdrawn",
            "Art. 7(3), 13(2)(c) GDPR",
            "say how consent is withdrawn, as easily as it is given",
        )


def no_contact(policy: Policy, _older: Sequence[Policy], _statutes: Statutes) -> Iterator[Finding]:
    """Somebody must be reachable, and by an address a reader can use."""
    contacts = policy.promised(PromiseKind.CONTACT)
    if not any(promise.value.get("address") for promise in contacts):
        yield finding(
            policy,
            "no-contact",
            Severity.ERROR,
            "names no address to write to",
            "Art. 12(2), 13(1)(a) GDPR",
            "name a mail address or a form for requests",
        )
    for promise in contacts:
        if not promise.value.get("address"):
            yield finding(
                policy,
                "contact-without-address",
                Severity.WARNING,
                "says to write, and not where",
                "Art. 12(2) GDPR",
                "write the address out",
                promise,
            )


def _names_its_entity(policy: Policy) -> bool:
    entity = policy.seat.entity
    return bool(entity) and any(entity in clause.plain for clause in policy.clauses if clause.citable)


def missing_contents(policy: Policy, _older: Sequence[Policy], _statutes: Statutes) -> Iterator[Finding]:
    """Art. 13 and 14 list what a policy must say."""
    if not GDPR_LIKE.intersection(policy.seat.laws):
        return
    for kinds, what, source, remedy in _CONTENTS:
        stated = policy.promised(*kinds)
        if PromiseKind.LEGAL_BASIS in kinds:
            stated += tuple(promise for promise in policy.promised(PromiseKind.PURPOSE) if promise.value.get("bases"))
        named = PromiseKind.IDENTITY in kinds and _names_its_entity(policy)
        if not stated and not named:
            yield finding(policy, "missing-content", Severity.WARNING, f"does not say {what}", source, remedy)
    if policy.effective is None:
        yield finding(
            policy,
            "no-date",
            Severity.WARNING,
            "names no date from which it is valid",
            "Art. 5(2) GDPR",
            "date every version, so that the one in force can be proved",
        )


def formats_and_authorities(policy: Policy, _older: Sequence[Policy], _statutes: Statutes) -> Iterator[Finding]:
    """Portability needs a format a machine reads; a complaint needs an authority with a name."""
    for promise in policy.promised(PromiseKind.PORTABILITY_FORMAT):
        formats = promise.value.get("formats", ())
        if formats and not set(formats) - {"PDF", "HTML", "TXT"}:
            yield finding(
                policy,
                "format-not-portable",
                Severity.WARNING,
                f"gives data only as {', '.join(formats)}",
                "Art. 20(1) GDPR",
                "add a format that machines read, such as CSV or JSON",
                promise,
            )
    authorities = policy.promised(PromiseKind.AUTHORITY)
    unnamed = [promise for promise in authorities if promise.value.get("named") is False]
    if unnamed and len(unnamed) == len(authorities):
        yield finding(
            policy,
            "authority-unnamed",
            Severity.WARNING,
            "sends complaints to an authority it does not name",
            "Art. 13(2)(d) GDPR; WP260 rev.01, annex",
            "name the authority and its address",
            unnamed[0],
        )


def less_than_before(policy: Policy, older: Sequence[Policy], _statutes: Statutes) -> Iterator[Finding]:
    """What a new version takes away, people should be told of: who answers, and what they may ask."""
    if not older:
        return
    before = older[-1]
    if before.seat.entity != policy.seat.entity:
        yield finding(
            policy,
            "entity-changed",
            Severity.NOTE,
            f"another entity answers than before: {policy.seat.entity}, not {before.seat.entity}",
            "Art. 13(1)(a), 14(1)(a) GDPR",
            "tell people whose data were handed over",
        )
    had = {right for promise in before.promised(*NAMING) for right in promise.rights}
    has = {right for promise in policy.promised(*NAMING) for right in promise.rights}
    for right in sorted(had - has):
        yield finding(
            policy,
            "right-dropped",
            Severity.WARNING,
            f"no longer tells of {right}, as version {before.version} did",
            "Art. 5(1)(a), 13(2)(b) GDPR",
            f"tell of {right} again",
        )


def unconfirmed(policy: Policy, _older: Sequence[Policy], _statutes: Statutes) -> Iterator[Finding]:
    """What nobody confirmed is used with its doubt."""
    count = sum(not promise.confirmed for promise in policy.promises)
    if count:
        yield finding(
            policy,
            "unconfirmed",
            Severity.NOTE,
            f"{count} promises were read by habeas and confirmed by nobody",
            "Art. 5(2) GDPR",
            "read them in the record beside the text and set `confirmed = true`",
        )
