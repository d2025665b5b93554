"""From the bytes of a mail to what may be read of it, or a named reason why a human must.

The rules, in order:

1. The header block is scanned before anything is parsed: its size, the number of its lines, and how often it nests
   multiparts are bounded, because the parser is recursive and its cost is not.
2. The standard library's `compat32` parser is used: it raised on none of 510 hostile public mails, where
   `policy.default` raised on 21.
3. Its words are found by `bodies`, its headers read by `headers`; what cannot be decoded is replaced, never dropped,
   and the bytes as they arrived are kept whole by the caller.
4. A mail that says it is automatic (`machines`) is marked so: it may hold a request, but nobody answers it by rule.
"""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import Message
from email.utils import parseaddr
from typing import Final

from schemas.content import TEXT_CHARACTERS_MAX, Attachment
from schemas.values import Held
from services.intake.core.bodies import PARTS_MAX, words_of
from services.intake.core.charsets import whole
from services.intake.core.headers import addresses, header, unworded
from services.intake.core.machines import is_automatic

HEADER_BYTES_MAX: Final = 512_000
HEADER_LINES_MAX: Final = 5_000
NESTING_MAX: Final = 40
REFERENCES_MAX: Final = 50
ATTACHMENTS_MAX: Final = 100

_BOUNDARY = re.compile(rb"content-type:\s*(?:multipart/|message/rfc822)", re.IGNORECASE)
_MESSAGE_ID = re.compile(r"<[^<>\s]{1,500}>")
_MARK = re.compile(rb"^(?:message-id|date|received)[ \t]*:(?:\r?\n(?=[ \t])|[ \t])*\S", re.IGNORECASE | re.MULTILINE)
_HEADER_LINE = re.compile(rb"[!-9;-~]{1,100}[ \t]*:|From ")

_NOBODY: Final = re.compile(
    r"(no|do[._-]?not|never)[._-]?reply\b|(ne|nicht)[._-]?(pas[._-]?)?(repondre|antworten)\b", re.IGNORECASE
)
"""Addresses that say themselves that nobody reads them."""
_PLAIN_ADDRESS: Final = re.compile(r"[A-Za-z0-9_+-]+(\.[A-Za-z0-9_+-]+)*@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")


@dataclass(frozen=True, slots=True)
class MailHeld(Exception):
    """This mail is kept whole for a human; the reason is one of the documented ones."""

    reason: Held


@dataclass(frozen=True, slots=True)
class Mail:
    """What may be read of a mail."""

    subject: str
    text: str
    sender_address: str
    sender_name: str
    message_id: str
    references: tuple[str, ...]
    automatic: bool
    attachments: tuple[Attachment, ...] = ()
    truncated: bool = False
    addressed: tuple[str, ...] = field(default=())
    encrypted: bool = False


def read_mail(raw: bytes, envelope_sender: str) -> Mail:
    """Return what may be read of a mail, or raise MailHeld with the reason why a human must look."""
    scan(raw)
    if not _HEADER_LINE.match(raw):
        raw = b"\r\n" + raw  # no header at all: all of it is text
    message = email.message_from_bytes(raw, policy=email.policy.compat32)
    name, address = _sender(message, envelope_sender)
    words = words_of(message)
    text = words.text()
    return Mail(
        subject=header(message, "Subject")[:1000],
        text=text[:TEXT_CHARACTERS_MAX],
        sender_address=address,
        sender_name=name,
        message_id=_first(_MESSAGE_ID.findall(header(message, "Message-ID"))),
        references=tuple(_MESSAGE_ID.findall(f"{header(message, 'References')} {header(message, 'In-Reply-To')}"))[
            -REFERENCES_MAX:
        ],
        automatic=is_automatic(message, envelope_sender),
        attachments=tuple(_attachments(message)),
        truncated=len(text) > TEXT_CHARACTERS_MAX,
        addressed=tuple(address.lower() for _, address in addresses(message, "To", "Cc") if address),
        encrypted=words.encrypted,
    )


def scan(raw: bytes) -> None:
    """Refuse to parse what would cost the parser more than a mail is worth."""
    end = min(position for position in (raw.find(b"\r\n\r\n"), raw.find(b"\n\n"), len(raw)) if position >= 0)
    if end > HEADER_BYTES_MAX or raw.count(b"\n", 0, end) > HEADER_LINES_MAX:
        raise MailHeld(Held.TOO_LARGE)
    if sum(1 for _ in _BOUNDARY.finditer(raw)) > NESTING_MAX:
        raise MailHeld(Held.TOO_DEEP)


def is_marked(raw: bytes) -> bool:
    """Tell whether a mail bears what tells it from the next one of the same words: an id, a date or a relay's line."""
    end = min(position for position in (raw.find(b"\r\n\r\n"), raw.find(b"\n\n"), len(raw)) if position >= 0)
    return _MARK.search(raw, 0, end) is not None


def _sender(message: Message, envelope_sender: str) -> tuple[str, str]:
    """Return who wrote: Reply-To is where they want the answer, From is who they are, the envelope is the last resort.

    The letter goes to From: a Reply-To chosen by a stranger must not receive what identifies somebody else. A web form
    that writes as noreply@ is nobody; there the address that the person typed in is who they say they are.
    """
    senders = [(name, address) for name, address in addresses(message, "From", "Sender") if _plausible(address)]
    typed = [(name, address) for name, address in addresses(message, "Reply-To") if _plausible(address)]
    if len(typed) == 1 and senders and all(_NOBODY.match(address) for _, address in senders):
        senders = typed
    for name, address in senders:
        return name[:200], deliverable(address)
    return "", deliverable(envelope_sender) if _plausible(envelope_sender) else ""


def _plausible(address: str) -> bool:
    local, at, domain = address.rpartition("@")
    return bool(local and at and domain) and len(address) <= 254 and not re.search(r"[\s<>,;:\"\\\ufffd]", address)


def deliverable(address: str) -> str:
    """Return the address as it is compared and written to: in small letters, its domain as DNS spells it (RFC 5891)."""
    address = address.lower()
    if address.isascii():
        return address
    local, _, domain = address.rpartition("@")
    try:
        return f"{local}@{domain.encode('idna').decode('ascii')}"
    except UnicodeError:
        return address


def _attachments(message: Message) -> Iterator[Attachment]:
    found = 0
    for count, part in enumerate(message.walk()):
        if count >= PARTS_MAX:
            return
        if part.is_multipart():
            continue
        name = part.get_filename()
        if not name and part.get_content_disposition() != "attachment":
            continue
        content = part.get_payload(decode=True)
        size = len(content) if isinstance(content, bytes) else 0
        yield Attachment(
            name=unworded(whole(str(name or "")))[:200], media_type=whole(part.get_content_type()), size_bytes=size
        )
        found += 1
        if found >= ATTACHMENTS_MAX:
            return


def _first(found: list[str]) -> str:
    return found[0] if found else ""


def address_of(text: str) -> str:
    """Return the bare address of an envelope's path."""
    if _PLAIN_ADDRESS.fullmatch(text):
        return text.lower()
    return deliverable(parseaddr(text)[1])
