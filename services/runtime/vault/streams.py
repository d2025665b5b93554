"""Objects too large for memory: a package is written and read a chunk at a time, in short transactions.

A writer holds no transaction while its content is being made, which may take minutes. Its chunks are committed as they
fill; only `finish` makes the object readable, in the transaction of whatever the object is for. What a crash leaves
unfinished is swept later. Memory stays below three chunks.
"""

from __future__ import annotations

from collections.abc import Iterator
from types import TracebackType
from typing import Final

from services.runtime.vault.errors import AlreadySealed, Missing, Tampered
from services.runtime.vault.objects import ObjectRows, Stored
from services.runtime.vault.sealing import CHUNK_BYTES, Sealer
from services.runtime.vault.tables import Begin, Tx

_TAKEN: Final = "another writer took this reference, or it was swept as unfinished; write it anew"


class Writer:
    """Seals content as it is written. Use as a context manager: leaving it without `finish` removes what it wrote."""

    def __init__(self, rows: ObjectRows, begin: Begin, sealer: Sealer, stored: Stored, created_ms: int) -> None:
        self._rows = rows
        self._begin = begin
        self._sealer = sealer
        self._stored = stored
        self._kept = bytearray()
        self._number = 0
        self._size_bytes = 0
        self._finished = False
        with begin() as tx:
            _make_room(rows, tx, stored.place.ref)
            rows.add(tx, stored, 0, created_ms)

    @property
    def ref(self) -> str:
        """Return the reference under which the object can be read once it is finished."""
        return self._stored.place.ref

    def write(self, content: bytes) -> int:
        """Take more content; return how much, as files do."""
        view = memoryview(content)
        for start in range(0, len(view), CHUNK_BYTES):
            self._kept += view[start : start + CHUNK_BYTES]
            # A chunk is stored only when more is there, because the last one is sealed as the last one.
            while len(self._kept) > CHUNK_BYTES:
                chunk = bytes(self._kept[:CHUNK_BYTES])
                del self._kept[:CHUNK_BYTES]
                with self._begin() as tx:
                    self._store(tx, chunk, last=False)
        return len(content)

    def finish(self, tx: Tx) -> str:
        """Store the last chunk and make the object readable, in this transaction; return its reference."""
        self._store(tx, bytes(self._kept), last=True)
        self._finished = True
        return self.ref

    def discard(self) -> None:
        """Remove what was written."""
        remove_object(self._rows, self._begin, self.ref, salt=self._stored.salt)

    def _store(self, tx: Tx, chunk: bytes, *, last: bool) -> None:
        sealed = self._sealer.seal(self._number, last, chunk)
        self._size_bytes += len(chunk)
        # The object's row comes first: it says whether this writer still is the one, and holds off another.
        if self._number == 0 and not self._rows.fill_first(tx, self._stored, sealed):
            raise AlreadySealed(_TAKEN)
        if not self._rows.grow(tx, self._stored, self._number + 1, self._size_bytes, complete=last):
            raise AlreadySealed(_TAKEN)
        if self._number:
            self._rows.add_chunks(tx, self.ref, [(self._number, sealed)])
        self._number += 1

    def __enter__(self) -> Writer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self._finished:
            self.discard()


def read_chunks(
    rows: ObjectRows, begin: Begin, sealer: Sealer, stored: Stored, start_bytes: int = 0
) -> Iterator[bytes]:
    """Yield an object's content from a byte on, each chunk proven before it is given out.

    Each read is a transaction of its own. Every chunk but the last holds CHUNK_BYTES, so a place is found by counting.
    """
    check_complete(stored)
    ref = stored.place.ref
    if stored.chunks > 1:
        with begin() as tx:
            there = rows.chunks_there(tx, ref) + 1
        if there != stored.chunks:
            raise Tampered(f"the object has {there} chunks instead of {stored.chunks}; restore it from a backup")
    begins, skipped = divmod(start_bytes, CHUNK_BYTES)
    for number in range(begins, stored.chunks):
        sealed = stored.first
        if number:
            with begin() as tx:
                sealed = rows.chunk(tx, ref, number)
        chunk = sealer.open(number, number == stored.chunks - 1, _there(sealed, number))
        yield chunk[skipped:] if number == begins else chunk


def check_complete(stored: Stored) -> None:
    """Raise Missing for an object that a writer has not finished."""
    if not stored.complete:
        raise Missing("this object is still being written, or its writer stopped; there is nothing to read")


def remove_object(rows: ObjectRows, begin: Begin, ref: str, *, salt: bytes | None = None) -> None:
    """Remove an unfinished object in short transactions; with a salt, only the one that was sealed with it."""
    more = True
    while more:
        with begin() as tx:
            stored = rows.find(tx, ref)
            if stored is None or stored.complete or (salt is not None and stored.salt != salt):
                return
            more = rows.delete_some_chunks(tx, ref)
            if not more:
                rows.remove(tx, ref)


def _make_room(rows: ObjectRows, tx: Tx, ref: str) -> None:
    before = rows.find(tx, ref)
    if before is None:
        return
    if before.complete:
        raise AlreadySealed("this reference is taken by a finished object")
    while rows.delete_some_chunks(tx, ref):
        pass
    rows.remove(tx, ref)


def _there(sealed: bytes | None, number: int) -> bytes:
    if sealed is None:
        raise Tampered(f"chunk {number} is missing; restore the object from a backup")
    return sealed
