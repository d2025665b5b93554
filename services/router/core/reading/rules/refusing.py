"""Rules by which a person refuses a use: objection, consent withdrawn, marketing, sale (GDPR Arts. 7(3), 21, 22)."""

from __future__ import annotations

from typing import Final

from services.router.core.reading.concepts import mask
from services.router.core.reading.rights import Right
from services.router.core.reading.rules.rule import Rule

_MINE: Final = mask("my", "me")
_THING: Final = mask("thing")
_NO: Final = mask("stop", "not")

REFUSING: Final[tuple[Rule, ...]] = (
    # Objection, Arts. 21 and 22
    Rule(
        "object to the processing",
        Right.OBJECTION,
        (mask("object"), mask("processing", "use", "marketing", "automated")),
        negative=True,
        near=10,
    ),
    Rule(
        "object to the use of my data",
        Right.OBJECTION,
        (mask("object"), mask("data", "personal"), mask("my", "personal", "use", "share")),
        negative=True,
        near=10,
        score=0.9,
    ),
    Rule(
        "do not use my data for marketing",
        Right.OBJECTION,
        (_NO, mask("use", "processing", "collect"), mask("data", "personal", "field"), mask("marketing", "automated")),
        negative=True,
        near=12,
    ),
    Rule(
        "stop using my data",
        Right.OBJECTION,
        (mask("stop"), mask("use", "processing"), mask("data", "personal")),
        negative=True,
        near=8,
        unless=mask("erase", "erased", "close"),
        score=0.9,
    ),
    Rule(
        "do not use my data",
        Right.OBJECTION,
        (mask("not"), mask("use", "processing"), mask("data", "personal"), _MINE),
        negative=True,
        near=7,
        score=0.75,
        unless=mask("question"),
        weak=True,
    ),
    Rule("stop profiling me", Right.OBJECTION, (_NO, mask("automated")), negative=True, near=5, score=0.9),
    Rule(
        "stop tracking me", Right.OBJECTION, (mask("stop"), mask("collect"), _MINE), negative=True, near=5, score=0.85
    ),
    # Withdrawal of consent, Art. 7(3)
    Rule("withdraw my consent", Right.CONSENT_WITHDRAWAL, (mask("withdraw"), mask("consent")), near=9),
    Rule(
        "no longer consent", Right.CONSENT_WITHDRAWAL, (mask("stop"), mask("consent")), near=5, negative=True, score=0.9
    ),
    # Direct marketing
    Rule(
        "unsubscribe me",
        Right.UNSUBSCRIBE,
        (mask("unsubscribe"), mask("me", "my", "please", "marketing", "list", "message", "want", "how", "can")),
        near=8,
        unless=_THING,
        score=0.93,
    ),
    Rule("unsubscribe", Right.UNSUBSCRIBE, (mask("unsubscribe"),), score=0.8, unless=_THING, weak=True),
    Rule(
        "stop the newsletter",
        Right.UNSUBSCRIBE,
        (mask("stop"), mask("marketing")),
        negative=True,
        near=7,
        score=0.92,
        unless=mask("object", "use", "processing"),
        weak=True,
    ),
    Rule(
        "stop sending me messages",
        Right.UNSUBSCRIBE,
        (mask("stop"), mask("contact"), mask("me", "message", "marketing")),
        negative=True,
        near=6,
        score=0.88,
        unless=mask("request"),
        weak=True,
    ),
    Rule(
        "do not send me marketing",
        Right.UNSUBSCRIBE,
        (mask("not"), mask("contact", "want", "give"), mask("marketing")),
        negative=True,
        near=8,
        score=0.92,
        unless=mask("use", "processing"),
        weak=True,
    ),
    Rule(
        "no more messages",
        Right.UNSUBSCRIBE,
        (mask("stop"), mask("message"), mask("you", "want", "please", "give")),
        negative=True,
        near=7,
        score=0.85,
        unless=_THING,
        weak=True,
    ),
    Rule(
        "take me off the list",
        Right.UNSUBSCRIBE,
        (mask("erase", "close"), mask("list", "marketing"), mask("my", "me")),
        near=8,
        unless=_THING | mask("item"),
        score=0.92,
        weak=True,
    ),
    Rule(
        "cancel the newsletter",
        Right.UNSUBSCRIBE,
        (mask("erase", "close", "cancel"), mask("marketing")),
        near=5,
        unless=_THING,
        score=0.88,
        weak=True,
    ),
    # California: CCPA § 1798.120
    Rule(
        "do not sell my data",
        Right.OPT_OUT_OF_SALE,
        (_NO, mask("sell"), mask("data", "personal")),
        negative=True,
        near=7,
    ),
    Rule(
        "opt out of the sale",
        Right.OPT_OUT_OF_SALE,
        (mask("unsubscribe", "object"), mask("sell")),
        negative=True,
        near=7,
    ),
)
