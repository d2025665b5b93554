"""Seeing by itself that a system came back from a backup, and doing again what that has undone.

That a person of the register is found again proves nothing: they may be a customer again. So a system that shall be
looked after has a marker: one row of a table of its own, into which the time is written every few minutes. A marker
that holds less than was last written into it came from a backup of that moment, and what was carried out since is
carried out again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

import structlog
from sqlalchemy import select

from services.fulfil import register
from services.fulfil.again import reapply_entry
from services.fulfil.connectors.protocol import Change, Connector, ConnectorError, Find, Match, SystemRefuses
from services.fulfil.connectors.registry import connector_for
from services.fulfil.core.maps.model import DataMap, Field, Table
from services.fulfil.kept import KeptSystems
from services.fulfil.report import Status
from services.fulfil.tables import MARKERS
from services.runtime.clock import Clock
from services.runtime.settings import Settings, SystemSettings
from services.runtime.store import Conflict, DatabaseDamaged, Store, StoreFault
from services.runtime.store.holder import new_holder
from services.runtime.store.leases import acquire
from services.runtime.store.transaction import insert_once
from services.runtime.vault import Vault
from services.runtime.waiting import either

LOOK_SECONDS: Final = 300.0
LEASE_MS: Final = 1_800_000
NAME: Final = "habeas"
CLOCKS_APART: Final = timedelta(minutes=10)
"""How far the clocks of our machines may differ, and how long an act may wait between its end and its entry."""

_log = structlog.get_logger()


class RestoreWatch:
    """Looks at the markers of the systems that have one. One process at a time does."""

    def __init__(self, *, store: Store, vault: Vault, settings: Settings, clock: Clock) -> None:
        self._store = store
        self._vault = vault
        self._settings = settings
        self._clock = clock
        self._kept = KeptSystems()
        self._holder = new_holder()

    async def run(self, stopping: asyncio.Event) -> None:
        """Look until told to stop."""
        while not stopping.is_set():
            try:
                await asyncio.to_thread(self.look)
            except DatabaseDamaged:
                raise
            except (StoreFault, Conflict) as fault:
                _log.debug("markers are not looked at now", fault=type(fault).__name__)
            await either(LOOK_SECONDS, stopping)
        self._kept.close()

    def look(self) -> int:
        """Look at every marker once, drop what no backup can undo any more; return how many acts were done again."""
        with self._store.begin() as transaction:
            if not acquire(transaction, ["restores"], self._holder, LEASE_MS):
                return 0
            register.drop_expired(transaction, self._vault)
        return sum(self._look_at(*each) for each in self._marked())

    def _marked(self) -> Iterator[tuple[str, str, SystemSettings]]:
        for controller, entry in sorted(self._settings.controllers.items()):
            for system, connected in sorted(entry.systems.items()):
                if connected.restore_marker:
                    yield controller, system, connected

    def _look_at(self, controller: str, system: str, connected: SystemSettings) -> int:
        now = self._clock.now()
        before = self._written(controller, system)
        done = 0
        try:
            marker = Marker(system, connected)
            try:
                held = marker.read()
                if before is not None and held < before:
                    _log.warning("a system came back from a backup", controller=controller, system=system, of=str(held))
                    done = self._again(controller, system, held)
                marker.write(now)
            finally:
                marker.close()
        except (ConnectorError, _Incomplete) as fault:
            # The marker stays as it is, so that the next look finds the restore again.
            _log.error("a restored system is not as it must be yet", controller=controller, system=system,
                       why=str(fault), remedy="habeas reapply --since MOMENT --system " + system)  # fmt: skip
            return done
        self._write(controller, system, now)
        return done

    def _again(self, controller: str, system: str, held: datetime) -> int:
        """Do again what was carried out since the marker was written, with a margin; doing it twice changes nothing."""
        since = held - CLOCKS_APART if held > _NEVER else held
        with self._store.begin() as transaction:
            entries = list(register.entries(transaction, self._vault, controller, since, [system]))
        undone = 0
        for entry in entries:
            done = reapply_entry(
                self._settings, self._store, self._vault, self._kept, entry, [system], self._clock.now(), since=since,
                dry_run=False,
            )  # fmt: skip
            undone += bool(done.faults)
            if done.status is not Status.COMPLETE:
                _log.warning("an officer must look at an act that was done again", case=entry.case_id,
                             right=entry.right, system=system, notes=done.notes)  # fmt: skip
        _log.warning("acts were done again", controller=controller, system=system, count=len(entries), undone=undone)
        if undone:
            raise _Incomplete(f"{undone} of {len(entries)} acts could not be done again")
        return len(entries)

    def _written(self, controller: str, system: str) -> datetime | None:
        query = select(MARKERS.c.moment_ms).where(MARKERS.c.controller == controller, MARKERS.c.system == system)
        with self._store.begin() as transaction:
            found = transaction.execute(query).scalar()
        return None if found is None else datetime.fromtimestamp(found / 1000, UTC)

    def _write(self, controller: str, system: str, now: datetime) -> None:
        row = {"controller": controller, "system": system, "moment_ms": int(now.timestamp() * 1000)}
        change = MARKERS.update().where(MARKERS.c.controller == controller, MARKERS.c.system == system)
        with self._store.begin() as transaction:
            transaction.execute(insert_once(transaction, MARKERS, ("controller", "system")), row)
            transaction.execute(change.values(moment_ms=row["moment_ms"]))


class _Incomplete(Exception):
    """Not everything could be done again."""


_NEVER: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Marker:
    """The row of one system that holds when habeas last wrote there."""

    def __init__(self, system: str, connected: SystemSettings) -> None:
        self._table = str(connected.restore_marker)
        self._system = system
        fields = (Field("name", primary_key=True), Field("moment"))
        described = DataMap(system, (Table(self._table, fields=fields),))
        self._connector: Connector = connector_for(system, connected.connect.get_secret_value(), described)

    def read(self) -> datetime:
        """Return the moment that stands there, to the millisecond; the beginning of time where none does."""
        there = self._connector.catalog([self._table]).tables.get(self._table)
        if there is None or not {"name", "moment"} <= set(there.columns):
            raise SystemRefuses(
                f"{self._system}: the restore marker {self._table} is missing; create it: CREATE TABLE {self._table} "
                "(name VARCHAR(20) PRIMARY KEY, moment VARCHAR(40))"
            )
        with self._connector.session(write=False) as session:
            match = Match((("name",),), [(NAME,)])
            rows = [hit.row for hit in session.find(Find(self._table, ("name", "moment"), (match,)))]
        if not rows:
            raise SystemRefuses(
                f"{self._system}: the restore marker {self._table} has no row; insert one with the name {NAME} and an "
                "empty moment"
            )
        try:
            return datetime.fromisoformat(str(rows[0][1]))
        except ValueError:
            return _NEVER

    def write(self, now: datetime) -> None:
        """Write the moment."""
        with self._connector.session(write=True) as session:
            values = {"moment": now.isoformat(timespec="milliseconds")}
            session.change(Change("marker", self._table, ("name",), [((NAME,), ())], values))
            session.commit()

    def close(self) -> None:
        """Let go of the system."""
        close = getattr(self._connector, "close", None)
        if close is not None:
            close()
