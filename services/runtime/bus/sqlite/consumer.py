"""One member of a group on the embedded bus."""

from __future__ import annotations

import asyncio
import math
import sqlite3
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from uuid import uuid4

from services.runtime.bus.port import BusUnusable, Partition, Positions, Slice
from services.runtime.bus.sqlite import ledger, members
from services.runtime.bus.sqlite.members import Member
from services.runtime.bus.sqlite.session import Session
from services.runtime.bus.words import beyond_the_end, removed_by_retention
from services.runtime.logs import Log

if TYPE_CHECKING:
    from services.runtime.bus.sqlite.pulse import Pulse

_LOG = Log()
_NEVER: Final = -1
SETTLES_MAX: Final = 4


@dataclass(slots=True)
class Cursor:
    """Where reading stands: `stored` is what the next slice starts from, `reading` skips what is no longer kept."""

    stored: int
    reading: int


class SqliteConsumer:
    """Owns partitions by rows, reads them fenced by the same rows, and leaves positions to the worker."""

    def __init__(
        self,
        member: Member,
        positions: Positions,
        session: Session,
        pulse: Pulse,
        lease_until_ms: Callable[[], int],
        left: Callable[[SqliteConsumer], None],
    ) -> None:
        self.member = member
        self._positions = positions
        self._session = session
        self._pulse = pulse
        self._lease_until_ms = lease_until_ms
        self._left = left
        self._cursors: dict[Partition, Cursor] = {}
        self._owned: frozenset[Partition] = frozenset()
        self._ids: dict[Partition, int] = {}
        self._places: dict[int, Partition] = {}
        self._rows: list[tuple[int, int, int]] | None = None
        self._extents: dict[Partition, ledger.Extent] = {}
        self._behind: frozenset[Partition] = frozenset()
        self._looked = False
        self._changes = _NEVER
        self._turn = 0
        self._acknowledged: dict[int, int] = {}

    async def __aenter__(self) -> SqliteConsumer:
        self._wake = self._pulse.join(self.member.topics)
        await self._session.run(members.join, self.member, self._lease_until_ms())
        self._pulse.beat()
        return self

    async def __aexit__(self, *failure: object) -> None:
        try:
            await self.flush()
            await self._session.run(members.leave, self.member)
        finally:
            self._pulse.leave(self._wake)
            self._pulse.beat()
            self._left(self)
            self._owned = frozenset()
            await self._session.close()

    def assigned(self) -> frozenset[Partition]:
        return self._owned

    async def fetch(self, records_max: int, wait_seconds: float) -> Sequence[Slice]:
        until = time.monotonic() + wait_seconds
        while True:
            # What a look has read to its end need not be looked at again before something wakes us.
            if self._wake.is_set() or not self._looked or wait_seconds <= 0:
                self._wake.clear()
                slices = await self._fetch_now(records_max)
                self._looked = not self._behind
                if slices:
                    return slices
            remaining = until - time.monotonic()
            try:
                await asyncio.wait_for(self._wake.wait(), max(remaining, 0.0))
            except TimeoutError:
                self._looked = False
                return ()

    async def rewind(self, partition: Partition) -> None:
        self._cursors.pop(partition, None)
        self._wake.set()

    async def acknowledge(self, partition: Partition, position: int) -> None:
        if partition in self._ids:
            self._acknowledged[self._ids[partition]] = position

    async def flush(self) -> None:
        """Write what was acknowledged since the last time; the bus calls this with each heartbeat."""
        if self._acknowledged:
            noted, self._acknowledged = self._acknowledged, {}
            await self._session.run(ledger.acknowledge, self.member.group, noted)

    async def _fetch_now(self, records_max: int) -> Sequence[Slice]:
        for _ in range(SETTLES_MAX):
            if len(self._cursors) < len(self._owned):
                fresh = [partition for partition in self._owned if partition not in self._cursors]
                self._rows = None
                # After ownership was committed, never before: what another member stored until then is what counts.
                stored = await self._positions.load(fresh)
                self._cursors.update({p: Cursor(stored.get(p, 0), stored.get(p, 0)) for p in fresh})
            try:
                found = await self._session.run(self._read, dict(self._cursors), records_max)
            except BaseException:
                # What was read may be lost with the one who asked for it: look at everything again.
                self._rows = None
                raise
            if not isinstance(found, int):
                return [self._advance(one) for one in found]
            await self._settle(found)
        # Members come and go faster than shares settle: look again, and let others have their turn meanwhile.
        self._wake.set()
        return ()

    async def _settle(self, changes: int) -> None:
        owned = await self._session.run(members.settle, self.member)
        if owned is None:
            _LOG.warning("bus_member_was_expelled", group=self.member.group, reason="silent for longer than its lease")
            self._forget()
            self.member = Member(self.member.group, uuid4().hex, self.member.seat, self.member.topics)
            await self._session.run(members.join, self.member, self._lease_until_ms())
            owned = await self._session.run(members.settle, self.member)
        owned = owned or frozenset()
        if owned != self._owned:
            _LOG.info("bus_partitions_changed", group=self.member.group, partitions=len(owned))
            self._cursors = {partition: at for partition, at in self._cursors.items() if partition in owned}
            self._owned = owned
            self._rows = None
            self._pulse.beat()
        self._changes = changes

    def _forget(self) -> None:
        self._owned = frozenset()
        self._cursors = {}
        self._rows = None
        self._acknowledged = {}

    def _read(
        self, connection: sqlite3.Connection, cursors: Mapping[Partition, Cursor], records_max: int
    ) -> list[Slice] | int:
        """Read on, fenced: members, ownership and records are seen at one moment.

        Where members or what they own have changed since, nothing is read, and the number of that change is returned.
        """
        connection.execute("BEGIN")
        try:
            changes = members.changes(connection, self.member.group)
            if changes != self._changes:
                return changes
            grown = self._look(connection)
            if len(self._extents) < len(cursors) or not self._extents.keys() >= cursors.keys():
                self._rows = None
                return changes
            ready = sorted(p for p in grown & cursors.keys() if self._has_more(p, cursors[p], self._extents[p]))
            return self._slices(connection, ready, cursors, records_max)
        finally:
            connection.execute("ROLLBACK")

    def _look(self, connection: sqlite3.Connection) -> frozenset[Partition]:
        """Look at what the owned partitions hold; return those that have grown, or were not read to their end."""
        rows = connection.execute(
            "SELECT p.id, p.first, p.next FROM bus_owners o JOIN bus_partitions p"
            " ON p.id = o.partition_id WHERE o.grp = ? AND o.member = ?",
            (self.member.group, self.member.name),
        ).fetchall()
        known = self._rows
        if rows == known:
            return self._behind
        if any(row[0] not in self._places for row in rows):
            self._places = {extent.id: partition for partition, extent in ledger.extents(connection).items()}
            self._ids = {partition: id_ for id_, partition in self._places.items()}
        changed = {self._places[row[0]]: ledger.Extent(*row) for row in set(rows).difference(known or ())}
        self._extents = {**self._extents, **changed} if known else changed
        if len(self._extents) != len(rows):
            self._extents = {self._places[row[0]]: ledger.Extent(*row) for row in rows}
        self._rows = rows
        return self._behind.union(changed)

    def _has_more(self, partition: Partition, cursor: Cursor, extent: ledger.Extent) -> bool:
        if cursor.stored > extent.next:
            raise BusUnusable(beyond_the_end(self.member.group, partition, cursor.stored, extent.next))
        if cursor.reading < extent.first:
            removed_by_retention(_LOG, self.member.group, partition, cursor.reading, extent.first)
            cursor.reading = extent.first
        return cursor.reading < extent.next

    def _slices(
        self,
        connection: sqlite3.Connection,
        ready: Sequence[Partition],
        cursors: Mapping[Partition, Cursor],
        records_max: int,
    ) -> list[Slice]:
        """Share what may be read among the partitions that have something, starting with another one each time."""
        self._behind = frozenset(ready)
        if not ready:
            return []
        self._turn += 1
        start = self._turn % len(ready)
        share = math.ceil(records_max / len(ready))
        found: list[Slice] = []
        left = records_max
        for partition in [*ready[start:], *ready[:start]]:
            if left <= 0:
                break
            cursor = cursors[partition]
            records = ledger.read(connection, partition, self._extents[partition].id, cursor.reading, min(share, left))
            if records:
                found.append(Slice(partition, cursor.stored, records[-1].offset + 1, tuple(records)))
                left -= len(records)
            else:
                # Compaction or retention emptied the rest; the stored position moves with the next record's work.
                cursor.reading = self._extents[partition].next
        self._behind = frozenset(ready) - self._read_to_the_end(found)
        return found

    def _read_to_the_end(self, found: Sequence[Slice]) -> frozenset[Partition]:
        return frozenset(one.partition for one in found if one.next >= self._extents[one.partition].next)

    def _advance(self, found: Slice) -> Slice:
        self._cursors[found.partition] = Cursor(found.next, found.next)
        return found
