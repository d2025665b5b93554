"""Which bus the settings ask for; the one place that knows both."""

from __future__ import annotations

from pathlib import Path

from services.runtime.bus.port import Bus
from services.runtime.settings import BusSettings
from services.runtime.store.inline import Log

DATABASE_NAME = "habeas.db"


def bus_for(settings: BusSettings, home: Path) -> Bus:
    """Return the bus, not yet opened."""
    if settings.kind == "kafka":
        # Imported here: the embedded product starts without a Kafka client in memory.
        from services.runtime.bus.kafka.bus import KafkaBus

        return KafkaBus(settings)
    from services.runtime.bus.sqlite.bus import SqliteBus

    return SqliteBus(home / DATABASE_NAME)


def inline_log(bus: Bus, database: Path) -> Log | None:
    """Return the bus's log for transactions on this database file, where it lies in it; the bus is open."""
    from services.runtime.bus.sqlite.bus import SqliteBus

    return bus.inline(database) if isinstance(bus, SqliteBus) else None
