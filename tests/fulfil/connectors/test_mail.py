"""Mailboxes: a Maildir on disk and a mailbox on a real IMAP server keep one contract."""

from __future__ import annotations

import imaplib
import itertools
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import pytest

from scripts.imap_server import PASSWORD, USER, ImapServer
from services.fulfil.connectors.mail.imap import imap_connector
from services.fulfil.connectors.mail.maildir import maildir_connector
from services.fulfil.connectors.protocol import Change, Connector, Find, Match, SystemDown, SystemRefuses
from services.fulfil.core.maps.model import DataMap

MAP = DataMap("mail", ())
NUMBERS = itertools.count(1)
KEY = ("folder", "id")
BROKEN = b"From: =?utf-8?b?broken\r\nTo\r\nDate: yesterday\r\nSubject: \xff\xfe\r\n\r\n\x00\xff"


def mail(sender: str, to: str, subject: str, text: str) -> bytes:
    return f"From: {sender}\r\nTo: {to}\r\nSubject: {subject}\r\n\r\n{text}\r\n".encode()


SHOP = "shop@habeas.test"
MAILS = (
    ("INBOX", mail("Ann <ann@example.org>", SHOP, "=?utf-8?q?H=C3=A9llo?=", "Hi.")),
    ("Sent", mail(SHOP, '"Lee, Ann" <ANN@example.org>, bob@example.org', "Re", "Hi Ann.")),
    ("INBOX", mail("bob@example.org", SHOP, "about ann@example.org", "ann@example.org")),
    ("INBOX", mail("joann@example.org", SHOP, "x", "x")),
    ("INBOX", BROKEN),
)


class Mailbox(Protocol):
    """A mailbox that can be filled and looked into past the connector."""

    connector: Connector

    def put(self, folder: str, raw: bytes) -> None:
        """Deliver a message."""
        ...

    def count(self) -> int:
        """Return how many messages there are."""
        ...


@dataclass
class OnDisk:
    """A Maildir."""

    root: Path
    connector: Connector

    def put(self, folder: str, raw: bytes) -> None:
        place = self.root if folder == "INBOX" else self.root / f".{folder}"
        for state in ("cur", "new", "tmp"):
            (place / state).mkdir(parents=True, exist_ok=True)
        number = next(NUMBERS)
        name = f"{number}.M{number}P1.host"
        (place / ("new" if number % 2 else "cur") / (name if number % 2 else f"{name}:2,S")).write_bytes(raw)

    def count(self) -> int:
        return sum(1 for state in ("cur", "new") for path in self.root.rglob(f"{state}/*") if path.is_file())


@dataclass
class OnServer:
    """A mailbox on an IMAP server."""

    server: imaplib.IMAP4
    connector: Connector

    def put(self, folder: str, raw: bytes) -> None:
        self.server.create(folder)
        self.server.append(folder, "", "", raw)

    def count(self) -> int:
        total = 0
        for folder in ("INBOX", "Sent"):
            if self.server.select(folder, readonly=True)[0] == "OK":
                total += len(self.server.search(None, "ALL")[1][0].split())
        return total


@pytest.fixture
def on_disk(tmp_path: Path) -> OnDisk:
    (tmp_path / "cur").mkdir()
    return OnDisk(tmp_path, maildir_connector("mail", f"maildir://{tmp_path}", MAP))


@pytest.fixture
def on_server(imap_server: ImapServer) -> Iterator[OnServer]:
    server = imaplib.IMAP4("127.0.0.1", imap_server.port)
    server.login(USER, PASSWORD)
    for folder in ("INBOX", "Sent"):
        if server.select(folder)[0] == "OK":
            server.store("1:*", "+FLAGS", r"(\Deleted)")
            server.expunge()
    yield OnServer(server, imap_connector("mail", imap_server.url(), MAP))
    server.logout()


@pytest.fixture(params=["on_disk", "on_server"])
def mailbox(request: pytest.FixtureRequest) -> Mailbox:
    found: Mailbox = request.getfixturevalue(request.param)
    for folder, raw in MAILS:
        found.put(folder, raw)
    return found


def of(*people: str, fields: tuple[str, ...] = ("subject",), by: tuple[str, ...] = ("from", "to", "cc")) -> Find:
    return Find("messages", fields, tuple(Match(((name,),), [(p,) for p in people], fold_case=True) for name in by))


def found(mailbox: Mailbox, query: Find) -> list[tuple[Any, ...]]:
    assert set(mailbox.connector.catalog(["messages", "other"]).tables) == {"messages"}
    with mailbox.connector.session(write=False) as session:
        return sorted(hit.row for hit in session.find(query))


def test_a_person_s_messages_are_found_by_whole_addresses_wherever_they_stand(mailbox: Mailbox) -> None:
    assert found(mailbox, of("ann@example.org")) == [("Héllo",), ("Re",)]
    assert found(mailbox, of("nobody@example.org")) == []
    assert found(mailbox, of('x" OR ALL OR SUBJECT "', "*", "ann@example.org) (ALL")) == []


def test_what_matched_is_told(mailbox: Mailbox) -> None:
    with mailbox.connector.session(write=False) as session:
        assert sorted(hit.matched for hit in session.find(of("ann@example.org"))) == [0b001, 0b010]


def test_the_text_of_a_message_is_read_where_it_is_asked_for(mailbox: Mailbox) -> None:
    rows = found(mailbox, of("ann@example.org", fields=("body", "from", "to", "attachments"), by=("from",)))
    assert [(row[0].strip(), *row[1:]) for row in rows] == [("Hi.", ["ann@example.org"], ["shop@habeas.test"], [])]


def test_reading_marks_nothing_and_a_broken_message_hides_no_other(mailbox: Mailbox) -> None:
    everything = Find("messages", ("size",), (Match((("from",),), [("joann@example.org",)]),))
    assert len(found(mailbox, everything)) == 1
    assert mailbox.count() == len(MAILS)


def test_only_the_messages_named_are_deleted_and_only_at_the_commit(mailbox: Mailbox) -> None:
    with mailbox.connector.session(write=True) as session:
        keys = [hit.row for hit in session.find(of("ann@example.org", fields=KEY))]
        change = Change("s", "messages", KEY, [(key, ()) for key in (*keys, ("INBOX", "no.such"))], delete=True)
        assert session.change(change) == 2
        assert list(session.find(of("ann@example.org"))) == []
        assert mailbox.count() == len(MAILS)
        session.commit()
    assert mailbox.count() == len(MAILS) - 2
    assert found(mailbox, of("bob@example.org", by=("from",))) == [("about ann@example.org",)]


def test_the_deleted_stay_deleted_when_the_step_is_repeated(mailbox: Mailbox) -> None:
    with mailbox.connector.session(write=False) as session:
        keys = [hit.row for hit in session.find(of("ann@example.org", fields=KEY))]
    for reached in (2, 0):
        with mailbox.connector.session(write=True) as session:
            assert session.change(Change("s", "messages", KEY, [(key, ()) for key in keys], delete=True)) == reached
            session.commit()


def test_a_message_is_never_rewritten(mailbox: Mailbox) -> None:
    with mailbox.connector.session(write=True) as session, pytest.raises(SystemRefuses, match="erase: delete"):
        session.change(Change("s", "messages", KEY, [(("INBOX", "1.1"), ())], {"subject": None}))


def test_a_mailbox_has_messages_only(mailbox: Mailbox) -> None:
    with mailbox.connector.session(write=False) as session, pytest.raises(SystemRefuses, match="Mend the map"):
        list(session.find(Find("people", ("id",), ())))


def test_the_connection_says_how_it_is(mailbox: Mailbox) -> None:
    assert isinstance(mailbox.connector, Connector)
    assert mailbox.connector.check().reachable


def test_a_wrong_password_and_a_silent_server_are_told_apart(imap_server: ImapServer) -> None:
    wrong = imap_connector("mail", imap_server.url().replace(PASSWORD, "guessed"), MAP)
    assert "login" in wrong.check().said
    silent = imap_connector("mail", "imap://me:secret@127.0.0.1:9/", MAP)
    with pytest.raises(SystemDown) as caught, silent.session(write=False):
        pass
    assert "secret" not in str(caught.value)
    with pytest.raises(SystemRefuses, match="imaps://user"):
        imap_connector("mail", "imaps://host/", MAP)


def test_no_connection_stays_open_where_the_server_hangs_up_at_the_login(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[imaplib.IMAP4] = []

    class Kept(imaplib.IMAP4):
        def __init__(self, *given: Any, **named: Any) -> None:
            super().__init__(*given, **named)
            opened.append(self)

    monkeypatch.setattr(imaplib, "IMAP4", Kept)
    with socket.create_server(("127.0.0.1", 0)) as door, ThreadPoolExecutor(1) as pool:
        pool.submit(hang_up_at_the_login, door)
        connector = imap_connector("mail", f"imap://me:secret@127.0.0.1:{door.getsockname()[1]}/", MAP)
        assert not connector.check().reachable
    assert [one.socket().fileno() for one in opened] == [-1]


def hang_up_at_the_login(door: socket.socket) -> None:
    """Greet, tell what can be done, and close the line where a password comes."""
    line, _ = door.accept()
    with line, line.makefile("rwb") as lines:
        lines.write(b"* OK here\r\n")
        lines.flush()
        for asked in lines:
            tag, verb = asked.split()[:2]
            if verb != b"CAPABILITY":
                return
            lines.write(b"* CAPABILITY IMAP4rev1\r\n" + tag + b" OK done\r\n")
            lines.flush()


def test_a_maildir_that_is_not_there_is_said(tmp_path: Path) -> None:
    connector = maildir_connector("mail", f"maildir://{tmp_path}", MAP)
    assert not connector.check().reachable
    with pytest.raises(SystemDown):
        connector.catalog(["messages"])
