"""The rights a person can use, by the one name each has everywhere in habeas."""

from __future__ import annotations

from enum import StrEnum


class Right(StrEnum):
    """A right that opens a claim. Articles are the GDPR's unless said otherwise."""

    ACCESS = "access"  # Art. 15
    RECTIFICATION = "rectification"  # Art. 16
    ERASURE = "erasure"  # Art. 17
    RESTRICTION = "restriction"  # Art. 18
    PORTABILITY = "portability"  # Art. 20
    OBJECTION = "objection"  # Art. 21, 22
    CONSENT_WITHDRAWAL = "consent_withdrawal"  # Art. 7(3)
    UNSUBSCRIBE = "unsubscribe"  # Art. 21(2)-(3), ePrivacy Art. 13
    COMPLAINT = "complaint"  # to the controller first; Art. 77 stays open; DPA 2018 s.164A
    BREACH_REPORT = "breach_report"  # a person believes their privacy was breached; Art. 33
    OPT_OUT_OF_SALE = "opt_out_of_sale"  # Cal. Civ. Code 1798.120


class Outcome(StrEnum):
    """How a claim ended."""

    FULFILLED = "fulfilled"
    PARTLY_FULFILLED = "partly_fulfilled"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    TRANSFERRED = "transferred"
    NOT_IDENTIFIED = "not_identified"


class Channel(StrEnum):
    """Where a message came from, and where its answer goes."""

    EMAIL = "email"
    CHAT = "chat"
    LETTER = "letter"
    PHONE = "phone"
