"""Events that go straight to the log: where bus and store are one file, the outbox would only be copied within it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from services.runtime.bus.port import Outgoing


class Log(Protocol):
    """A bus's log that lies in this very database."""

    def append(self, connection: Any, records: Sequence[Outgoing]) -> None:
        """Append in the transaction that the driver's connection has begun as a writer."""
        ...

    def announce(self, topics: Collection[str]) -> None:
        """Wake who waits for these topics, after the commit and from any thread."""
        ...


@dataclass(frozen=True, slots=True)
class Inline:
    """The log, and whom to tell how many events of a service were published."""

    log: Log
    published: Callable[[str, int], None]

    def announce(self, service: str, records: Sequence[Outgoing]) -> None:
        """Say, after the commit, that these records are on the bus."""
        self.published(service, len(records))
        self.log.announce({record.topic for record in records})
