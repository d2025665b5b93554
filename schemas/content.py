"""What the vault holds and two services must both understand: a message's content, a letter's facts, a subject.

These values never travel on the bus; events carry a reference to them. Like events they only grow.
"""

from __future__ import annotations

from typing import Any

from pydantic import Field

from schemas.base import Value
from schemas.rights import Channel

TEXT_CHARACTERS_MAX = 200_000


class Attachment(Value):
    """What was attached, by name and kind; the bytes stay in the sealed original."""

    name: str
    media_type: str
    size_bytes: int


class MessageContent(Value):
    """A message as it may be read: its words, and who wrote them."""

    channel: Channel
    subject: str = ""
    text: str = ""
    sender_address: str = ""
    sender_name: str = ""
    addressed_to: str = ""
    message_id: str = ""
    references: tuple[str, ...] = ()
    session: str = ""
    attachments: tuple[Attachment, ...] = ()
    truncated: bool = False
    original: str = Field(default="", description="vault reference of the bytes as they arrived")
    encrypted: bool = Field(default=False, description="part of it is locked with a key that we do not have")
    room: str = Field(default="", description="where a chat's answers are heard")
    identities: dict[str, tuple[str, ...]] = Field(
        default_factory=dict, description="what the controller's own site says that its systems know the person by"
    )


class Recipient(Value):
    """Where a letter goes."""

    channel: Channel
    address: str = ""
    name: str = ""
    session: str = ""
    sender: str = ""
    subject: str = ""
    message_id: str = ""
    references: tuple[str, ...] = ()


class LetterFacts(Value):
    """What a letter's template is filled with; only plain values, so that nothing in it can act."""

    facts: dict[str, Any] = Field(default_factory=dict)


class Subject(Value):
    """Who a claim is about, as the systems know them, and what the claim says: for fulfil's eyes only."""

    identities: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    name: str = ""
    details: dict[str, Any] = Field(default_factory=dict)
    language: str = "en"
    supplementary: dict[str, Any] = Field(default_factory=dict)
