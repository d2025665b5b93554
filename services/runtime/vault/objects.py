"""The rows of sealed objects: every statement the vault runs on the main database, named by what it is for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import bindparam, delete, func, insert, select, update

from services.runtime.store.prepared import Prepared
from services.runtime.vault.sealing import Place
from services.runtime.vault.tables import CHUNKS, IDENTITY, OBJECTS, Tx

_PAGE_ROWS: Final = 200
_CHUNKS_A_DELETE: Final = 64

# The two statements of every mail are built once.
_STORED: Final = tuple(OBJECTS.c[name] for name in ("ref", "person", "kind", "salt", "first", "chunks", "complete"))
_FIND: Final = Prepared(select(*_STORED).where(OBJECTS.c.ref == bindparam("wanted")))
_ADD: Final = Prepared(insert(OBJECTS).values({column.name: bindparam(column.name) for column in OBJECTS.c}))


@dataclass(frozen=True, slots=True)
class Stored:
    """An object as it lies in the database. One without chunks was forgotten."""

    place: Place
    salt: bytes
    first: bytes | None
    chunks: int
    complete: bool


class ObjectRows:
    """Reads and writes the vault's tables through whatever transaction it is given."""

    def find(self, tx: Tx, ref: str) -> Stored | None:
        """Return the object under this reference."""
        row = _FIND.first(tx, {"wanted": ref})
        if row is None:
            return None
        ref, person, kind, salt, first, chunks, complete = row
        return Stored(Place(ref, person, kind), salt, first, chunks, bool(complete))

    def add(self, tx: Tx, stored: Stored, size_bytes: int, created_ms: int) -> None:
        """Add an object's row."""
        _ADD.changed(
            tx,
            {
                "ref": stored.place.ref, "person": stored.place.person, "kind": stored.place.kind,
                "salt": stored.salt, "first": stored.first, "chunks": stored.chunks, "size_bytes": size_bytes,
                "complete": stored.complete, "created_ms": created_ms,
            },
        )  # fmt: skip

    def add_chunks(self, tx: Tx, ref: str, chunks: Sequence[tuple[int, bytes]]) -> None:
        """Add the chunks after the first."""
        if chunks:
            rows = [{"ref": ref, "number": number, "sealed": sealed} for number, sealed in chunks]
            tx.execute(insert(CHUNKS), rows)

    def grow(self, tx: Tx, stored: Stored, chunks: int, size_bytes: int, *, complete: bool) -> bool:
        """Say how far an unfinished object has come; return False when another writer took its place."""
        mine = (OBJECTS.c.ref == stored.place.ref) & (OBJECTS.c.salt == stored.salt)
        statement = update(OBJECTS).where(mine & OBJECTS.c.complete.is_(False))
        changed = tx.execute(statement.values(chunks=chunks, size_bytes=size_bytes, complete=complete))
        return changed.rowcount == 1

    def fill_first(self, tx: Tx, stored: Stored, first: bytes) -> bool:
        """Store the first chunk of an unfinished object; return False when another writer took its place."""
        mine = (OBJECTS.c.ref == stored.place.ref) & (OBJECTS.c.salt == stored.salt)
        statement = update(OBJECTS).where(mine & OBJECTS.c.complete.is_(False))
        return tx.execute(statement.values(first=first)).rowcount == 1

    def size_bytes(self, tx: Tx, ref: str) -> int:
        """Return how large an object's content is."""
        return int(tx.execute(select(OBJECTS.c.size_bytes).where(OBJECTS.c.ref == ref)).scalar_one())

    def reopen(self, tx: Tx, ref: str) -> bool:
        """Make an object unreadable before its chunks go, so that a crash leaves what the sweep knows."""
        there = (OBJECTS.c.ref == ref) & (OBJECTS.c.chunks > 0)
        return tx.execute(update(OBJECTS).where(there).values(complete=False)).rowcount == 1

    def chunk(self, tx: Tx, ref: str, number: int) -> bytes | None:
        """Return a sealed chunk after the first."""
        wanted = (CHUNKS.c.ref == ref) & (CHUNKS.c.number == number)
        found: bytes | None = tx.execute(select(CHUNKS.c.sealed).where(wanted)).scalar()
        return found

    def chunks_there(self, tx: Tx, ref: str) -> int:
        """Return how many chunks after the first there are."""
        counted = tx.execute(select(func.count()).select_from(CHUNKS).where(CHUNKS.c.ref == ref))
        return int(counted.scalar_one())

    def full_refs(self, tx: Tx, persons: Iterable[str]) -> Sequence[str]:
        """Return a page of references whose content is still there, of any of these persons."""
        mine = OBJECTS.c.person.in_(list(persons)) & (OBJECTS.c.chunks > 0)
        return tx.execute(select(OBJECTS.c.ref).where(mine).limit(_PAGE_ROWS)).scalars().all()

    def last_created_ms(self, tx: Tx, person: str) -> int | None:
        """Return when the person's newest object was made, of those whose content is there."""
        mine = (OBJECTS.c.person == person) & (OBJECTS.c.chunks > 0)
        found: int | None = tx.execute(select(func.max(OBJECTS.c.created_ms)).where(mine)).scalar()
        return found

    def unfinished(self, tx: Tx, before_ms: int) -> Sequence[str]:
        """Return a page of references that a writer began before this moment and never finished."""
        old = OBJECTS.c.complete.is_(False) & (OBJECTS.c.created_ms < before_ms)
        return tx.execute(select(OBJECTS.c.ref).where(old).limit(_PAGE_ROWS)).scalars().all()

    def delete_some_chunks(self, tx: Tx, ref: str) -> bool:
        """Delete a bounded number of chunks; return whether there may be more."""
        numbers = select(CHUNKS.c.number).where(CHUNKS.c.ref == ref).limit(_CHUNKS_A_DELETE)
        some = tx.execute(numbers).scalars().all()
        if some:
            tx.execute(delete(CHUNKS).where((CHUNKS.c.ref == ref) & CHUNKS.c.number.in_(some)))
        return bool(some)

    def empty(self, tx: Tx, ref: str) -> None:
        """Keep of an object only that it was: its content, salt and size go."""
        bare = update(OBJECTS).where(OBJECTS.c.ref == ref)
        tx.execute(bare.values(salt=b"", first=None, chunks=0, size_bytes=0, complete=True))

    def remove(self, tx: Tx, ref: str) -> None:
        """Remove an object's row altogether."""
        tx.execute(delete(OBJECTS).where(OBJECTS.c.ref == ref))

    def persons_page(self, tx: Tx, after: str) -> Sequence[str]:
        """Return the next persons, in order, of whom content is there."""
        person = OBJECTS.c.person
        query = select(person).where((person > after) & (OBJECTS.c.chunks > 0)).distinct()
        return tx.execute(query.order_by(person).limit(_PAGE_ROWS)).scalars().all()

    def identity(self, tx: Tx) -> str | None:
        """Return the key store that this database was sealed with."""
        found: str | None = tx.execute(select(IDENTITY.c.value).where(IDENTITY.c.name == "key_store")).scalar()
        return found

    def set_identity(self, tx: Tx, identity: str) -> None:
        """Remember the key store of this database."""
        tx.execute(insert(IDENTITY), {"name": "key_store", "value": identity})


def pages(persons: Iterable[str]) -> Iterator[list[str]]:
    """Yield persons in pages small enough for one statement."""
    page: list[str] = []
    for person in persons:
        page.append(person)
        if len(page) == _PAGE_ROWS:
            yield page
            page = []
    if page:
        yield page
