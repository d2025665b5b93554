"""Where a bus under test is, in a form that a worker process can be given on its command line."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from services.runtime.bus.port import Bus
from services.runtime.settings import BusSettings

PATIENCE_SECONDS = 240.0
"""How long silence must last to count as death: a machine that stands still for a while makes nobody a dead member."""
BRIEF_SECONDS = 2.0
"""The same where a member is to die: others wait as long before they take over."""


@dataclass(frozen=True)
class Place:
    """A bus under test: `where` is a database file or a bootstrap address."""

    kind: str
    where: str
    silent_seconds: float = PATIENCE_SECONDS

    def bus(self) -> Bus:
        """Return a bus of our own at this place, not yet opened."""
        if self.kind == "kafka":
            from services.runtime.bus.kafka.bus import KafkaBus

            settings = BusSettings(kind="kafka", bootstrap=self.where)
            return KafkaBus(settings, session_seconds=self.silent_seconds, publish_seconds_max=PATIENCE_SECONDS / 2)
        from services.runtime.bus.sqlite.bus import SqliteBus

        return SqliteBus(Path(self.where), lease_seconds=self.silent_seconds)

    def with_silence(self, seconds: float) -> Place:
        """Return the same place, where a member counts as lost after so many silent seconds."""
        return Place(self.kind, self.where, seconds)

    def text(self) -> str:
        """Return this place as one argument."""
        return json.dumps(asdict(self))

    @classmethod
    def read(cls, text: str) -> Place:
        """Return the place that `text` names."""
        return cls(**json.loads(text))
