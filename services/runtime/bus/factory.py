"""Which bus the settings ask for; the one place that knows both."""

from __future__ import annotations

from pathlib import Path

from services.runtime.bus.port import Bus
from services.runtime.settings import BusSettings

DATABASE_NAME = "habeas.db"


def bus_for(settings: BusSettings, home: Path) -> Bus:
    """Return the bus, not yet opened."""
    if settings.kind == "kafka":
        # Imported here: the embedded product starts without a Kafka client in memory.
        from services.runtime.bus.kafka.bus import KafkaBus

        return KafkaBus(settings)
    from services.runtime.bus.sqlite.bus import SqliteBus

    return SqliteBus(home / DATABASE_NAME)
