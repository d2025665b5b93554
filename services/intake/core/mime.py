"""A letter as the bytes that a relay takes: the same letter is the same Message-ID, however often it is tried."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from email import quoprimime
from email.headerregistry import Address, HeaderRegistry
from email.message import EmailMessage
from email.policy import SMTP, Policy
from email.utils import format_datetime
from functools import cache, lru_cache
from typing import Any, Final

from services.intake.core.letters import Letter

NAME_CHARACTERS_MAX: Final = 60
LOOP_MARK: Final = "habeas"
SENDERS_KEPT: Final = 256

_SIMPLE: Final = re.compile(r"[A-Za-z0-9_+-]+(\.[A-Za-z0-9_+-]+)*@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
LINE_CHARACTERS_MAX: Final = 200


class _Headers(HeaderRegistry):
    """The library's headers, whose classes it makes anew for each header of each mail; here once for each name."""

    @cache  # noqa: B019 - one registry lives as long as the program, and our letters have eight headers
    def __getitem__(self, name: str) -> Any:
        return super().__getitem__(name)


class _Plain(str):
    """A header that needs neither parsing nor folding: printable ASCII that fits in one line.

    The library parses an address or an id by its whole grammar, which takes a third of a letter's time.
    """

    name: str
    max_count = 1

    def fold(self, *, policy: Policy) -> str:
        """Return the header as its line."""
        return f"{self.name}: {self}{policy.linesep}"


_POLICY: Final = SMTP.clone(max_line_length=LINE_CHARACTERS_MAX, header_factory=_Headers())
_POLICY_UTF8: Final = _POLICY.clone(utf8=True)
"""For an address that no encoded word may stand for (RFC 6532): its headers are written as they are."""


@dataclass(frozen=True, slots=True)
class Archive:
    """An encrypted archive that a mail carries."""

    name: str
    content: bytes


def mail_bytes(
    letter: Letter,
    *,
    letter_id: str,
    sender: str,
    sender_name: str,
    recipient: str,
    written: datetime,
    message_id: str = "",
    references: tuple[str, ...] = (),
    archive: Archive | None = None,
) -> bytes:
    """Return the mail that carries a letter.

    It says that a machine wrote it and that no machine should answer (RFC 3834 section 3.1.7), and it never carries
    List-Unsubscribe: a letter about a right is not a mailing.
    """
    mail = EmailMessage(policy=_POLICY if recipient.isascii() else _POLICY_UTF8)
    mail["From"] = _from(_display(sender_name), sender)
    mail["To"] = _plain("To", recipient) if _SIMPLE.fullmatch(recipient) else _address("", recipient)
    mail["Subject"] = _plain("Subject", letter.subject)
    mail["Date"] = _plain("Date", format_datetime(written))
    mail["Message-ID"] = _plain("Message-ID", f"<{letter_id}@{sender.rpartition('@')[2]}>")
    for name, value in (("Auto-Submitted", "auto-replied"), ("X-Loop", LOOP_MARK)):
        mail[name] = _plain(name, value)
    if message_id:
        earlier = [known for known in references if known != message_id][-8:]
        mail["In-Reply-To"] = _plain("In-Reply-To", message_id)
        mail["References"] = _plain("References", " ".join((*earlier, message_id)))
    # Links must survive tools that do not decode; a text of plain letters needs no encoding at all.
    plain = letter.text.isascii()
    mail["Content-Type"] = _plain("Content-Type", 'text/plain; charset="utf-8"')
    mail["Content-Transfer-Encoding"] = _plain("Content-Transfer-Encoding", "7bit" if plain else "quoted-printable")
    mail["MIME-Version"] = _plain("MIME-Version", "1.0")
    mail.set_payload(letter.text if plain else _quoted_printable(letter.text))
    if archive is not None:
        mail.add_attachment(archive.content, maintype="application", subtype="zip", filename=archive.name)
        # Where one part ends is made of the letter's id: the same letter is the same bytes.
        mail.set_boundary(f"=_{letter_id}")
    return mail.as_bytes()


def _quoted_printable(text: str) -> str:
    # The library encodes bytes that it is given as the characters of the same numbers.
    return quoprimime.body_encode(text.encode().decode("latin-1"), LINE_CHARACTERS_MAX)


def _plain(name: str, value: str) -> Any:
    """Return a header as it stands, or as the library makes of it where it is not that plain."""
    fits = len(name) + len(value) + len(": ") <= LINE_CHARACTERS_MAX
    # "=?" begins an encoded word.
    if not (fits and value.isascii() and value.isprintable() and "=?" not in value):
        return _POLICY.header_factory(name, value)
    plain = _Plain(value)
    plain.name = name
    return plain


@lru_cache(SENDERS_KEPT)
def _from(name: str, sender: str) -> Any:
    written = _POLICY.header_factory("From", _address(name, sender))
    return _plain("From", str(written)) if str(written).isascii() else written


def _address(name: str, address: str) -> Address:
    local, _, domain = address.rpartition("@")
    if _SIMPLE.fullmatch(address) or not local.isascii():
        return Address(name, local, domain)
    return Address(name, addr_spec=address)


def greeting_name(name: str) -> str:
    """Return a name fit for a greeting, or nothing.

    A sender chooses their display name; a letter must not carry somebody's advertisement to a forged address.
    """
    plain = " ".join(name.split())
    if len(plain) > NAME_CHARACTERS_MAX or not re.fullmatch(r"[^\W\d_]+([ .'’-]{1,2}[^\W\d_]+){0,5}\.?", plain):
        return ""
    return plain


def _display(name: str) -> str:
    return re.sub(r"[\x00-\x1f\x7f\"<>@\\]+", " ", name).strip()[:NAME_CHARACTERS_MAX]
