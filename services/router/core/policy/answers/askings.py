"""Which kind of promise a question asks for: a clause that makes it answers, whatever its words.

"How soon will you reply?" is answered by a deadline, "where is it kept?" by a place. Where a policy was read for its
promises, a question after a kind that it does not make is one that it is silent on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.router.core.policy.model import Promise


@dataclass(frozen=True, slots=True)
class Answering:
    """The promises that answer: their kind, and the value a field must have, if only some of them do."""

    kind: str
    field: str = ""
    value: str = ""

    def fits(self, promise: Promise) -> bool:
        """Return whether a promise is of this kind."""
        if promise.kind != self.kind:  # a StrEnum equals its value
            return False
        if not self.field:
            return True
        held = promise.value.get(self.field)
        if not self.value:
            return held is not None
        if isinstance(held, bool):
            return str(held).lower() == self.value
        return self.value in held if isinstance(held, tuple) else held == self.value


@dataclass(frozen=True, slots=True)
class Asking:
    """One kind of thing that is asked for."""

    name: str
    when: tuple[frozenset[int], ...]
    unless: frozenset[int]
    answers: tuple[Answering, ...]
    telling: bool

    def asked_by(self, shown: frozenset[int]) -> bool:
        """Return whether a question that shows these concepts asks for it."""
        return any(map(shown.issuperset, self.when)) and self.unless.isdisjoint(shown)

    def answered_by(self, promise: Promise) -> bool:
        """Return whether a promise answers it."""
        return any(answering.fits(promise) for answering in self.answers)


def askings_from(table: Mapping[str, Any], numbers: Mapping[str, int]) -> tuple[Asking, ...]:
    """Build the askings from the table of `asked.toml`; a concept nobody knows is a fault of the data."""
    return tuple(
        Asking(
            name=name,
            when=tuple(_concepts(row.split(), numbers) for row in fields["when"]),
            unless=_concepts(fields.get("unless", ()), numbers),
            answers=tuple(answering_of(each) for each in fields["promises"]),
            telling=bool(fields.get("telling", False)),
        )
        for name, fields in table.get("asked", {}).items()
    )


def rights_from(table: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Return which right each concept of a question is about, the most telling concept first."""
    pairs = (pair.split() for pair in table.get("rights", "").split(",") if pair.strip())
    return tuple((concept, right) for concept, right in pairs)


def promised_in(promises: Sequence[Promise], askings: Sequence[Asking]) -> Iterable[tuple[int, float]]:
    """Return (number of the asking, confidence) for each that one of these promises answers."""
    for promise in promises:
        for number, asking in enumerate(askings):
            if asking.answered_by(promise):
                yield number, promise.confidence


def answering_of(written: str) -> Answering:
    """Read a kind of promise as the tables write it: `retention`, `right rights=access`."""
    kind, _, rest = written.partition(" ")
    field, _, value = rest.partition("=")
    return Answering(kind, field, value)


def _concepts(names: Iterable[str], numbers: Mapping[str, int]) -> frozenset[int]:
    return frozenset(numbers[name] for name in names)
