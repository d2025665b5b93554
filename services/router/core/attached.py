"""What is attached to a mail: which of it may be a document that shows who somebody is, and its bytes as they came."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from schemas.content import Attachment

PICTURE_BYTES_MIN: Final = 10_000
"""A smaller picture is a signature's logo; no photograph of a card can be read in so few bytes."""
PARTS_MAX: Final = 500
_NO_DOCUMENT: Final = frozenset(
    {"application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature", "application/ics",
     "application/pgp-keys", "application/vcard"}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class File:
    """One file that was attached."""

    name: str
    media_type: str
    content: bytes


def may_be_a_document(attachments: Iterable[Attachment]) -> bool:
    """Tell whether one of these may be a scan or a photograph of a document."""
    return any(_fits(each.media_type, each.size_bytes) for each in attachments)


def files(raw: bytes) -> tuple[File, ...]:
    """Return what a mail carries besides its words; a signature's logo is not among it."""
    found: list[File] = []
    message = email.message_from_bytes(raw, policy=email.policy.compat32)
    for count, part in enumerate(message.walk()):
        if count >= PARTS_MAX:
            break
        content = None if part.is_multipart() else part.get_payload(decode=True)
        kind = part.get_content_type().lower()
        if isinstance(content, bytes) and _fits(kind, len(content)):
            found.append(File(str(part.get_filename() or f"part-{count}"), kind, content))
    return tuple(found)


def _fits(media_type: str, size_bytes: int) -> bool:
    kind = media_type.lower()
    if kind.startswith("image/"):
        return size_bytes >= PICTURE_BYTES_MIN
    return kind.startswith(("application/", "video/")) and kind not in _NO_DOCUMENT and size_bytes > 0
