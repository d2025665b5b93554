"""What a search notices of a person besides their rows: further identities of theirs, and keys that lead elsewhere.

Only the person's own record tells more about who they are: a row by which others hang (a customer, an account), named
by an identity that is one person's alone. A telephone is shared at home, and a message names its receiver too.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID, uuid5

from services.fulfil.core.acts import LINKS_MAX, Link, links_read, links_written
from services.fulfil.core.identities import VALUE_LENGTH_MAX
from services.fulfil.core.maps.model import Field, Path, Person, TableName
from services.fulfil.core.nested import is_given
from services.fulfil.core.profile import Profile
from services.fulfil.core.standing import Role, Standing, Verdict, role_of
from services.fulfil.core.strength import may_be_shared
from services.fulfil.core.values import empty, reach, same

NAMESPACE: Final = UUID("8e4fb0a7-25a4-5d0c-b7d8-3a1c5e0f9b46")
_Way = tuple[TableName, Path, TableName, Path]
NOTICED_MAX: Final = 50
EVERYBODY: Final = "*"


@dataclass(slots=True)
class Noticed:
    """What was noticed in the rows of one person."""

    identities: dict[str, dict[str, tuple[str, ...]]] = field(default_factory=dict)
    """Values by kind of identity, each with the names of those to whom the map passes it on."""
    _links: dict[_Way, dict[str, None]] = field(default_factory=dict)

    def take(self, table: Profile, row: Sequence[Any], verdict: Verdict) -> None:
        """Notice what a row of the person's own says."""
        if verdict.standing is not Standing.OWN or verdict.guest or not verdict.subject:
            return
        if table.person and verdict.named and _strongly(table, row):
            self._notice(table, row, verdict)
        for edge in table.outgoing:
            if edge.target.system != table.name.system and len(edge.source_paths) == 1:
                way = (edge.source, edge.source_paths[0], edge.target, edge.target_paths[0])
                self._link(way, (str(value) for (value,) in table.values(row, edge.source_paths)))

    def _link(self, way: _Way, values: Iterable[str]) -> None:
        kept = self._links.setdefault(way, {})
        for value in values:
            # One more than are kept says that there were more.
            if len(kept) <= LINKS_MAX:
                kept[value] = None

    def _notice(self, table: Profile, row: Sequence[Any], verdict: Verdict) -> None:
        for path, mapped in _identity_fields(table):
            if path in verdict.others or not _says_who(path, mapped):
                continue
            known = self.identities.setdefault(str(mapped.identity), {})
            for value in reach(row[table.place[path[0]]], path[1:]):
                if not empty(value) and len(known) < NOTICED_MAX and len(str(value)) <= VALUE_LENGTH_MAX:
                    known[str(same(value))] = mapped.passed_on

    @property
    def links(self) -> tuple[Link, ...]:
        """The keys that lead to other systems."""
        return tuple(
            Link(*way, tuple(kept)[:LINKS_MAX], more=len(kept) > LINKS_MAX) for way, kept in self._links.items() if kept
        )

    @property
    def empty(self) -> bool:
        """Whether there is nothing to write down."""
        return not (self.identities or any(self._links.values()))

    def written(self) -> bytes:
        """Write down what was noticed, to be sealed."""
        return json.dumps({"identities": self.identities, "links": links_written(self.links)}).encode()

    def recall(self, content: bytes) -> None:
        """Know again what an earlier look noticed: an erasure that is done again finds nothing more."""
        found = json.loads(content)
        for kind, values in found["identities"].items():
            known = self.identities.setdefault(kind, {})
            known.update({value: tuple(told) for value, told in values.items()})
        for link in links_read(found["links"]):
            self._link((link.source, link.source_path, link.target, link.target_path), link.values)

    def all_identities(self, given: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        """Return the identities that were given and those that were noticed."""
        found = {kind: dict.fromkeys(values) for kind, values in given.items()}
        for kind, values in self.identities.items():
            found.setdefault(kind, {}).update(dict.fromkeys(values))
        return {kind: tuple(values) for kind, values in found.items() if values}

    def passed_to(self, name: str) -> dict[str, tuple[str, ...]]:
        """Return what the maps let this delegate know besides what the person said (Art. 5(1)(c) GDPR)."""
        found = {
            kind: tuple(value for value, told in values.items() if EVERYBODY in told or name in told)
            for kind, values in self.identities.items()
        }
        return {kind: values for kind, values in found.items() if values}


def noticed_ref(claim_id: str, attempt: int) -> str:
    """Return where the vault keeps what one attempt at a claim noticed."""
    return f"vault:{uuid5(NAMESPACE, f'{claim_id}|{attempt}')}"


def _identity_fields(table: Profile) -> list[tuple[Path, Field]]:
    leaves = [leaf for f in table.mapped for leaf in f.leaves()]
    return [(path, f) for path, f in leaves if f.identity and path[0] in table.place]


def _says_who(path: Path, mapped: Field) -> bool:
    """Tell whether a field of somebody's own record names them, and not their manager or next of kin."""
    if mapped.person is not None:
        return mapped.person is Person.SUBJECT
    return role_of(path) is not Role.SECOND


def _strongly(table: Profile, row: Sequence[Any]) -> bool:
    """Tell whether an identity that was given, and is one person's alone, stands in the row itself."""
    return any(
        not may_be_shared(kind)
        and any(is_given(kind, value, {kind: given}) for value in reach(row[table.place[path[0]]], path[1:]))
        for path, kind, given in table.identities
    )
