"""Ways out: an SMTP relay, or a Maildir where no relay is set. A refusal is named transient or permanent."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, Final, Protocol
from urllib.parse import unquote, urlsplit

import aiosmtplib

from services.intake.core.refusals import is_about_us
from services.runtime.logs import Log

TIMEOUT_SECONDS: Final = 30
NO_SUCH_LETTERS: Final = "553"
"""What a relay would say that takes no address outside ASCII (RFC 6531 section 3.5)."""


ABOUT_US: Final = frozenset({530, 534, 535, 538, 550, 554})
"""Refusals of a sender that concern who sends: authentication (RFC 4954 section 6), or a relay that does not know us.
Every letter would meet them, so none of them is a word about an address or a mail."""
_AWAY: Final = (aiosmtplib.SMTPException, OSError, TimeoutError)
_log = Log(__name__)


class NotYet(Exception):
    """The relay cannot take the mail now; it is tried again. The message names the relay's answer, never an address."""


class Undeliverable(Exception):
    """The relay refuses the mail for good; `status` is its code (RFC 5321 section 4.2.1)."""

    def __init__(self, status: str) -> None:
        super().__init__(f"the relay refused the mail for good ({status})")
        self.status = status


class Transport(Protocol):
    """Takes a mail, or raises NotYet or Undeliverable."""

    repeats_possible: bool

    async def send(self, letter_id: str, envelope_sender: str, recipient: str, mail: bytes) -> None:
        """Return once the mail is accepted."""
        ...


class MaildirTransport:
    """Delivers into a Maildir. The file is named after the letter, so a repeated delivery is the same file."""

    repeats_possible = False

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        for name in ("tmp", "new", "cur"):
            (folder / name).mkdir(parents=True, exist_ok=True, mode=0o700)

    async def send(self, letter_id: str, envelope_sender: str, recipient: str, mail: bytes) -> None:
        del envelope_sender
        headed = b"Return-Path: <>\r\nDelivered-To: " + recipient.encode() + b"\r\n" + mail
        await asyncio.to_thread(self._write, letter_id, headed.replace(b"\r\n", b"\n"))

    def _write(self, letter_id: str, mail: bytes) -> None:
        final = self._folder / "new" / letter_id
        try:
            if final.exists() or any(seen.name.startswith(letter_id) for seen in (self._folder / "cur").iterdir()):
                return
            waiting = self._folder / "tmp" / f"{letter_id}.{os.getpid()}"
            with waiting.open("wb") as file:
                file.write(mail)
                file.flush()
                os.fsync(file.fileno())
            waiting.replace(final)
        except OSError as fault:
            raise NotYet(f"the Maildir cannot be written ({type(fault).__name__} {fault.errno})") from None


class SmtpTransport:
    """Hands mail to a relay: smtp:// with STARTTLS where offered, smtps:// with TLS from the start."""

    repeats_possible = True

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._host = parts.hostname or "127.0.0.1"
        self._tls = parts.scheme == "smtps"
        self._port = parts.port or (465 if self._tls else 25)
        self._user = unquote(parts.username) if parts.username else None
        self._password = unquote(parts.password) if parts.password else None
        self._connections: list[aiosmtplib.SMTP] = []
        self._stopping = asyncio.Event()

    async def send(self, letter_id: str, envelope_sender: str, recipient: str, mail: bytes) -> None:
        del letter_id
        client = self._kept() or self._new()
        try:
            try:
                await self._unless_stopping(self._asked(client, envelope_sender, recipient, len(mail)))
                # From here on the relay may have the mail, whether it says so or not: its answer is waited for.
                await client.data(mail)
            except BaseException:
                client.close()  # a connection that was refused something is not used again
                raise
        except aiosmtplib.SMTPNotSupported:
            raise Undeliverable(NO_SUCH_LETTERS) from None
        except aiosmtplib.SMTPSenderRefused as answer:
            ours = answer.code in ABOUT_US or is_about_us(answer.code, answer.message)
            raise self._refuses_us(answer.code) if ours else _verdict(answer.code) from None
        except (aiosmtplib.SMTPRecipientRefused, aiosmtplib.SMTPDataError) as answer:
            ours = is_about_us(answer.code, answer.message)
            raise self._refuses_us(answer.code) if ours else _verdict(answer.code) from None
        except aiosmtplib.SMTPResponseException as answer:
            # Greeting, password or TLS: a relay that refuses these has not heard whom the letter is for.
            raise self._refuses_us(answer.code) from None
        except _AWAY as fault:
            raise self._away(fault) from None
        self._connections.append(client)

    async def _asked(self, client: aiosmtplib.SMTP, sender: str, recipient: str, size_bytes: int) -> None:
        """Connect, and ask whether the relay takes a mail of this size for this address."""
        if not client.is_connected:
            await client.connect()
        if client.is_ehlo_or_helo_needed:
            try:
                await client.ehlo()
            except aiosmtplib.SMTPHeloError:
                await client.helo()
        options = [f"size={size_bytes}"] if client.supports_extension("size") else []
        if not recipient.isascii():
            # RFC 6531: a relay must say that it takes addresses in the letters of their country.
            if not client.supports_extension("smtputf8"):
                raise aiosmtplib.SMTPNotSupported("SMTPUTF8")
            options += ["SMTPUTF8", "BODY=8BITMIME"]
        encoding = "ascii" if recipient.isascii() else "utf-8"
        await client.mail(sender, options=options, encoding=encoding)
        await client.rcpt(recipient, encoding=encoding)

    async def _unless_stopping(self, asking: Coroutine[Any, Any, None]) -> None:
        """Ask, as long as nobody wants us to end: the relay has nothing yet that could be lost or doubled."""
        task = asyncio.ensure_future(asking)
        stop = asyncio.ensure_future(self._stopping.wait())
        try:
            await asyncio.wait((task, stop), return_when=asyncio.FIRST_COMPLETED)
            if not task.done():
                raise NotYet("habeas is ending")
            await task
        finally:
            stop.cancel()
            task.cancel()
            await asyncio.gather(stop, task, return_exceptions=True)

    def stop(self) -> None:
        """Let go of a relay that has not been handed its letter; who was handed one is waited for."""
        self._stopping.set()

    def _away(self, fault: Exception) -> NotYet:
        return NotYet(f"the relay at {self._host}:{self._port} did not answer ({type(fault).__name__})")

    def _refuses_us(self, code: int) -> NotYet:
        _log.error(
            "the relay refuses habeas itself, so letters wait",
            code=code, remedy="check the relay's address, user and password, and whether it lets this machine in",
        )  # fmt: skip
        return NotYet(f"the relay at {self._host}:{self._port} refuses us ({code})")

    def _kept(self) -> aiosmtplib.SMTP | None:
        """Return one of our connections that is still open."""
        while self._connections:
            client = self._connections.pop()
            if client.is_connected:
                return client
        return None

    def _new(self) -> aiosmtplib.SMTP:
        return aiosmtplib.SMTP(
            hostname=self._host,
            port=self._port,
            use_tls=self._tls,
            timeout=TIMEOUT_SECONDS,
            username=self._user,
            password=self._password,
            local_hostname=socket.gethostname().partition(".")[0] or "localhost",
        )

    async def close(self) -> None:
        """Leave the relay politely."""
        while self._connections:
            client = self._connections.pop()
            try:
                await client.quit()
            except (aiosmtplib.SMTPException, OSError):
                client.close()


def _verdict(code: int) -> NotYet | Undeliverable:
    if 500 <= code < 600:
        return Undeliverable(str(code))
    return NotYet(f"the relay asked to try later ({code})")


def transport_for(relay: str | None, home: Path) -> MaildirTransport | SmtpTransport:
    """Return the way out that the settings name; without one, the Maildir `outbox/` in the home folder."""
    if relay is None:
        return MaildirTransport(home / "outbox")
    if relay.startswith("maildir:"):
        return MaildirTransport(Path(relay.removeprefix("maildir:")))
    return SmtpTransport(relay)
