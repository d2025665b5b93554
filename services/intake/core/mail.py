"""From the bytes of a mail to what may be read of it, or a named reason why a human must.

The rules, in order:

1. The header block is scanned before anything is parsed: its size, the number of its lines, and how often it nests
   multiparts are bounded, because the parser is recursive and its cost is not.
2. The standard library's `compat32` parser is used: it raised on none of 510 hostile public mails, where
   `policy.default` raised on 21.
3. Text comes from the first `text/plain` of each branch, else from HTML. What cannot be decoded is replaced, never
   dropped; the bytes as they arrived are kept whole by the caller.
4. A mail that says it is automatic (RFC 3834) is marked so: it may hold a request, but nobody answers it by rule.
"""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.header import decode_header
from email.message import Message
from email.utils import getaddresses, parseaddr
from typing import Final

from schemas.content import TEXT_CHARACTERS_MAX, Attachment
from schemas.values import Held

HEADER_BYTES_MAX: Final = 512_000
HEADER_LINES_MAX: Final = 5_000
NESTING_MAX: Final = 40
PARTS_MAX: Final = 500
HTML_CHARACTERS_MAX: Final = 400_000
REFERENCES_MAX: Final = 50
ATTACHMENTS_MAX: Final = 100

_BOUNDARY = re.compile(rb"content-type:\s*(?:multipart/|message/rfc822)", re.IGNORECASE)
_REPORT = re.compile(rb"content-type:\s*multipart/report", re.IGNORECASE)
_FAILED = re.compile(rb"^action:\s*failed\s*$", re.IGNORECASE | re.MULTILINE)
_MESSAGE_ID = re.compile(r"<[^<>\s]{1,500}>")
_AUTOMATIC_SUBJECT = re.compile(
    r"^\s*(auto(matic)?[ -]?(reply|response|antwort)|out of( the)? office|abwesenheit|r[ée]ponse automatique|"
    r"respuesta autom[áa]tica|risposta automatica|automatisch antwoord|autosvar|odpowied[źz] automatyczna|"
    r"r[ăa]spuns automat|resposta autom[áa]tica|undeliver|delivery status notification|mail delivery)",
    re.IGNORECASE,
)

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


def read_mail(raw: bytes, envelope_sender: str) -> Mail:
    """Return what may be read of a mail, or raise MailHeld with the reason why a human must look."""
    scan(raw)
    message = email.message_from_bytes(raw, policy=email.policy.compat32)
    name, address = _sender(message, envelope_sender)
    text, truncated = _text(message)
    return Mail(
        subject=_header(message, "Subject")[:1000],
        text=text,
        sender_address=address,
        sender_name=name,
        message_id=_first(_MESSAGE_ID.findall(_header(message, "Message-ID"))),
        references=tuple(_MESSAGE_ID.findall(f"{_header(message, 'References')} {_header(message, 'In-Reply-To')}"))[
            -REFERENCES_MAX:
        ],
        automatic=is_automatic(message, envelope_sender),
        attachments=tuple(_attachments(message)),
        truncated=truncated,
        addressed=tuple(address.lower() for _, address in _addresses(message, ("To", "Cc")) if address),
    )


def scan(raw: bytes) -> None:
    """Refuse to parse what would cost the parser more than a mail is worth."""
    end = min(position for position in (raw.find(b"\r\n\r\n"), raw.find(b"\n\n"), len(raw)) if position >= 0)
    if end > HEADER_BYTES_MAX or raw.count(b"\n", 0, end) > HEADER_LINES_MAX:
        raise MailHeld(Held.TOO_LARGE)
    if sum(1 for _ in _BOUNDARY.finditer(raw)) > NESTING_MAX:
        raise MailHeld(Held.TOO_DEEP)


def is_automatic(message: Message, envelope_sender: str) -> bool:
    """Tell whether a machine wrote this (RFC 3834 section 2): then nobody is answered by rule."""
    submitted = _header(message, "Auto-Submitted").strip().lower()
    if submitted and not submitted.startswith("no"):
        return True
    if envelope_sender in {"", "<>"}:
        return True
    if _header(message, "Precedence").strip().lower() in {"bulk", "list", "junk", "auto_reply"}:
        return True
    if any(message.get(name) for name in ("List-Id", "List-Unsubscribe", "X-Loop", "X-Autoreply", "X-Autorespond")):
        return True
    suppressed = _header(message, "X-Auto-Response-Suppress").lower()
    if any(word in suppressed for word in ("all", "oof", "autoreply")):
        return True
    if message.get_content_type() == "multipart/report":
        return True
    return bool(_AUTOMATIC_SUBJECT.search(_header(message, "Subject")))


def is_returned(raw: bytes) -> bool:
    """Tell whether a mail reports that one of ours did not arrive, for good (RFC 3464); a delay is none."""
    return bool(_REPORT.search(raw[:HEADER_BYTES_MAX])) and bool(_FAILED.search(raw))


def _sender(message: Message, envelope_sender: str) -> tuple[str, str]:
    """Return who wrote: Reply-To is where they want the answer, From is who they are, the envelope is the last resort.

    The letter goes to From: a Reply-To chosen by a stranger must not receive what identifies somebody else. A web form
    that writes as noreply@ is nobody; there the address that the person typed in is who they say they are.
    """
    senders = [(name, address) for name, address in _addresses(message, ("From", "Sender")) if _plausible(address)]
    typed = [(name, address) for name, address in _addresses(message, ("Reply-To",)) if _plausible(address)]
    if len(typed) == 1 and senders and all(_NOBODY.match(address) for _, address in senders):
        senders = typed
    for name, address in senders:
        return name[:200], address.lower()
    return "", envelope_sender.lower() if _plausible(envelope_sender) else ""


def _addresses(message: Message, names: tuple[str, ...]) -> list[tuple[str, str]]:
    values = [_header(message, name)[:10_000] for name in names if message.get(name)]
    return [(name, address.strip()) for name, address in getaddresses(values)[:100]]


def _plausible(address: str) -> bool:
    local, at, domain = address.rpartition("@")
    return bool(local and at and domain) and len(address) <= 254 and not re.search(r"[\s<>,;:\"\\]", address)


def _header(message: Message, name: str) -> str:
    """Return a header's words; an unknown charset is read as Latin-1, and control characters become spaces."""
    raw = message.get(name)
    if raw is None:
        return ""
    words: list[str] = []
    try:
        pieces = decode_header(str(raw)[:20_000])
    except (email.errors.HeaderParseError, ValueError):  # malformed base64 in an encoded word
        pieces = [(str(raw), None)]
    for piece, charset in pieces:
        words.append(piece if isinstance(piece, str) else _decoded(piece, charset))
    return re.sub(r"[\x00-\x1f\x7f]+", " ", "".join(words)).strip()


def _decoded(content: bytes, charset: str | None) -> str:
    for candidate in (charset, "utf-8"):
        try:
            return content.decode(candidate or "utf-8")
        except (LookupError, UnicodeDecodeError, ValueError):
            continue
    return content.decode("latin-1")


def _text(message: Message) -> tuple[str, bool]:
    """Return the mail's words, and whether they were cut at the bound."""
    plain: list[str] = []
    html: list[str] = []
    for part in _parts(message):
        if part.get_content_disposition() == "attachment":
            continue
        kind = part.get_content_type()
        if kind == "text/plain":
            plain.append(_body(part))
        elif kind == "text/html":
            html.append(_readable(_body(part)))
    text = "\n\n".join(piece for piece in plain if piece.strip())
    if not text.strip():
        text = "\n\n".join(html)
    text = text.replace("\r\n", "\n").replace("\x00", "")
    return text[:TEXT_CHARACTERS_MAX], len(text) > TEXT_CHARACTERS_MAX


def _parts(message: Message) -> Iterator[Message]:
    for count, part in enumerate(message.walk()):
        if count >= PARTS_MAX:
            return
        if not part.is_multipart():
            yield part


def _body(part: Message) -> str:
    content = part.get_payload(decode=True)
    return _decoded(content, part.get_content_charset()) if isinstance(content, bytes) else ""


def _readable(html: str) -> str:
    from inscriptis import get_text  # with its parser 5 MB, and most mails say it in plain text too
    from inscriptis.model.config import ParserConfig

    try:
        return str(get_text(html[:HTML_CHARACTERS_MAX], ParserConfig(display_links=False)))
    except (ValueError, RecursionError, AssertionError):
        # The parser gave up on this HTML: strip its tags rather than lose the person's words.
        return re.sub(r"<[^<>]{0,2000}>", " ", html[:HTML_CHARACTERS_MAX])


def _attachments(message: Message) -> Iterator[Attachment]:
    found = 0
    for part in _parts(message):
        name = part.get_filename()
        if not name and part.get_content_disposition() != "attachment":
            continue
        content = part.get_payload(decode=True)
        size = len(content) if isinstance(content, bytes) else 0
        yield Attachment(name=str(name or "")[:200], media_type=part.get_content_type(), size_bytes=size)
        found += 1
        if found >= ATTACHMENTS_MAX:
            return


def _first(found: list[str]) -> str:
    return found[0] if found else ""


def address_of(text: str) -> str:
    """Return the bare address of an envelope's path."""
    if _PLAIN_ADDRESS.fullmatch(text):
        return text.lower()
    return parseaddr(text)[1].lower()
