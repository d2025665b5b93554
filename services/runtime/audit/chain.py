"""A case's events as a chain: each link's digest covers its content and the digest before it. Pure.

A digest is the SHA-256 of six lines: the words `habeas link 1`, the digest before (64 zeros at first), the controller,
the case, the link's number from 1, and the event as canonical JSON, joined by line feeds. A hash function is enough to
check it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

GENESIS: Final = "0" * 64


@dataclass(frozen=True, slots=True)
class Link:
    """One event of a case, as stored or exported."""

    case_id: str
    sequence: int
    body: str
    digest: str


@dataclass(frozen=True, slots=True)
class Head:
    """How far a case's chain goes, and the digest it ends with. `trail` lists the digests on the way, if known."""

    case_id: str
    length: int
    digest: str
    trail: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Break:
    """The first link of a chain that is not as it was."""

    case_id: str
    sequence: int
    fault: str
    explanation: str

    def sentence(self) -> str:
        """Say it to an auditor."""
        return f"case {self.case_id}, link {self.sequence}: {self.fault}: {self.explanation}"


def canonical(fields: Mapping[str, Any]) -> str:
    """Return the one JSON text of these fields: sorted, without spaces, no numbers that are not numbers."""
    return json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def link_digest(controller: str, case_id: str, sequence: int, previous: str, body: str) -> str:
    """Return the digest of a link, in hex."""
    lines = ("habeas link 1", previous, controller, case_id, str(sequence), body)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def extend(controller: str, head: Head, bodies: Iterable[str]) -> Iterator[Link]:
    """Yield the links that continue a chain with these events."""
    previous = head.digest
    for sequence, body in enumerate(bodies, head.length + 1):
        previous = link_digest(controller, head.case_id, sequence, previous, body)
        yield Link(head.case_id, sequence, body, previous)


def empty(case_id: str) -> Head:
    """Return the head of a chain without links."""
    return Head(case_id, 0, GENESIS)


def head_of(case_id: str, links: Sequence[Link]) -> Head:
    """Return the head of a chain, with its trail."""
    trail = tuple(link.digest for link in links)
    return Head(case_id, len(links), trail[-1] if trail else GENESIS, trail)


def check_chain(controller: str, case_id: str, links: Sequence[Link], signed: Head | None = None) -> Break | None:
    """Return the first link that is changed, removed, reordered or cut off, or None.

    Within itself a chain shows what was changed without the digests after it being made anew. Against a signed head it
    shows that too: the trail of digests, kept with the checkpoint, names the very link.
    """
    numbers = {link.sequence for link in links}
    previous = GENESIS
    for expected, link in enumerate(links, 1):
        if link.sequence != expected:
            return _misplaced(case_id, expected, link, numbers)
        if signed is not None and expected <= len(signed.trail) and link.digest != signed.trail[expected - 1]:
            return Break(case_id, expected, "changed", "its digest is not the one in the checkpoint")
        if link.digest != link_digest(controller, case_id, expected, previous, link.body):
            return Break(case_id, expected, "changed", "its content does not give its digest")
        previous = link.digest
    return None if signed is None else _against(case_id, links, signed)


def _misplaced(case_id: str, expected: int, link: Link, numbers: set[int]) -> Break:
    if link.sequence < expected:
        return Break(case_id, link.sequence, "reordered", f"it stands again where link {expected} should be")
    if expected in numbers:
        return Break(case_id, expected, "reordered", f"link {link.sequence} stands before it")
    return Break(case_id, expected, "missing", f"it was removed; link {link.sequence} is the next one there")


def _against(case_id: str, links: Sequence[Link], signed: Head) -> Break | None:
    if len(links) < signed.length:
        first = len(links) + 1
        return Break(case_id, first, "missing", f"the chain was cut off; the checkpoint has {signed.length} links")
    if signed.length and links[signed.length - 1].digest != signed.digest:
        where = f"a link from 1 to {signed.length} was changed and the digests made anew"
        return Break(case_id, signed.length, "changed", where)
    return None
