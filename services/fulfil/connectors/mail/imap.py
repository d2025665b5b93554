"""The connector to a mailbox on an IMAP server (RFC 3501), over TLS unless the server is this machine.

The server searches first; it compares loosely, so every message that it names is compared again here, exactly. A
message can be read and deleted, never rewritten. Deleting needs UIDPLUS (RFC 4315): without it, EXPUNGE would take
messages along that somebody else had marked.
"""

from __future__ import annotations

import contextlib
import imaplib
import re
import ssl
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from services.fulfil.connectors.mail.messages import (
    ADDRESSES,
    BODY,
    KEY,
    TABLE,
    WORDS,
    asks_for_messages,
    deletes_by_name,
    live_table,
    row_of,
)
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

SECONDS_MAX: Final = 60
FETCHED: Final = 50
VALUES_A_SEARCH: Final = 20
HERE: Final = frozenset({"localhost", "127.0.0.1", "::1"})
SAFE: Final = re.compile(r"[\x20-\x7e]+\Z")
_LISTED: Final = re.compile(rb'\((?P<flags>[^)]*)\) (?:"(?:[^"\\]|\\.)*"|NIL) (?P<name>.+)\Z')
_UID: Final = re.compile(rb"UID (\d+)")
_SIZE: Final = re.compile(rb"RFC822\.SIZE (\d+)")

Deleted = dict[str, set[str]]


class ImapConnector:
    """One mailbox, with all its folders or the one that the URL names."""

    def __init__(self, system: str, url: str) -> None:
        parts = urlsplit(url)
        if not parts.hostname or not parts.username:
            raise SystemRefuses(f"{system}: write imaps://user:password@host/ or imaps://user:password@host/FOLDER.")
        self._system = system
        self._secure = parts.scheme == "imaps"
        self._host, self._port = parts.hostname, parts.port or (993 if self._secure else 143)
        self._user, self._password = unquote(parts.username), unquote(parts.password or "")
        self._folder = unquote(parts.path.strip("/"))

    @property
    def system(self) -> str:
        """The name by which data maps know the mailbox."""
        return self._system

    @property
    def abilities(self) -> Abilities:
        """Reading and deleting; messages are marked at the commit and then removed together."""
        return Abilities(changes=False, counts_references=False)

    def check(self) -> Health:
        """Log in, and look whether single messages may be removed."""
        try:
            with self._connected() as server:
                if "UIDPLUS" not in server.capabilities:
                    return Health(reachable=False, said="the server lacks UIDPLUS; single messages cannot be removed")
        except (SystemDown, SystemRefuses) as fault:
            return Health(reachable=False, said=str(fault))
        return Health(reachable=True, said="logged in")

    def catalog(self, tables: Sequence[str]) -> Catalog:
        """Every mailbox has the one table `messages`."""
        return Catalog({name: live_table(name) for name in tables if name == TABLE})

    def names(self) -> list[str]:
        """Return the names of all tables."""
        return [TABLE]

    @contextmanager
    def session(self, *, write: bool) -> Iterator[ImapSession]:
        """Log in for one conversation; a reading one opens folders so that nothing is marked as read."""
        with self._connected() as server, _named(self._system):
            yield ImapSession(self._system, server, [self._folder] if self._folder else _folders(server), write=write)

    @contextmanager
    def _connected(self) -> Iterator[imaplib.IMAP4]:
        with _named(self._system):
            if self._secure:
                context = ssl.create_default_context()
                server: imaplib.IMAP4 = imaplib.IMAP4_SSL(
                    self._host, self._port, ssl_context=context, timeout=SECONDS_MAX
                )
            else:
                server = imaplib.IMAP4(self._host, self._port, timeout=SECONDS_MAX)
        try:
            with _named(self._system):
                if not self._secure and self._host not in HERE:
                    server.starttls(ssl.create_default_context())
                try:
                    server.login(self._user, self._password)
                except imaplib.IMAP4.abort:
                    raise
                except imaplib.IMAP4.error:
                    raise SystemRefuses(
                        f"{self._system}: the server refuses the login; mend user or password."
                    ) from None
            yield server
        finally:
            with contextlib.suppress(imaplib.IMAP4.error, OSError):
                server.logout()
            with contextlib.suppress(OSError):
                server.shutdown()  # logout leaves the socket open where the server hung up first


class ImapSession:
    """One conversation."""

    def __init__(self, system: str, server: imaplib.IMAP4, folders: list[str], *, write: bool) -> None:
        self._system = system
        self._server = server
        self._folders = folders
        self._write = write
        self._deleted: Deleted = {}

    def find(self, query: Find) -> Iterator[Hit]:
        """Ask each folder for candidates, and look at them."""
        asks_for_messages(self._system, query)
        yield from answers(query, self._candidates(query))

    def references(self, query: References) -> Iterator[Counted]:
        """Nothing is counted: messages have no keys that others point to."""
        del query
        yield from ()

    def change(self, change: Change) -> int:
        """Note the messages to delete, and count those that are there."""
        deletes_by_name(self._system, change)
        wanted: Deleted = {}
        for key, _ in change.rows:
            named = dict(zip(change.key, key, strict=True))
            wanted.setdefault(str(named["folder"]), set()).add(str(named["id"]))
        reached = 0
        for folder, names in wanted.items():
            there = names & self._all(folder) if folder in self._folders else set()
            reached += len(there)
            self._deleted.setdefault(folder, set()).update(there)
        return reached

    def commit(self) -> None:
        """Mark and remove the messages, folder by folder; what is gone already stays gone."""
        if "UIDPLUS" not in self._server.capabilities:
            raise SystemRefuses(f"{self._system}: the server cannot remove single messages (it lacks UIDPLUS).")
        for folder, names in self._deleted.items():
            validity = self._open(folder)
            uids = [name.partition(".")[2] for name in sorted(names) if name.startswith(f"{validity}.")]
            if len(uids) != len(names):
                raise SystemDown(f"{self._system}: a folder was made anew meanwhile; try again.")
            for start in range(0, len(uids), FETCHED):
                some = ",".join(uids[start : start + FETCHED])
                self._asked("STORE", some, "+FLAGS.SILENT", r"(\Deleted)")
                self._asked("EXPUNGE", some)
        self._deleted.clear()

    def _all(self, folder: str) -> set[str]:
        validity = self._open(folder)
        return {f"{validity}.{uid.decode()}" for uid in self._search("ALL")}

    def _candidates(self, query: Find) -> Iterator[dict[str, Any]]:
        searched = {path[0] for match in query.matches for path in match.paths}
        wanted = {*query.fields, *searched}
        for folder in self._folders:
            validity = self._open(folder)
            found: dict[bytes, None] = {}
            for question in _questions(query, folder, validity):
                found |= dict.fromkeys(self._search(*question))
            gone = self._deleted.get(folder, set())
            uids = [uid for uid in found if f"{validity}.{uid.decode()}" not in gone]
            for start in range(0, len(uids), FETCHED):
                yield from self._fetched(folder, validity, uids[start : start + FETCHED], wanted)

    def _fetched(
        self, folder: str, validity: str, uids: Sequence[bytes], wanted: Collection[str]
    ) -> Iterator[dict[str, Any]]:
        part = "BODY.PEEK[]" if BODY & set(wanted) else "BODY.PEEK[HEADER]"
        answer = self._asked("FETCH", b",".join(uids).decode(), f"(UID RFC822.SIZE {part})")
        for entry in answer:
            if not isinstance(entry, tuple):
                continue
            uid, size = _UID.search(entry[0]), _SIZE.search(entry[0])
            if uid:
                name = f"{validity}.{uid.group(1).decode()}"
                yield row_of(folder, name, entry[1], wanted, int(size.group(1)) if size else len(entry[1]))

    def _open(self, folder: str) -> str:
        """Select a folder and return what makes its numbers valid."""
        status, _ = self._server.select(_quoted(folder), readonly=not self._write)
        if status != "OK":
            raise SystemRefuses(f"{self._system}: there is no such folder, or it may not be opened.")
        _, said = self._server.response("UIDVALIDITY")
        return str(int(said[0] or b"0")) if said and said[0] else "0"

    def _search(self, *question: str) -> list[bytes]:
        answer = self._asked("SEARCH", *question)
        return b" ".join(each for each in answer if isinstance(each, bytes)).split()

    def _asked(self, verb: str, *words: str) -> list[Any]:
        status, answer = self._server.uid(verb, *words)
        if status != "OK":
            raise SystemRefuses(f"{self._system}: the server refuses {verb}.")
        return [each for each in answer if each is not None]


def _questions(query: Find, folder: str, validity: str) -> Iterator[tuple[str, ...]]:
    """Yield searches that together name at least every message that matches."""
    for match in query.matches:
        path = match.paths[0][0]
        values = [str(key[0]) for key in match.values]
        if not values:
            continue
        header = ADDRESSES.get(path) or WORDS.get(path)
        if match.paths == tuple((part,) for part in KEY):
            own = [str(key[1]).partition(".") for key in match.values if str(key[0]) == folder]
            uids = [number for before, _, number in own if before == validity and number.isdigit()]
            for start in range(0, len(uids), FETCHED):
                yield ("UID", ",".join(uids[start : start + FETCHED]))
        elif header is None or not all(SAFE.match(value) for value in values):
            yield ("ALL",)
        else:
            for start in range(0, len(values), VALUES_A_SEARCH):
                some = [f"HEADER {header} {_quoted(value)}" for value in values[start : start + VALUES_A_SEARCH]]
                yield ("OR " * (len(some) - 1) + " ".join(some),)


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _folders(server: imaplib.IMAP4) -> list[str]:
    """Return the folders that can hold messages."""
    _, listed = server.list()
    found = []
    for entry in listed:
        line = b" ".join(entry) if isinstance(entry, tuple) else entry or b""
        matched = _LISTED.match(line)
        if matched and b"\\noselect" not in matched["flags"].lower():
            name = matched["name"].strip().decode("ascii", "replace")
            found.append(name[1:-1].replace('\\"', '"').replace("\\\\", "\\") if name.startswith('"') else name)
    return found


@contextmanager
def _named(system: str) -> Iterator[None]:
    """Turn what the line and the library raise into our own words; a server's answer may name somebody."""
    try:
        yield
    except ssl.SSLCertVerificationError as fault:
        raise SystemRefuses(f"{system}: the server's certificate is not trusted ({fault.verify_message}).") from None
    except (imaplib.IMAP4.abort, OSError) as fault:
        raise SystemDown(f"{system}: the mail server does not answer ({type(fault).__name__}).") from None
    except imaplib.IMAP4.error as fault:
        raise SystemRefuses(f"{system}: the mail server refuses ({type(fault).__name__}).") from None


def imap_connector(system: str, url: str, data_map: DataMap) -> ImapConnector:
    """Make the connector for `imaps://user:password@host/FOLDER`."""
    del data_map
    return ImapConnector(system, url)
