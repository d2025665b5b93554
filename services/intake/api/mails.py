"""The words of a mail, read as intake reads those that arrive; nothing is sent or stored."""

from __future__ import annotations

import email.policy
from dataclasses import dataclass
from email.parser import BytesHeaderParser

from services.intake.core.headers import addresses, header
from services.intake.core.mail import MailHeld, read_mail, scan


@dataclass(frozen=True, slots=True)
class ReadMail:
    """What may be read of a mail; `held` names why a human must look instead."""

    subject: str = ""
    text: str = ""
    automatic: bool = False
    encrypted: bool = False
    held: str | None = None


def words_of_mail(raw: bytes) -> ReadMail:
    """Return what a kept mail says, and whether a machine wrote it."""
    try:
        scan(raw)
        mail = read_mail(raw, _envelope_sender(raw))
    except MailHeld as held:
        return ReadMail(held=held.reason.value.replace("_", " "))
    return ReadMail(mail.subject, mail.text, mail.automatic, mail.encrypted)


def _envelope_sender(raw: bytes) -> str:
    """Return who sent it, as the mailbox noted it: a bounce has an empty Return-Path (RFC 5321 section 4.4)."""
    head = BytesHeaderParser(policy=email.policy.compat32).parsebytes(raw)
    noted = header(head, "Return-Path")
    return noted or next((address for _, address in addresses(head, "From", "Sender")), "unknown")
