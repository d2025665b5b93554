"""Rules that change what is kept: erasure, rectification, restriction (GDPR Arts. 16 to 18)."""

from __future__ import annotations

from typing import Final

from services.router.core.reading.concepts import mask
from services.router.core.reading.rights import Right
from services.router.core.reading.rules.rule import Rule

_MINE: Final = mask("my", "me")
_OBJECT: Final = mask("data", "personal", "account")
_THING: Final = mask("thing")

CHANGING: Final[tuple[Rule, ...]] = (
    # Erasure, GDPR Art. 17
    Rule("erase personal data", Right.ERASURE, (mask("erase"), mask("personal")), unless=_THING),
    Rule("erase my data", Right.ERASURE, (mask("erase"), mask("data"), _MINE), unless=_THING, near=7),
    Rule(
        "erase the data you hold",
        Right.ERASURE,
        (mask("erase"), mask("data", "everything"), mask("hold", "my")),
        unless=_THING,
    ),
    Rule(
        "erase what you hold on me",
        Right.ERASURE,
        (mask("erase"), mask("what", "everything"), mask("hold", "collect"), mask("my", "me", "you")),
        near=7,
        unless=_THING,
    ),
    Rule(
        "erase another person's data",
        Right.ERASURE,
        (mask("erase"), mask("data", "personal", "account"), mask("relative", "behalf", "they")),
        near=6,
        unless=_THING | mask("my"),
        score=0.75,
        weak=True,
    ),
    Rule("erase the account", Right.ERASURE, (mask("erase", "close"), mask("account")), unless=_THING, near=6),
    Rule(
        "erase me from the system",
        Right.ERASURE,
        (mask("erase"), mask("me"), mask("database")),
        near=7,
        unless=_THING | mask("list", "marketing"),
    ),
    # Papers and recordings about a person are their data (Art. 4(1)); which of them shall go, the person says.
    Rule("erase a record of mine", Right.ERASURE, (mask("erase"), mask("record")), near=8, score=0.75, weak=True),
    Rule(
        "have a record erased",
        Right.ERASURE,
        (mask("erased"), mask("record")),
        framed=True,
        near=8,
        score=0.75,
        weak=True,
    ),
    # "Do not keep anything of mine": the person is asked, because it names no erasure.
    Rule(
        "keep nothing of mine",
        Right.ERASURE,
        (mask("not"), mask("keep", "hold"), mask("my", "personal", "data")),
        near=3,
        negative=True,
        unless=_THING | mask("use", "collect", "practice", "question", "restrict", "consent", "wrong", "item"),
        score=0.7,
        weak=True,
    ),
    Rule("have it erased", Right.ERASURE, (mask("erased"), _OBJECT), framed=True, unless=_THING, near=8),
    Rule(
        "the right to erasure under the law",
        Right.ERASURE,
        (mask("erase"), mask("law"), mask("my", "personal", "data")),
    ),
    # Rectification, Art. 16
    # "I change my provider and want my data" corrects nothing.
    Rule(
        "correct personal data",
        Right.RECTIFICATION,
        (mask("correct"), mask("personal")),
        near=7,
        unless=_THING | mask("provider", "format"),
    ),
    Rule(
        "correct my details",
        Right.RECTIFICATION,
        (mask("correct"), mask("field", "data"), mask("my", "you", "account")),
        unless=_THING | mask("consent", "provider", "format", "item"),
        near=8,
        score=0.9,
        weak=True,
    ),
    Rule(
        "correct a detail",
        Right.RECTIFICATION,
        (mask("correct"), mask("field")),
        unless=_THING | mask("item"),
        near=6,
        score=0.75,
        weak=True,
    ),
    Rule(
        "a detail is wrong",
        Right.RECTIFICATION,
        (mask("wrong"), mask("field", "personal"), mask("my", "you", "account")),
        unless=_THING,
        near=9,
        telling=True,
        score=0.88,
        weak=True,
    ),
    Rule(
        "the data is wrong",
        Right.RECTIFICATION,
        (mask("wrong"), mask("data"), mask("my", "hold")),
        unless=_THING | mask("what", "practice"),
        near=8,
        telling=True,
        score=0.85,
        weak=True,
    ),
    Rule("correct a record", Right.RECTIFICATION, (mask("correct"), mask("record")), near=8, score=0.75, weak=True),
    # Restriction, Art. 18
    Rule("restrict a record", Right.RESTRICTION, (mask("restrict"), mask("record")), near=8, score=0.75, weak=True),
    Rule(
        "restrict the processing",
        Right.RESTRICTION,
        (mask("restrict"), mask("processing", "personal")),
        unless=_THING,
        near=8,
    ),
    Rule(
        "restrict my data",
        Right.RESTRICTION,
        (mask("restrict"), mask("data"), _MINE),
        unless=_THING,
        near=6,
        score=0.88,
    ),
)
