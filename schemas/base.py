"""What every event has in common: frozen, additive, and free of anything that names a person.

An event is a fact in the past tense. It carries keyed or random ids, rights, dates, citations, counts and references
into the vault; it never carries a name, an address or a text that somebody wrote (Art. 5(1)(c) GDPR: topics are kept
for 400 days). A released schema may only grow: a new field has a default, and a changed meaning is a new event.
"""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, StringConstraints

from schemas.topics import Topic

Id = Annotated[str, StringConstraints(pattern=r"^[0-9a-zA-Z][0-9a-zA-Z._:-]{0,127}$")]
"""An opaque id: random, derived by uuid5 from its cause, or a keyed hash; never an address."""

VaultRef = Annotated[str, StringConstraints(pattern=r"^vault:[0-9a-f-]{36}$")]
"""Where the vault keeps what may not travel: a body, an address, a letter's facts, a package."""

ControllerId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]

Moment = AwareDatetime


class Value(BaseModel):
    """A frozen value inside an event; unknown fields of a newer minor version are read over."""

    # Built when first used: of some two hundred kinds of values a command needs a handful.
    model_config = ConfigDict(frozen=True, extra="ignore", ser_json_bytes="base64", defer_build=True)


class Event(Value):
    """A fact on the bus. `version` is major.minor; a reader accepts any minor of a major it knows."""

    topic: ClassVar[Topic]
    version: ClassVar[str] = "1.0"

    controller: ControllerId
    occurred: Moment

    @classmethod
    def name(cls) -> str:
        """Return the event's name, the last part of its CloudEvents type."""
        return cls.__name__

    def key(self) -> str:
        """Return what orders this event: the correspondent before a case exists, the case from then on."""
        raise NotImplementedError(type(self).__name__)

    def destination(self) -> str:
        """Return the topic's full name; claims travel on one topic a right."""
        return self.topic.value
