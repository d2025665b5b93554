"""Where files lie: what a connector to files asks of a place, and the plainest of them, a folder of this machine."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

from services.fulfil.connectors.folder.formats import PACKED
from services.fulfil.connectors.protocol import Health, SystemDown, SystemRefuses

TEXTS: Final = (".csv", ".tsv", ".txt")
LINES: Final = (".jsonl", ".ndjson")
DOCUMENTS: Final = (".json",)
COLUMNS: Final = (".parquet",)
ENDINGS: Final = (*TEXTS, *LINES, *DOCUMENTS, *COLUMNS)
FILES_MAX: Final = 100_000


@dataclass(frozen=True, slots=True)
class Held:
    """One file of a table: how rows name it, where its place has it, and what changes when the file does."""

    name: str
    at: Path
    state: tuple[Any, ...]


class Shelf(Protocol):
    """The files as one conversation sees them."""

    def files(self, table: str) -> tuple[Held, ...]:
        """Return the files that make up a table; none where it does not exist."""
        ...

    def read(self, held: Held) -> Path:
        """Return where a file can be read on this machine."""
        ...

    def beside(self, held: Held) -> Path:
        """Return the folder in which a file's successor is written."""
        ...

    def swap(self, ready: Sequence[tuple[Path, Held]]) -> None:
        """Put successors in place of files, unless another program changed one since it was read."""
        ...


class Place(Protocol):
    """A place that holds files."""

    def check(self) -> Health:
        """Look whether it is there and may be used."""
        ...

    def names(self) -> list[str]:
        """Return every name that could be a table's."""
        ...

    def shelf(self, *, write: bool) -> AbstractContextManager[Shelf]:
        """Open a conversation."""
        ...


def ending(name: str) -> str:
    """Return a file's ending, below that of its packing."""
    path = Path(name)
    return Path(path.stem).suffix.lower() if path.suffix == PACKED else path.suffix.lower()


def is_table(name: str) -> bool:
    """Whether a file of this name holds records."""
    return not name.startswith(".") and ending(name) in ENDINGS


def plain_names(table: str) -> list[str]:
    """Return the names that a table's one file can have."""
    return [f"{table}{known}{packed}" for known in ENDINGS for packed in ("", PACKED)]


def only_one(place: str, found: Sequence[str]) -> None:
    """Refuse where several files could be one table."""
    if len(found) > 1:
        raise SystemRefuses(f"{place}: several files could be this table: {', '.join(found)}. Keep one.")


def not_too_many(place: str, count: int) -> None:
    """Refuse a table of more files than can be looked after."""
    if count > FILES_MAX:
        raise SystemRefuses(f"{place}: more than {FILES_MAX} files; join them.")


class Folder:
    """A folder of this machine."""

    def __init__(self, system: str, root: Path) -> None:
        self._system = system
        self._root = root

    def check(self) -> Health:
        """Look whether the folder is there and may be written."""
        if not self._root.is_dir():
            return Health(reachable=False, said="there is no such folder, or it may not be entered")
        if not os.access(self._root, os.R_OK | os.W_OK | os.X_OK):
            return Health(reachable=False, said="the folder may not be written; erasure would fail")
        return Health(reachable=True, said="the folder is there")

    def names(self) -> list[str]:
        """Return every name that could be a table's, for drafting and for checking a map."""
        self._present()
        return sorted({_stem(path) for path in self._root.iterdir() if _is_table(path)})

    @contextmanager
    def shelf(self, *, write: bool) -> Iterator[FolderShelf]:
        """Open a conversation; one that writes has the folder to itself."""
        self._present()
        with ExitStack() as stack:
            if write:
                stack.enter_context(_locked(self._root, self._system))
            yield FolderShelf(self._system, self._root)

    def _present(self) -> None:
        if not self._root.is_dir():
            raise SystemDown(f"{self._system}: there is no such folder, or it may not be entered.")


class FolderShelf:
    """A folder as one conversation sees it."""

    def __init__(self, system: str, root: Path) -> None:
        self._system = system
        self._root = root
        self._seen: dict[Path, tuple[int, int, int]] = {}

    def files(self, table: str) -> tuple[Held, ...]:
        """Return the files that make up a table; none where it does not exist."""
        found = [path for name in plain_names(table) if (path := self._root / name).is_file()]
        inner = self._root / table
        if inner.resolve().parent == self._root.resolve():
            found += [inner] if inner.is_dir() or (inner.is_file() and _is_table(inner)) else []
        only_one(f"{self._system}.{table}", [path.name for path in found])
        if not found:
            return ()
        if found[0].is_file():
            return (self._held(found[0], found[0].name),)
        below = sorted(path for path in found[0].rglob("*") if path.is_file() and _is_table(path))
        not_too_many(f"{self._system}.{table}", len(below))
        return tuple(self._held(path, path.relative_to(found[0]).as_posix()) for path in below)

    def read(self, held: Held) -> Path:
        """Return the file itself."""
        return held.at

    def beside(self, held: Held) -> Path:
        """Return the file's own folder, so that a swap is one step."""
        return held.at.parent

    def swap(self, ready: Sequence[tuple[Path, Held]]) -> None:
        """Swap files, each in one step: whatever dies, a file is the old one or the new one."""
        for new, held in ready:
            if self._seen.get(held.at) != _state(held.at):
                said = f"{self._system}: {held.name} was changed by another program meanwhile."
                raise SystemDown(f"{said} Nothing was changed; try again.")
            shutil.copystat(held.at, new)
            with contextlib.suppress(PermissionError):
                os.chown(new, held.at.stat().st_uid, held.at.stat().st_gid)
        for new, held in ready:
            new.replace(held.at)
        for folder in {held.at.parent for _, held in ready}:
            _settle(folder)

    def _held(self, path: Path, name: str) -> Held:
        path = path.resolve()
        state = _state(path)
        self._seen.setdefault(path, state)
        return Held(name, path, state)


def _stem(path: Path) -> str:
    return path.name if path.is_dir() else path.name.split(".")[0]


def _is_table(path: Path) -> bool:
    return not path.name.startswith(".") and (path.is_dir() or is_table(path.name))


def _state(path: Path) -> tuple[int, int, int]:
    found = path.stat()
    return found.st_ino, found.st_size, found.st_mtime_ns


def _settle(folder: Path) -> None:
    """Make a swap of files last in the folder itself."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


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
