"""Rules on times: no promise may be slower than the law, another clause, or the version before."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from services.router.core.policy.lint.findings import Finding, Severity, Statutes, finding
from services.router.core.policy.lint.terms import days, statutes_of, time
from services.router.core.policy.model import Policy, Promise, PromiseKind


def slower_than_the_law(policy: Policy, _older: Sequence[Policy], statutes: Statutes) -> Iterator[Finding]:
    """A promise may be faster than the statute, never slower."""
    for promise in policy.promised(PromiseKind.ANSWER_DEADLINE):
        limits = statutes_of(policy, statutes, next(iter(promise.rights), "access"))
        if limits and days(promise) > limits[0].days:
            message = f"promises an answer in {time(promise)}, the law asks for {limits[0].period}"
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
        if not limits or not asked or promise.value.get("action") == "keep" or days(promise) <= limits[0].days:
            continue
        severity = Severity.ERROR if closes else Severity.WARNING
        message = f"deletes {time(promise)} after the account is closed; an erasure on request has {limits[0].period}"
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
            # A sentence or a row that names two times speaks of two things: they do not contradict each other.
            apart = other.start != promise.start
            if days(other) != days(promise) and apart and not unclear:
                message = f"names {time(promise)} here and {time(other)} in {other.clause}"
                yield finding(
                    policy,
                    "contradicting-times",
                    Severity.WARNING,
                    message,
                    "Art. 5(1)(a) GDPR",
                    "name one time; habeas keeps to the shorter",
                    promise,
                )


def late_breach_notice(policy: Policy, _older: Sequence[Policy], _statutes: Statutes) -> Iterator[Finding]:
    """The authority is told of a breach within 72 hours."""
    for promise in policy.promised(PromiseKind.BREACH_NOTICE):
        if "authority" in promise.value.get("to", "") and "amount" in promise.value and days(promise) > 3:
            yield finding(
                policy,
                "breach-notice-late",
                Severity.ERROR,
                f"tells the authority of a breach in {time(promise)}",
                "Art. 33(1) GDPR",
                "promise 72 hours",
                promise,
            )


def longer_than_before(policy: Policy, older: Sequence[Policy], _statutes: Statutes) -> Iterator[Finding]:
    """A longer time than the version before named."""
    if not older:
        return
    before = older[-1]
    for promise in policy.promised(PromiseKind.ANSWER_DEADLINE, PromiseKind.RETENTION):
        for earlier in before.promised(promise.kind):
            same = (earlier.value.get("from"), earlier.value.get("what")) == (
                promise.value.get("from"),
                promise.value.get("what"),
            )
            timed = "amount" in promise.value and "amount" in earlier.value and promise.value.get("from")
            if same and timed and days(promise) > days(earlier):
                yield finding(
                    policy,
                    "longer-than-before",
                    Severity.WARNING,
                    f"names {time(promise)} where version {before.version} named {time(earlier)}",
                    "Art. 5(1)(a), 13(3) GDPR",
                    "tell people before the longer time begins",
                    promise,
                )
