"""The connector to files, wherever they lie: each file, or each folder of files, is a table.

Nothing is indexed, so a question reads the table's files once; what it costs grows with the files, and its memory does
not. A change is kept in the session until `commit`, which writes every changed file beside the old one and then
swaps them: a file is the old one or the new one, whatever dies.
"""

from __future__ import annotations

import gzip
import itertools
import os
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Any, Final, cast
from urllib.parse import unquote, urlsplit

from services.fulfil.connectors.folder.formats import PACKED, Csv, Fields, Format, JsonDocument, JsonLines
from services.fulfil.connectors.folder.place import COLUMNS, LINES, TEXTS, Folder, Held, Place, Shelf, ending
from services.fulfil.connectors.matching import answers, held
from services.fulfil.connectors.protocol import (
    Abilities,
    Change,
    Counted,
    Find,
    Health,
    Hit,
    References,
    SystemDown,
    SystemRefuses,
)
from services.fulfil.core.catalog import Catalog, Column, Kind, LiveTable
from services.fulfil.core.maps.model import DataMap
from services.fulfil.core.values import same

FILE: Final = "_file"
RECORD: Final = "_record"
ADDRESS: Final = (FILE, RECORD)
KINDS: Final[Mapping[type, Kind]] = {
    str: Kind.TEXT,
    bool: Kind.BOOLEAN,
    int: Kind.INTEGER,
    float: Kind.NUMBER,
    dict: Kind.JSON,
    list: Kind.JSON,
}
Key = tuple[Any, ...]


class FilesConnector:
    """A place with files."""

    def __init__(self, system: str, place: Place, data_map: DataMap, *, transactional: bool = True) -> None:
        self._system = system
        self._place = place
        self._keys = {table.name: table.key for table in data_map.tables}
        self._mapped = {table.name: tuple(f.name for f in table.fields) for table in data_map.tables}
        self._settings = data_map.settings
        self._transactional = transactional
        self._described: dict[str, tuple[tuple[tuple[Any, ...], ...], LiveTable]] = {}

    @property
    def system(self) -> str:
        """The name by which data maps know the place."""
        return self._system

    @property
    def abilities(self) -> Abilities:
        """Everything; what is not committed did not happen."""
        return Abilities(transactional=self._transactional)

    def check(self) -> Health:
        """Look whether the place is there and may be used."""
        return self._place.check()

    def catalog(self, tables: Sequence[str]) -> Catalog:
        """Describe the tables by what stands in their files; what has not changed is not read again."""
        with self._place.shelf(write=False) as shelf:
            found = {name: self._live(name, shelf, files) for name in tables if (files := shelf.files(name))}
        return Catalog(found)

    def names(self) -> list[str]:
        """Return every name that could be a table's, for drafting and for checking a map."""
        return self._place.names()

    @contextmanager
    def session(self, *, write: bool) -> Iterator[FilesSession]:
        """Open a conversation."""
        with self._place.shelf(write=write) as shelf:
            yield FilesSession(self, shelf)

    def format_of(self, held_file: Held) -> Format:
        """Return how a file is read."""
        known = ending(held_file.name)
        if known in TEXTS:
            return Csv(self._settings)
        if known in COLUMNS:
            from services.fulfil.connectors.folder.parquet import Parquet  # an optional extra

            return Parquet()
        return JsonLines() if known in LINES else JsonDocument()

    @contextmanager
    def named(self, held_file: Held) -> Iterator[None]:
        """Say which file cannot be read."""
        try:
            yield
        except (OSError, EOFError) as fault:
            said = getattr(fault, "strerror", None) or "it is cut short or damaged"
            raise SystemRefuses(f"{self._system}: {held_file.name} cannot be read: {said}.") from None

    def _live(self, table: str, shelf: Shelf, files: tuple[Held, ...]) -> LiveTable:
        states = tuple((one.name, *one.state) for one in files)
        known = self._described.get(table)
        if known is None or known[0] != states:
            known = self._described[table] = states, self._described_anew(table, shelf, files)
        return known[1]

    def _described_anew(self, table: str, shelf: Shelf, files: tuple[Held, ...]) -> LiveTable:
        types: dict[str, set[type]] = {}
        for one in files:
            with self.named(one):
                for name, seen in self.format_of(one).fields(shelf.read(one)).items():
                    types.setdefault(name, set()).update(seen)
        if not types:
            # Nothing stands in it yet, so nothing can be said against what the map expects.
            types = {name: {str} for name in self._mapped.get(table, ())}
        columns = {name: Column(name, _kind(seen), "", nullable=True) for name, seen in types.items()}
        key = self._keys.get(table) or ()
        has_key = bool(key) and all(name in columns for name in key)
        return LiveTable(table, columns, key if has_key else ADDRESS, has_key)


class FilesSession:
    """One conversation with the files; changes are remembered until `commit`."""

    def __init__(self, connector: FilesConnector, shelf: Shelf) -> None:
        self._connector = connector
        self._shelf = shelf
        self._changes: dict[str, dict[tuple[str, ...], dict[Key, Fields | None]]] = {}

    def find(self, query: Find) -> Iterator[Hit]:
        """Read the table once, as this session has changed it."""
        yield from answers(query, self._rows(query.table))

    def sample(self, table: str, fields: tuple[str, ...], rows_max: int) -> list[tuple[Any, ...]]:
        """Return the first rows, for drafting a map."""
        return [tuple(row.get(name) for name in fields) for row in itertools.islice(self._rows(table), rows_max)]

    def references(self, query: References) -> Iterator[Counted]:
        """Read each pointing table once and count."""
        asked = {tuple(same(part) for part in key) for key in query.keys}
        for n, pointer in enumerate(query.pointers):
            counts: Counter[Key] = Counter()
            for row in self._rows(pointer.table):
                counts.update(set(held(row, pointer.paths)) & asked)
            yield from (Counted(n, key, rows) for key, rows in counts.items())

    def change(self, change: Change) -> int:
        """Remember the change, and count the rows that it reaches; two rows with one key are refused."""
        wanted: dict[Key, Fields | None] = {}
        for key, values in change.rows:
            per_row = dict(zip(change.per_row, values, strict=True))
            wanted[tuple(same(part) for part in key)] = None if change.delete else {**change.constants, **per_row}
        reached: Counter[Key] = Counter()
        paths = tuple((name,) for name in change.key)
        for row in self._rows(change.table):
            reached.update(key for key in held(row, paths) if key in wanted)
        if any(count > 1 for count in reached.values()):
            raise SystemRefuses(
                f"{self._connector.system}.{change.table}: several records have one key ({', '.join(change.key)}). "
                "Leave `key` out of the map, so that records are told apart by their place."
            )
        pending = self._changes.setdefault(change.table, {}).setdefault(change.key, {})
        for key, fields in wanted.items():
            before = pending.get(key, {})
            pending[key] = None if fields is None or before is None else {**before, **fields}
        return len(reached)

    def commit(self) -> None:
        """Write every changed file beside the old one, then swap them."""
        with ExitStack() as stack:
            ready: list[tuple[Path, Held]] = []
            for table in self._changes:
                for one in self._shelf.files(table):
                    new = self._written(stack, table, one)
                    if new is not None:
                        ready.append((new, one))
            self._shelf.swap(ready)
        self._changes.clear()

    def _written(self, stack: ExitStack, table: str, one: Held) -> Path | None:
        touched = 0

        def decide(number: int, fields: Fields) -> Fields | None:
            nonlocal touched
            row = self._changed(table, {**fields, FILE: one.name, RECORD: number})
            if row is None:
                touched += 1
                return None
            new = {name: value for name, value in row.items() if name not in ADDRESS}
            if new == fields:
                return fields
            touched += 1
            return new

        try:
            old, beside = self._shelf.read(one), self._shelf.beside(one)
            with tempfile.NamedTemporaryFile(dir=beside, prefix=".habeas-", delete=False) as file:
                stack.callback(_drop, Path(file.name))
                with _packing(old, cast("IO[bytes]", file)) as target:
                    self._connector.format_of(one).rewrite(old, target, decide)
                file.flush()
                os.fsync(file.fileno())
        except OSError as fault:
            said = f"{self._connector.system}: {one.name} cannot be written: {fault.strerror}."
            raise SystemDown(f"{said} Nothing was changed.") from None
        return Path(file.name) if touched else None

    def _rows(self, table: str) -> Iterator[dict[str, Any]]:
        files = self._shelf.files(table)
        if not files:
            raise SystemRefuses(f"{self._connector.system}.{table}: there is no such file. Mend the map.")
        for one in files:
            with self._connector.named(one):
                for record in self._connector.format_of(one).records(self._shelf.read(one)):
                    row = {**record.fields, FILE: one.name, RECORD: record.number}
                    changed = self._changed(table, row) if self._changes else row
                    if changed is not None:
                        yield changed

    def _changed(self, table: str, row: dict[str, Any]) -> dict[str, Any] | None:
        """Return a row as this session has changed it; None where it was deleted."""
        for names, wanted in self._changes.get(table, {}).items():
            key = tuple(same(row.get(name)) for name in names)
            if key in wanted:
                new = wanted[key]
                if new is None:
                    return None
                row = {**row, **{name: value for name, value in new.items() if name in row or value is not None}}
        return row


def _kind(seen: set[type]) -> Kind:
    kinds = {KINDS.get(each, Kind.OTHER) for each in seen if each is not type(None)}
    if kinds == {Kind.INTEGER, Kind.NUMBER}:
        return Kind.NUMBER
    return kinds.pop() if len(kinds) == 1 else Kind.TEXT if Kind.TEXT in kinds or not kinds else Kind.OTHER


def _drop(path: Path) -> None:
    path.unlink(missing_ok=True)


@contextmanager
def _packing(path: Path, file: IO[bytes]) -> Iterator[IO[bytes]]:
    if path.suffix != PACKED:
        yield file
        return
    with gzip.GzipFile(filename="", fileobj=file, mode="wb") as packed:
        yield cast("IO[bytes]", packed)


def folder_connector(system: str, url: str, data_map: DataMap) -> FilesConnector:
    """Make the connector for `file:///path/to/folder`, or `file:path` from where habeas was started."""
    parts = urlsplit(url)
    if parts.netloc not in ("", "localhost") or not parts.path:
        raise SystemRefuses(f"{system}: write file:///path/to/folder, with three slashes.")
    return FilesConnector(system, Folder(system, Path(unquote(parts.path))), data_map)
