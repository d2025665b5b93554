"""The door to doing acts again after a system was restored from a backup (Art. 5(1)(f), 17(1), 32(1)(b) GDPR)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from services.fulfil import register
from services.fulfil.again import reapply_entry
from services.fulfil.api.engineer import UsageFault
from services.fulfil.kept import KeptSystems
from services.fulfil.reapplying import Again
from services.fulfil.register import Entry
from services.fulfil.report import Status
from services.fulfil.tables import SERVICE
from services.runtime.beside import vault_beside
from services.runtime.clock import Clock
from services.runtime.settings import Settings
from services.runtime.store import Store
from services.runtime.vault import Vault

Told = Callable[[int, int], None]
"""Hears how many of how many acts are done, for somebody who waits."""


@dataclass(frozen=True, slots=True)
class Reapplied:
    """One act and what doing it again came to. `systems` are those in which it was done."""

    entry: Entry
    systems: Sequence[str]
    again: Again

    def as_dict(self) -> dict[str, Any]:
        """Return what may be printed: no person, no key of a row."""
        return {
            "act": self.entry.act_id, "case": self.entry.case_id, "claim": self.entry.claim_id,
            "controller": self.entry.controller, "right": self.entry.right,
            "done": datetime.fromtimestamp(self.entry.done_ms / 1000, UTC).isoformat(timespec="seconds"),
            "systems": list(self.systems), "status": self.again.status.value, "tables": self.again.tables,
            "errors": self.again.faults, "notes": self.again.notes, "receipts": self.again.receipts,
        }  # fmt: skip


@dataclass(slots=True)
class Reapplying:
    """The register of acts, opened."""

    settings: Settings
    store: Store
    vault: Vault
    clock: Clock
    kept: KeptSystems

    def waiting(
        self, since: datetime, systems: Sequence[str], controllers: Sequence[str]
    ) -> list[tuple[Entry, list[str]]]:
        """Return the acts that were carried out since a moment, each with its systems that are meant."""
        found: list[tuple[Entry, list[str]]] = []
        for controller in controllers or list(self.settings.controllers):
            connected = self.settings.controllers[controller].systems
            meant = [name for name in connected if not systems or name in systems]
            if not meant:
                continue
            with self.store.begin() as transaction:
                entries = list(register.entries(transaction, self.vault, controller, since, meant))
            found += [(entry, [name for name in meant if name in entry.systems]) for entry in entries]
        return sorted(found, key=lambda each: (each[0].done_ms, each[0].act_id))

    def perform(
        self, waiting: Sequence[tuple[Entry, list[str]]], *, since: datetime, dry_run: bool, officer: str | None = None,
        told: Told | None = None,
    ) -> Iterator[Reapplied]:  # fmt: skip
        """Do the acts again in their order, one after the other; what one cannot does not stop the others.

        Each is written into its case, with who ordered it and of when the backup is.
        """
        for number, (entry, systems) in enumerate(waiting):
            if told is not None:
                told(number, len(waiting))
            done = reapply_entry(
                self.settings, self.store, self.vault, self.kept, entry, systems, self.clock.now(), since=since,
                dry_run=dry_run, officer=officer,
            )  # fmt: skip
            yield Reapplied(entry, systems, done)
        if told is not None:
            told(len(waiting), len(waiting))


def status_of(done: Sequence[Reapplied], *, dry_run: bool) -> Status:
    """Return how it ended as a whole."""
    if all(each.again.status in {Status.COMPLETE, Status.PLANNED} for each in done):
        return Status.PLANNED if dry_run else Status.COMPLETE
    return Status.INCOMPLETE


def as_json(done: Sequence[Reapplied], *, dry_run: bool) -> str:
    """Return the whole answer as JSON, with the tables summed up."""
    tables: dict[str, dict[str, int]] = {}
    for each in done:
        for name, table in each.again.tables.items():
            known = tables.setdefault(name, {"changed": 0, "withheld": 0})
            known["changed"] += int(table["changed"])
            known["withheld"] += int(table["withheld"])
    found = {
        "status": status_of(done, dry_run=dry_run).value, "acts": [each.as_dict() for each in done], "tables": tables
    }  # fmt: skip
    return json.dumps(found, ensure_ascii=False)


@contextmanager
def reapplying(
    settings: Settings, systems: Sequence[str] = (), controllers: Sequence[str] = ()
) -> Iterator[Reapplying]:
    """Open the register; services may be running beside it."""
    _refuse_unknown(settings, systems, controllers)
    with closing(KeptSystems()) as kept, vault_beside(settings, SERVICE, UsageFault) as (database, vault):
        yield Reapplying(settings, database.store(SERVICE), vault, Clock(), kept)


def _refuse_unknown(settings: Settings, systems: Sequence[str], controllers: Sequence[str]) -> None:
    for name in controllers:
        if name not in settings.controllers:
            raise UsageFault(f"no controller {name[:64]}; the settings have: {', '.join(settings.controllers)}")
    meant = [settings.controllers[name] for name in controllers] or list(settings.controllers.values())
    known = sorted({name for entry in meant for name in entry.systems})
    for name in systems:
        if name not in known:
            raise UsageFault(f"no system {name[:64]}; the settings connect: {', '.join(known) or 'none'}")
