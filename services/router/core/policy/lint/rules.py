"""The rules of the lint in their order; each is silent unless the text or its silence says otherwise."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from services.router.core.policy.lint import conduct, contents, opposites, times
from services.router.core.policy.lint.findings import Finding, Severity, Statutes
from services.router.core.policy.model import DocumentKind, Policy

Rule = Callable[[Policy, Sequence[Policy], Statutes], Iterator[Finding]]

PRIVACY_RULES: Final[tuple[Rule, ...]] = (
    times.slower_than_the_law,
    times.deletion_slower_than_the_law,
    times.no_deadline,
    contents.missing_rights,
    contents.no_contact,
    contents.missing_contents,
    times.vague_retention,
    conduct.objection_by_closing,
    conduct.processor_for_own_collection,
    conduct.shares_and_does_not,
    times.two_times_for_one_thing,
    conduct.notice_and_none,
    opposites.affirmed_and_denied,
    opposites.collected_and_not,
    opposites.two_ages,
    conduct.identity_copies,
    times.late_breach_notice,
    contents.formats_and_authorities,
    contents.less_than_before,
    times.longer_than_before,
    opposites.kept_longer,
    opposites.taken_back,
    contents.unconfirmed,
)
# A further document owes no list of rights; what it does say must still hold.
OTHER_RULES: Final[tuple[Rule, ...]] = (
    times.slower_than_the_law,
    times.vague_retention,
    conduct.shares_and_does_not,
    times.two_times_for_one_thing,
    conduct.notice_and_none,
    opposites.affirmed_and_denied,
    times.late_breach_notice,
    opposites.kept_longer,
    contents.unconfirmed,
)


def lint(policy: Policy, older: Sequence[Policy], statutes: Statutes) -> tuple[Finding, ...]:
    """Return everything that is to be put right in a version, errors first."""
    rules = PRIVACY_RULES if policy.kind is DocumentKind.PRIVACY_POLICY else OTHER_RULES
    found = [each for rule in rules for each in rule(policy, older, statutes)]
    order = list(Severity)
    return tuple(sorted(found, key=lambda each: (order.index(each.severity), each.start or 0)))
