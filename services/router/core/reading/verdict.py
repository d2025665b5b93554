"""What reading a message yields, as frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from services.router.core.language import Guess
from services.router.core.reading.rights import Right, State, Tier


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of the message as it arrived, by character offsets, in its text or in its subject."""

    start: int
    end: int
    part: str = "text"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody a claim is for: their name, if it is said, and what they are to the writer ("self" is the writer)."""

    name: str | None
    relation: str


@dataclass(frozen=True, slots=True)
class Claim:
    """One right that the message uses, with its evidence; `persons` where it is not for its writer alone."""

    right: Right
    tier: Tier
    score: float
    spans: tuple[Span, ...]
    reason: str
    state: State = State.ASSERTED
    negated: bool = False
    weak: bool = False
    persons: tuple[Person, ...] = ()


@dataclass(frozen=True, slots=True)
class Detail:
    """Something found in the message that a handler needs, with its place."""

    kind: str
    value: str
    span: Span


@dataclass(frozen=True, slots=True)
class Question:
    """A short question back to the person, answered by a word or a button."""

    right: Right
    text: str
    yes: str
    no: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What a message asks for, how sure that is, and why."""

    claims: tuple[Claim, ...]
    language: Guess
    tier: Tier
    details: Mapping[str, Any]
    found: tuple[Detail, ...] = ()
    questions: tuple[Question, ...] = ()
    suggestions: tuple[Claim, ...] = ()
    notes: tuple[str, ...] = field(default=())
