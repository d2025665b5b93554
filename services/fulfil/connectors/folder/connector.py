"""The connector to a folder of files: each file, or each folder of files in it, is a table.

Nothing is indexed, so a question reads the table's files once; what it costs grows with the files, and its memory does
not. A change is kept in the session until `commit`, which writes every changed file beside the old one and then
swaps them: a file is the old one or the new one, whatever dies.
"""

from __future__ import annotations

import contextlib
import fcntl
import gzip
import itertools
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Any, Final, cast
from urllib.parse import unquote, urlsplit

from services.fulfil.connectors.folder.formats import PACKED, Csv, Fields, Format, JsonDocument, JsonLines
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
TEXTS: Final = (".csv", ".tsv", ".txt")
LINES: Final = (".jsonl", ".ndjson")
DOCUMENTS: Final = (".json",)
COLUMNS: Final = (".parquet",)
ENDINGS: Final = (*TEXTS, *LINES, *DOCUMENTS, *COLUMNS)
FILES_MAX: Final = 100_000
KINDS: Final[Mapping[type, Kind]] = {
    str: Kind.TEXT,
    bool: Kind.BOOLEAN,
    int: Kind.INTEGER,
    float: Kind.NUMBER,
    dict: Kind.JSON,
    list: Kind.JSON,
}
Key = tuple[Any, ...]


class FolderConnector:
    """A folder of files."""

    def __init__(self, system: str, root: Path, data_map: DataMap) -> None:
        self._system = system
        self._root = root
        self._keys = {table.name: table.key for table in data_map.tables}
        self._mapped = {table.name: tuple(f.name for f in table.fields) for table in data_map.tables}
        self._settings = data_map.settings

    @property
    def system(self) -> str:
        """The name by which data maps know the folder."""
        return self._system

    @property
    def abilities(self) -> Abilities:
        """Everything; what is not committed did not happen."""
        return Abilities(transactional=True)

    def check(self) -> Health:
        """Look whether the folder is there and may be written."""
        if not self._root.is_dir():
            return Health(reachable=False, said="there is no such folder, or it may not be entered")
        if not os.access(self._root, os.R_OK | os.W_OK | os.X_OK):
            return Health(reachable=False, said="the folder may not be written; erasure would fail")
        return Health(reachable=True, said="the folder is there")

    def catalog(self, tables: Sequence[str]) -> Catalog:
        """Describe the tables by what stands in their files."""
        found = {name: self._live(name, files) for name in tables if (files := self.files(name))}
        return Catalog(found)

    def names(self) -> list[str]:
        """Return every name that could be a table's, for drafting and for checking a map."""
        self._present()
        return sorted({_stem(path) for path in self._root.iterdir() if _is_table(path)})

    @contextmanager
    def session(self, *, write: bool) -> Iterator[FolderSession]:
        """Open a conversation; one that writes has the folder to itself."""
        self._present()
        with ExitStack() as stack:
            if write:
                stack.enter_context(_locked(self._root, self._system))
            yield FolderSession(self)

    def files(self, table: str) -> tuple[Path, ...]:
        """Return the files that make up a table; none where it does not exist."""
        self._present()
        plain = [self._root / f"{table}{ending}{packed}" for ending in ENDINGS for packed in ("", PACKED)]
        found = [path for path in plain if path.is_file()]
        inner = self._root / table
        if inner.resolve().parent == self._root.resolve():
            found += [inner] if inner.is_dir() or (inner.is_file() and _is_table(inner)) else []
        if len(found) > 1:
            names = ", ".join(path.name for path in found)
            raise SystemRefuses(f"{self._system}.{table}: several files could be this table: {names}. Keep one.")
        if not found:
            return ()
        if found[0].is_file():
            return (found[0].resolve(),)
        below = sorted(p.resolve() for p in found[0].rglob("*") if p.is_file() and _is_table(p))
        if len(below) > FILES_MAX:
            raise SystemRefuses(f"{self._system}.{table}: more than {FILES_MAX} files; join them.")
        return tuple(below)

    def rows(self, table: str) -> Iterator[dict[str, Any]]:
        """Yield a table's rows, each with the address of its record."""
        files = self.files(table)
        if not files:
            raise SystemRefuses(f"{self._system}.{table}: there is no such file. Mend the map.")
        for path in files:
            with self._named(path):
                for record in self.format_of(path).records(path):
                    yield {**record.fields, FILE: path.name, RECORD: record.number}

    def format_of(self, path: Path) -> Format:
        """Return how a file is read."""
        ending = _ending(path)
        if ending in TEXTS:
            return Csv(self._settings)
        if ending in COLUMNS:
            from services.fulfil.connectors.folder.parquet import Parquet  # an optional extra

            return Parquet()
        return JsonLines() if ending in LINES else JsonDocument()

    def _live(self, table: str, files: tuple[Path, ...]) -> LiveTable:
        types: dict[str, set[type]] = {}
        for path in files:
            with self._named(path):
                for name, seen in self.format_of(path).fields(path).items():
                    types.setdefault(name, set()).update(seen)
        if not types:
            # Nothing stands in it yet, so nothing can be said against what the map expects.
            types = {name: {str} for name in self._mapped.get(table, ())}
        columns = {name: Column(name, _kind(seen), "", nullable=True) for name, seen in types.items()}
        key = self._keys.get(table) or ()
        has_key = bool(key) and all(name in columns for name in key)
        return LiveTable(table, columns, key if has_key else ADDRESS, has_key)

    @contextmanager
    def _named(self, path: Path) -> Iterator[None]:
        try:
            yield
        except (OSError, EOFError) as fault:
            said = getattr(fault, "strerror", None) or "it is cut short or damaged"
            raise SystemRefuses(f"{self._system}: {path.name} cannot be read: {said}.") from None

    def _present(self) -> None:
        if not self._root.is_dir():
            raise SystemDown(f"{self._system}: there is no such folder, or it may not be entered.")


class FolderSession:
    """One conversation with the files; changes are remembered until `commit`."""

    def __init__(self, connector: FolderConnector) -> None:
        self._connector = connector
        self._changes: dict[str, dict[tuple[str, ...], dict[Key, Fields | None]]] = {}
        self._seen: dict[Path, tuple[int, int, int]] = {}

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
            ready: list[tuple[Path, Path]] = []
            for table in self._changes:
                for path in self._connector.files(table):
                    new = self._written(stack, table, path)
                    if new is not None:
                        ready.append((new, path))
            for _, path in ready:
                if self._seen.get(path) != _state(path):
                    said = f"{self._connector.system}: {path.name} was changed by another program meanwhile."
                    raise SystemDown(f"{said} Nothing was changed; try again.")
            for new, path in ready:
                new.replace(path)
            for folder in {path.parent for _, path in ready}:
                _settle(folder)
        self._changes.clear()

    def _written(self, stack: ExitStack, table: str, path: Path) -> Path | None:
        touched = 0

        def decide(number: int, fields: Fields) -> Fields | None:
            nonlocal touched
            row = self._changed(table, {**fields, FILE: path.name, RECORD: number})
            if row is None:
                touched += 1
                return None
            new = {name: value for name, value in row.items() if name not in ADDRESS}
            if new == fields:
                return fields
            touched += 1
            return new

        try:
            with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".habeas-", delete=False) as file:
                stack.callback(_drop, Path(file.name))
                with _packing(path, cast("IO[bytes]", file)) as target:
                    self._connector.format_of(path).rewrite(path, target, decide)
                file.flush()
                os.fsync(file.fileno())
            shutil.copystat(path, file.name)
            with contextlib.suppress(PermissionError):
                os.chown(file.name, path.stat().st_uid, path.stat().st_gid)
        except OSError as fault:
            said = f"{self._connector.system}: {path.name} cannot be written: {fault.strerror}."
            raise SystemDown(f"{said} Nothing was changed.") from None
        return Path(file.name) if touched else None

    def _rows(self, table: str) -> Iterator[dict[str, Any]]:
        for path in self._connector.files(table):
            self._seen.setdefault(path, _state(path))
        for row in self._connector.rows(table):
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


def _ending(path: Path) -> str:
    return Path(path.stem).suffix.lower() if path.suffix == PACKED else path.suffix.lower()


def _stem(path: Path) -> str:
    return path.name if path.is_dir() else path.name.split(".")[0]


def _is_table(path: Path) -> bool:
    return not path.name.startswith(".") and (path.is_dir() or _ending(path) in ENDINGS)


def _state(path: Path) -> tuple[int, int, int]:
    found = path.stat()
    return found.st_ino, found.st_size, found.st_mtime_ns


def _drop(path: Path) -> None:
    path.unlink(missing_ok=True)


def _settle(folder: Path) -> None:
    """Make a swap of files last in the folder itself."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _packing(path: Path, file: IO[bytes]) -> Iterator[IO[bytes]]:
    if path.suffix != PACKED:
        yield file
        return
    with gzip.GzipFile(filename="", fileobj=file, mode="wb") as packed:
        yield cast("IO[bytes]", packed)


@contextmanager
def _locked(root: Path, system: str) -> Iterator[None]:
    """Keep other sessions of habeas from writing here; the lock dies with the process."""
    handle = os.open(root, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise SystemDown(f"{system}: another request is changing this folder; try again.") from None
        yield
    finally:
        os.close(handle)


def folder_connector(system: str, url: str, data_map: DataMap) -> FolderConnector:
    """Make the connector for `file:///path/to/folder`, or `file:path` from where habeas was started."""
    parts = urlsplit(url)
    if parts.netloc not in ("", "localhost") or not parts.path:
        raise SystemRefuses(f"{system}: write file:///path/to/folder, with three slashes.")
    return FolderConnector(system, Path(unquote(parts.path)), data_map)
