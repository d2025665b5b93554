"""The rules of the lint, one function each; each is silent unless the text or its silence says otherwise."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from services.router.core.policy.lint.findings import Finding, Severity, Statute, Statutes, finding
from services.router.core.policy.model import DocumentKind, Policy, Promise, PromiseKind
from services.router.core.policy.promises.durations import days_of

Rule = Callable[[Policy, Sequence[Policy], Statutes], Iterator[Finding]]

GDPR_LIKE: Final = frozenset(("eu-gdpr", "uk-gdpr", "ch-fadp"))
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
# A promise may name a right without stating it as one: a way to use it is enough for a reader to know of it.
_NAMING: Final = (PromiseKind.RIGHT, PromiseKind.SELF_SERVICE, PromiseKind.PORTABILITY_FORMAT, PromiseKind.AUTHORITY)
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


def statutes_of(policy: Policy, statutes: Statutes, right: str) -> list[Statute]:
    """Return what the laws of a policy ask for a right, the strictest first."""
    found = [statutes[law][right] for law in policy.seat.laws if law in statutes and right in statutes[law]]
    return sorted(found, key=lambda statute: statute.days)


def slower_than_the_law(policy: Policy, _older: Sequence[Policy], statutes: Statutes) -> Iterator[Finding]:
    """A promise may be faster than the statute, never slower."""
    for promise in policy.promised(PromiseKind.ANSWER_DEADLINE):
        limits = statutes_of(policy, statutes, next(iter(promise.rights), "access"))
        if limits and _days(promise) > limits[0].days:
            message = f"promises an answer in {_time(promise)}, the law asks for {limits[0].period}"
            yield finding(
                policy,
                "deadline-longer-than-law",
                Severity.ERROR,
                message,
                limits[0].source,
                f"promise at most {limits[0].period}; habeas counts by the law until then",
                promise,
            )


def deletion_slower_than_the_law(policy: Policy, _older: Sequence[Policy], statutes: Statutes) -> Iterator[Finding]:
    """What is deleted after an account closes may not make an erasure on request wait."""
    limits = statutes_of(policy, statutes, "erasure")
    closes = any(
        promise.value.get("closes_account") and "erasure" in promise.rights
        for promise in policy.promised(PromiseKind.SELF_SERVICE)
    )
    for promise in policy.promised(PromiseKind.RETENTION):
        asked = promise.value.get("from") in ("account_closing", "request")
        if not limits or not asked or promise.value.get("action") == "keep" or _days(promise) <= limits[0].days:
            continue
        severity = Severity.ERROR if closes else Severity.WARNING
        message = f"deletes {_time(promise)} after the account is closed; an erasure on request has {limits[0].period}"
        yield finding(
            policy,
            "deletion-longer-than-law",
            severity,
            message,
            f"Art. 17(1) GDPR; {limits[0].source}",
            "say that this is a time of retention and that a request is answered sooner",
            promise,
        )


def no_deadline(policy: Policy, _older: Sequence[Policy], statutes: Statutes) -> Iterator[Finding]:
    """A policy that names no time leaves the statute's."""
    limits = statutes_of(policy, statutes, "access")
    if limits and not policy.promised(PromiseKind.ANSWER_DEADLINE):
        yield finding(
            policy,
            "no-deadline",
            Severity.WARNING,
            "names no time in which requests are answered",
            limits[0].source,
            f"say that requests are answered within {limits[0].period}",
        )


def missing_rights(policy: Policy, _older: Sequence[Policy], _statutes: Statutes) -> Iterator[Finding]:
    """People must be told of every right they have."""
    sources = _RIGHT_SOURCES if GDPR_LIKE.intersection(policy.seat.laws) else {}
    sources = sources | (_CCPA_SOURCES if "us-ccpa" in policy.seat.laws and not sources else {})
    named = {right for promise in policy.promised(*_NAMING) for right in promise.rights}
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


def missing_contents(policy: Policy, _older: Sequence[Policy], _statutes: Statutes) -> Iterator[Finding]:
    """Art. 13 and 14 list what a policy must say."""
    if not GDPR_LIKE.intersection(policy.seat.laws):
        return
    for kinds, what, source, remedy in _CONTENTS:
        stated = policy.promised(*kinds)
        if PromiseKind.LEGAL_BASIS in kinds:
            stated += tuple(promise for promise in policy.promised(PromiseKind.PURPOSE) if promise.value.get("bases"))
        if not stated:
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


def vague_retention(policy: Policy, _older: Sequence[Policy], _statutes: Statutes) -> Iterator[Finding]:
    """ "As long as necessary" is not a time a person can reckon with."""
    for promise in policy.promised(PromiseKind.RETENTION):
        if promise.value.get("vague") and "amount" not in promise.value:
            yield finding(
                policy,
                "vague-retention",
                Severity.WARNING,
                "names no time, or one that depends on nothing named",
                "Art. 13(2)(a) GDPR; WP260 rev.01, annex",
                "name the time or the criteria by kind of data",
                promise,
            )


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
        promise for promise in recipients if promise.value.get("category") and promise.value.get("personal", True)
    ]
    for promise in recipients:
        if promise.value.get("shares") is False and not promise.value.get("except") and disclosed:
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


def two_times_for_one_thing(policy: Policy, _older: Sequence[Policy], _statutes: Statutes) -> Iterator[Finding]:
    """Two clauses that name different times for the same thing bind to the shorter one."""
    for kind in (PromiseKind.ANSWER_DEADLINE, PromiseKind.RETENTION):
        first: dict[tuple[object, ...], Promise] = {}
        for promise in policy.promised(kind):
            value = promise.value
            if "amount" not in value:
                continue
            rights = frozenset(promise.rights)
            mark = (rights, value.get("what"), value.get("from"), value.get("action"), value.get("ground"))
            other = first.setdefault(mark, promise)
            unclear = kind is PromiseKind.RETENTION and not (value.get("what") or value.get("from"))
            if _days(other) != _days(promise) and not unclear:
                message = f"names {_time(promise)} here and {_time(other)} in {other.clause}"
                yield finding(
                    policy,
                    "contradicting-times",
                    Severity.WARNING,
                    message,
                    "Art. 5(1)(a) GDPR",
                    "name one time; habeas keeps to the shorter",
                    promise,
                )
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


def identity_copies(policy: Policy, _older: Sequence[Policy], _statutes: Statutes) -> Iterator[Finding]:
    """A copy of an identity card is the last resort."""
    for promise in policy.promised(PromiseKind.IDENTITY_PROOF):
        document = str(promise.value.get("document", "")).lower()
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


def late_breach_notice(policy: Policy, _older: Sequence[Policy], _statutes: Statutes) -> Iterator[Finding]:
    """The authority is told of a breach within 72 hours."""
    for promise in policy.promised(PromiseKind.BREACH_NOTICE):
        if "authority" in promise.value.get("to", "") and "amount" in promise.value and _days(promise) > 3:
            yield finding(
                policy,
                "breach-notice-late",
                Severity.ERROR,
                f"tells the authority of a breach in {_time(promise)}",
                "Art. 33(1) GDPR",
                "promise 72 hours",
                promise,
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


def worse_than_before(policy: Policy, older: Sequence[Policy], _statutes: Statutes) -> Iterator[Finding]:
    """What a new version takes away, people should be told of."""
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
    had = {right for promise in before.promised(*_NAMING) for right in promise.rights}
    has = {right for promise in policy.promised(*_NAMING) for right in promise.rights}
    for right in sorted(had - has):
        yield finding(
            policy,
            "right-dropped",
            Severity.WARNING,
            f"no longer tells of {right}, as version {before.version} did",
            "Art. 5(1)(a), 13(2)(b) GDPR",
            f"tell of {right} again",
        )
    for promise in policy.promised(PromiseKind.ANSWER_DEADLINE, PromiseKind.RETENTION):
        for earlier in before.promised(promise.kind):
            same = (earlier.value.get("from"), earlier.value.get("what")) == (
                promise.value.get("from"),
                promise.value.get("what"),
            )
            timed = "amount" in promise.value and "amount" in earlier.value and promise.value.get("from")
            if same and timed and _days(promise) > _days(earlier):
                yield finding(
                    policy,
                    "longer-than-before",
                    Severity.WARNING,
                    f"names {_time(promise)} where version {before.version} named {_time(earlier)}",
                    "Art. 5(1)(a), 13(3) GDPR",
                    "tell people before the longer time begins",
                    promise,
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


PRIVACY_RULES: Final[tuple[Rule, ...]] = (
    slower_than_the_law,
    deletion_slower_than_the_law,
    no_deadline,
    missing_rights,
    no_contact,
    missing_contents,
    vague_retention,
    objection_by_closing,
    processor_for_own_collection,
    shares_and_does_not,
    two_times_for_one_thing,
    identity_copies,
    late_breach_notice,
    formats_and_authorities,
    worse_than_before,
    unconfirmed,
)
# A further document owes no list of rights; what it does say must still hold.
OTHER_RULES: Final[tuple[Rule, ...]] = (
    slower_than_the_law,
    vague_retention,
    shares_and_does_not,
    two_times_for_one_thing,
    late_breach_notice,
    unconfirmed,
)


def lint(policy: Policy, older: Sequence[Policy], statutes: Statutes) -> tuple[Finding, ...]:
    """Return everything that is to be put right in a version, errors first."""
    rules = PRIVACY_RULES if policy.kind is DocumentKind.PRIVACY_POLICY else OTHER_RULES
    found = [each for rule in rules for each in rule(policy, older, statutes)]
    order = list(Severity)
    return tuple(sorted(found, key=lambda each: (order.index(each.severity), each.start or 0)))


def _days(promise: Promise) -> float:
    return days_of(promise.value["amount"], promise.value["unit"]) if "amount" in promise.value else 0.0


def _time(promise: Promise) -> str:
    value = promise.value
    unit = str(value["unit"]).replace("_", " ")
    least = f"{value['amount_min']} to " if "amount_min" in value else ""
    return f"{least}{value['amount']} {unit}{'' if value['amount'] == 1 else 's'}"
