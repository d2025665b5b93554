"""The mail door: SMTP on a port of ours. 250 is said only after the mail is durable.

Mail for an address that belongs to no controller gets 550; what cannot be written down now gets 451, so that the sender
keeps it and tries again.
"""

from __future__ import annotations

import asyncio
import re
from typing import Final

import structlog
from aiosmtpd.smtp import SMTP, Envelope, Session

from services.intake.core.mail import address_of
from services.intake.front import FrontDoor
from services.intake.refusing import Refusing, full
from services.runtime.settings import Settings
from services.runtime.store import StoreFault

RECIPIENTS_MAX: Final = 20
IDLE_SECONDS: Final = 120
LINE_BYTES_MAX: Final = 1_048_576
"""A line may hold 998 characters (RFC 5322 section 2.1.1), and programs send HTML in one line all the same. Who refuses
these loses what people wrote."""
LATER: Final = "451 4.3.0 cannot take mail now, try again later"
_PLAIN_PATH: Final = re.compile(
    r"<(?P<address>[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*)>"
    r"(?: (?P<rest>[A-Za-z0-9][A-Za-z0-9= ]*))?"
)
_log = structlog.get_logger()


class _Smtp(SMTP):
    """aiosmtpd's protocol. It reads each path by the whole grammar of addresses; nearly all are as plain as this."""

    line_length_limit = LINE_BYTES_MAX

    def _getaddr(self, arg: str) -> tuple[str | None, str | None]:
        plain = _PLAIN_PATH.fullmatch(arg)
        if plain:
            return plain["address"], plain["rest"] or ""
        found: tuple[str | None, str | None] = super()._getaddr(arg)
        return found


class MailDoor:
    """Answers each SMTP command (the names are aiosmtpd's)."""

    def __init__(self, settings: Settings, front: FrontDoor, refusing: Refusing) -> None:
        self._settings = settings
        self._front = front
        self._refusing = refusing

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, rcpt_options: list[str]
    ) -> str:
        if self._settings.controller_of(address_of(address) or address) is None:
            return "550 5.1.1 no such mailbox here"
        if len(envelope.rcpt_tos) >= RECIPIENTS_MAX:
            return "452 4.5.3 too many recipients"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        raw = envelope.original_content or b""
        # One message for each controller that is addressed, however many of its addresses are named.
        addressed: dict[str, str] = {}
        for address in envelope.rcpt_tos:
            controller = self._settings.controller_of(address_of(address) or address)
            if controller:
                addressed.setdefault(controller, address)
        try:
            for controller, address in addressed.items():
                sender = address_of(envelope.mail_from or "")
                await self._front.mail(controller, address_of(address), raw, sender, _host(session))
        except StoreFault as fault:
            self._refusing.refused(fault)
            # RFC 5321, 4.2.3: 452 is insufficient storage. Both codes ask the sender to keep the mail and try again.
            return "452 4.3.1 no room to keep mail now, try again later" if full(fault) else LATER
        except Exception:  # noqa: BLE001 - nothing may be acknowledged that is not written down
            # Whatever it was, the mail is not durable: the sender must keep it.
            _log.exception("a mail could not be written down; its sender was asked to try again")
            return LATER
        self._refusing.took()
        return "250 2.0.0 taken, and durable"


def _host(session: Session) -> str:
    """Return the host that hands the mail over; its port differs from one connection to the next."""
    return str(session.peer[0]) if session.peer else ""


async def open_mail_door(settings: Settings, front: FrontDoor, refusing: Refusing) -> asyncio.Server:
    """Listen for mail, and return the server."""
    door = MailDoor(settings, front, refusing)

    def protocol() -> SMTP:
        return _Smtp(
            door,
            data_size_limit=settings.mail_bytes_max,
            enable_SMTPUTF8=True,
            ident="habeas",
            timeout=IDLE_SECONDS,
            hostname="habeas",
        )

    return await asyncio.get_running_loop().create_server(protocol, settings.smtp.host, settings.smtp.port)
