"""Files of records in a bucket: fetched for one conversation, and written back where nobody wrote meanwhile.

A bucket has no transaction. Each file is put back under the condition that it is still the one that was read, after
all have been looked at; a repetition finds what is left.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Final

from services.fulfil.connectors.folder.place import Held, is_table, not_too_many, only_one, plain_names
from services.fulfil.connectors.protocol import ConnectorError, Health, SystemDown, SystemRefuses
from services.fulfil.connectors.s3.client import Bucket, Entry

MIRROR_BYTES_MAX: Final = 1024 * 1024 * 1024
REMOVE: Final = "remove"
KEEP: Final = "keep"
VERSIONS: Final = frozenset({REMOVE, KEEP})


class BucketPlace:
    """The files below a bucket's prefix."""

    def __init__(self, bucket: Bucket, versions: str | None) -> None:
        self._bucket = bucket
        self._versions = versions

    def check(self) -> Health:
        """List, and say whether the bucket keeps old versions."""
        try:
            self._bucket.reach()
            versioned = self._bucket.versioned()
        except ConnectorError as fault:
            return Health(reachable=False, said=str(fault))
        if not versioned:
            return Health(reachable=True, said="the bucket is there")
        said = "" if self._versions else "; files cannot be changed before the map says `connector.versions`"
        return Health(reachable=True, said=f"the bucket is there and keeps old versions{said}")

    def may_change(self) -> None:
        """Refuse where nothing says what becomes of old versions."""
        if not self._versions and self._bucket.versioned():
            # An old version still holds the person: an erasure that leaves it there is none (Art. 17(1)).
            raise SystemRefuses(
                f"{self._bucket.system}: the bucket keeps old versions of every file. Say `connector: {{versions: "
                "remove}` to delete those of a file that is changed, or `versions: keep` where they expire by a rule."
            )

    def names(self) -> list[str]:
        """Return every name that could be a table's."""
        files, folders = self._bucket.folders()
        with_files = [name for name in folders if next(self._files_below(name), None) is not None]
        return sorted({name.split(".")[0] for name in files if is_table(name)} | set(with_files))

    def _files_below(self, folder: str) -> Iterator[Entry]:
        listed = self._bucket.listed(f"{self._bucket.prefix}{folder}/")
        return (entry for entry in listed if is_table(entry.key.rpartition("/")[2]))

    @contextmanager
    def shelf(self, *, write: bool) -> Iterator[BucketShelf]:
        """Open a conversation; what it fetches is gone with it."""
        del write
        with tempfile.TemporaryDirectory(prefix="habeas-s3-") as mirror:
            yield BucketShelf(self._bucket, Path(mirror), self._versions)


class BucketShelf:
    """The files of a bucket as one conversation sees them."""

    def __init__(self, bucket: Bucket, mirror: Path, versions: str | None) -> None:
        self._bucket = bucket
        self._mirror = mirror
        self._versions = versions
        self._tables: dict[str, tuple[Held, ...]] = {}
        self._entries: dict[Path, Entry] = {}
        self._fetched: dict[Path, int] = {}

    def files(self, table: str) -> tuple[Held, ...]:
        """Return the files that make up a table, as they were when first asked for."""
        if table not in self._tables:
            self._tables[table] = tuple(self._looked_up(table))
        return self._tables[table]

    def read(self, held: Held) -> Path:
        """Fetch a file, or return what was fetched before."""
        if held.at not in self._fetched:
            held.at.parent.mkdir(exist_ok=True)
            self._bucket.fetch(self._entries[held.at], held.at)
            self._fetched[held.at] = held.at.stat().st_size
            self._make_room(held.at)
        return held.at

    def beside(self, held: Held) -> Path:
        """Return the folder in which a file's successor is written."""
        return held.at.parent

    def swap(self, ready: Sequence[tuple[Path, Held]]) -> None:
        """Put the files back, each under the condition that nobody wrote it since it was read."""
        if not ready:
            return
        versioned = self._bucket.versioned()
        for _, held in ready:
            self._bucket.head(self._entries[held.at])
        for done, (new, held) in enumerate(ready):
            entry = self._entries[held.at]
            try:
                with new.open("rb") as body:
                    write = partial(self._bucket.put, entry, body)
                    if versioned and self._versions == REMOVE:
                        self._bucket.for_good(entry, write)
                    else:
                        write()
            except ConnectorError as fault:
                if not done:
                    raise
                raise SystemDown(f"{fault} {done} of {len(ready)} files are changed already; run it again.") from None

    def _looked_up(self, table: str) -> Iterator[Held]:
        prefix = self._bucket.prefix
        plain = {f"{prefix}{name}" for name in (*plain_names(table), *([table] if is_table(table) else ()))}
        stem = table if is_table(table) else f"{table}."
        found = [entry for entry in self._bucket.listed(f"{prefix}{stem}") if entry.key in plain]
        inner = f"{prefix}{table}/"
        below = [e for e in self._bucket.listed(inner) if is_table(e.key.rpartition("/")[2])]
        names = [entry.key.removeprefix(prefix) for entry in found] + ([f"{table}/"] if below else [])
        place = f"{self._bucket.system}.{table}"
        only_one(place, names)
        not_too_many(place, len(below))
        for entry in found:
            yield self._held(entry, entry.key.rpartition("/")[2])
        for entry in sorted(below, key=lambda each: each.key):
            yield self._held(entry, entry.key.removeprefix(inner))

    def _held(self, entry: Entry, name: str) -> Held:
        # The last part of the name is kept, for faults that name a file; folders of the key are not made here.
        at = self._mirror / str(len(self._entries)) / entry.key.rpartition("/")[2][-100:]
        self._entries[at] = entry
        return Held(name, at, (entry.etag, entry.size))

    def _make_room(self, but: Path) -> None:
        """Let go of what was fetched first: whatever the bucket holds, the disk here is bounded."""
        while sum(self._fetched.values()) > MIRROR_BYTES_MAX and len(self._fetched) > 1:
            oldest = next(path for path in self._fetched if path != but)
            del self._fetched[oldest]
            oldest.unlink(missing_ok=True)
