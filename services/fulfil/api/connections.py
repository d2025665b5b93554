"""Trying everything that the settings connect: systems, those who are asked, those who are sent packages."""

from __future__ import annotations

from collections.abc import Iterator

from services.fulfil.api.datamaps import test_connections
from services.fulfil.api.delegates import test_delegates
from services.fulfil.api.engineer import UsageFault
from services.fulfil.connectors.protocol import Health
from services.fulfil.sending import try_recipient
from services.runtime.settings import Settings


def test_settings(settings: Settings) -> Iterator[tuple[str, Health]]:
    """Yield each as `controller.name`, and whether it can be reached; nobody's row is read, nobody's data sent."""
    for controller, entry in sorted(settings.controllers.items()):
        for name, system in sorted(entry.systems.items()):
            try:
                found = test_connections([system.map], [f"{name}={system.connect.get_secret_value()}"])
                health = found.get(name) or Health(reachable=False, said=f"its map {system.map} describes no {name}")
            except UsageFault as fault:
                health = Health(reachable=False, said=str(fault))
            yield f"{controller}.{name}", health
    yield from test_delegates(settings)
    yield from test_transfers(settings)


def test_transfers(settings: Settings) -> Iterator[tuple[str, Health]]:
    """Yield each recipient of direct transfers (Art. 20(2) GDPR) as `controller.name`, and whether it answers."""
    for controller, entry in sorted(settings.controllers.items()):
        for name, recipient in sorted(entry.transfers.items()):
            yield f"{controller}.{name}", try_recipient(name, recipient)


__all__ = ["Health", "test_settings", "test_transfers"]
