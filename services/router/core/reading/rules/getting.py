"""Rules by which a person gets their data: portability and access (GDPR Arts. 15 and 20)."""

from __future__ import annotations

from typing import Final

from services.router.core.reading.concepts import mask
from services.router.core.reading.rights import Right
from services.router.core.reading.rules.rule import Rule

_MINE: Final = mask("my", "me")
_THING: Final = mask("thing")

GETTING: Final[tuple[Rule, ...]] = (
    # Portability, Art. 20
    Rule(
        "my data in a format",
        Right.PORTABILITY,
        (mask("format"), mask("data", "personal", "everything"), mask("give", "copy", "move")),
        near=14,
        score=0.93,
    ),
    Rule(
        "move my data to a provider",
        Right.PORTABILITY,
        (mask("move", "give"), mask("data", "personal", "everything"), mask("provider")),
        near=12,
        score=0.93,
    ),
    Rule(
        "export my data",
        Right.PORTABILITY,
        (mask("move"), mask("data", "personal", "everything"), mask("my", "personal")),
        near=6,
        unless=_THING | mask("question", "copy"),
        score=0.8,
        weak=True,
    ),
    # Access, Art. 15
    # Data that goes to another provider goes by Art. 20 alone.
    Rule(
        "a copy of my data",
        Right.ACCESS,
        (mask("copy", "give"), mask("personal")),
        unless=mask("format", "provider"),
        near=8,
    ),
    Rule(
        "give me my data",
        Right.ACCESS,
        (mask("give", "copy"), mask("data"), mask("my", "hold")),
        near=8,
        score=0.92,
        unless=_THING | mask("format", "provider"),
        weak=True,
    ),
    Rule(
        "a copy of a record",
        Right.ACCESS,
        (mask("give", "copy", "see"), mask("record"), mask("my", "me", "you", "relative")),
        near=9,
        unless=mask("provider", "breach", "erase", "wrong"),
        score=0.75,
        weak=True,
    ),
    Rule(
        "tell me what you hold",
        Right.ACCESS,
        (mask("hold"), mask("what"), _MINE, mask("data", "personal")),
        near=8,
        score=0.9,
        telling=True,
        unless=_THING | mask("third_party", "app", "complain", "consent", "object", "restrict"),
        weak=True,
    ),
    Rule(
        "whether you hold my data",
        Right.ACCESS,
        (mask("hold", "processing"), mask("data", "personal", "everything"), _MINE, mask("tell"), mask("if")),
        near=14,
        weak=True,
        unless=_THING | mask("third_party", "share", "erase", "erased", "restrict"),
        telling=True,
    ),
    Rule(
        "everything you hold on me",
        Right.ACCESS,
        (mask("hold"), mask("everything", "data", "personal"), _MINE, mask("give", "tell", "copy", "want")),
        near=10,
        score=0.92,
        unless=_THING | mask("erase", "erased", "restrict", "complain", "object"),
        weak=True,
    ),
    # "I'd like to see what you have in size 12" holds an "I" and nothing of the writer's.
    Rule(
        "what you hold on me",
        Right.ACCESS,
        (mask("hold"), mask("what"), mask("my"), mask("give", "tell", "copy", "want")),
        near=10,
        score=0.92,
        unless=_THING | mask("erase", "erased", "restrict", "complain", "object"),
        weak=True,
    ),
    Rule(
        "whether you process my data",
        Right.ACCESS,
        (mask("use", "processing", "hold"), mask("personal"), mask("tell"), mask("if", "question")),
        near=14,
        weak=True,
        telling=True,
    ),
)
