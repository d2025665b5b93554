"""Forgetting a person for good, and making a restored backup forget them too.

The order is what makes a crash harmless: first the key goes and the tombstone comes, in one transaction of the key
store; from then on nothing of the person can be read anywhere, in backups neither. The content follows, and what a
crash leaves of it is deleted when the tombstones are applied at the next start.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import Connection, delete, select

from services.runtime.vault.keystore import KeyStore
from services.runtime.vault.objects import ObjectRows, pages
from services.runtime.vault.sealing import SALT_BYTES, Place, Sealer
from services.runtime.vault.tables import Begin

BACKUPS_KEPT: Final = timedelta(days=90)


class Forgetting:
    """Destroys keys, applies tombstones, and keeps identifiers only while a backup may bring them back."""

    def __init__(
        self,
        keys: KeyStore,
        rows: ObjectRows,
        begin: Begin,
        clock: Callable[[], datetime],
        backups_kept: timedelta = BACKUPS_KEPT,
    ) -> None:
        self._keys = keys
        self._rows = rows
        self._begin = begin
        self._clock = clock
        self.backups_kept = backups_kept

    def forget(self, person: str, identifiers: bytes | None) -> bool:
        """Destroy the key, then delete the content; return whether this was the first time."""
        now = self._clock()
        with self._keys.database.writing() as connection:
            if identifiers is not None:
                self._keep_identifiers(connection, person, identifiers, now.date())
            first = self._keys.destroy(connection, person, now)
        self._keys.database.scrub()
        self._delete_content([person])
        return first

    def apply_tombstones(self) -> int:
        """Delete what a restored database holds of forgotten persons; return of how many persons there was anything."""
        return sum(self._delete_content(page) for page in pages(person for person, _ in self._keys.tombstones()))

    def tombstones(self) -> Iterator[tuple[str, datetime]]:
        """Yield who was forgotten and when."""
        return self._keys.tombstones()

    def bury(self, person: str, moment: datetime) -> bool:
        """Obey a tombstone from an exported list; return whether it was new here."""
        with self._keys.database.writing() as connection:
            first = self._keys.destroy(connection, person, moment)
        if first:
            self._keys.database.scrub()
            self._delete_content([person])
        return first

    def identifiers(self) -> Iterator[tuple[str, bytes]]:
        """Yield the forgotten persons whose erasure must be applied again after a system was restored."""
        keys, table = self._keys, self._keys.tables.reapply
        with keys.database.reading() as connection:
            rows = connection.execute(select(table).order_by(table.c.person)).all()
            for row in rows:
                key = keys.unwrapped(connection, keys.tables.reapply_key, "period", row.period)
                if key is not None:
                    yield row.person, _open_identifiers(key, row.person, row.sealed)

    def drop_expired_identifiers(self) -> int:
        """Destroy the re-apply keys whose backups are gone, and what they sealed; return how many persons' it was."""
        tables = self._keys.tables
        old = tables.reapply_key.c.expires < self._clock().date()
        with self._keys.database.writing() as connection:
            periods = connection.execute(select(tables.reapply_key.c.period).where(old)).scalars().all()
            if not periods:
                return 0
            gone = connection.execute(delete(tables.reapply).where(tables.reapply.c.period.in_(periods)))
            connection.execute(delete(tables.reapply_key).where(tables.reapply_key.c.period.in_(periods)))
        self._keys.database.scrub()
        return gone.rowcount

    def _keep_identifiers(self, connection: Connection, person: str, identifiers: bytes, today: date) -> None:
        keys, period = self._keys, today.isoformat()
        table = keys.tables.reapply_key
        keys.wrap_new(connection, table, "period", period, expires=today + self.backups_kept)
        key = keys.unwrapped(connection, table, "period", period)
        assert key is not None
        sealed = _seal_identifiers(key, person, identifiers)
        connection.execute(keys.insert_new(keys.tables.reapply, person=person, period=period, sealed=sealed))

    def _delete_content(self, persons: list[str]) -> int:
        """Delete in short transactions, so that gigabytes of packages do not stop the mail."""
        found: set[str] = set()
        while True:
            with self._begin() as tx:
                refs = self._rows.full_refs(tx, persons)
            if not refs:
                return len(found)
            for ref in refs:
                more = True
                while more:
                    with self._begin() as tx:
                        more = self._rows.delete_some_chunks(tx, ref)
                        if not more:
                            stored = self._rows.find(tx, ref)
                            self._rows.empty(tx, ref)
                if stored is not None:
                    found.add(stored.place.person)


def _seal_identifiers(key: bytes, person: str, identifiers: bytes) -> bytes:
    salt = secrets.token_bytes(SALT_BYTES)
    return salt + Sealer(key, salt, _reapply_place(person)).seal(0, True, identifiers)


def _open_identifiers(key: bytes, person: str, sealed: bytes) -> bytes:
    return Sealer(key, sealed[:SALT_BYTES], _reapply_place(person)).open(0, True, sealed[SALT_BYTES:])


def _reapply_place(person: str) -> Place:
    return Place("reapply", person, "identifiers")
