"""The reviewed record beside a policy's text: what was confirmed by reading, checked against the text.

The record is TOML, so that an officer can review it in a pull request. Nothing in it is believed: a digest that is not
the text's, or a quotation that is not found at its place, refuses the whole version, because a controller that cites
words it did not publish makes a false legal statement.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from services.router.core.policy.model import (
    CONFIRMED,
    UNKNOWN_VERSION,
    Clause,
    DocumentKind,
    Policy,
    Promise,
    PromiseKind,
    Seat,
)
from services.router.core.policy.promise_values import slip_in
from services.router.core.policy.text.parse import clauses_of


class PolicyError(ValueError):
    """A policy, its record or its file is not as it must be; the message says what to do."""


class UnknownController(PolicyError):
    """No controller of that id is known."""


@dataclass(frozen=True, slots=True)
class Record:
    """What stands beside a text: everything about a version that is not its words."""

    controller: str
    kind: DocumentKind
    effective: date | None
    language: str
    seat: Seat
    source: str
    sha256: str
    kept_ids: Mapping[str, str]
    promises: tuple[Mapping[str, Any], ...]

    @property
    def version(self) -> str:
        """Return the version's name: its first day, or "unknown"."""
        return self.effective.isoformat() if self.effective else UNKNOWN_VERSION

    def version_of(self, text: str, sha256: str, clauses: tuple[Clause, ...], promises: tuple[Promise, ...]) -> Policy:
        """Return the version that this record makes of a text."""
        return Policy(
            self.controller,
            self.kind,
            self.version,
            self.effective,
            self.language,
            self.seat,
            text,
            sha256,
            self.source,
            clauses,
            promises,
        )


_SEAT_FIELDS: Final = ("entity", "address", "country", "zone", "holidays", "laws")


def seat_from(fields: Mapping[str, Any], where: str, base: Seat | None = None) -> Seat:
    """Return a seat from a record's table; what it leaves out is the controller's."""
    unknown = set(fields) - set(_SEAT_FIELDS)
    if unknown:
        raise PolicyError(f"{where}: [seat] has the unknown key {min(unknown)!r}")
    values = {name: fields.get(name, getattr(base, name) if base else None) for name in _SEAT_FIELDS}
    missing = [name for name, value in values.items() if value is None]
    if missing:
        raise PolicyError(f"{where}: [seat] must name {', '.join(missing)}")
    laws = values["laws"]
    if not isinstance(laws, list | tuple) or not all(isinstance(law, str) for law in laws):
        raise PolicyError(f'{where}: [seat] laws must be a list, such as ["eu-gdpr"], not {laws!r}')
    if wrong := [name for name in _SEAT_FIELDS[:-1] if not isinstance(values[name], str)]:
        raise PolicyError(f"{where}: [seat] {wrong[0]} must be words in quotation marks")
    return Seat(**{**values, "laws": tuple(values["laws"])})


def record_from(fields: Mapping[str, Any], controller: str, where: str, base: Seat | None) -> Record:
    """Return the record a TOML file holds, refusing keys and values it cannot mean."""
    known = {"effective", "kind", "language", "source", "sha256", "seat", "clause_ids", "promise"}
    unknown = set(fields) - known
    if unknown:
        raise PolicyError(f"{where}: unknown key {min(unknown)!r}; known are {', '.join(sorted(known))}")
    for name, wanted, written in (
        ("seat", dict, "[seat]"),
        ("clause_ids", dict, "[clause_ids]"),
        ("promise", list, "[[promise]]"),
    ):
        if not isinstance(fields.get(name, wanted()), wanted):
            raise PolicyError(f"{where}: {name} must be written as {written}")
    effective = fields.get("effective")
    if effective is not None and type(effective) is not date:
        raise PolicyError(f"{where}: effective must be a date such as 2024-05-01, or be left out")
    try:
        kind = DocumentKind(fields.get("kind", DocumentKind.PRIVACY_POLICY.value))
    except ValueError:
        raise PolicyError(f"{where}: kind must be one of {', '.join(kind.value for kind in DocumentKind)}") from None
    return Record(
        controller,
        kind,
        effective,
        str(fields.get("language", "und")),
        seat_from(fields.get("seat", {}), where, base),
        str(fields.get("source", "")),
        str(fields.get("sha256", "")),
        dict(fields.get("clause_ids", {})),
        tuple(fields.get("promise", ())),
    )


def digest_of(text: str) -> str:
    """Return the SHA-256 of a text in UTF-8, which tells whether it was changed."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def policy_from(
    record: Record,
    text: str,
    where: str,
    clauses: tuple[Clause, ...] | None = None,
    line_of: Callable[[int], int | None] = lambda _number: None,
) -> Policy:
    """Return the version a text and its record make, or refuse it loudly; `clauses` are the text's, if known.

    `line_of` tells in which line of the record a promise, counted from 1, begins.
    """
    sha256 = digest_of(text)
    if record.sha256 and record.sha256 != sha256:
        raise PolicyError(
            f"{where}: the text is not the one this record was written for (its sha256 differs); "
            "import the changed text as a new version with `habeas policy import`"
        )
    clauses = clauses_of(text, record.kept_ids) if clauses is None else clauses
    promises = tuple(
        sorted(
            (
                _promise(fields, text, clauses, _Where(where, number, line_of))
                for number, fields in enumerate(record.promises, 1)
            ),
            key=lambda promise: (promise.start, promise.end, promise.kind.value),
        )
    )
    return record.version_of(text, sha256, clauses, promises)


@dataclass(frozen=True, slots=True)
class _Where:
    """The place of a promise in its record; its line is looked for only where it must be told."""

    record: str
    number: int
    line_of: Callable[[int], int | None]

    def __str__(self) -> str:
        line = self.line_of(self.number)
        return f"{self.record}{'' if line is None else f', line {line}'}: promise {self.number}"


def _promise(fields: Mapping[str, Any], text: str, clauses: Sequence[Clause], where: _Where) -> Promise:
    if not isinstance(fields, Mapping):
        raise PolicyError(f"{where}: a promise is a table that begins with [[promise]]")
    known = {"kind", "quote", "start", "value", "confidence", "confirmed"}
    if unknown := set(fields) - known:
        raise PolicyError(f"{where}: unknown key {min(unknown)!r}; known are {', '.join(sorted(known))}")
    try:
        kind = PromiseKind(fields.get("kind", ""))
    except ValueError:
        raise PolicyError(f"{where}: kind must be one of {', '.join(kind.value for kind in PromiseKind)}") from None
    if slip := slip_in(fields):
        raise PolicyError(f"{where} ({kind.value}): {slip}")
    quote = fields.get("quote", "")
    if not isinstance(quote, str) or not quote:
        raise PolicyError(f"{where} ({kind.value}): a promise needs the quotation that proves it")
    start = _place(fields, quote, text, where, kind)
    clause = clause_at(clauses, start, start + len(quote))
    if clause is None:
        raise PolicyError(f"{where} ({kind.value}): the quotation at {start} is in no clause of the text")
    confirmed = bool(fields.get("confirmed", False))
    confidence = CONFIRMED if confirmed else float(fields.get("confidence", 0.5))
    value = _frozen(fields.get("value", {}))
    return Promise(kind, value, clause.id, start, start + len(quote), quote, confidence, confirmed)


def _place(fields: Mapping[str, Any], quote: str, text: str, where: _Where, kind: PromiseKind) -> int:
    start = fields.get("start")
    if start is None:
        start = text.find(quote)
        if start < 0 or text.find(quote, start + 1) >= 0:
            times = "not" if start < 0 else "more than once"
            raise PolicyError(f"{where} ({kind.value}): the quotation is {times} in the text; name its start")
    if type(start) is not int or text[start : start + len(quote)] != quote:
        raise PolicyError(
            f"{where} ({kind.value}): the quotation {quote[:60]!r} is not found at {start}; quote the file as published"
        )
    return start


def clause_at(clauses: Sequence[Clause], start: int, end: int) -> Clause | None:
    """Return the clause that holds most of a span; a heading belongs to the clause below it."""
    first = bisect_right(clauses, start, key=_end_of)
    near = clauses[first : bisect_left(clauses, end, lo=first, key=_start_of)]
    if near:
        return max(near, key=lambda clause: min(clause.end, end) - max(clause.start, start))
    return clauses[first] if first < len(clauses) else None


def _start_of(clause: Clause) -> int:
    return clause.start


def _end_of(clause: Clause) -> int:
    return clause.end


def _frozen(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _frozen(inner) for key, inner in value.items()}
    return tuple(_frozen(inner) for inner in value) if isinstance(value, list) else value
