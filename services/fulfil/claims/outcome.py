"""What a handler is given, and what it says: that it is done, or that a human must go on, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from schemas.content import Subject
from schemas.events import ClaimRouted
from schemas.rights import Outcome
from services.fulfil.api.engineer import load_maps, request
from services.fulfil.core.acts import Marking
from services.fulfil.core.identities import Identities
from services.fulfil.core.maps.model import DataMap, TableName
from services.fulfil.kept import KeptSystems
from services.fulfil.landscape import Landscape
from services.fulfil.ledger import Budget
from services.fulfil.noticing import Noticed
from services.runtime.settings import ControllerSettings

FAULTS_SHOWN_MAX: Final = 20


@dataclass(frozen=True, slots=True)
class Asked:
    """One claim, opened: for the handler's eyes only."""

    event: ClaimRouted
    entry: ControllerSettings
    subject: Subject
    orders: Mapping[str, Any]
    now: datetime
    salt: bytes
    folder: Path
    last_try: bool = False
    repeated: bool = False
    before: Mapping[str, Any] = field(default_factory=dict)
    kept: KeptSystems | None = None
    noticed: Noticed = field(default_factory=Noticed)

    @property
    def approved(self) -> bool:
        """Whether as many officers agreed as the controller asks for."""
        return len(self.event.approved_by) >= self.entry.approval.officers

    @property
    def said(self) -> str:
        """The person's own words, folded: which list, which purpose."""
        return str(self.subject.details.get("said", "")).casefold()

    def maps(self) -> tuple[DataMap, ...]:
        """Return the data maps of the controller's systems."""
        files = [system.map for system in self.entry.systems.values()]
        return (self.kept.maps(files, load_maps) if self.kept is not None else load_maps(files))[0]

    @contextmanager
    def landscape(self) -> Iterator[tuple[Landscape, Identities, Budget]]:
        """Connect to the controller's systems, and let go of them afterwards."""
        maps = [system.map for system in self.entry.systems.values()]
        urls = [f"{name}={system.connect.get_secret_value()}" for name, system in self.entry.systems.items()]
        identities = [f"{kind}={value}" for kind, values in self.subject.identities.items() for value in values]
        with request(maps, urls, identities, self.kept) as found:
            found[0].also = self.noticed
            yield found


LISTED: Final = "listed_spellings"
"""The reason on a receipt where an address could be looked for in listed spellings only."""


@dataclass(frozen=True, slots=True)
class Did:
    """One step's receipt: counts and a salted digest, no values."""

    table: TableName
    action: str
    count: int
    withheld: int = 0
    digest: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Done:
    """The claim is carried out. `facts` are for the person's letter, `lists` are never written to again; with
    `transfer`, the package is not the person's but goes to that other controller.

    `markings` are what was set, and is set again should a system come back from a backup; `erased` says the same of
    an erasure.
    """

    outcome: Outcome
    did: Sequence[Did] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    withheld_ground: str = ""
    lists: Sequence[str] = ()
    package: bool = False
    transfer: str = ""
    recipients: Sequence[str] = ()
    markings: Sequence[Marking] = ()
    erased: bool = False


@dataclass(frozen=True, slots=True)
class ForHuman:
    """A human goes on; `preview` is what the officer is shown. `markings` were set all the same, meanwhile."""

    reason: str
    preview: Mapping[str, Any] = field(default_factory=dict)
    markings: Sequence[Marking] = ()


Result = Done | ForHuman


def faults(reason: str, said: Sequence[str], notes: Sequence[str] = ()) -> ForHuman:
    """Hand over what a system or a map forbids, in the engine's own sentences: they name tables, never persons."""
    return ForHuman(reason, {"faults": [*said, *notes][:FAULTS_SHOWN_MAX]})


def customers(maps: Sequence[DataMap], did: Sequence[Did]) -> tuple[str, ...]:
    """Return whose data it was that was changed, where it is only processed here."""
    found: dict[str, None] = {}
    for data_map in maps:
        for each in did:
            if each.count and each.table.system == data_map.system:
                table = data_map.table(each.table.table)
                named = (table.processed_for if table else "") or data_map.processed_for
                found.update({named: None} if named else {})
    return tuple(found)


def label(maps: Sequence[DataMap], name: TableName) -> str:
    """Return what people call a table: what the map says it is about, or where it is."""
    for data_map in maps:
        if data_map.system == name.system:
            table = data_map.table(name.table)
            if table is not None and table.about:
                return table.about
    return str(name)
