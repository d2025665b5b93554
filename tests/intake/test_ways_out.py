"""Letters out: their bytes, their links, and the relay's yes and no."""

from __future__ import annotations

import asyncio
import socket
import string
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from hypothesis import given
from hypothesis import strategies as st

from services.intake.core.letters import Letter
from services.intake.core.mime import greeting_name, mail_bytes
from services.intake.delivery import MaildirTransport, NotYet, SmtpTransport, Undeliverable
from services.intake.links import BadLink, CheckLink, Links, PackageLink
from tests.journeys.product import WAIT_SECONDS, free_port

NOW = datetime(2027, 2, 3, 10, tzinfo=UTC)
LINKS = Links(b"k" * 32, "https://privacy.example.org")
CHECK = CheckLink("axigen", "case", "check", NOW + timedelta(days=1))
TOKEN = LINKS.check(CHECK).rpartition("/")[2]
LINK = "https://privacy.example.org/v/" + "a1B2" * 40


def written(text: str = "hello\n", to: str = "ana@example.org") -> bytes:
    return mail_bytes(
        Letter("Subject", text), letter_id="letter-1", sender="dpo@example.org", sender_name="ACME", written=NOW,
        recipient=to,
    )  # fmt: skip


@pytest.mark.parametrize("name", ["Ana Ruiz", "Jean-Luc O'Neil", "Łukasz Żak", "Γιώργος Παπάς"])
def test_a_name_is_greeted(name: str) -> None:
    assert greeting_name(name) == name


@pytest.mark.parametrize("name", ["Buy at http://x.example", "WIN 1000 EUR", "a@b.example", "x" * 80, "<b>Ana</b>", ""])
def test_an_advertisement_is_not_greeted(name: str) -> None:
    assert greeting_name(name) == ""


def test_the_same_letter_has_the_same_message_id_and_says_that_a_machine_wrote_it() -> None:
    assert written() == written()
    assert b"Message-ID: <letter-1@example.org>" in written()
    assert b"Auto-Submitted: auto-replied" in written()


def test_a_link_stays_on_one_line() -> None:
    mail = written(f"Open this:\n\n  {LINK}\n")
    assert f"  {LINK}".encode() in mail.splitlines()
    assert b"Content-Transfer-Encoding: 7bit" in mail


def test_a_link_is_read_as_it_was_made() -> None:
    assert LINKS.read_check(TOKEN, NOW) == CHECK


def test_a_link_expires_and_is_of_one_kind() -> None:
    named = PackageLink("axigen", "case", "package", CHECK.expires)
    package, archive = (made.rpartition("/")[2] for made in (LINKS.package(named), LINKS.archive(named)))
    assert LINKS.read_package(package) == LINKS.read_archive(archive) == named
    with pytest.raises(BadLink):
        LINKS.read_check(TOKEN, CHECK.expires)
    for read, other in ((LINKS.read_package, archive), (LINKS.read_archive, package), (LINKS.read_package, TOKEN)):
        with pytest.raises(BadLink):
            read(other)
    with pytest.raises(BadLink):
        LINKS.read_check(package, NOW)
    with pytest.raises(BadLink):
        Links(b"x" * 32, "https://privacy.example.org").read_check(TOKEN, NOW)


@given(st.integers(0, len(TOKEN) - 2), st.characters(min_codepoint=33, max_codepoint=126))
def test_a_link_with_one_character_changed_names_nothing_else(place: int, character: str) -> None:
    # Before the signature's last character: that one holds bits that base64 leaves unused.
    changed = TOKEN[:place] + character + TOKEN[place + 1 :]
    if changed != TOKEN:
        with pytest.raises(BadLink):
            LINKS.read_check(changed, NOW)


def test_a_letter_delivered_twice_lies_in_the_maildir_once(tmp_path: Path) -> None:
    maildir = MaildirTransport(tmp_path)
    for _ in range(2):
        asyncio.run(maildir.send("letter-1", "", "ana@example.org", written()))
    assert [entry.name for entry in (tmp_path / "new").iterdir()] == ["letter-1"]
    (tmp_path / "new" / "letter-1").rename(tmp_path / "cur" / "letter-1:2,S")
    asyncio.run(maildir.send("letter-1", "", "ana@example.org", written()))
    assert list((tmp_path / "new").iterdir()) == []


class Answering:
    """A relay that gives one answer and keeps what it took."""

    def __init__(self, answer: str) -> None:
        self.answer = answer
        self.taken: list[bytes] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        if self.answer.startswith("250"):
            self.taken.append(envelope.content)
        return self.answer


@contextmanager
def relay(answer: str, *, utf8: bool = False) -> Iterator[tuple[Answering, SmtpTransport]]:
    handler = Answering(answer)
    controller = Controller(
        handler, hostname="127.0.0.1", port=free_port(), enable_SMTPUTF8=utf8, ready_timeout=WAIT_SECONDS
    )
    controller.start()
    try:
        yield handler, SmtpTransport(f"smtp://127.0.0.1:{controller.port}")
    finally:
        controller.stop()


async def _sent(transport: SmtpTransport, to: str = "ana@example.org") -> None:
    try:
        await transport.send("letter-1", "", to, written(to=to))
    finally:
        await transport.close()


def test_a_relay_that_says_yes_has_the_letter() -> None:
    with relay("250 OK") as (handler, transport):
        asyncio.run(_sent(transport))
        assert [b"<letter-1@example.org>" in mail for mail in handler.taken] == [True]


@pytest.mark.parametrize(("answer", "fault"), [("451 later", NotYet), ("550 nobody", Undeliverable)])
def test_a_relay_that_says_no_says_whether_for_good(answer: str, fault: type[Exception]) -> None:
    with relay(answer) as (handler, transport), pytest.raises(fault):
        asyncio.run(_sent(transport))
    assert handler.taken == []


@contextmanager
def scripted(*answers: str) -> Iterator[SmtpTransport]:
    """Run a relay that greets and answers each command with the next answer."""
    listening = socket.create_server(("127.0.0.1", 0))

    def speak() -> None:
        client, _ = listening.accept()
        with client, client.makefile("rb") as said:
            for answer in answers:
                client.sendall(answer.encode() + b"\r\n")
                if answer.startswith("5") or not said.readline():
                    return

    thread = threading.Thread(target=speak, daemon=True)
    thread.start()
    try:
        yield SmtpTransport(f"smtp://user:secret@127.0.0.1:{listening.getsockname()[1]}")
    finally:
        listening.close()
        thread.join(5)


@pytest.mark.parametrize(
    "answers",
    [
        ("554 5.7.1 your address is blocked",),
        ("220 relay", "250-relay\r\n250 AUTH PLAIN", "535 5.7.8 wrong password"),
        ("220 relay", "250-relay\r\n250 AUTH PLAIN", "235 come in", "530 5.7.0 authenticate first"),
        ("220 relay", "250-relay\r\n250 AUTH PLAIN", "235 come in", "550 5.7.1 sender refused"),
        ("220 relay", "250-relay\r\n250 AUTH PLAIN", "235 come in", "250 ok", "554 5.7.1 <x>: Relay access denied"),
        ("220 relay", "250-relay\r\n250 AUTH PLAIN", "235 come in", "250 ok", "530 5.7.0 Authentication required"),
    ],
)
def test_a_relay_that_refuses_us_bounces_nobodys_letter(answers: tuple[str, ...]) -> None:
    with scripted(*answers) as transport, pytest.raises(NotYet, match="refuses us"):
        asyncio.run(_sent(transport))


def test_a_relay_that_knows_no_such_user_refuses_the_letter() -> None:
    answers = ("220 relay", "250-relay\r\n250 AUTH PLAIN", "235 come in", "250 ok", "550 5.1.1 user unknown")
    with scripted(*answers) as transport, pytest.raises(Undeliverable):
        asyncio.run(_sent(transport))


def test_a_silent_relay_is_let_go_of_at_once_when_habeas_ends_and_has_nothing_of_the_letter() -> None:
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:

        async def end_meanwhile() -> float:
            transport = SmtpTransport(f"smtp://127.0.0.1:{listening.getsockname()[1]}")
            sending = asyncio.ensure_future(_sent(transport))
            await asyncio.sleep(0.2)
            began = time.monotonic()
            transport.stop()
            with pytest.raises(NotYet):
                await sending
            return time.monotonic() - began

        assert asyncio.run(end_meanwhile()) < 1
        client, _ = listening.accept()
        with client:
            heard.append(client.recv(100))
    assert heard == [b""]


def test_a_letter_that_was_handed_over_is_waited_for_when_habeas_ends() -> None:
    handed_over = threading.Event()

    class Slow(Answering):
        async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
            handed_over.set()
            await asyncio.sleep(1)
            return await super().handle_DATA(server, session, envelope)

    handler = Slow("250 OK")
    controller = Controller(handler, hostname="127.0.0.1", port=free_port())
    controller.start()
    try:

        async def end_meanwhile() -> None:
            transport = SmtpTransport(f"smtp://127.0.0.1:{controller.port}")
            sending = asyncio.ensure_future(_sent(transport))
            await asyncio.to_thread(handed_over.wait, 5)
            transport.stop()
            await sending

        asyncio.run(end_meanwhile())
    finally:
        controller.stop()
    assert len(handler.taken) == 1


def test_a_relay_that_takes_no_mail_so_large_refuses_the_letter() -> None:
    answers = ("220 relay", "250-relay\r\n250 AUTH PLAIN", "235 come in", "552 5.3.4 too large")
    with scripted(*answers) as transport, pytest.raises(Undeliverable):
        asyncio.run(_sent(transport))


def test_a_relay_that_is_not_there_is_tried_again() -> None:
    with pytest.raises(NotYet):
        asyncio.run(_sent(SmtpTransport("smtp://127.0.0.1:1")))


JOERG = "jörg@example.org"


def test_an_address_in_the_letters_of_its_country_is_written_as_it_is() -> None:
    # RFC 6532 section 3.2: no encoded word may stand for an address
    with relay("250 OK", utf8=True) as (handler, transport):
        asyncio.run(_sent(transport, JOERG))
        assert [f"To: {JOERG}".encode() in mail for mail in handler.taken] == [True]


def test_a_relay_that_knows_no_such_letters_gives_the_letter_to_a_human() -> None:
    with relay("250 OK") as (handler, transport), pytest.raises(Undeliverable):
        asyncio.run(_sent(transport, JOERG))
    assert handler.taken == []


def test_a_link_with_any_other_last_letter_is_no_link_of_ours() -> None:
    # The last letter of a base64 holds bits that mean nothing: some of these carry the very same signature.
    letters = string.ascii_letters + string.digits + "-_"
    for moment in range(20):
        token = LINKS.check(replace(CHECK, check_id=f"check {moment}")).rpartition("/")[2]
        for letter in set(letters) - {token[-1]}:
            with pytest.raises(BadLink):
                LINKS.read_check(token[:-1] + letter, NOW)
