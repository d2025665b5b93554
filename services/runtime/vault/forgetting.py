"""Forgetting a person for good, and making a restored backup forget them too.

The order is what makes a crash harmless: first the key goes and the tombstone comes, in one transaction of the key
store; from then on nothing of the person can be read anywhere, in backups neither. The content follows, and what a
crash leaves of it is deleted when the tombstones are applied at the next start.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from sqlalchemy import delete

from services.runtime.vault.keystore import KeyStore
from services.runtime.vault.objects import ObjectRows, pages
from services.runtime.vault.sealing import SALT_BYTES, Place, Sealer
from services.runtime.vault.tables import Begin


class Forgetting:
    """Destroys keys, applies tombstones, and seals what must outlive a key while a backup may bring it back."""

    def __init__(
        self,
        keys: KeyStore,
        rows: ObjectRows,
        begin: Begin,
        clock: Callable[[], datetime],
    ) -> None:
        self._keys = keys
        self._rows = rows
        self._begin = begin
        self._clock = clock

    def forget(self, person: str) -> bool:
        """Destroy the key, then delete the content; return whether this was the first time."""
        now = self._clock()
        with self._keys.database.writing() as connection:
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

    def seal_until(self, name: str, content: bytes, kept: timedelta) -> tuple[str, bytes]:
        """Seal content that outlives its person, under the key of a day that is destroyed when `kept` is over.

        Return the period that names the key, and the sealed bytes, which lie wherever the caller keeps them.
        """
        keys, today = self._keys, self._clock().date()
        expires = today + kept + timedelta(days=1)
        period = f"{today.isoformat()}+{kept.days}"
        with keys.database.writing() as connection:
            keys.wrap_new(connection, keys.tables.reapply_key, "period", period, expires=expires)
            key = keys.unwrapped(connection, keys.tables.reapply_key, "period", period)
        assert key is not None
        salt = secrets.token_bytes(SALT_BYTES)
        return period, salt + Sealer(key, salt, _reapply_place(name)).seal(0, True, content)

    def open_until(self, name: str, period: str, sealed: bytes) -> bytes | None:
        """Open what was sealed so; None where its time is over."""
        keys = self._keys
        with keys.database.reading() as connection:
            key = keys.unwrapped(connection, keys.tables.reapply_key, "period", period)
        if key is None:
            return None
        return Sealer(key, sealed[:SALT_BYTES], _reapply_place(name)).open(0, True, sealed[SALT_BYTES:])

    def drop_expired(self) -> int:
        """Destroy the keys of the days whose time is over, and with them what they sealed; return how many."""
        table = self._keys.tables.reapply_key
        with self._keys.database.writing() as connection:
            gone = connection.execute(delete(table).where(table.c.expires < self._clock().date())).rowcount
        if gone:
            self._keys.database.scrub()
        return gone

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


def _reapply_place(name: str) -> Place:
    return Place("reapply", name, "identifiers")
