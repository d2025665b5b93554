"""Trying the delegates that the settings name, without asking any of them for anything."""

from __future__ import annotations

from collections.abc import Iterator

from services.fulfil.connectors.delegates.making import delegate_for
from services.fulfil.connectors.protocol import Health
from services.runtime.settings import Settings

BY_MAIL = Health(reachable=True, said="asked by mail, through the relay: `habeas doctor` tries that")
BY_HAND = Health(reachable=True, said="a task for a human: there is nothing to connect to")


def test_delegates(settings: Settings) -> Iterator[tuple[str, Health]]:
    """Yield each delegate as `controller.name`, and whether it can be reached."""
    for controller, entry in sorted(settings.controllers.items()):
        for name, asked in sorted(entry.delegates.items()):
            delegate = delegate_for(name, asked)
            without = BY_MAIL if asked.mail_address else BY_HAND
            yield f"{controller}.{name}", without if delegate is None else delegate.check()


__all__ = ["test_delegates"]
