"""From the settings to the delegate that they mean."""

from __future__ import annotations

from services.fulfil.connectors.delegates.opendsr import OpenDsr
from services.fulfil.connectors.delegates.webhook import Webhook
from services.fulfil.connectors.protocol import Delegate
from services.runtime.settings import DelegateSettings


def delegate_for(name: str, entry: DelegateSettings) -> Delegate | None:
    """Return who is asked, or None where only a human can ask."""
    address = entry.ask.get_secret_value()
    if address.startswith("opendsr+"):
        return OpenDsr(name, address)
    return Webhook(name, address) if address.startswith("webhook+") else None
