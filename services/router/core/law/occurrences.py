"""What happened to a request, as far as its clock cares, and the words in which other systems write it.

An event's kind is read by its words, so that `id_requested`, `IdentityRequested` and `identity-verification asked` are
one thing. A kind that cannot be read is reported and left out: only an extension or a pause gives time, so leaving one
out never makes a date later than the law allows.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Final, NamedTuple

from services.router.core.law.model import Period


class Kind(StrEnum):
    """What an occurrence does to a clock."""

    IDENTITY_REQUESTED = "identity requested"
    IDENTITY_RECEIVED = "identity received"
    CLARIFICATION_REQUESTED = "clarification requested"
    CLARIFICATION_RECEIVED = "clarification received"
    FEE_REQUESTED = "fee requested"
    FEE_PAID = "fee paid"
    IDENTITY_ENDED = "identity request ended"
    CLARIFICATION_ENDED = "clarification request ended"
    FEE_ENDED = "fee request ended"
    EXTENSION_NOTIFIED = "extension notified"
    EXTENSION_DECIDED = "extension decided"
    AWARENESS = "awareness recorded"
    ACKNOWLEDGED = "acknowledged"
    ANSWERED = "answered"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    BOUNCED = "answer bounced"
    NEUTRAL = "noted"

    __hash__ = str.__hash__  # that of an enumeration is slower, and every kind is looked up several times a line


ASKS: Final = {
    Kind.IDENTITY_REQUESTED: Kind.IDENTITY_RECEIVED,
    Kind.CLARIFICATION_REQUESTED: Kind.CLARIFICATION_RECEIVED,
    Kind.FEE_REQUESTED: Kind.FEE_PAID,
}

UNANSWERED: Final = {
    Kind.IDENTITY_ENDED: Kind.IDENTITY_REQUESTED,
    Kind.CLARIFICATION_ENDED: Kind.CLARIFICATION_REQUESTED,
    Kind.FEE_ENDED: Kind.FEE_REQUESTED,
}
"""An asking that ended and was not answered: to the clock as good as an answer, but nobody may read that one came."""


class Occurrence(NamedTuple):
    """Something that happened at a moment; a reason where one was given, and whether one was asked for."""

    kind: Kind
    moment: datetime
    reasons: str = ""
    until: date | None = None  # an extension to a named day
    by: Period | None = None  # an extension by less than the law allows
    needed: bool = True  # a clarification that was not truly needed suspends nothing


_SUBJECTS: Final = (
    (frozenset({"clarification", "clarify", "clarified", "scope", "specification", "specify", "details", "information",
                "info", "clarifications"}), (Kind.CLARIFICATION_REQUESTED, Kind.CLARIFICATION_RECEIVED)),
    (frozenset({"id", "identity", "identification", "identified", "verification", "verify", "verified",
                "authentication", "authenticated", "proof", "authorisation", "authorization", "mandate"}),
     (Kind.IDENTITY_REQUESTED, Kind.IDENTITY_RECEIVED)),
    (frozenset({"fee", "payment", "fees"}), (Kind.FEE_REQUESTED, Kind.FEE_PAID)),
)  # fmt: skip
_GIVEN: Final = frozenset({"received", "provided", "given", "verified", "confirmed", "supplied", "obtained", "answered",
                           "established", "returned", "submitted", "paid", "completed", "identified", "authenticated",
                           "clarified", "arrived", "succeeded", "resolved", "proven", "accepted",
                           "resumed", "ended"})  # fmt: skip
_ASKED: Final = frozenset({"requested", "request", "asked", "ask", "sought", "required", "demanded", "charged", "sent",
                           "needed", "paused", "suspended", "started", "start", "challenge"})  # fmt: skip
_NOT_TOLD: Final = frozenset({"decided", "requested", "request", "planned", "proposed", "needed", "considered"})
_WORDS: Final[tuple[tuple[frozenset[str], Kind], ...]] = (
    (frozenset({"bounced", "bounce", "undeliverable", "undelivered", "reopened", "reopen"}), Kind.BOUNCED),
    (frozenset({"aware", "awareness"}), Kind.AWARENESS),
    (frozenset({"withdrawn", "withdrawal", "withdrew", "cancelled", "canceled"}), Kind.WITHDRAWN),
    (frozenset({"refused", "refusal", "rejected", "rejection", "denied", "denial", "declined"}), Kind.REFUSED),
    (frozenset({"acknowledged", "acknowledgement", "acknowledgment", "ack", "acked"}), Kind.ACKNOWLEDGED),
    (frozenset({"received", "receipt", "noted", "note", "assigned", "opened", "created", "registered", "reminder",
                "reminded", "forwarded", "routed", "read", "seen", "escalated", "started", "updated", "logged",
                "failed", "expired", "recipients", "draft", "drafted"}), Kind.NEUTRAL),
    (frozenset({"answered", "answer", "fulfilled", "fulfilment", "replied", "reply", "responded", "response",
                "completed", "closed", "met", "done", "complied", "satisfied", "delivered", "disclosed", "actioned",
                "resolved", "notified", "executed", "erased", "deleted", "corrected", "sent"}), Kind.ANSWERED),
)  # fmt: skip
_SPLIT: Final = re.compile(r"(?<=[a-z])(?=[A-Z])|[\s_./:-]+")


@lru_cache(maxsize=1024)
def kind_of(name: str) -> Kind | None:
    """Return what an event's name means to the clock, or None when its words cannot be read."""
    words = frozenset(part.lower() for part in _SPLIT.split(name.strip()[:80]) if part)
    if words & {"extension", "extended", "extend", "extending", "prolongation", "prolonged"}:
        told = not words & _NOT_TOLD or bool(words & {"notified", "told", "sent", "informed", "communicated"})
        return Kind.EXTENSION_NOTIFIED if told else Kind.EXTENSION_DECIDED
    if words & {"refused", "refusal"} and words & {"request", "notified", "sent", "notice"}:
        return Kind.REFUSED
    for subjects, (asked, given) in _SUBJECTS:
        found = words & subjects
        if not found or words & {"bounced", "withdrawn", "refused"}:
            continue
        if words & _ASKED - found and not (words & _GIVEN - found):
            return asked
        if words & _GIVEN:
            return given
        if words & _ASKED:
            return asked
    for meanings, kind in _WORDS:
        if words & meanings:
            return kind
    return None
