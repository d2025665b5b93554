"""The rights a message can use, how sure a verdict is, and which of them cannot be undone."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Right(StrEnum):
    """What a message asks for, reports or answers. The value is the name used in every interface."""

    ACCESS = "access"
    RECTIFICATION = "rectification"
    ERASURE = "erasure"
    RESTRICTION = "restriction"
    PORTABILITY = "portability"
    OBJECTION = "objection"
    CONSENT_WITHDRAWAL = "consent_withdrawal"
    UNSUBSCRIBE = "unsubscribe"
    OPT_OUT_OF_SALE = "opt_out_of_sale"
    COMPLAINT = "complaint"
    BREACH_REPORT = "breach_report"
    POLICY_QUESTION = "policy_question"
    IDENTITY_REPLY = "identity_reply"
    STATUS_QUERY = "status_query"
    WITHDRAWAL_OF_REQUEST = "withdrawal_of_request"


class Tier(StrEnum):
    """What may be done with a verdict.

    *act*: open the case. *ask*: put one short question to the person. *review*: a human decides.
    *none*: nothing is to be done (the message says so, or says nothing that concerns us).
    """

    ACT = "act"
    ASK = "ask"
    REVIEW = "review"
    NONE = "none"


class State(StrEnum):
    """How the words stand in their sentence. Only what is asserted can act."""

    ASSERTED = "asserted"
    ASKED_HOW = "asked how"
    CONDITIONAL = "conditional"
    HYPOTHETICAL = "hypothetical"
    NEGATED = "negated"
    THREATENED = "threatened"
    REPORTED = "reported"
    PAST = "past"
    THIRD_PERSON = "third person"
    PART = "of one item only"


IRREVERSIBLE: Final = frozenset({Right.ERASURE})
"""Rights whose fulfilment cannot be undone: GDPR Art. 17. They act on clear words only, or after a confirmation."""

# GDPR: Art. 15 access, 16 rectification, 17 erasure, 18 restriction, 20 portability, 21 objection, 77 complaint. The
# UK GDPR keeps the same numbers. Art. 22 is left out: letters name it when they ask for information about it.
RIGHT_OF_ARTICLE: Final[dict[int, Right]] = {
    15: Right.ACCESS,
    16: Right.RECTIFICATION,
    17: Right.ERASURE,
    18: Right.RESTRICTION,
    20: Right.PORTABILITY,
    21: Right.OBJECTION,
    77: Right.COMPLAINT,
}
