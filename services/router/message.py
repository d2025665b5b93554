"""A message as a turn sees it, and how sure it makes us of who wrote it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from schemas import events as bus
from schemas.content import MessageContent
from schemas.envelope import Envelope
from schemas.rights import Channel
from services.router.core.cases.values import Assurance
from services.router.core.language import base_code
from services.router.core.reading.verdict import Reading


@dataclass(frozen=True, slots=True)
class Message:
    """A message as a turn sees it."""

    envelope: Envelope
    event: bus.MessageReceived
    content: MessageContent
    reading: Reading

    @property
    def language(self) -> str:
        """Return the letter's language by two letters; English where it is told by none."""
        code = base_code(self.reading.language.code)
        return code if re.fullmatch(r"[a-z]{2}", code) else "en"

    @property
    def mail_address(self) -> str:
        """Return the address that a case's letters go to: the sender's, or the one that a chat named.

        A chat has a sender's address only where the controller's own site has signed whose chat it is.
        """
        if self.content.channel is Channel.EMAIL or self.content.sender_address:
            return self.content.sender_address
        return str(next(iter(self.reading.details.get("emails") or ()), "")).lower()


def assurance_of(event: bus.MessageReceived) -> Assurance:
    """Return how sure the message itself makes us: its letters and its look-ups concern the address that was signed."""
    if event.identified:
        return Assurance.SESSION
    return Assurance.ALIGNED_MAIL if event.aligned else Assurance.NONE
