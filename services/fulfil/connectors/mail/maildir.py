"""The connector to a Maildir, with its subfolders as Maildir++ names them (`.Sent`).

A message can be read and deleted, never rewritten: half a letter would be a forgery. `map: erase: delete` says so.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from services.fulfil.connectors.mail.messages import BODY, TABLE, asks_for_messages, deletes_by_name, live_table, row_of
from services.fulfil.connectors.matching import answers
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
from services.fulfil.core.catalog import Catalog
from services.fulfil.core.maps.model import DataMap
from services.fulfil.core.values import same

INBOX: Final = "INBOX"
STATES: Final = ("new", "cur")
HEADER_BYTES_MAX: Final = 256 * 1024
MESSAGE_BYTES_MAX: Final = 64 * 1024 * 1024


class MaildirConnector:
    """One Maildir."""

    def __init__(self, system: str, root: Path) -> None:
        self._system = system
        self.root = root

    @property
    def system(self) -> str:
        """The name by which data maps know the mailbox."""
        return self._system

    @property
    def abilities(self) -> Abilities:
        """Reading and deleting; nothing points to a message by key."""
        return Abilities(changes=False, counts_references=False, transactional=True)

    def check(self) -> Health:
        """Look whether there is a Maildir that may be changed."""
        if not (self.root / "cur").is_dir():
            return Health(reachable=False, said="there is no Maildir, or it may not be entered")
        if not os.access(self.root / "cur", os.W_OK):
            return Health(reachable=False, said="the Maildir may not be changed; erasure would fail")
        return Health(reachable=True, said="the Maildir is there")

    def catalog(self, tables: Sequence[str]) -> Catalog:
        """Every Maildir has the one table `messages`."""
        if not (self.root / "cur").is_dir():
            raise SystemDown(f"{self._system}: there is no Maildir, or it may not be entered.")
        return Catalog({name: live_table(name) for name in tables if name == TABLE})

    def names(self) -> list[str]:
        """Return the names of all tables."""
        return [TABLE]

    @contextmanager
    def session(self, *, write: bool) -> Iterator[MaildirSession]:
        """Open a conversation; messages are deleted at its commit."""
        del write
        yield MaildirSession(self._system, self.root)


class MaildirSession:
    """One conversation with a Maildir."""

    def __init__(self, system: str, root: Path) -> None:
        self._system = system
        self._root = root
        self._deleted: set[tuple[Any, ...]] = set()

    def find(self, query: Find) -> Iterator[Hit]:
        """Read every message's head once, and its body only where it is asked for."""
        asks_for_messages(self._system, query)
        searched = {path[0] for match in query.matches for path in match.paths}
        yield from answers(query, self._rows({*query.fields, *searched}))

    def references(self, query: References) -> Iterator[Counted]:
        """Nothing is counted: messages have no keys that others point to."""
        del query
        yield from ()

    def change(self, change: Change) -> int:
        """Note the messages to delete."""
        deletes_by_name(self._system, change)
        wanted = {tuple(same(part) for part in key) for key, _ in change.rows}
        there = {key for key in self._there(change.key) if key in wanted}
        self._deleted |= there
        return len(there)

    def commit(self) -> None:
        """Delete the messages."""
        for folder, path in list(_messages(self._root)):
            if (folder, _name(path)) in self._deleted:
                path.unlink(missing_ok=True)
        self._deleted.clear()

    def _there(self, names: tuple[str, ...]) -> Iterator[tuple[Any, ...]]:
        for folder, path in _messages(self._root):
            pair = {"folder": folder, "id": _name(path)}
            yield tuple(pair[name] for name in names)

    def _rows(self, wanted: Collection[str]) -> Iterator[dict[str, Any]]:
        whole = bool(BODY & set(wanted))
        for folder, path in _messages(self._root):
            if (folder, _name(path)) in self._deleted:
                continue
            try:
                with path.open("rb") as file:
                    size = os.fstat(file.fileno()).st_size
                    raw = file.read(MESSAGE_BYTES_MAX if whole else HEADER_BYTES_MAX)
            except FileNotFoundError:
                continue  # a reader of the mailbox moved it from new to cur, or deleted it
            except OSError as fault:
                raise SystemDown(f"{self._system}: a message cannot be read: {fault.strerror}.") from None
            yield row_of(folder, _name(path), raw, wanted, size)


def _messages(root: Path) -> Iterator[tuple[str, Path]]:
    """Yield each message with its folder's name; a message that moves meanwhile from new to cur comes once."""
    folders = [(INBOX, root)]
    folders += sorted((p.name[1:], p) for p in root.iterdir() if p.name.startswith(".") and (p / "cur").is_dir())
    for name, folder in folders:
        seen: set[str] = set()
        for state in STATES:
            if not (folder / state).is_dir():
                continue
            for path in sorted((folder / state).iterdir()):
                if path.is_file() and not path.name.startswith(".") and _name(path) not in seen:
                    seen.add(_name(path))
                    yield name, path


def _name(path: Path) -> str:
    """A message's name without its flags, which change when it is read."""
    return path.name.partition(":2,")[0]


def maildir_connector(system: str, url: str, data_map: DataMap) -> MaildirConnector:
    """Make the connector for `maildir:///path`."""
    del data_map
    parts = urlsplit(url)
    if parts.netloc not in ("", "localhost") or not parts.path:
        raise SystemRefuses(f"{system}: write maildir:///path/to/maildir, with three slashes.")
    return MaildirConnector(system, Path(unquote(parts.path)))
