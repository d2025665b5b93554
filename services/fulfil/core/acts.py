"""What must be known of an act to carry it out again, should a system come back from a backup as it was before.

An erasure is done again by the identities of the person; a marking by the fields that were set. Where a system knows
the person only by another system's key, that key is a *link*: the other system no longer says whose it is once the
person is erased there, so it is kept with the act.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from services.fulfil.core.maps.model import Path, TableName

LINKS_MAX: Final = 1_000
"""How many values a link may hold; a person with more is searched for by what is kept, and the report says so."""


@dataclass(frozen=True, slots=True)
class Marking:
    """What to do to a person's own rows of one table: set these fields, or remove the rows.

    `only` keeps to rows in which a field holds one of these values, compared as text without regard to case.
    """

    table: TableName
    sets: Mapping[str, Any] = field(default_factory=dict)
    delete: bool = False
    only: tuple[str, frozenset[str]] | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """Values by which one system's rows lead to another system's."""

    source: TableName
    source_path: Path
    target: TableName
    target_path: Path
    values: tuple[str, ...]
    more: bool = False


@dataclass(frozen=True, slots=True)
class Act:
    """One act: an erasure, or markings; for whom, and how they were known."""

    identities: Mapping[str, tuple[str, ...]]
    links: tuple[Link, ...] = ()
    markings: tuple[Marking, ...] = ()
    erased: bool = False

    @property
    def systems(self) -> tuple[str, ...]:
        """The systems whose fields were set; an erasure concerns every system that is mapped."""
        return tuple(dict.fromkeys(marking.table.system for marking in self.markings))

    def among(self, systems: Sequence[str]) -> Act:
        """Return the part of an act that concerns these systems."""
        kept = tuple(marking for marking in self.markings if marking.table.system in systems)
        return Act(self.identities, self.links, kept, self.erased)


def written(act: Act) -> bytes:
    """Write an act down, to be sealed."""
    markings = [
        {
            "table": [*marking.table], "sets": dict(marking.sets), "delete": marking.delete,
            "only": [marking.only[0], sorted(marking.only[1])] if marking.only else None,
        }
        for marking in act.markings
    ]  # fmt: skip
    identities = {kind: list(values) for kind, values in act.identities.items()}
    found = {
        "identities": identities, "links": links_written(act.links), "markings": markings, "erased": act.erased
    }  # fmt: skip
    return json.dumps(found, ensure_ascii=False).encode()


def read(content: bytes) -> Act:
    """Read an act that was written down."""
    found = json.loads(content)
    markings = tuple(
        Marking(
            TableName(*each["table"]), each["sets"], each["delete"],
            (each["only"][0], frozenset(each["only"][1])) if each["only"] else None,
        )
        for each in found["markings"]
    )  # fmt: skip
    identities = {kind: tuple(values) for kind, values in found["identities"].items()}
    return Act(identities, links_read(found["links"]), markings, found["erased"])


def links_written(links: Sequence[Link]) -> list[dict[str, Any]]:
    """Write links down, as JSON takes them."""
    return [
        {
            "source": [*link.source], "source_path": list(link.source_path), "target": [*link.target],
            "target_path": list(link.target_path), "values": list(link.values), "more": link.more,
        }
        for link in links
    ]  # fmt: skip


def links_read(found: Sequence[Mapping[str, Any]]) -> tuple[Link, ...]:
    """Read links that were written down."""
    return tuple(
        Link(
            TableName(*each["source"]), tuple(each["source_path"]), TableName(*each["target"]),
            tuple(each["target_path"]), tuple(each["values"]), each["more"],
        )
        for each in found
    )  # fmt: skip
