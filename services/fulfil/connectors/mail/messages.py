"""One message as a row: who wrote to whom, when, about what, and what it says."""

from __future__ import annotations

import email.policy
import re
from collections.abc import Collection
from email import message_from_bytes
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from email.utils import getaddresses, parsedate_to_datetime
from typing import Any, Final

from services.fulfil.connectors.protocol import Change, Find, SystemRefuses
from services.fulfil.core.catalog import Column, Kind, LiveTable

TABLE: Final = "messages"
ADDRESSES: Final = {"from": "From", "to": "To", "cc": "Cc", "bcc": "Bcc", "reply_to": "Reply-To", "sender": "Sender"}
WORDS: Final = {"subject": "Subject", "message_id": "Message-ID", "in_reply_to": "In-Reply-To"}
BODY: Final = frozenset({"body", "attachments"})
KINDS: Final = {
    "folder": Kind.TEXT,
    "id": Kind.TEXT,
    **dict.fromkeys(ADDRESSES, Kind.JSON),
    **dict.fromkeys(WORDS, Kind.TEXT),
    "date": Kind.MOMENT,
    "body": Kind.TEXT,
    "attachments": Kind.JSON,
    "size": Kind.INTEGER,
}
KEY: Final = ("folder", "id")
BODY_CHARACTERS_MAX: Final = 200_000
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def live_table(name: str) -> LiveTable:
    """Describe the table of messages."""
    columns = {field: Column(field, kind, "", nullable=False, generated=True) for field, kind in KINDS.items()}
    return LiveTable(name, columns, KEY)


def asks_for_messages(system: str, query: Find) -> None:
    """Refuse a question about any other table."""
    if query.table != TABLE:
        raise SystemRefuses(f"{system}.{query.table}: a mailbox has the table `{TABLE}` only. Mend the map.")


def deletes_by_name(system: str, change: Change) -> None:
    """Refuse to rewrite a message, and to take one for another."""
    if not change.delete:
        raise SystemRefuses(f"{system}: messages are deleted or kept, not rewritten. Say `erase: delete`.")
    if set(change.key) != set(KEY):
        raise SystemRefuses(f"{system}: leave `key` out of the map; messages are named by folder and id.")


def row_of(folder: str, message_id: str, raw: bytes, wanted: Collection[str], size: int) -> dict[str, Any]:
    """Return a message as a row; its text is only read where it is wanted."""
    whole = bool(BODY & set(wanted))
    parsed = message_from_bytes(raw, policy=email.policy.compat32) if whole else BytesHeaderParser().parsebytes(raw)
    row: dict[str, Any] = {"folder": folder, "id": message_id, "size": size}
    for name, header in ADDRESSES.items():
        row[name] = [address for _, address in getaddresses([str(h) for h in parsed.get_all(header, [])]) if address]
    for name, header in WORDS.items():
        row[name] = _words(parsed.get(header))
    row["date"] = _moment(parsed.get("Date"))
    if whole:
        row |= _content(raw)
    return row


def _words(header: Any) -> str | None:
    if header is None:
        return None
    try:
        decoded = email.policy.default.header_factory("subject", str(header).replace("\r", "").replace("\n", " "))
    except Exception:  # noqa: BLE001 - the parser of old mail meets everything; what it cannot decode is shown as it is
        return _CONTROLS.sub("", str(header))
    return _CONTROLS.sub("", str(decoded))


def _moment(header: Any) -> Any:
    try:
        return parsedate_to_datetime(str(header)) if header is not None else None
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _content(raw: bytes) -> dict[str, Any]:
    message = message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    text = ""
    try:
        part = message.get_body(("plain", "html"))
        if part is not None:
            text = str(part.get_content())
        names = [name for part in message.iter_attachments() if (name := part.get_filename())]
    except Exception:  # noqa: BLE001 - a message that cannot be taken apart is handed out as it stands
        text, names = raw.decode("utf-8", "replace"), []
    return {"body": _CONTROLS.sub("", text)[:BODY_CHARACTERS_MAX], "attachments": names}
