"""What people and systems call a right, and the one name the clock knows it by."""

from __future__ import annotations

from typing import Final

from schemas.rights import Right
from services.router.core.law.model import LawFault, folded

ACK: Final = "ack"
COMPLAINT_ACK: Final = "complaint_ack"
APPEAL: Final = "appeal"
BREACH: Final = "breach"
BREACH_TO_PERSONS: Final = "breach_to_persons"
LIMIT: Final = "limit"
AUTOMATED: Final = "automated_decision"
PLAIN_PERIOD: Final = "n/a"

CLOCK_RIGHTS: Final = frozenset(
    {right.value for right in Right if right is not Right.BREACH_REPORT}
    | {ACK, COMPLAINT_ACK, APPEAL, BREACH, BREACH_TO_PERSONS, LIMIT, AUTOMATED, PLAIN_PERIOD}
)

_SPELLINGS: Final[dict[str, tuple[str, ...]]] = {
    Right.ACCESS.value: ("access", "know", "right-to-know", "request-to-know", "confirm", "confirmation", "copy",
                         "dsar", "sar", "subject-access", "information", "disclosure", "categories", "third-parties"),
    Right.RECTIFICATION.value: ("rectification", "rectify", "correction", "correct", "update", "accuracy"),
    Right.ERASURE.value: ("erasure", "erase", "delete", "deletion", "forget", "right-to-be-forgotten", "destruction",
                          "anonymization", "anonymisation", "blocking", "de-indexation", "deindexing"),
    Right.RESTRICTION.value: ("restriction", "restrict"),
    Right.PORTABILITY.value: ("portability", "data-portability", "port", "transfer"),
    Right.OBJECTION.value: ("objection", "object", "opposition", "direct-marketing"),
    Right.CONSENT_WITHDRAWAL.value: ("consent-withdrawal", "withdraw-consent", "withdrawal-of-consent",
                                     "revoke-consent", "consent-revocation", "withdrawal"),
    Right.UNSUBSCRIBE.value: ("unsubscribe", "email-opt-out"),
    Right.COMPLAINT.value: ("complaint", "complaint-response", "grievance"),
    Right.OPT_OUT_OF_SALE.value: ("opt-out-of-sale", "opt-out", "optout", "do-not-sell", "opt-out-of-sale-sharing",
                                  "opt-out-sale", "do-not-share", "targeted-advertising", "opt-out-of-sharing"),
    ACK: ("ack", "acknowledge", "acknowledgement", "acknowledgment", "confirm-receipt", "receipt", "request-ack"),
    COMPLAINT_ACK: ("complaint-ack", "complaint-acknowledgement", "complaint-acknowledgment", "ack-complaint"),
    APPEAL: ("appeal", "appeal-response"),
    BREACH: ("breach", "breach-report", "breach-notification", "data-breach", "breach-to-authority", "breach-authority",
             "personal-data-breach", "breach-72h", "authority-notification", "incident"),
    BREACH_TO_PERSONS: ("breach-to-persons", "breach-to-consumers", "breach-to-data-subjects", "breach-individuals"),
    LIMIT: ("limit", "limit-use", "limit-sensitive", "right-to-limit", "limit-use-of-sensitive"),
    AUTOMATED: ("automated-decision", "automated-decisions", "automated", "profiling", "human-review", "adm"),
    PLAIN_PERIOD: ("n-a", "na", "none", "period"),
}  # fmt: skip

_BY_SPELLING: Final = {spelling: right for right, spellings in _SPELLINGS.items() for spelling in spellings}


def clock_right(name: str) -> str:
    """Return the clock's name for a right, or say which rights there are."""
    found = _BY_SPELLING.get(name) or _BY_SPELLING.get(folded(name)) or _BY_SPELLING.get(_bare(name))
    if found is None:
        known = ", ".join(sorted(CLOCK_RIGHTS))
        raise LawFault(f"unknown right {name[:40]!r}; the rights known here are: {known}")
    return found


_AROUND: Final = frozenset(
    {"right", "rights", "of", "to", "the", "request", "requests", "my", "personal", "subject", "consumer"}
)


def _bare(name: str) -> str:
    """Return a right's name without the words around it: `right_of_access`, `erasure request`."""
    return "-".join(word for word in folded(name).split("-") if word not in _AROUND)
