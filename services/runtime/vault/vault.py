"""The vault: what names a person goes in, a reference comes out, and a reference is all that travels.

Content is sealed in the caller's transaction, so that a message and its reference are durable together or not at all.
The key of a person is made durable in the key store before anything is sealed with it; a key without content is
harmless, content without a key would be lost.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import uuid4

from services.runtime.vault.errors import (
    AlreadySealed,
    DatabaseLost,
    Forgotten,
    KeyStoreFault,
    Missing,
    Tampered,
    VaultFault,
)
from services.runtime.vault.forgetting import Forgetting
from services.runtime.vault.keystore import KeyStore
from services.runtime.vault.objects import ObjectRows, Stored
from services.runtime.vault.rotation import rotate
from services.runtime.vault.sealing import SALT_BYTES, Place, Sealer, cut, derived_key, keyed_hash
from services.runtime.vault.streams import Writer, check_complete, read_chunks, remove_object
from services.runtime.vault.tables import Begin, Tx

_ID: Final = re.compile(r"[0-9a-zA-Z][0-9a-zA-Z._:-]{0,127}")
_KIND: Final = re.compile(r"[a-z][a-z0-9_.-]{0,63}")
_REF: Final = re.compile(r"vault:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
UNFINISHED_KEPT: Final = timedelta(days=2)


def _now() -> datetime:
    return datetime.now(UTC)


class Vault:
    """Seals, opens, hashes and forgets. Safe to use from several threads and processes."""

    def __init__(
        self,
        keys: KeyStore,
        begin: Begin,
        *,
        clock: Callable[[], datetime] = _now,
    ) -> None:
        self.keys = keys
        self._rows = ObjectRows()
        self._begin = begin
        self._clock = clock
        self._root = keys.root()
        self._hash_key = derived_key(self._root, b"habeas keyed hash 1")
        self.forgetting = Forgetting(keys, self._rows, begin, clock)

    # ---- content

    def seal(self, tx: Tx, person: str, kind: str, content: bytes, *, ref: str | None = None) -> str:
        """Seal content for a person and return its reference.

        With a reference given, sealing the same content again changes nothing, and other content is refused.
        """
        place = _place(ref, person, kind)
        key = self._key_for(tx, person)
        if ref is not None and (before := self._rows.find(tx, ref)) is not None:
            return self._same(tx, before, place, content)
        salt = secrets.token_bytes(SALT_BYTES)
        sealer = Sealer(key, salt, place)
        sealed = [sealer.seal(number, last, chunk) for number, last, chunk in cut((content,))]
        self._rows.add(tx, Stored(place, salt, sealed[0], len(sealed), True), len(content), self._now_ms())
        self._rows.add_chunks(tx, place.ref, list(enumerate(sealed))[1:])
        return place.ref

    def open(self, tx: Tx, ref: str) -> bytes:
        """Return the content; raise Missing, Forgotten or Tampered."""
        stored, sealer = self._found(tx, ref)
        check_complete(stored)
        chunks = [stored.first, *(self._rows.chunk(tx, ref, number) for number in range(1, stored.chunks))]
        if None in chunks:
            raise Tampered(f"chunk {chunks.index(None)} is missing; restore the object from a backup")
        opened = [sealer.open(n, n == stored.chunks - 1, chunk) for n, chunk in enumerate(chunks) if chunk is not None]
        return b"".join(opened)

    def holds(self, tx: Tx, ref: str) -> bool:
        """Return whether there is a finished object under this reference whose content is still there."""
        stored = self._rows.find(tx, ref)
        return stored is not None and stored.complete and stored.chunks > 0

    def writer(self, person: str, kind: str, *, ref: str | None = None) -> Writer:
        """Return a writer for content of any size; it holds no transaction between chunks."""
        place = _place(ref, person, kind)
        salt = secrets.token_bytes(SALT_BYTES)
        sealer = Sealer(self.keys.key_for(person), salt, place)
        stored = Stored(place, salt, None, 1, complete=False)
        return Writer(self._rows, self._begin, sealer, stored, self._now_ms())

    def reader(self, ref: str, start_bytes: int = 0) -> Iterator[bytes]:
        """Yield the content from a byte on, in chunks of at most 1 MiB; raise Missing, Forgotten or Tampered."""
        with self._begin() as tx:
            stored, sealer = self._found(tx, ref)
        return read_chunks(self._rows, self._begin, sealer, stored, start_bytes)

    def size_bytes(self, tx: Tx, ref: str) -> int:
        """Return how large the content is; raise Missing or Forgotten."""
        stored, _ = self._found(tx, ref)
        check_complete(stored)
        return self._rows.size_bytes(tx, ref)

    def person_of(self, tx: Tx, ref: str) -> str | None:
        """Return whose the content is; None where there is nothing under this reference."""
        stored = self._rows.find(tx, ref)
        return None if stored is None else stored.place.person

    def last_sealed(self, tx: Tx, person: str) -> datetime | None:
        """Return when content of this person was last taken in, if any is there."""
        sealed_ms = self._rows.last_created_ms(tx, person)
        return None if sealed_ms is None else datetime.fromtimestamp(sealed_ms / 1000, UTC)

    def remove(self, ref: str) -> None:
        """Remove one object whose time is over, in short transactions; one that is not there is removed already."""
        with self._begin() as tx:
            if not self._rows.reopen(tx, ref):
                return
        remove_object(self._rows, self._begin, ref)

    def sweep_unfinished(self, kept: timedelta = UNFINISHED_KEPT) -> int:
        """Remove objects whose writers stopped before they finished; return how many."""
        removed = 0
        while True:
            with self._begin() as tx:
                refs = self._rows.unfinished(tx, self._now_ms() - int(kept.total_seconds() * 1000))
            if not refs:
                return removed
            for ref in refs:
                remove_object(self._rows, self._begin, ref)
            removed += len(refs)

    # ---- keyed hashes and derived keys

    def keyed_hash(self, purpose: str, *parts: str, person: str | None = None) -> str:
        """Return a keyed hash in hex. With a person, the hash dies with that person's key."""
        key = self._hash_key
        if person is not None:
            key = derived_key(self.keys.key_for(person), b"habeas keyed hash of a person 1")
        return keyed_hash(key, purpose, parts)

    def subkey(self, purpose: str) -> bytes:
        """Return 32 bytes for one purpose (signed links, checkpoints); the same for ever, whatever the master key."""
        return derived_key(self._root, b"habeas subkey 1|" + purpose.encode())

    # ---- who is behind an address

    def find_person(self, purpose: str, *parts: str) -> str | None:
        """Return the person that was recognised by these parts (a controller and an address), if any."""
        return self.keys.find(self.keyed_hash(f"look-up {purpose}", *parts))

    def recognise(self, purpose: str, *parts: str) -> str:
        """Return the person behind these parts; a new one gets a random id, and a key."""
        digest = self.keyed_hash(f"look-up {purpose}", *parts)
        return self.keys.find(digest) or self.keys.find_or_add(digest, str(uuid4()))

    def recognise_all(self, purpose: str, parts: Sequence[tuple[str, ...]]) -> list[str]:
        """Return the person behind each of these parts; the keys of those that are new are made durable together."""
        digests = [self.keyed_hash(f"look-up {purpose}", *each) for each in parts]
        found = {digest: self.keys.find(digest) for digest in digests}
        new = {digest: str(uuid4()) for digest, person in found.items() if person is None}
        known = self.keys.find_or_add_all(new) if new else {}
        return [found[digest] or known[digest] for digest in digests]

    def also_known(self, person: str, purpose: str, *parts: str) -> None:
        """Let further parts (a second address, a chat session) lead to a person."""
        digest = self.keyed_hash(f"look-up {purpose}", *parts)
        self.keys.key_of(person)
        with self.keys.database.writing() as connection:
            self.keys.bind(connection, digest, person)

    # ---- forgetting, replacing the master key, and starting

    def forget(self, person: str) -> bool:
        """Destroy the person's key, leave a tombstone, and delete the content; tell whether it was the first time."""
        _check(_ID, person, "a person's id")
        return self.forgetting.forget(person)

    def apply_tombstones(self) -> int:
        """Delete the content of forgotten persons that a restored backup brought back; return of how many persons."""
        return self.forgetting.apply_tombstones()

    def rotate_master_key(self) -> int:
        """Replace the master key and wrap every key anew; return how many. A rotation that was cut off goes on."""
        return rotate(self.keys)

    def attach(self, tx: Tx) -> None:
        """Tie the main database to this key store; refuse one that was sealed with another, and one that was lost."""
        mine = derived_key(self._root, b"habeas key store identity 1")[:16].hex()
        # Asked before the database is: nobody gets a key before a database is tied, so two first starts do not clash.
        knows_people = self.keys.knows_people()
        found = self._rows.identity(tx)
        if found is None and knows_people:
            raise DatabaseLost(self.keys.database.shown)
        if found is None:
            self._rows.set_identity(tx, mine)
        elif found != mine:
            raise KeyStoreFault(
                f"this database was sealed with another key store ({found[:8]}…, not {mine[:8]}…); its content does "
                "not open with these keys. Restore the key store that belongs to it; nothing was changed"
            )

    def close(self) -> None:
        """Let go of the key store's connections."""
        self.keys.database.close()

    # ---- inside

    def _now_ms(self) -> int:
        return int(self._clock().timestamp() * 1000)

    def _found(self, tx: Tx, ref: str) -> tuple[Stored, Sealer]:
        stored = self._rows.find(tx, ref)
        if stored is None:
            raise Missing("the vault holds nothing under this reference")
        if not stored.chunks:
            raise Forgotten("this was forgotten with its person")
        return stored, Sealer(self._key_of(tx, stored.place.person), stored.salt, stored.place)

    def _key_of(self, tx: Tx, person: str) -> bytes:
        return self._once(tx, person, self.keys.key_of)

    def _key_for(self, tx: Tx, person: str) -> bytes:
        return self._once(tx, person, self.keys.key_for)

    def _once(self, tx: Tx, person: str, read: Callable[[str], bytes]) -> bytes:
        """Return a person's key, read once for each of the store's transactions (ADR 0138).

        Forgetting deletes what such a transaction wrote: on SQLite it waits for it, and at each start it looks again.
        """
        known: dict[str, bytes] = getattr(tx, "person_keys", {})
        if person not in known:
            known[person] = read(person)
        return known[person]

    def _same(self, tx: Tx, before: Stored, place: Place, content: bytes) -> str:
        if before.complete and before.place == place and self.open(tx, place.ref) == content:
            return place.ref
        raise AlreadySealed("this reference is taken by other content; a reference names one content for ever")


def _place(ref: str | None, person: str, kind: str) -> Place:
    _check(_ID, person, "a person's id")
    _check(_KIND, kind, "a kind of content")
    if ref is not None:
        _check(_REF, ref, "a vault reference")
    return Place(ref or f"vault:{uuid4()}", person, kind)


def _check(pattern: re.Pattern[str], value: str, what: str) -> None:
    if not pattern.fullmatch(value):
        # The value is not shown: an address given by mistake must not reach a log.
        raise VaultFault(f"{what} must look like {pattern.pattern}; the one given ({len(value)} characters) does not")
