"""CloudEvents 1.0 around an event, in the binary mode of the Kafka protocol binding.

Attributes travel as `ce_` headers, the event's fields are the JSON value, and `traceparent` is the W3C trace context.
The same headers are used on both buses, so that a tool that reads one reads the other.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from pydantic import ValidationError

from schemas.base import Event
from schemas.catalogue import EVENTS
from schemas.ids import derived_text

TYPE_PREFIX: Final = "habeas."
SCHEMA_PREFIX: Final = "urn:habeas:event:"
EVENT_NAMESPACE: Final = UUID("6d0ac6c2-6a5b-5f0b-9f53-0b7a8a2f1c11")
VALUE_BYTES_MAX: Final = 256 * 1024

_CANONICAL: Final = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode


class UnreadableEvent(Exception):
    """Bytes on the bus that are not an event we know; the message names what is wrong, never what they hold."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """An event with what the bus needs to carry it and what an operator needs to follow it."""

    id: str
    source: str
    event: Event
    traceparent: str

    @property
    def key(self) -> bytes:
        return self.event.key().encode()

    @property
    def topic(self) -> str:
        return self.event.destination()

    def headers(self) -> tuple[tuple[str, bytes], ...]:
        """Return the CloudEvents attributes as Kafka headers."""
        event = self.event
        pairs = {
            "ce_specversion": "1.0",
            "ce_id": self.id,
            "ce_source": self.source,
            "ce_type": TYPE_PREFIX + event.name(),
            "ce_subject": event.key(),
            "ce_time": event.occurred.isoformat(),
            "ce_dataschema": f"{SCHEMA_PREFIX}{event.name()}:{event.version}",
            "ce_partitionkey": event.key(),
            "ce_traceparent": self.traceparent,
            "content-type": "application/json",
        }
        return tuple((name, value.encode()) for name, value in pairs.items())

    def value(self) -> bytes:
        """Return the event's fields as canonical JSON: the same event is the same bytes."""
        return _CANONICAL(self.event.model_dump(mode="json")).encode()


@dataclass(frozen=True, slots=True)
class Tombstone:
    """A record without a value on a compacted topic: whatever the topic held under this key is forgotten."""

    topic: str
    subject: str
    source: str
    event: type[Event]

    @property
    def key(self) -> bytes:
        """Return the key whose records go."""
        return self.subject.encode()

    def headers(self) -> tuple[tuple[str, bytes], ...]:
        """Return the CloudEvents attributes; what is forgotten is told by the key."""
        pairs = {
            "ce_specversion": "1.0",
            "ce_id": derived_id(f"forgotten|{self.subject}", self.event.name()),
            "ce_source": self.source,
            "ce_type": f"{TYPE_PREFIX}{self.event.name()}",
            "ce_subject": self.subject,
        }
        return tuple((name, value.encode()) for name, value in pairs.items())

    def value(self) -> None:
        """Return nothing: that is the message."""


def derived_id(cause: str, name: str, ordinal: int = 0) -> str:
    """Return the id of the event that `cause` brings about, so that doing anything twice gives the same id."""
    return derived_text(EVENT_NAMESPACE, f"{cause}|{name}|{ordinal}")


def caused(cause: Envelope, event: Event, source: str, ordinal: int = 0) -> Envelope:
    """Wrap an event that another one brought about, in the same trace."""
    new = derived_id(cause.id, event.name(), ordinal)
    trace = cause.traceparent.split("-")[1]
    return Envelope(new, source, event, f"00-{trace}-{new.replace('-', '')[:16]}-01")


def rooted(cause: str, event: Event, source: str, ordinal: int = 0) -> Envelope:
    """Wrap an event that begins a trace: a mail, a chat message, an officer's decision, a timer."""
    new = derived_id(cause, event.name(), ordinal)
    trace = derived_text(EVENT_NAMESPACE, f"trace|{cause}").replace("-", "")
    return Envelope(new, source, event, f"00-{trace}-{new.replace('-', '')[:16]}-01")


def read(headers: Iterable[tuple[str, bytes]], value: bytes | None) -> Envelope:
    """Return the envelope that these bytes hold, or say why they cannot be read."""
    attributes = dict(headers)
    try:
        named = {name: raw.decode() for name, raw in attributes.items()}
    except UnicodeDecodeError:
        raise UnreadableEvent("a header is not UTF-8") from None
    model = _model(named)
    if value is None:
        raise UnreadableEvent(f"{model.name()} has no value")
    if len(value) > VALUE_BYTES_MAX:
        raise UnreadableEvent(f"{model.name()} holds {len(value)} bytes, more than {VALUE_BYTES_MAX}")
    try:
        event = model.model_validate_json(value)
    except ValidationError as faults:
        places = sorted({".".join(str(part) for part in fault["loc"]) for fault in faults.errors(include_input=False)})
        raise UnreadableEvent(
            f"{model.name()} is not as its schema says: {', '.join(places[:8]) or 'not JSON'}"
        ) from None
    return Envelope(named["ce_id"], named.get("ce_source", ""), event, named.get("ce_traceparent", _NO_TRACE))


_NO_TRACE: Final = "00-" + "0" * 31 + "1-" + "0" * 15 + "1-00"


def _model(named: Mapping[str, str]) -> type[Event]:
    if named.get("ce_specversion") != "1.0":
        raise UnreadableEvent("not a CloudEvents 1.0 message: ce_specversion is missing or other than 1.0")
    if not named.get("ce_id"):
        raise UnreadableEvent("ce_id is missing")
    kind = named.get("ce_type", "")
    model = EVENTS.get(kind.removeprefix(TYPE_PREFIX)) if kind.startswith(TYPE_PREFIX) else None
    if model is None:
        raise UnreadableEvent("ce_type names no event of this release; upgrade, then replay")
    major = named.get("ce_dataschema", f":{model.version}").rpartition(":")[2].partition(".")[0]
    if major != model.version.partition(".")[0]:
        raise UnreadableEvent(f"{model.name()} has a newer major version than this release reads; upgrade, then replay")
    return model
