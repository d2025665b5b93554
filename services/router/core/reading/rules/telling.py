"""Rules that tell or ask us something: complaint, breach, policy question, and answers within a running request."""

from __future__ import annotations

from typing import Final

from services.router.core.reading.concepts import mask
from services.router.core.reading.rights import Right
from services.router.core.reading.rules.rule import Rule

_MINE: Final = mask("my", "me")
_THING: Final = mask("thing")

TELLING: Final[tuple[Rule, ...]] = (
    # Complaint, Art. 77, and to the organisation itself
    Rule(
        "complain about privacy",
        Right.COMPLAINT,
        (mask("complain"), mask("privacy", "law", "personal", "authority", "data", "processing")),
        near=14,
        score=0.9,
        weak=True,
    ),
    Rule(
        "I hereby complain", Right.COMPLAINT, (mask("complain"), mask("hereby", "want")), near=8, score=0.75, weak=True
    ),
    # Breach
    Rule(
        "my data was breached",
        Right.BREACH_REPORT,
        (mask("breach"), mask("data", "personal", "account", "field", "privacy"), mask("my", "me")),
        near=10,
        telling=True,
        unless=_THING | mask("if"),
        score=0.88,
        weak=True,
    ),
    Rule(
        "I see what belongs to others",
        Right.BREACH_REPORT,
        (mask("breach"), mask("see", "give"), mask("me", "thing", "data", "field", "account", "personal")),
        near=8,
        telling=True,
        unless=mask("if", "practice", "how", "want", "use"),
        score=0.8,
        weak=True,
    ),
    # Questions about the policy
    Rule(
        "who gets my data",
        Right.POLICY_QUESTION,
        (
            mask("share", "sell", "collect", "use", "see", "protect", "processing"),
            mask("data", "personal", "field", "privacy"),
            mask("question"),
        ),
        near=10,
        telling=True,
        score=0.75,
        unless=_THING,
        weak=True,
    ),
    # "What information do you have about the new model?" holds nothing of a person.
    Rule(
        "whether you hold data",
        Right.POLICY_QUESTION,
        (
            mask("hold", "keep"),
            mask("data", "personal", "field", "privacy"),
            mask("question"),
            mask("my", "me", "personal", "privacy", "app", "third_party", "practice"),
        ),
        near=10,
        telling=True,
        score=0.75,
        unless=_THING,
        weak=True,
    ),
    Rule(
        "how you handle my data",
        Right.POLICY_QUESTION,
        (
            mask("share", "sell", "collect", "use", "see", "protect", "hold", "keep", "processing"),
            mask("data", "personal", "field", "message"),
            mask("practice"),
            _MINE,
        ),
        near=9,
        telling=True,
        score=0.88,
        unless=_THING,
        weak=True,
    ),
    Rule(
        "what the policy says",
        Right.POLICY_QUESTION,
        (mask("privacy"), mask("question", "how")),
        near=10,
        telling=True,
        score=0.7,
        weak=True,
    ),
    # Answers to an identity check
    Rule(
        "here is my proof",
        Right.IDENTITY_REPLY,
        (mask("proof"), mask("here")),
        near=9,
        telling=True,
        unless=mask("how"),
        score=0.88,
        weak=True,
    ),
    # Where is my request?
    Rule(
        "no answer to my request",
        Right.STATUS_QUERY,
        (mask("waiting"), mask("request", "reported")),
        near=14,
        telling=True,
        negative=True,
        unless=_THING,
        score=0.88,
        weak=True,
    ),
    Rule(
        "what became of my data request",
        Right.STATUS_QUERY,
        (mask("waiting"), mask("erase", "erased", "copy"), mask("data", "personal", "account")),
        near=12,
        telling=True,
        negative=True,
        unless=_THING,
        score=0.85,
        weak=True,
    ),
    # Withdrawal of an earlier request
    Rule(
        "cancel my request",
        Right.WITHDRAWAL_OF_REQUEST,
        (mask("cancel", "withdraw", "stop"), mask("request", "reported")),
        near=6,
        unless=_THING | mask("consent", "marketing", "contact"),
        score=0.9,
        negative=True,
        weak=True,
    ),
    Rule(
        "keep my account after all",
        Right.WITHDRAWAL_OF_REQUEST,
        (mask("keep"), mask("account"), mask("cancel", "not", "want", "please")),
        near=9,
        score=0.8,
        negative=True,
        unless=mask("marketing", "unsubscribe"),
        weak=True,
    ),
)
