"""The connector to storage that speaks S3: files of records as in a folder, and objects that are rows themselves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from services.fulfil.connectors.folder.connector import FilesConnector, FilesSession
from services.fulfil.connectors.protocol import (
    Abilities,
    Change,
    Counted,
    Find,
    Health,
    Hit,
    References,
    SystemRefuses,
)
from services.fulfil.connectors.s3.client import Bucket, address_of
from services.fulfil.connectors.s3.drafting import documents_of, guessed
from services.fulfil.connectors.s3.files import VERSIONS, BucketPlace
from services.fulfil.connectors.s3.objects import ObjectSession, live_of
from services.fulfil.connectors.s3.pattern import Pattern, patterns_of
from services.fulfil.core.catalog import Catalog
from services.fulfil.core.maps.model import DataMap, Field, Table


class S3Connector:
    """One bucket, or what lies below a prefix of it."""

    def __init__(self, bucket: Bucket, patterns: dict[str, Pattern], versions: str | None, data_map: DataMap) -> None:
        self._bucket = bucket
        self._patterns = patterns
        self._tables = {table.name: table for table in data_map.tables}
        self._place = BucketPlace(bucket, versions)
        self._files = FilesConnector(bucket.system, self._place, data_map)

    @property
    def system(self) -> str:
        """The name by which data maps know the bucket."""
        return self._bucket.system

    @property
    def abilities(self) -> Abilities:
        """Everything, but not all at once: objects are changed one by one at the commit."""
        return Abilities(transactional=False)

    def check(self) -> Health:
        """List the bucket's first object and look at nothing in it."""
        return self._place.check()

    def catalog(self, tables: Sequence[str]) -> Catalog:
        """Describe files by what stands in them, and objects by what the map says of their keys."""
        files = self._files.catalog([name for name in tables if name not in self._patterns])
        objects = {n: live_of(self._patterns[n], self._tables.get(n)) for n in tables if n in self._patterns}
        return Catalog({**files.tables, **objects})

    def names(self) -> list[str]:
        """Return the names of all tables."""
        return sorted({*self._files.names(), *self._patterns} - self._covered())

    def suggested(self) -> Mapping[str, Any]:
        """Guess how objects are named, for a map that is drafted; from then on they are tables here too."""
        objects = guessed(self._bucket)
        self._patterns |= patterns_of(self.system, {"objects": objects})
        for name, pattern in self._patterns.items():
            if pattern.content == "json" and name not in self._tables:
                listed = list(self._bucket.listed(f"{self._bucket.prefix}{pattern.parts[0]}"))
                seen = dict.fromkeys(key for document in documents_of(self._bucket, listed) for key in document)
                self._tables[name] = Table(name, fields=tuple(map(Field, seen)))
        return {"objects": objects} if objects else {}

    def _covered(self) -> set[str]:
        """Return the folders that hold objects of a table under another name."""
        folders = {pattern.parts[0].partition("/")[0] for pattern in self._patterns.values()}
        return folders - set(self._patterns)

    @contextmanager
    def session(self, *, write: bool) -> Iterator[S3Session]:
        """Open a conversation."""
        with self._files.session(write=write) as files:
            yield S3Session(files, ObjectSession(self._bucket, self._patterns), self._patterns, self._place)

    def close(self) -> None:
        """Let go of the connections."""
        self._bucket.close()


class S3Session:
    """One conversation with a bucket."""

    def __init__(
        self, files: FilesSession, objects: ObjectSession, patterns: dict[str, Pattern], place: BucketPlace
    ) -> None:
        self._files = files
        self._objects = objects
        self._patterns = patterns
        self._place = place

    def find(self, query: Find) -> Iterator[Hit]:
        """Find rows of files, or objects."""
        yield from self._of(query.table).find(query)

    def sample(self, table: str, fields: tuple[str, ...], rows_max: int) -> list[tuple[Any, ...]]:
        """Return the first rows, for drafting a map."""
        return self._of(table).sample(table, fields, rows_max)

    def references(self, query: References) -> Iterator[Counted]:
        """Count what points to the keys, pointer by pointer."""
        for n, pointer in enumerate(query.pointers):
            for counted in self._of(pointer.table).references(References((pointer,), query.keys)):
                yield Counted(n, counted.key, counted.rows)

    def change(self, change: Change) -> int:
        """Remember the change."""
        if change.table not in self._patterns:
            self._place.may_change()
        return self._of(change.table).change(change)

    def commit(self) -> None:
        """Make the changes last, those of files first."""
        self._files.commit()
        self._objects.commit()

    def _of(self, table: str) -> FilesSession | ObjectSession:
        return self._objects if table in self._patterns else self._files


def s3_connector(system: str, url: str, data_map: DataMap) -> S3Connector:
    """Make the connector for `s3://bucket/prefix` or `s3+https://KEY:SECRET@host/bucket/prefix`."""
    settings = data_map.settings
    versions = settings.get("versions")
    if versions is not None and versions not in VERSIONS:
        raise SystemRefuses(f"{system}: `connector.versions` is `remove` or `keep`.")
    bucket = Bucket(system, address_of(system, url), conditional=settings.get("conditional") is not False)
    return S3Connector(bucket, patterns_of(system, settings), versions, data_map)
